"""The neutral request of an ASGI scope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, TypeAlias

from nitro_events.http.names import Names
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import SAFE_METHODS, Body, Headers, Request, root_of
from nitro_events.once import once
from nitro_events.state import state

__all__ = ["ScopeRequest", "has_slash_in_part", "path_of", "request_of"]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]


def _spelt(name: bytes) -> str:
    return name.decode("latin-1").lower()


_NAMES = Names(_spelt)


class ScopeRequest(Request):
    """A request that reads its scope when it is asked something.

    Most requests pass through an application without one question of ours, and are to pay for
    nothing. *framework_request* and *rerun* are handed the scope when they are needed.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        framework_request: Callable[[Scope], object] | None = None,
        rerun: Callable[[Scope, str], Awaitable[object | None]] | None = None,
        login: Callable[[Any], object] | None = None,
    ) -> None:
        self.method = scope["method"].upper()
        self.is_safe = self.method in SAFE_METHODS
        # kept: whoever routes the request further below writes into the scope where that is
        root = self._mounted = scope.get("root_path", "")
        self.path = path_of(scope) if root else scope["path"]
        self.position = state.hub.position
        self._scope = scope
        self._receive = receive
        self._framework_request = framework_request
        self._rerun = rerun
        self._login = login
        self._caller = None
        self._body = None

    def is_made_of(self, scope: Scope, receive: Receive) -> bool:
        """Tell whether it would be the same if it was made of these now."""
        same = self._scope is scope and self._receive is receive
        return same and self.path == path_of(scope)

    @once
    def root(self) -> str:
        """What URLs of this application begin with; nothing at the top."""
        return root_of(self._mounted)

    @once
    def query_string(self) -> str:
        """What stands behind the question mark."""
        query: bytes = self._scope["query_string"]
        return query.decode("latin-1")

    @once
    def headers(self) -> Headers:
        """The headers by name."""
        pairs: list[tuple[bytes, bytes]] = self._scope["headers"]
        by_name = {_NAMES[name]: value.decode("latin-1") for name, value in pairs}
        if len(by_name) == len(pairs):
            return Headers.of(by_name)
        return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)

    @once
    def client(self) -> str | None:
        """The address it came from."""
        client = self._scope.get("client")
        return client[0] if client else None

    @once
    def scheme(self) -> str:
        """How it came, ``http`` or ``https``."""
        scheme: str = self._scope.get("scheme", "http")
        return scheme

    @once
    def framework(self) -> Any:
        """The framework's own request."""
        make = self._framework_request
        return None if make is None else make(self._scope)

    @once
    def rerun(self) -> Callable[[str], Awaitable[object | None]] | None:
        """Runs another page of this application and returns what its handler returned."""
        if self._rerun is None:
            return None
        return partial(self._rerun, {**self._scope, "root_path": self._mounted})

    @once
    def _source(self) -> Body:
        return _chunks(self._receive)

    async def _read(self, limit: int) -> bytes:
        first = await self._receive()
        if first["type"] == "http.request" and not first.get("more_body", False):
            body: bytes = first.get("body", b"")  # all of it, as nearly always
            return body
        self._source = _chunks(self._receive, first)
        return await super()._read(limit)


def request_of(
    scope: Scope,
    receive: Receive,
    *,
    framework: object = None,
    rerun: Callable[[str], Awaitable[object | None]] | None = None,
    login: Callable[[Any], object] | None = None,
) -> Request:
    """Return the neutral request of an ASGI *scope*; its body is read when it is asked for."""
    request = ScopeRequest(scope, receive, login=login)
    request.framework = framework
    request.rerun = rerun
    return request


def path_of(scope: Scope) -> str:
    """Return the path inside the application, which may be mounted below another path."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    inside = root and (path == root or path.startswith(f"{root}/"))
    return (path[len(root) :] or "/") if inside else path


def has_slash_in_part(scope: Scope) -> bool:
    """Tell whether a part of the path held a slash before it was decoded.

    Its path reads as another one: the thing ``x/delete`` as the deletion of ``x``.
    """
    raw: bytes = scope.get("raw_path") or b""
    return b"%2f" in raw.partition(b"?")[0].lower()


async def _chunks(
    receive: Receive, first: MutableMapping[str, Any] | None = None
) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive() if first is None else first
        first = None
        if message["type"] == "http.disconnect":
            # half a form reads as a whole one with other values
            msg = "The body ended before it was complete"
            raise BadRequest(msg)
        more = message.get("more_body", False)
        yield message.get("body", b"")
