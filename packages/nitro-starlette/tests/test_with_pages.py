"""Pages, live and with forms, in hand-written routes."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

from pydantic import Field
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nitro_entities import DatastarRepo, Entity
from nitro_entities import state as entities
from nitro_events import Caller, configure
from nitro_starlette import install
from nitro_templates import Form, Page, Table
from support.form_html import sent_by

T = TypeVar("T")
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


class StarletteTown(Entity):
    name: str = Field(min_length=2)


class StarlettePrefs(Entity):
    _persistence_backend_class = DatastarRepo
    theme: str = "light"


@pytest.fixture(autouse=True)
def fresh_entities() -> Iterator[None]:
    entities.state.reset()
    configure(secret="a secret that is long enough", policy=lambda *_: True)
    yield
    entities.state.reset()


def front(request: Request) -> Any:
    return Page(Table.from_entity(StarletteTown).reactive(), title="Towns")


def new(request: Request) -> Any:
    return Page(Form.from_entity(StarletteTown).on_saved(redirect="/"), title="New town")


async def log_in(request: Request) -> Response:
    request.session["user"] = request.query_params["user"]
    return JSONResponse(None)


async def log_out(request: Request) -> Response:
    request.session.clear()
    return JSONResponse(None)


def paint(request: Request) -> Any:
    prefs = StarlettePrefs.get_or_none("me") or StarlettePrefs(id="me")
    prefs.theme = "dark" if prefs.theme == "light" else "light"
    prefs.save()
    return {"shown": prefs.theme}


@pytest.fixture
def app() -> Starlette:
    routes = [
        Route("/", front),
        Route("/new", new),
        Route("/login", log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
        Route("/paint", paint, methods=["POST"]),
    ]
    sessions = Middleware(SessionMiddleware, secret_key="a secret")
    return install(Starlette(routes=routes, middleware=[sessions]))


@pytest.fixture
def http(app: Starlette) -> TestClient:
    return TestClient(app, follow_redirects=False)


def test_a_page_is_a_whole_document(http: TestClient) -> None:
    StarletteTown(name="Bonn").save()

    answer = http.get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "Bonn" in answer.text


def test_the_files_of_a_page_are_served(http: TestClient) -> None:
    src = http.get("/").text.partition('src="')[2].partition('"')[0]

    assert http.get(src).status_code == 200


def test_a_form_that_is_refused_is_shown_again_on_its_page(http: TestClient) -> None:
    sent = sent_by(http.get("/new").text, "form-starlette-towns-new").sent

    answer = http.post("/starlette-towns", data={**dict(sent), "name": "x"}, headers=BROWSER)

    assert answer.status_code == 422
    assert "<title>New town</title>" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_form_that_is_accepted_goes_where_it_says(http: TestClient) -> None:
    sent = sent_by(http.get("/new").text, "form-starlette-towns-new").sent

    answer = http.post("/starlette-towns", data={**dict(sent), "name": "Bonn"}, headers=BROWSER)

    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/"
    assert [town.name for town in StarletteTown.all()] == ["Bonn"]


def test_protect_all_refuses_foreign_pages_at_hand_written_routes(http: TestClient) -> None:
    configure(protect_all=True)
    foreign = {"sec-fetch-site": "cross-site", "cookie": "a=b"}

    assert http.post("/logout", headers=foreign).status_code == 403
    assert http.post("/logout", headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_what_a_browser_keeps_comes_and_goes_with_its_signals(http: TestClient) -> None:
    headers = {"datastar-request": "true", "sec-fetch-site": "same-origin"}

    first = http.post("/paint", json={}, headers=headers)
    kept = [line for line in first.text.splitlines() if line.startswith("data: signals ")]
    signals: dict[str, object] = {}
    for line in kept:
        signals |= json.loads(line.removeprefix("data: signals "))
    second = http.post("/paint", json=signals, headers=headers)

    assert '"dark"' in first.text
    assert '"light"' in second.text


class Listener:
    """Reads a live stream of *app*, called as a server calls it."""

    def __init__(self, app: Starlette, cookie: str) -> None:
        self.text = ""
        self.ended = False
        self._more = asyncio.Event()
        self._left = asyncio.Event()
        self._task = asyncio.create_task(self._run(app, cookie))

    async def _run(self, app: Starlette, cookie: str) -> None:
        headers = {"host": "testserver", "nitro-live": "", "accept": "text/event-stream"}
        headers |= {"datastar-request": "true", "sec-fetch-site": "same-origin", "cookie": cookie}
        scope = {
            **{
                "type": "http",
                "http_version": "1.1",
                "method": "GET",
                "path": "/",
                "scheme": "http",
            },
            **{
                "query_string": b"",
                "root_path": "",
                "client": ("testclient", 1),
                "raw_path": b"/",
            },
            "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        }
        await app(scope, self._receive, self._send)
        self.ended = True
        self._more.set()

    async def _receive(self) -> Any:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.text += message.get("body", b"").decode()
        self._more.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await self._more.wait()
                self._more.clear()

    async def leave(self) -> None:
        self._left.set()
        await self._task


def run(work: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await work()

    return asyncio.run(main())


def test_a_page_is_live_at_its_own_url(app: Starlette) -> None:
    async def work() -> str:
        listener = Listener(app, "")
        await listener.until(lambda: "event:" in listener.text or "id:" in listener.text)
        await asyncio.to_thread(lambda: StarletteTown(name="Late").save())
        await listener.until(lambda: "Late" in listener.text)
        await listener.leave()
        return listener.text

    assert "datastar-patch-elements" in run(work)


def test_who_logs_out_has_no_streams_any_more(app: Starlette) -> None:
    with TestClient(app) as http:
        http.post("/login?user=ann")
        cookie = f"session={http.cookies['session']}"

        async def work() -> bool:
            listener = Listener(app, cookie)
            await listener.until(lambda: bool(listener.text))
            await asyncio.to_thread(http.post, "/logout")
            await listener.until(lambda: listener.ended)
            return listener.ended

        assert run(work)


def test_the_configured_user_sees_the_frameworks_request(http: TestClient) -> None:
    asked: list[str] = []

    def user(request: Request) -> Caller:
        asked.append(request.url.path)
        return Caller(id="7", name="Ann")

    configure(user=user)
    http.get("/")

    assert asked == ["/"]
