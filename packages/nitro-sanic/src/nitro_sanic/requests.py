"""A request of Sanic as the one that Nitro reads, and pages run again inside the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from sanic import Request as SanicRequest
from sanic.compat import Header
from sanic.http import Stage

from nitro_events.http.names import Names
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import SAFE_METHODS, Body, Headers, Request, root_of
from nitro_events.http.rerun import awaiting
from nitro_events.once import once
from nitro_events.state import state
from nitro_sanic.identity import logged_in

if TYPE_CHECKING:
    from sanic.response import BaseHTTPResponse

__all__ = ["Neutral", "path_of"]

# what belongs to the request that a rerun stands in for, and not to a plain GET of a page
_NOT_RERUN = frozenset(
    {"content-length", "content-type", "datastar-request", "expect", "last-event-id"}
    | {"nitro-dialog", "nitro-live", "transfer-encoding"}
)

# Sanic's own, as all others are known; an address of a real client is none of these
_TEST_CLIENTS: dict[str, str | None] = {"mockserver": "testclient", "": None}


_NAMES = Names(str.lower)


class Neutral(Request):
    """*sanic*, a request of Sanic, as Nitro reads it when it is asked something.

    Most requests pass through without a question.
    """

    def __init__(self, sanic: SanicRequest[Any, Any]) -> None:
        self.method = sanic.method
        self.is_safe = sanic.method in SAFE_METHODS
        self.path = path_of(sanic.path)
        self.position = state.hub.position
        self.sanic = self.framework = sanic
        self._login = logged_in
        self._caller = None
        self._body = None

    @once
    def root(self) -> str:
        """What URLs of this application begin with, if an ASGI server says so.

        Sanic has no word for it, so a server that leaves it in the path has it in the routes too.
        """
        scope: Any = getattr(self.sanic.transport, "scope", None)
        root = "" if scope is None else root_of(scope.get("root_path", ""))
        return "" if f"{self.sanic.path}/".startswith(f"{root}/") else root

    @once
    def query_string(self) -> str:
        """What stands behind the question mark."""
        return self.sanic.query_string

    @once
    def headers(self) -> Headers:
        """The headers by name."""
        headers: Any = self.sanic.headers
        pairs = [
            (_NAMES[name], text if text.isascii() else _as_latin(text))
            for name, text in headers.items()
        ]
        by_name = dict(pairs)
        return Headers.of(by_name) if len(by_name) == len(pairs) else Headers(pairs)

    @once
    def client(self) -> str | None:
        """The address it came from."""
        info: Any = self.sanic.conn_info
        return None if info is None else _TEST_CLIENTS.get(info.client_ip, info.client_ip)

    @once
    def scheme(self) -> str:
        """How it came, ``http`` or ``https``."""
        info: Any = self.sanic.conn_info
        return "https" if info is not None and info.ssl else "http"

    @once
    def rerun(self) -> Callable[[str], Awaitable[object | None]] | None:
        """Runs another page of this application and returns what its handler returned."""
        return partial(_rerun, self.sanic)

    @once
    def _source(self) -> Body:
        return _chunks(self.sanic)


def path_of(path: str) -> str:
    """Return *path* decoded; Sanic leaves it as it was sent."""
    return unquote(path) if "%" in path else path


def _as_latin(text: str) -> str:
    """Return *text*, which Sanic has read as UTF-8, as servers hand over what they were sent."""
    return text.encode(errors="surrogateescape").decode("latin-1")


async def _chunks(request: SanicRequest[Any, Any]) -> AsyncIterator[bytes]:
    """Yield the body as it comes, or what Sanic has read before."""
    stream: Any = request.stream
    if stream is None or not stream.request_body:
        yield request.body
        return
    chunks: list[bytes] = []
    while stream.request_body:  # as the stream does it, one generator less
        chunk: bytes | None = await stream.read()
        if chunk:
            chunks.append(chunk)
            yield chunk
    body = b"".join(chunks)
    announced: str = cast("Any", request.headers).get("content-length", "")
    if announced.isdigit() and int(announced) != len(body):
        # half a form reads as a whole one with other values
        msg = "The body ended before it was complete"
        raise BadRequest(msg)
    request.body = body  # for whoever asks Sanic for it


async def _rerun(request: SanicRequest[Any, Any], url: str) -> object | None:
    """Return what the handler of *url* returns to the one who sent *request*."""
    headers: Any = request.headers
    kept = [(name, text) for name, text in headers.items() if name not in _NOT_RERUN]
    kind: Any = type(request)
    again = kind(
        url.encode(),
        Header(kept),
        request.version,
        "GET",
        request.transport,
        request.app,
    )
    again.conn_info = request.conn_info
    again.stream = _Nowhere()
    token = kind._current.set(again)
    try:
        with awaiting() as awaited:
            await request.app.handle_request(again)
    finally:
        kind._current.reset(token)
    return awaited.value


class _Nowhere:
    """Where an answer goes that nobody waits for, in place of a connection."""

    request_body = None
    request_max_size: float = 0

    def __init__(self) -> None:
        self.stage = Stage.HANDLER
        self.response: BaseHTTPResponse | None = None

    def respond(self, response: BaseHTTPResponse) -> BaseHTTPResponse:
        """Take *response* as the one to send."""
        self.response = response
        response.stream = cast("Any", self)
        return response

    async def send(self, data: bytes, end_stream: bool) -> None:
        """Take a part of the answer."""
        self.stage = Stage.IDLE if end_stream else Stage.RESPONSE
