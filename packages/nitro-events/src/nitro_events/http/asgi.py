"""Nitro around an ASGI application, whatever framework it was made with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from nitro_events.http import csrf
from nitro_events.http.chunks_asgi import serve_chunks
from nitro_events.http.dispatch import answer, present
from nitro_events.http.kept import is_wanted
from nitro_events.http.kept_asgi import visiting
from nitro_events.http.problems import HttpError, NotFound, problem_of
from nitro_events.http.read_again import again
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import awaiting
from nitro_events.http.response import Header, Response
from nitro_events.http.routes import Matched
from nitro_events.http.scope_request import (
    ScopeRequest,
    has_slash_in_part,
    path_of,
    request_of,
)
from nitro_events.http.tree import RouteError
from nitro_events.live.asgi import serve
from nitro_events.settings import SettingsError
from nitro_events.state import state
from nitro_events.units import RequestUnit, acting, begin_durable, open_unit

__all__ = [
    "ASGIApp",
    "Middleware",
    "has_slash_in_part",
    "is_asset",
    "own_answer",
    "path_of",
    "request_of",
    "send_response",
]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
FrameworkRequest: TypeAlias = Callable[[Scope], object]

ASSETS = "/_nitro/"
"""Below this path, behind the prefix, Nitro answers before the application is asked.

Only what is read: who sends something is known behind the middleware of the application.
"""

# what belongs to the request that a rerun stands in for, and not to a plain GET of a page
_NOT_RERUN = frozenset(
    {b"content-length", b"content-type", b"datastar-request", b"last-event-id"}
    | {b"nitro-dialog", b"nitro-live", b"transfer-encoding"}
)


class Middleware:
    """The outermost layer of an application: request context, one unit a request, own assets.

    *framework_request* makes the framework's request of a scope, for the configured ``user`` or,
    without one, for *login*, which finds out who the framework says is logged in.
    A request that changes nothing of Nitro passes through untouched.
    """

    def __init__(
        self,
        app: ASGIApp,
        framework_request: FrameworkRequest,
        login: Callable[[Any], object] | None = None,
    ) -> None:
        self._app = app
        self._framework_request = framework_request
        self._login = login
        self._checked = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if not self._checked:
            try:
                check_settings()
            except (SettingsError, RouteError) as exc:
                # servers go on when an application only raises here, and end when it says this
                if scope["type"] == "lifespan":
                    await receive()
                    await send({"type": "lifespan.startup.failed", "message": str(exc)})
                raise
            self._checked = True
            begin_durable()
        if scope["type"] != "http":
            if state.settings.protect_all and csrf.is_foreign_socket(scope):
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
        elif is_wanted():
            await visiting(self._answer, scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self.request_of(scope, receive)
        token = current_request.set(request)
        try:
            if request.is_safe:
                if is_asset(request.path):
                    await send_response(await own_answer(request), receive, send)
                else:
                    await self._app(scope, receive, send)
            elif state.settings.protect_all:
                await self._protected(request, scope, receive, send)
            else:
                await self._in_unit(request, scope, receive, send)
        finally:
            current_request.reset(token)

    def request_of(self, scope: Scope, receive: Receive) -> Request:
        """Return the neutral request of *scope*, which can run pages of this application again."""
        return ScopeRequest(scope, receive, self._framework_request, self._rerun, self._login)

    def request_at(self, scope: Scope, receive: Receive) -> Request:
        """Return the request for a route behind other layers.

        That is the outermost one, if none of them has put anything in between, and nobody has
        asked who it is before they could say so.
        """
        outermost = current_request.get()
        if (
            isinstance(outermost, ScopeRequest)
            and outermost.known_caller is None
            and outermost.is_made_of(scope, receive)
        ):
            return outermost
        return self.request_of(scope, receive)

    async def _protected(
        self, request: Request, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            await csrf.acheck(request, any_body=True)
        except HttpError as refusal:
            await send_response(await present(request, problem_of(refusal)), receive, send)
            return
        await self._in_unit(request, scope, again(request, receive), send)

    async def _in_unit(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        unit = open_unit()
        replaced = False

        async def send_after_the_end(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and not unit.closed:
                failure = await end(unit, request, message["status"])
                if failure is not None:
                    # the answer speaks of what was not stored: another one takes its place
                    replaced = True
                    await send_response(await present(request, problem_of(failure)), receive, send)
            if not replaced:
                await send(message)

        try:
            await self._app(scope, receive, send_after_the_end)
        finally:
            if not unit.closed:
                await unit.arollback()

    async def _rerun(self, scope: Scope, url: str) -> object | None:
        path, _, query = url.partition("?")
        root: str = scope.get("root_path", "")
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in _NOT_RERUN]
        again: Scope = {
            **scope,
            "method": "GET",
            "path": root + unquote(path),
            "raw_path": f"{quote(root)}{path}".encode(),
            "query_string": query.encode(),
            "headers": headers,
        }
        for key in ("route", "router", "endpoint", "path_params"):
            again.pop(key, None)
        with awaiting() as awaited:
            await self(again, _no_body, _discard)
        return awaited.value


def is_asset(path: str) -> bool:
    """Tell whether *path* is that of something that Nitro answers before the application."""
    # nearly all paths are told by the first look
    return ASSETS in path and path.startswith(state.settings.prefix + ASSETS)


def check_settings() -> None:
    """Raise ValueError for what should keep an application from starting.

    A SettingsError for settings, a RouteError for two routes that ask for the same.
    """
    _ = state.settings.env, state.settings.prefix
    state.sealer.check()
    state.routes.check()
    if state.settings.events_url is not None:
        state.hub.begin()  # before the first page is made


async def own_answer(request: Request, matched: Matched | None = None) -> Response:
    """Return the answer of Nitro's own routes to *request*, by what they *matched* if known."""
    response = await answer(request, matched)
    if response is None:
        return await present(request, problem_of(NotFound()))
    return response


async def end(unit: RequestUnit, request: Request, status: int) -> Exception | None:
    """End *unit* as the answer's *status* says; return what a commit failed with."""
    if status >= 400:
        await unit.arollback()
        return None
    if unit.untouched:  # then nobody has to be asked who did what
        unit.close()
        return None
    try:
        with acting(await request.identify()):
            await unit.acommit()
    except Exception as failure:
        return failure
    return None


async def send_response(response: Response, receive: Receive, send: Send) -> None:
    """Send *response*, a body or a stream that lasts until the client leaves."""
    headers = [_encoded(header) for header in response.headers]
    if response.stream is not None:
        await serve(response.stream, send, receive, headers=headers)
        return
    if response.chunks is not None:
        await serve_chunks(response, headers, receive, send)
        return
    if response.status != 204:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


@lru_cache(maxsize=256)
def _encoded(header: Header) -> tuple[bytes, bytes]:
    name, text = header
    return name.encode("latin-1"), text.encode("latin-1")


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _discard(message: Message) -> None:
    """Take an answer that nobody waits for."""
