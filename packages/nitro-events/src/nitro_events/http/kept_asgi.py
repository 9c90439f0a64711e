"""Carries what browsers keep through an ASGI application: read before it, sent with its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, TypeAlias, cast

from nitro_events.http.kept import Visit, current_visit
from nitro_events.http.kept_reply import (
    Way,
    as_events,
    event_of,
    new_signals,
    way_of,
    with_cookie,
)
from nitro_events.http.rerun import is_rerun
from nitro_events.http.response import Header
from nitro_events.signals import MAX_BYTES

__all__ = ["visiting"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_END = b"\n\n"


async def visiting(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run *app* on a request in which state may come from the browser and go back."""
    # a server may begin the next request of a connection in the context of the one before
    if is_rerun() and current_visit.get() is not None:
        await app(scope, receive, send)
        return
    body, receive = await _read_ahead(scope, receive)
    visit = Visit(body)
    token = current_visit.set(visit)
    try:
        await app(scope, receive, _Reply(visit, send))
    finally:
        current_visit.reset(token)


async def _read_ahead(scope: Scope, receive: Receive) -> tuple[bytes | None, Receive]:
    """Read the signals that Datastar put into the body, and leave it for the application."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    in_body = scope["method"] in ("POST", "PUT", "PATCH")
    if not in_body or headers.get(b"datastar-request", b"").lower() != b"true":
        return None, receive
    if not headers.get(b"content-type", b"").lower().startswith(b"application/json"):
        return None, receive
    messages: list[Message] = []
    size, more = 0, True
    while more and size <= MAX_BYTES:
        message = await receive()
        messages.append(message)
        more = message["type"] == "http.request" and bool(message.get("more_body", False))
        size += len(message.get("body", b""))
    messages.reverse()

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    whole = not more and size <= MAX_BYTES
    read = b"".join(message.get("body", b"") for message in reversed(messages))
    return (read if whole else None), again


class _Reply:
    """Sends what the application answers, and the signals with it."""

    def __init__(self, visit: Visit, send: Send) -> None:
        self._visit = visit
        self._send = send
        self._write: Callable[[Message], Awaitable[None]] | None = None
        self._start: Message = {}
        self._signals: Mapping[str, object] = {}
        self._body = bytearray()
        self._at_end = True

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._write is not None:
            await self._write(message)
        else:
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        if start["status"] >= 400:
            await self._send(start)
            return
        self._signals = await new_signals(self._visit)
        headers = _as_text(start)
        way = way_of(start["status"], headers, self._signals)
        if way is Way.WITH_EVENTS:
            self._write = self._stream
            headers = with_cookie(self._visit, headers, without=("content-length",))
            await self._send(_with(start, headers))
        elif way is Way.AS_EVENTS:
            self._start = start
            self._write = self._collect
        else:
            cookie = self._visit.headers() if not self._signals else []
            await self._send(_with(start, [*headers, *cookie]) if cookie else start)

    async def _stream(self, message: Message) -> None:
        chunk: bytes = message.get("body", b"")
        more = bool(message.get("more_body", False))
        if self._at_end:
            chunk = await self._event() + chunk
        self._at_end = not chunk or chunk.endswith(_END)
        if not more and self._at_end:
            chunk += await self._event()
        await self._send({**message, "body": chunk})

    async def _event(self) -> bytes:
        signals, self._signals = self._signals or await new_signals(self._visit), {}
        return event_of(signals)

    async def _collect(self, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        body = bytes(self._body)
        response = as_events(body, _as_text(self._start), self._signals, self._visit)
        if response is None:
            await self._send(self._start)
        else:
            body = response.body
            length = ("content-length", str(len(body)))
            await self._send({**_with(self._start, [*response.headers, length]), "status": 200})
        await self._send({"type": "http.response.body", "body": body})


def _as_text(start: Message) -> list[Header]:
    pairs = cast("list[tuple[bytes, bytes]]", start.get("headers", []))
    return [(name.decode("latin-1"), text.decode("latin-1")) for name, text in pairs]


def _with(start: Message, headers: Sequence[Header]) -> Message:
    pairs = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers]
    return {**start, "headers": pairs}
