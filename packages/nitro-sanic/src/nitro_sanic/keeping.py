"""Carries what browsers keep through Sanic: read before a request, sent with its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sanic.compat import Header

from nitro_events.http.kept_asgi import visiting

if TYPE_CHECKING:
    from sanic import Request as SanicRequest
    from sanic.response import BaseHTTPResponse

__all__ = ["carried"]

Message: TypeAlias = MutableMapping[str, Any]


async def carried(
    answer: Callable[[SanicRequest[Any, Any]], Awaitable[None]], request: SanicRequest[Any, Any]
) -> None:
    """Have *request* answered; what it reads and sends goes through the visit of its browser."""
    carrier = _Carrier(request.stream)
    headers: Any = request.headers
    scope = {
        "method": request.method,
        "headers": [
            (name.encode("latin-1"), text.encode(errors="surrogateescape"))
            for name, text in headers.items()
        ],
    }

    async def app(_scope: object, receive: Any, send: Any) -> None:
        carrier.receive, carrier.reply = receive, send
        request.stream = cast("Any", carrier)
        await answer(request)

    await visiting(app, scope, carrier.receive_there, carrier.send_there)


class _Carrier:
    """Stands in for the stream of a request, and speaks with the visit as ASGI does."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._begun = self._ended = False
        self._told: list[tuple[bytes, bytes]] = []
        self.request_body = bool(stream.request_body)
        self.receive: Callable[[], Awaitable[Message]] = self.receive_there
        self.reply: Callable[[Message], Awaitable[None]] = self.send_there

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __setattr__(self, name: str, value: object) -> None:
        mine = name.startswith("_") or name in ("request_body", "receive", "reply")
        object.__setattr__(self if mine else self._stream, name, value)

    async def __aiter__(self) -> Any:
        while self.request_body:
            chunk = await self.read()
            if chunk:
                yield chunk

    async def read(self) -> bytes | None:
        """Read a part of the body, of which some may have been read for the visit."""
        message = await self.receive()
        self.request_body = bool(message.get("more_body"))
        return message.get("body") or None

    def respond(self, response: BaseHTTPResponse) -> BaseHTTPResponse:
        """Take *response* as the one to send."""
        self._stream.respond(response)
        response.stream = cast("Any", self)
        return response

    @property
    def send(self) -> Callable[..., Awaitable[None]] | None:
        """Sends a part of the answer; None when it has ended."""
        return None if self._ended else self._send

    async def _send(self, data: bytes, end_stream: bool) -> None:
        response = self._stream.response
        if not self._begun:
            self._begun = True
            body = getattr(response, "body", None)
            if body and not data:
                data, end_stream = body, True
            given, response.headers = response.headers, response.headers.copy()
            self._told = list(response.processed_headers)
            response.headers = given  # they are as they were, down to their order
            await self.reply(
                {"type": "http.response.start", "status": response.status, "headers": self._told}
            )
        self._ended = end_stream
        await self.reply({"type": "http.response.body", "body": data, "more_body": not end_stream})

    async def receive_there(self) -> Message:
        """Read a part of the body from the client."""
        stream = self._stream
        chunk = (await stream.read() if stream.request_body else None) or b""
        return {"type": "http.request", "body": chunk, "more_body": bool(stream.request_body)}

    async def send_there(self, message: Message) -> None:
        """Send a part of the answer to the client."""
        response = self._stream.response
        if message["type"] == "http.response.start":
            if message["headers"] is not self._told:
                response.status = message["status"]
                response.headers = _headers(message["headers"])
                response.body = b""  # it comes in parts
            return
        data = message.get("body", b"")
        if data is response.body:
            data = b""  # Sanic sends it by itself
        if self._stream.send is not None:
            await self._stream.send(data, end_stream=not message.get("more_body"))


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> Header:
    return Header(
        [(name.decode("latin-1"), text.decode(errors="surrogateescape")) for name, text in pairs]
    )
