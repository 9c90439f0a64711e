"""Pages, live and with forms, and what browsers keep."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sanic import Sanic
from sanic import json as as_json

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

from pydantic import Field

from nitro_entities import DatastarRepo, Entity
from nitro_entities import state as entities
from nitro_events import configure
from nitro_templates import Form, Page, Table
from support.form_html import sent_by

BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
DATASTAR = {"datastar-request": "true", "sec-fetch-site": "same-origin"}


class SanicTown(Entity):
    name: str = Field(min_length=2)


class SanicPrefs(Entity):
    _persistence_backend_class = DatastarRepo
    theme: str = "light"


@pytest.fixture(autouse=True)
def fresh_entities() -> Iterator[None]:
    entities.state.reset()
    configure(secret="a secret that is long enough", policy=lambda *_: True)
    yield
    entities.state.reset()


@pytest.fixture(autouse=True)
def pages(app: Sanic[Any, Any]) -> None:
    @app.get("/")
    def front(_: Any) -> Page:
        return Page(Table.from_entity(SanicTown).reactive(), title="Towns")

    @app.get("/new")
    async def new(_: Any) -> Page:
        return Page(Form.from_entity(SanicTown).on_saved(redirect="/"), title="New town")

    @app.post("/paint")
    def paint(request: Any) -> Any:
        prefs = SanicPrefs.get_or_none("me") or SanicPrefs(id="me")
        prefs.theme = "dark" if prefs.theme == "light" else "light"
        prefs.save()
        return as_json({"shown": prefs.theme, "sent": len(request.body)})

    @app.post("/plain")
    async def plain(request: Any) -> Any:
        return as_json(request.json)

    @app.post("/drip")
    async def drip(request: Any) -> None:
        response = await request.respond(content_type="text/plain")
        await response.send("one")
        await response.send("two")
        await response.eof()


def signals_in(answer: Any) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in answer.text.splitlines():
        if line.startswith("data: signals "):
            found |= json.loads(line.removeprefix("data: signals "))
    return found


def test_a_page_is_a_whole_document(http: Any) -> None:
    SanicTown(name="Bonn").save()

    answer = http.get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "Bonn" in answer.text


def test_the_files_of_a_page_are_served(http: Any) -> None:
    src = http.get("/").text.partition('src="')[2].partition('"')[0]

    answer = http.get(src)

    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_form_that_is_refused_is_shown_again_on_its_page(http: Any) -> None:
    sent = sent_by(http.get("/new").text, "form-sanic-towns-new").sent

    answer = http.post("/sanic-towns", data={**dict(sent), "name": "x"}, headers=BROWSER)

    assert answer.status == 422
    assert "<title>New town</title>" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_form_that_is_accepted_goes_where_it_says(http: Any) -> None:
    sent = sent_by(http.get("/new").text, "form-sanic-towns-new").sent
    dont_follow = (
        {"allow_redirects": False} if http.kind == "server" else {"follow_redirects": False}
    )

    answer = http.post(
        "/sanic-towns", data={**dict(sent), "name": "Bonn"}, headers=BROWSER, **dont_follow
    )

    assert answer.status == 303, answer.text
    assert answer.headers["location"] == "/"
    assert "content-type" not in answer.headers
    assert [town.name for town in SanicTown.all()] == ["Bonn"]


def test_what_a_browser_keeps_comes_and_goes_with_its_signals(http: Any) -> None:
    first = http.post("/paint", json={}, headers=DATASTAR)
    browser = {**DATASTAR, "cookie": f"nitro_browser={first.cookies['nitro_browser']}"}
    second = http.post("/paint", json=signals_in(first), headers=browser)

    assert first.headers["content-type"].startswith("text/event-stream")
    assert signals_in(first)["shown"] == "dark"
    assert signals_in(second)["shown"] == "light"


def test_a_handler_that_asks_for_nothing_kept_is_not_touched(http: Any) -> None:
    answer = http.post("/plain", json={"a": "b" * 100_000}, headers=DATASTAR)

    assert answer.json == {"a": "b" * 100_000}
    assert answer.headers["content-type"] == "application/json"
    assert http.post("/drip", json={}, headers=DATASTAR).text == "onetwo"
    assert http.post("/nowhere", json={}, headers=DATASTAR).status == 404
