"""A neutral response as one of Sanic, whole or as a stream that lasts until the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from sanic.compat import Header
from sanic.http import Stage
from sanic.response import HTTPResponse

from nitro_events.http.chunks_asgi import serve_chunks
from nitro_events.live.asgi import HEADERS, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sanic import Request as SanicRequest

    from nitro_events.http.response import Response

__all__ = ["sent"]

_BODILESS = (204, 304)


def sent(
    response: Response,
    request: SanicRequest[Any, Any],
    extra: Header | dict[str, str] | None = None,
) -> HTTPResponse:
    """Return *response* to *request* as Sanic sends it, with *extra* headers."""
    headers: Any = Header(response.headers)
    if extra:
        headers.update(extra)
    if response.stream is None and response.chunks is None:
        return _Whole(response, headers)
    if response.stream is not None:
        headers.update({name.decode(): text.decode() for name, text in HEADERS})
    return _Streamed(response, headers, request)


class _Whole(HTTPResponse):
    """A response with just the headers that it is given."""

    __slots__ = ()

    def __init__(self, response: Response, headers: Any) -> None:
        kind: str | None = headers.get("content-type")
        super().__init__(response.body, response.status, headers, kind)

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers as bytes; one without a content type gets none."""
        if self.body and self.status not in _BODILESS:
            # only now: middleware may have put another body in its place
            self.headers["content-length"] = str(len(self.body))
        if self.content_type is not None:
            return super().processed_headers
        headers: Any = self.headers
        return ((name.encode(), str(text).encode()) for name, text in headers.items())


class _Streamed(_Whole):
    """A response that is sent in one go by whoever makes its parts."""

    __slots__ = ("_begun", "_request", "_response")

    def __init__(self, response: Response, headers: Any, request: SanicRequest[Any, Any]) -> None:
        super().__init__(response, headers)
        self._response = response
        self._request = request
        self._begun = False

    async def send(self, data: Any = None, end_stream: bool | None = None) -> None:
        """Send all of it; Sanic asks for that once, when its middleware has run."""
        if self._begun:
            await super().send(data, end_stream)
            return
        self._begun = True
        stream = self.stream
        try:
            await self._serve()
        finally:
            if stream is not None and stream.stage is not Stage.IDLE:
                # cut: what ends well could be taken for the whole
                abort = getattr(self._request.transport, "abort", None)
                if abort is not None:
                    abort()

    async def _serve(self) -> None:
        response = self._response
        if self._request.method == "HEAD":
            await self._send({"type": "http.response.start"}, more=False)
            if response.stream is not None:
                response.stream.close()
            elif response.chunks is not None:
                await response.chunks.aclose()
        elif response.stream is not None:
            await serve(response.stream, self._send, self._receive)
        else:
            await serve_chunks(response, [], self._receive, self._send)

    async def _send(self, message: MutableMapping[str, Any], *, more: bool = True) -> None:
        # the head has been said already: by our own status and headers
        body: bytes = message.get("body", b"")
        more = message.get("more_body", more)
        await super().send(body, end_stream=not more)

    async def _receive(self) -> MutableMapping[str, Any]:
        transport: Any = self._request.transport
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]] | None
        receive = getattr(transport, "receive", None)
        if receive is not None:  # in an ASGI server
            message: MutableMapping[str, Any] = await receive()
            return message
        # Sanic's own server cancels the task of a client that leaves
        never: asyncio.Future[MutableMapping[str, Any]] = (
            asyncio.get_running_loop().create_future()
        )
        return await never
