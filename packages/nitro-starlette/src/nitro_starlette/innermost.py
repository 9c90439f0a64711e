"""The layer right around the router: what can be known only where a handler is about to run."""

from collections.abc import Callable, Coroutine, Iterator
from copy import copy
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Message, Receive, Scope, Send

from nitro_events import Caller
from nitro_events.http.asgi import request_of
from nitro_events.http.request import SAFE_METHODS
from nitro_events.http.sessions import Session, end_streams
from nitro_events.state import state
from nitro_starlette.endpoints import answer_for_endpoint
from nitro_starlette.errors import answer_problems
from nitro_starlette.login import Login
from nitro_starlette.rivals import rivals
from nitro_starlette.routes import NitroRoutes, keep_last

__all__ = ["Innermost"]

App: TypeAlias = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class Innermost:
    """Keeps the routes in order, however late some are added, and sees what becomes of a session.

    It is here for every request, so it costs next to nothing where nothing has changed.
    """

    def __init__(self, router: Router, routes: NitroRoutes, login: Login) -> None:
        self._app = router.middleware_stack
        self._router = router
        self._routes = routes
        self._login = login
        self._seen: list[tuple[Any, list[BaseRoute], int]] = []
        self._written: frozenset[str] = frozenset()
        self._shorts: dict[tuple[str, str], App] = {}
        # with middleware of its own a router cannot be told from what is around it
        self._bare = self._app == router.app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer by the router; not a coroutine of its own, which each request would pay for."""
        for owner, routes, count in self._seen:
            if owner.routes is not routes or len(routes) != count:
                self.arrange()
                break
        session = scope.get("session")
        if session and scope["type"] == "http":
            return self._watched(session, scope, receive, send)
        return self._routed(scope, receive, send)

    def _routed(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer by the router; where a generated route answers, by one with few routes."""
        # most reading is of pages, which are hand-written
        if self._bare and scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            short = self._short(scope)
            if short is not None:
                scope.setdefault("router", self._router)
                return short(scope, receive, send)
        return self._app(scope, receive, send)

    def _short(self, scope: Scope) -> App | None:
        """Return the router without the routes that cannot match, None for one that may be."""
        if scope["path"] in self._written:
            return None
        matched = self._routes.look(scope)
        if matched is None or matched.pattern is None:
            return None
        key = scope["method"], state.settings.prefix + matched.pattern
        found = self._shorts.get(key)
        if found is None:
            router = copy(self._router)
            others = [route for route in router.routes if route is not self._routes]
            router.routes = [*rivals(others, *key), self._routes]
            found = self._shorts[key] = router.app
        return found

    def arrange(self) -> None:
        """Put the generated routes last, and let the endpoints of all others answer with Nitro."""
        keep_last(self._router, self._routes)
        self._seen = []
        self._shorts = {}
        paths = [str(getattr(route, "path", "")) for route in self._router.routes]
        self._written = frozenset(paths)  # those with parameters are nobody's path
        for owner in _owners(self._router):
            if isinstance(owner, Starlette) and owner.middleware_stack is None:
                answer_problems(owner)
            routes: list[BaseRoute] = owner.routes
            self._seen.append((owner, routes, len(routes)))
            for route in routes:
                if isinstance(route, Route):
                    answer_for_endpoint(route)

    async def _watched(
        self, session: dict[str, object], scope: Scope, receive: Receive, send: Send
    ) -> None:
        before = dict(session)
        started = False

        async def who(session: Session) -> Caller:
            asked = {**scope, "session": session}
            request = request_of(asked, receive, framework=Request(asked), login=self._login)
            return await request.identify()

        async def send_and_look(message: Message) -> None:
            nonlocal started
            if not started:
                started = True
                if scope["session"] != before:
                    await end_streams(before, dict(scope["session"]), who)
            await send(message)

        await self._routed(scope, receive, send_and_look)


def _owners(router: Any) -> Iterator[Any]:
    """Yield *router* and all applications and routers mounted in it, each of which has routes."""
    yield router
    for route in router.routes:
        inside = getattr(route, "_base_app", getattr(route, "app", None))
        if not isinstance(route, Route | NitroRoutes) and isinstance(inside, Router | Starlette):
            yield from _owners(inside)
