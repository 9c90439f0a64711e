"""Carries what browsers keep through an ASGI application: read before it, sent with its answer."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias, cast

from nitro_events.http.kept import Visit, current_visit
from nitro_events.http.request import current_request
from nitro_events.http.response import Header, events
from nitro_events.patches import Patch, patch_elements, patch_signals
from nitro_events.signals import MAX_BYTES, BadSignals, parse_signals

__all__ = ["visiting"]

log = logging.getLogger("nitro_events")

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_EVENTS = "text/event-stream"
_END = b"\n\n"


async def visiting(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run *app* on a request in which state may come from the browser and go back."""
    if current_visit.get() is not None:  # a page run once more for the request around it
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
    """Sends what the application answers, and the signals with it.

    An event stream gets them as events of its own: at the start, and wherever more have come
    when an event has ended. Other answers to Datastar become an event stream.
    """

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
        self._signals = await self._new_signals()
        headers = _headers(start)
        streams = headers.get("content-type", "").startswith(_EVENTS)
        if streams and (self._signals or "content-length" not in headers):
            self._write = self._stream
            await self._send(self._with_headers(start, without=("content-length",)))
        elif not self._signals:
            await self._send(self._with_headers(start))
        elif _is_datastar() and start["status"] in (200, 204) and _can_become_events(headers):
            self._start = start
            self._write = self._collect
        else:
            log.warning(
                "What a browser keeps could not be sent with this answer (%s %s): answer with a "
                "Page, or ask with Datastar",
                start["status"],
                headers.get("content-type", "without a body"),
            )
            await self._send(start)

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
        signals, self._signals = self._signals or await self._new_signals(), {}
        return patch_signals(signals).encode() if signals else b""

    async def _collect(self, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        headers = _headers(self._start)
        try:
            patches = _as_patches(bytes(self._body), headers)
        except (ValueError, zlib.error):
            log.warning("What a browser keeps could not be sent: the answer could not be read")
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": bytes(self._body)})
            return
        response = events([*patches, patch_signals(self._signals)])
        kept = self._with_headers(
            self._start,
            without=("content-length", "content-type", "content-encoding", "cache-control"),
            extra=[*response.headers, ("content-length", str(len(response.body)))],
        )
        await self._send({**kept, "status": 200})
        await self._send({"type": "http.response.body", "body": response.body})

    async def _new_signals(self) -> Mapping[str, object]:
        request = current_request.get()
        if self._visit.session is None or request is None:
            return {}
        await request.identify()
        return self._visit.reply()

    def _with_headers(
        self, start: Message, *, without: tuple[str, ...] = (), extra: list[Header] | None = None
    ) -> Message:
        added = [*self._visit.headers(), *(extra or [])]
        if not added and not without:
            return start
        pairs = cast("list[tuple[bytes, bytes]]", start.get("headers", []))
        left = [pair for pair in pairs if pair[0].decode("latin-1").lower() not in without]
        new = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in added]
        return {**start, "headers": [*left, *new]}


def _headers(start: Message) -> dict[str, str]:
    pairs = cast("list[tuple[bytes, bytes]]", start.get("headers", []))
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in pairs}


def _is_datastar() -> bool:
    request = current_request.get()
    return request is not None and request.is_datastar


def _can_become_events(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0]
    coding = headers.get("content-encoding", "gzip")
    return kind in ("", "text/html", "application/json") and coding == "gzip"


def _as_patches(body: bytes, headers: Mapping[str, str]) -> list[Patch]:
    """Say as events what Datastar would have read out of an answer of another type."""
    if "content-encoding" in headers:
        body = zlib.decompress(body, wbits=47)
    if not body.strip():
        return []
    if headers.get("content-type", "").startswith("application/json"):
        try:
            signals = dict(parse_signals(body))
        except BadSignals:  # nothing that could be merged: Datastar would not use it either
            return []
        only_missing = headers.get("datastar-only-if-missing", "") == "true"
        return [patch_signals(signals, only_missing)]
    return [
        patch_elements(
            body.decode(),
            selector=headers.get("datastar-selector"),
            mode=cast("Any", headers.get("datastar-mode", "outer")),
            namespace=cast("Any", headers.get("datastar-namespace")),
            view_transition=headers.get("datastar-use-view-transition", "") == "true",
        )
    ]
