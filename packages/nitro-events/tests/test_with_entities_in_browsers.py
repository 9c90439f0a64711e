"""Entities that the caller's browser keeps, over HTTP. Needs nitro-entities."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("nitro_entities")

import nitro_entities
from nitro_entities import DatastarRepo, Entity, MemoryRepo
from nitro_events import action
from nitro_events.http import response
from nitro_events.http.asgi import Middleware, own_answer, request_of, send_response
from nitro_events.http.kept import COOKIE
from nitro_events.http.request import current_request
from nitro_events.patches import patch_signals
from nitro_events.settings import configure
from nitro_events.state import state
from nitro_events.with_entities import connect

Handler = Callable[[Any, Any], Awaitable[None]]


class Prefs(Entity):
    _persistence_backend_class = DatastarRepo
    __plural__ = "Kept prefs"

    theme: str = "light"

    @action
    def paint(self, theme: str) -> None:
        self.theme = theme


PAINT = f"/{nitro_entities.classes.slug(Prefs)}/me/paint"


class Town(Entity):
    _persistence_backend_class = MemoryRepo
    __plural__ = "Towns beside browsers"
    name: str


@pytest.fixture(autouse=True)
def _connected() -> Iterator[None]:
    nitro_entities.state.reset()
    configure(secret="k" * 32)
    connect()
    yield
    state.reset()
    nitro_entities.state.reset()


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def events(self) -> list[str]:
        return [event for event in self.body.decode().split("\n\n") if event]


@dataclass
class Browser:
    """Keeps signals and a cookie, as a tab with Datastar does."""

    handler: Handler
    signals: dict[str, Any] = field(default_factory=dict)
    cookie: str = ""
    raw: bytes | None = None
    """What it sends in place of its signals."""

    def ask(self, method: str = "POST", path: str = "/", **headers: str) -> Answer:
        answer = asyncio.run(self._ask(method, path, headers))
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        streams = answer.headers.get("content-type") == "text/event-stream"
        for event in answer.events if streams else []:
            if event.startswith("event: datastar-patch-signals"):
                _, _, text = event.rpartition("data: signals ")
                self.signals = merge(self.signals, json.loads(text))
        return answer

    async def _ask(self, method: str, path: str, headers: dict[str, str]) -> Answer:
        answer = Answer()
        sent = json.dumps(self.signals)
        query, body = "", sent.encode() if self.raw is None else self.raw
        if method in ("GET", "DELETE"):
            query, body = f"datastar={quote(sent)}", b""
        pairs = {"host": "localhost", "datastar-request": "true", "cookie": self.cookie}
        if body:
            pairs["content-type"] = "application/json"
        pairs |= {name.replace("_", "-"): text for name, text in headers.items()}
        parts = [body[:5], body[5:]] if body else [b""]

        async def receive() -> dict[str, Any]:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {n.decode(): v.decode() for n, v in message["headers"]}
            else:
                answer.chunks.append(message.get("body", b""))

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(n.encode(), v.encode()) for n, v in pairs.items()],
            "client": ("127.0.0.1", 1),
            "scheme": "http",
        }

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.handler(receive, send)

        async def routed(scope: Any, receive: Any, send: Any) -> None:
            request = request_of(scope, receive)
            if state.routes.match(method, path) is None:
                await app(scope, receive, send)
                return
            token = current_request.set(request)
            await send_response(await own_answer(request), receive, send)
            current_request.reset(token)

        await Middleware(routed, lambda scope: scope)(scope, receive, send)
        return answer


def merge(signals: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result = dict(signals)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merge(result.get(name, {}), value)
        else:
            result[name] = value
    return result


def answering(work: Callable[[], object], made: response.Response | None = None) -> Handler:
    """A handler of an application that does *work* and answers."""

    async def handler(receive: Any, send: Any) -> None:
        work()
        await send_response(made or response.empty(), receive, send)

    return handler


def save(theme: str = "dark") -> None:
    prefs = Prefs.get_or_none("me") or Prefs(id="me")
    prefs.theme = theme
    prefs.save()


def test_what_one_request_saves_the_next_one_gets() -> None:
    found: list[str] = []
    tab = Browser(answering(save))
    tab.ask()

    tab.handler = answering(lambda: found.append(Prefs.get("me").theme))
    for method in ("POST", "GET", "DELETE", "PUT"):
        tab.ask(method)

    assert found == ["dark"] * 4
    assert tab.signals["kept"] == {"prefs": {"me": {"id": "me", "theme": "dark"}}}


def test_the_application_reads_the_body_that_was_read_ahead() -> None:
    bodies: list[bytes] = []

    async def handler(receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            bodies.append(message["body"])
            more = message["more_body"]
        await send_response(response.empty(), receive, send)

    Browser(handler, {"count": 1}).ask()

    assert json.loads(b"".join(bodies)) == {"count": 1}


def test_a_deletion_takes_it_out_of_the_browser() -> None:
    tab = Browser(answering(save))
    tab.ask()

    tab.handler = answering(lambda: Prefs.get("me").delete())
    tab.ask()

    assert tab.signals == {"kept_sealed": {}, "kept": {"prefs": {"me": ""}}}


def test_a_failure_sends_nothing() -> None:
    tab = Browser(answering(save, response.json({}, status=422)))

    answer = tab.ask()

    assert answer.status == 422
    assert tab.signals == {}


def test_an_event_stream_begins_with_what_was_saved() -> None:
    made = response.events([patch_signals({"count": 1})])
    tab = Browser(answering(save, made))

    answer = tab.ask()

    assert "kept_sealed" in answer.events[0]
    assert answer.events[1:] == ['event: datastar-patch-signals\ndata: signals {"count":1}']
    assert "content-length" not in answer.headers
    assert tab.signals["count"] == 1


def test_a_stream_carries_what_is_saved_while_it_runs() -> None:
    async def handler(receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            save(f"theme {number}")
            event = patch_signals({"number": number}).encode()
            await send({"type": "http.response.body", "body": event[:9], "more_body": True})
            await send({"type": "http.response.body", "body": event[9:], "more_body": True})
        save("last")
        await send({"type": "http.response.body", "body": b""})

    tab = Browser(handler)
    answer = tab.ask()

    assert len(answer.events) == 7
    assert tab.signals["number"] == 2
    assert tab.signals["kept"]["prefs"]["me"]["theme"] == "last"


def test_html_for_datastar_becomes_an_event_of_the_same_stream() -> None:
    made = response.html(
        "<p>one</p>\n<p>two</p>",
        headers=[("datastar-selector", "#list"), ("datastar-mode", "append")],
    )
    tab = Browser(answering(save, made))

    answer = tab.ask()

    assert answer.events[0].splitlines() == [
        "event: datastar-patch-elements",
        "data: selector #list",
        "data: mode append",
        "data: elements <p>one</p>",
        "data: elements <p>two</p>",
    ]
    assert tab.signals["kept"]["prefs"]["me"]["theme"] == "dark"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_json_for_datastar_becomes_a_patch_of_the_same_stream() -> None:
    tab = Browser(answering(save, response.json({"count": 5})))

    tab.ask()

    assert tab.signals["count"] == 5
    assert tab.signals["kept"]["prefs"]["me"]["theme"] == "dark"


def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(b"<p id=a>x</p>")
    headers = [("content-type", "text/html"), ("content-encoding", "gzip")]
    tab = Browser(answering(save, response.Response(200, headers, body)))

    answer = tab.ask()

    assert "data: elements <p id=a>x</p>" in answer.events[0]
    assert "content-encoding" not in answer.headers


def test_an_answer_that_can_carry_nothing_is_sent_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = response.Response(200, [("content-type", "text/plain")], b"plain")
    tab = Browser(answering(save, made))

    answer = tab.ask()

    assert answer.body == b"plain"
    assert "could not be sent" in caplog.text
    assert "dark" not in caplog.text


def test_a_request_that_keeps_nothing_is_answered_byte_for_byte() -> None:
    made = response.html("<p>hello</p>")

    answer = Browser(answering(Prefs.all, made)).ask()

    assert answer.body == b"<p>hello</p>"
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-length"] == "12"


def test_nameless_callers_are_told_apart_by_a_cookie() -> None:
    ann, ben = Browser(answering(save)), Browser(answering(save))
    answer = ann.ask()
    ben.ask()
    ben.signals = ann.signals
    found: list[int] = []
    ann.handler = ben.handler = answering(lambda: found.append(len(Prefs.all())))

    ann.ask()
    ben.ask()

    assert found == [1, 0]
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]


@pytest.mark.parametrize("is_async", [False, True])
def test_what_one_user_keeps_is_nothing_to_another_one(is_async: bool) -> None:
    user = "ann"

    def who(_request: object) -> str:
        return user

    async def async_who(_request: object) -> str:
        return user

    configure(user=async_who if is_async else who)
    found: list[int] = []
    tab = Browser(answering(save))
    answer = tab.ask()

    async def look(receive: Any, send: Any) -> None:
        request = current_request.get()
        assert request is not None
        await request.identify()
        found.append(len(Prefs.all()))
        await send_response(response.empty(), receive, send)

    tab.handler = look
    tab.ask()
    user = "ben"
    tab.ask()

    assert found == [1, 0]
    assert "set-cookie" not in answer.headers


def test_a_tab_that_missed_a_save_goes_on_from_it() -> None:
    one = Browser(answering(save))
    one.ask()
    two = Browser(one.handler, dict(one.signals), one.cookie)
    one.handler = answering(lambda: save("blue"))
    one.ask()
    found: list[str] = []

    two.handler = answering(lambda: found.append(Prefs.get("me").theme))
    two.ask()

    assert found == ["blue"]
    assert two.signals == one.signals


def test_actions_of_an_entity_in_the_browser_are_routes() -> None:
    tab = Browser(answering(save))
    tab.ask()
    tab.signals["theme"] = "green"

    answer = tab.ask("POST", PAINT, sec_fetch_site="same-origin")

    assert answer.status == 200
    assert tab.signals["kept"]["prefs"]["me"]["theme"] == "green"


def test_without_the_state_the_route_finds_nothing() -> None:
    answer = Browser(answering(save), {"theme": "green"}).ask(
        "POST", PAINT, sec_fetch_site="same-origin"
    )

    assert answer.status == 404


def test_a_live_stream_reads_nothing_of_one_browser() -> None:
    tab = Browser(answering(save))
    tab.ask()
    found: list[int] = []

    tab.handler = answering(lambda: found.append(len(Prefs.all())))
    tab.ask("GET", nitro_live="0")

    assert found == [0]


def test_others_hear_nothing_of_what_one_browser_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    touched: list[set[str]] = []

    def note(topics: Iterable[str]) -> int:
        touched.append(set(topics))
        return 0

    def work() -> None:
        save()
        Town.create(id="t", name="Trier")

    monkeypatch.setattr(state.hub, "touch", note)

    Browser(answering(work)).ask()

    assert touched == [{"Town", "Town:t"}]


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"{", b"\xff", b'{"kept_sealed": 3}', b"x" * 70_000]
)
def test_any_body_is_as_good_as_no_state(body: bytes) -> None:
    found: list[int] = []

    answer = Browser(answering(lambda: found.append(len(Prefs.all()))), raw=body).ask()

    assert answer.status == 204
    assert found == [0]
