"""A WSGI application on an ASGI server, whose streams the server's event loop takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from nitro_events import Hub, Stream, patch_signals
from nitro_events.http.iterables import body_of, headers_of
from nitro_events.http.response import Response
from nitro_events.live.bridge import LIMIT, Bridge, environ_of

Messages = list[dict[str, Any]]


def scope(method: str = "GET", path: str = "/", *headers: tuple[bytes, bytes]) -> Any:
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"a=1", "headers": [*headers], "client": ("10.0.0.1", 5),
        "server": ("x", 80), "scheme": "https", "http_version": "1.1",
    }  # fmt: skip


def answered(
    app: Any,
    asked: Any,
    *bodies: bytes,
    then: Callable[[Messages], Awaitable[None]] | None = None,
) -> Messages:
    """Ask *app* behind a bridge; *then* is awaited before the client goes."""
    sent: Messages = []

    async def main() -> None:
        gone = asyncio.Event()
        left = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
        left.append({"type": "http.request", "body": b"", "more_body": False})

        async def receive() -> dict[str, Any]:
            if left:
                return left.pop(0)
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        serving = asyncio.ensure_future(Bridge(app)(asked, receive, send))  # type: ignore[arg-type]
        if then is not None:
            await then(sent)
            gone.set()
        await asyncio.wait_for(serving, 10)

    asyncio.run(main())
    return sent


def body_in(sent: Messages) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def echo(asked: Any, start: Any) -> Iterator[bytes]:
    start("201 Created", [("X-Mine", asked["HTTP_X_MINE"])])
    yield asked["wsgi.input"].read()
    yield b"!"


def test_it_answers_as_the_application_does() -> None:
    sent = answered(echo, scope("POST", "/", (b"x-mine", b"1")), b"hel", b"lo")

    assert sent[0] == {
        "type": "http.response.start", "status": 201, "headers": [(b"x-mine", b"1")],
    }  # fmt: skip
    assert body_in(sent) == b"hello!"


def test_a_stream_is_served_by_the_loop_after_the_application_is_done() -> None:
    hub = Hub()
    done: list[str] = []

    class Parts(list[bytes]):
        def close(self) -> None:
            done.append("closed")

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        response = Response(headers=[("x-mine", "1")], stream=Stream(hub, [], ["news"]))
        start("200 OK", [*headers_of(response), ("Content-Length", "0")])
        return Parts(body_of(response))

    async def tell(sent: Messages) -> None:
        while b"\n\n" not in body_in(sent):
            await asyncio.sleep(0.01)
        assert done == ["closed"]
        hub.publish("news", patch_signals({"n": 1}))
        while b'"n":1' not in body_in(sent):
            await asyncio.sleep(0.01)

    sent = answered(app, scope(), then=tell)

    names = [name for name, _ in sent[0]["headers"]]
    assert names.count(b"content-type") == 1
    assert (b"x-mine", b"1") in sent[0]["headers"]
    assert b"content-length" not in names


def test_a_body_that_is_too_large_is_not_kept() -> None:
    sent = answered(echo, scope("POST"), b"x" * LIMIT, b"x")

    assert sent[0]["status"] == 413


def test_the_server_may_start_and_stop() -> None:
    sent: Messages = []

    async def main() -> None:
        told = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> dict[str, Any]:
            return {"type": next(told)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await Bridge(echo)({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]

    asyncio.run(main())

    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_the_environment_says_what_was_asked() -> None:
    cookies = ((b"cookie", b"a=1"), (b"cookie", b"b=2"))
    forged = ((b"x_real", b"1"), (b"content-length", b"99"))
    asked = scope("GET", "/shop/p\u00e4ge", *cookies, *forged, (b"content-type", b"a/b"))
    environ = environ_of({**asked, "root_path": "/shop"}, b"body")

    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/shop", "/p\xc3\xa4ge")
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert (environ["CONTENT_LENGTH"], environ["CONTENT_TYPE"]) == ("4", "a/b")
    assert "HTTP_X_REAL" not in environ
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("10.0.0.1", "https")


def test_half_a_body_is_not_taken_for_a_whole_one() -> None:
    async def main() -> Messages:
        sent: Messages = []
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": b"amount=1", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await Bridge(echo)(scope("POST", "/", (b"x-mine", b"1")), receive, send)  # type: ignore[arg-type]
        return sent

    assert asyncio.run(main()) == []
