"""Pages, live and with forms, in hand-written handlers."""

from __future__ import annotations

import json
import textwrap
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

from litestar import Litestar, Response, get, post
from litestar.testing import TestClient
from pydantic import Field

from nitro_entities import DatastarRepo, Entity
from nitro_entities import state as entities
from nitro_events import configure
from nitro_templates import Form, Page, Table
from support.form_html import sent_by
from support.server import Server

Served = Callable[..., TestClient[Litestar]]

BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


class LitestarTown(Entity):
    name: str = Field(min_length=2)


class LitestarPrefs(Entity):
    _persistence_backend_class = DatastarRepo
    theme: str = "light"


@pytest.fixture(autouse=True)
def fresh_entities() -> Iterator[None]:
    entities.state.reset()
    configure(secret="a secret that is long enough", policy=lambda *_: True)
    yield
    entities.state.reset()


@get("/", sync_to_thread=True)
def front() -> Page:
    return Page(Table.from_entity(LitestarTown).reactive(), title="Towns")


@get("/new")
async def new() -> Page:
    return Page(Form.from_entity(LitestarTown).on_saved(redirect="/"), title="New town")


@get("/made")
async def made() -> Response[Page]:
    return Response(Page("made"), status_code=203)


@get("/towns", sync_to_thread=True)
def towns() -> Any:
    return LitestarTown.where(LitestarTown.name != "Bonn")


@post("/paint", status_code=200)
async def paint() -> dict[str, str]:
    prefs = LitestarPrefs.get_or_none("me") or LitestarPrefs(id="me")
    prefs.theme = "dark" if prefs.theme == "light" else "light"
    prefs.save()
    return {"shown": prefs.theme}


@post("/plain", status_code=200)
async def plain() -> str:
    return "plain"


@pytest.fixture
def http(served: Served) -> TestClient[Litestar]:
    http = served(front, new, made, towns, paint, plain)
    http.follow_redirects = False
    return http


def test_a_page_is_a_whole_document(http: TestClient[Litestar]) -> None:
    LitestarTown(name="Bonn").save()

    answer = http.get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "Bonn" in answer.text


def test_a_response_around_a_page_has_its_status(http: TestClient[Litestar]) -> None:
    answer = http.get("/made")

    assert (answer.status_code, answer.text[:15]) == (203, "<!doctype html>")


def test_a_query_is_the_list_of_what_it_finds(http: TestClient[Litestar]) -> None:
    LitestarTown(name="Bonn").save()
    LitestarTown(name="Köln").save()

    assert [town["name"] for town in http.get("/towns").json()] == ["Köln"]


def test_the_files_of_a_page_are_served(http: TestClient[Litestar]) -> None:
    src = http.get("/").text.partition('src="')[2].partition('"')[0]

    assert http.get(src).status_code == 200


def test_a_form_that_is_refused_is_shown_again_on_its_page(http: TestClient[Litestar]) -> None:
    sent = dict(sent_by(http.get("/new").text, "form-litestar-towns-new").sent)

    answer = http.post("/litestar-towns", data={**sent, "name": "x"}, headers=BROWSER)

    assert answer.status_code == 422
    assert "<title>New town</title>" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_form_that_is_accepted_goes_where_it_says(http: TestClient[Litestar]) -> None:
    sent = dict(sent_by(http.get("/new").text, "form-litestar-towns-new").sent)

    answer = http.post("/litestar-towns", data={**sent, "name": "Bonn"}, headers=BROWSER)

    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/"
    assert [town.name for town in LitestarTown.all()] == ["Bonn"]


def test_protect_all_refuses_foreign_pages_at_hand_written_routes(
    http: TestClient[Litestar],
) -> None:
    configure(protect_all=True)
    foreign = {"sec-fetch-site": "cross-site", "cookie": "a=b"}

    assert http.post("/plain", headers=foreign).status_code == 403
    assert http.post("/plain", headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_what_a_browser_keeps_comes_and_goes_with_its_signals(
    http: TestClient[Litestar],
) -> None:
    headers = {"datastar-request": "true", "sec-fetch-site": "same-origin"}

    first = http.post("/paint", json={}, headers=headers)
    signals: dict[str, object] = {}
    for line in first.text.splitlines():
        if line.startswith("data: signals "):
            signals |= json.loads(line.removeprefix("data: signals "))
    second = http.post("/paint", json=signals, headers=headers)

    assert '"dark"' in first.text
    assert '"light"' in second.text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    script = tmp_path / "served_app.py"
    script.write_text(
        textwrap.dedent(
            """
            from litestar import Litestar, get
            from nitro_entities import Entity
            from nitro_events import configure
            from nitro_litestar import NitroPlugin
            from nitro_templates import Page, Table

            class ServedTown(Entity):
                name: str

            configure(policy=lambda *_: True)

            @get("/")
            async def front() -> Page:
                return Page(Table.from_entity(ServedTown).reactive(), title="Towns")

            app = Litestar([front], plugins=[NitroPlugin()])
            """
        )
    )
    server = Server(script, {}, tmp_path)
    server.start()
    yield server
    server.kill()


class Listener:
    """Reads the live stream of the front page in a thread of its own."""

    def __init__(self, server: Server) -> None:
        self.text = ""
        self.over = threading.Event()
        self._url = server.url
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        headers = {"Nitro-Live": "", "Datastar-Request": "true", "Sec-Fetch-Site": "same-origin"}
        request = urllib.request.Request(self._url + "/", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            while line := answer.readline():
                self.text += line.decode()
        self.over.set()

    def until(self, text: str) -> None:
        deadline = time.monotonic() + 10
        while text not in self.text:
            assert time.monotonic() < deadline, self.text
            time.sleep(0.01)


def test_a_page_is_live_at_its_own_url_and_ends_with_the_server(server: Server) -> None:
    listener = Listener(server)
    listener.until("\n\n")

    body = json.dumps({"name": "Late"}).encode()
    made = urllib.request.Request(
        server.url + "/served-towns", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(made, timeout=10) as answer:
        assert answer.status == 201
    listener.until("Late")

    began = time.monotonic()
    server.stop(timeout=5)
    assert listener.over.wait(5)
    assert time.monotonic() - began < 5
