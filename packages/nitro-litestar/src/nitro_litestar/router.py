"""Nitro around the router of an application: it looks like that router, and answers a little more.

Litestar finds a route in a trie that never turns back: a generated route in it would hide
hand-written ones with parameters in the same places. So ours stand beside the trie and are looked
for when it has found nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, cast

from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.utils.scope.state import CONNECTION_STATE_KEY, ScopeState

from nitro_events.http.asgi import Middleware, own_answer, path_of, request_of, send_response
from nitro_events.http.request import Request, current_request
from nitro_events.http.sessions import Session, end_streams
from nitro_events.http.tree import RouteError
from nitro_events.settings import SettingsError
from nitro_events.state import state
from nitro_litestar.door import DOOR
from nitro_litestar.handlers import watch
from nitro_litestar.login import logged_in
from nitro_litestar.noted import RECEIVE, REQUEST, SESSION
from nitro_litestar.table import GeneratedRoutes

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar._asgi import ASGIRouter

    from nitro_events import Caller

__all__ = ["NitroRouter"]

log = logging.getLogger("nitro_litestar")

MANY = 1024
"""Requests that are remembered, as many as by Litestar."""
LONGEST = 1024
"""So long an address may be to be remembered: anybody can ask for one of many kilobytes."""


class NitroRouter:
    """Stands where the router of *app* stood; what is not said here is said by that one."""

    def __init__(self, app: Litestar, router: ASGIRouter) -> None:
        self._app = app
        self._router = router
        self._middleware = Middleware(self._answer, self._framework_request, logged_in)
        self._table = GeneratedRoutes(app, router)
        self._watched: set[int] = set()
        self._missing: dict[tuple[str, str], tuple[str, bytes | None, bool]] = {}
        """For what the router has lately found no handler: root, host, whether it has the path."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._router, name)

    @property
    def route_handler_index(self) -> Mapping[str, Any]:
        """The handlers by name, ours as they are now."""
        self._table.refresh()
        return self._router.route_handler_index

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """Answer one connection; not a coroutine of its own, which each request would pay for."""
        return self._middleware(scope, receive, send)

    def request_of(self, scope: Any, receive: Any) -> Request:
        """Return our request of *scope*, with the body that *receive* gives."""
        return self._middleware.request_of(scope, receive)

    async def lifespan(self, receive: Any, send: Any) -> None:
        """Start and end with the server; settings that cannot be keep it from starting."""
        await self._middleware({"type": "lifespan"}, receive, send)

    def construct_routing_trie(self) -> None:
        """Let the routes that were added be found; ours are listed after them."""
        self._table.clear()
        self._missing.clear()
        self._router.construct_routing_trie()
        for route in self._app.routes:
            if id(route) not in self._watched:
                self._watched.add(id(route))
                for handler in getattr(route, "route_handlers", ()):
                    watch(handler)
        try:
            self._table.refresh()
        except (SettingsError, RouteError):
            log.debug("The generated routes are listed when the application starts")

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            self._table.refresh()
            self._warn_of_shadows()
            await self._router.lifespan(receive, send)
            return
        if "route_handler" in scope:
            _forget_first_run(scope)
        scope[REQUEST] = current_request.get()
        scope[RECEIVE] = receive
        if self._is_missing(scope):
            await self._through_the_door(scope, receive, send)
        else:
            try:
                await self._router(scope, receive, send)
            except (NotFoundException, MethodNotAllowedException) as refusal:
                known = isinstance(refusal, MethodNotAllowedException)
                # behind the router everything has a handler
                if "route_handler" in scope or not _is_ours(scope, known=known):
                    raise
                self._miss(scope, known=known)
                await self._through_the_door(scope, receive, send)
        if SESSION in scope:
            await self._look_at_session(scope, receive)

    def _is_missing(self, scope: Any) -> bool:
        """Tell whether the router is known to find nothing where a route of ours answers."""
        missing = self._missing.get((scope["path"], scope.get("method")))
        if missing is None:
            return False
        root, host, known = missing
        same = scope.get("root_path", "") == root and _host_in(scope) == host
        return same and _is_ours(scope, known=known)

    def _miss(self, scope: Any, *, known: bool) -> None:
        # all that the router looks at: asked otherwise, it may come to something else
        path, root, host = scope["path"], scope.get("root_path", ""), _host_in(scope)
        if len(path) + len(root) + len(host or b"") > LONGEST:
            return
        if len(self._missing) >= MANY:
            self._missing.clear()
        self._missing[path, scope["method"]] = root, host, known

    async def _through_the_door(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer by a route of ours, behind the middleware and the guards of the application."""
        self._table.refresh()
        door = self._router.route_mapping[DOOR][0]
        method = scope["method"]
        if method not in door.methods:
            await send_response(await own_answer(scope[REQUEST]), receive, send)
            return
        found = self._router.handle_routing(path=door.path, method=method)
        answer, handler, _, scope["path_params"], scope["path_template"] = cast("Any", found)
        scope["route_handler"] = handler
        seen = ScopeState.from_scope(scope)
        seen.exception_handlers = handler.resolve_exception_handlers()
        await answer(scope, receive, send)

    async def _look_at_session(self, scope: Any, receive: Any) -> None:
        async def who(session: Session) -> Caller:
            asked = {**scope, "session": session}
            framework = self._framework_request(asked)
            request = request_of(asked, receive, framework=framework, login=logged_in)
            return await request.identify()

        await end_streams(scope[SESSION], _session_in(scope), who)

    def _framework_request(self, scope: MutableMapping[str, Any]) -> object:
        return cast("Any", self._app).request_class(scope)

    def _warn_of_shadows(self) -> None:
        for target in state.targets:
            path = f"{state.settings.prefix}/{target.slug}/new"
            try:
                _, handler, *_ = self._router.handle_routing(path=path, method="GET")
            except HTTPException:
                continue
            log.warning(
                "%s is the form for a new %s, and your handler %s answers there in its place. Let "
                "its path match less, such as {id:int}, or move all generated routes with "
                "nitro.configure(prefix='/app')",
                path,
                target.kind.__name__,
                handler,
            )


def _session_in(scope: Any) -> Session:
    session: Any = scope.get("session")
    return cast("Session", session) if isinstance(session, Mapping) else {}


def _host_in(scope: Any) -> bytes | None:
    return next((text for name, text in scope["headers"] if name == b"host"), None)


def _is_ours(scope: Any, *, known: bool) -> bool:
    """Tell whether Nitro answers where the application does not.

    Where that is *known* to answer other verbs, only a route of ours with this very verb comes in
    its place.
    """
    if scope["type"] != "http":
        return False
    path = path_of(scope)
    try:
        matched = state.routes.match(scope["method"], path)
        if matched is not None:
            scope[REQUEST].matched = matched
            return True
        return not known and bool(state.routes.allowed(path))
    except Exception:  # a name that means two things: the answer tells of it
        return True


def _forget_first_run(scope: Any) -> None:
    """Leave out what Litestar noted about the request that a page is run again for."""
    for key in ("route_handler", "path_params", "path_template", SESSION):
        scope.pop(key, None)
    noted = cast("dict[str, Any]", scope.get("state", {}))
    scope["state"] = {key: value for key, value in noted.items() if key != CONNECTION_STATE_KEY}
