"""A WSGI application on an ASGI server, where its live streams need no thread.

The application answers as it does elsewhere, in a thread; the streams that it begins are taken
over by the server's event loop.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_events.http.iterables import close, native
from nitro_events.http.scope_request import path_of
from nitro_events.live.asgi import HEADERS, serve
from nitro_events.threads import in_thread

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from nitro_events.live.outgoing import Outgoing

__all__ = ["Bridge"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

LIMIT = 16 * 1024 * 1024
"""So many bytes of a body are kept in memory; this server is there for streams."""

_END = object()
_OURS = frozenset(name for name, _ in HEADERS) | {b"content-length"}
"""What a stream says of itself, and what a framework knew of the body that it has not seen."""


class Bridge:
    """An ASGI application that asks *app*, a WSGI application, and serves its streams itself."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __repr__(self) -> str:
        return f"<Bridge to {self._app!r}>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive)
        except _Gone:
            return
        if body is None:
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body"})
            return
        answer = _Answer()
        parts = await in_thread(answer.ask, self._app, environ_of(scope, body))
        try:
            if answer.stream is None:
                await _send_parts(answer, parts, send)
        finally:
            await in_thread(close, parts)
        # the thread is free again, and what the application held for the request is too
        if answer.stream is not None:
            headers = [pair for pair in answer.headers if pair[0] not in _OURS]
            await serve(answer.stream, send, receive, headers=headers)


class _Gone(Exception):
    """The client left before all of its request was there."""


class _Answer:
    """What the application began to answer."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.written: list[bytes] = []
        self.stream: Outgoing | None = None

    def ask(self, app: WSGIApplication, environ: WSGIEnvironment) -> Iterable[bytes]:
        native.set(self.take)  # of this call alone: it runs in a copy of the context
        return app(environ, self.start)

    def take(self, stream: Outgoing) -> None:
        self.stream = stream

    def start(self, status: str, headers: Any, _exc_info: Any = None) -> Callable[..., object]:
        self.status = int(status[:3])
        self.headers = [
            (name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers
        ]
        return self.written.append


def environ_of(scope: Scope, body: bytes) -> WSGIEnvironment:
    """Return what a WSGI server would say of the request of *scope*."""
    root: str = scope.get("root_path", "")
    host, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _latin(root),
        "PATH_INFO": _latin(path_of(scope)),
        "RAW_URI": scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, text in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if b"_" in name or key == "CONTENT_LENGTH":  # one with "_" would read as that with "-"
            continue
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        value = text.decode("latin-1")
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


async def _send_parts(answer: _Answer, parts: Iterable[bytes], send: Send) -> None:
    rest = iter(parts)
    first: Any = await in_thread(next, rest, _END)  # some begin the answer only now
    head = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(head)
    for part in answer.written:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    while first is not _END:
        await send({"type": "http.response.body", "body": first, "more_body": True})
        first = await in_thread(next, rest, _END)
    await send({"type": "http.response.body"})


async def _body(receive: Receive) -> bytes | None:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone  # half a form reads as a whole one with other values
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LIMIT:
            return None
    return bytes(body)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def _latin(text: str) -> str:
    return text.encode().decode("latin-1")
