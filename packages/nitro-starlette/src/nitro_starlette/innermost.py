"""The layer right around the router: what can be known only where a handler is about to run."""

from collections.abc import Coroutine, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Message, Receive, Scope, Send

from nitro_events import Caller
from nitro_events.http.asgi import request_of
from nitro_events.http.sessions import Session, end_streams
from nitro_starlette.endpoints import answer_for_endpoint
from nitro_starlette.errors import answer_problems
from nitro_starlette.login import Login
from nitro_starlette.routes import NitroRoutes, keep_last

__all__ = ["Innermost"]


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

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer by the router; not a coroutine of its own, which each request would pay for."""
        for owner, routes, count in self._seen:
            if owner.routes is not routes or len(routes) != count:
                self.arrange()
                break
        session = scope.get("session")
        if session and scope["type"] == "http":
            return self._watched(session, scope, receive, send)
        return self._app(scope, receive, send)

    def arrange(self) -> None:
        """Put the generated routes last, and let the endpoints of all others answer with Nitro."""
        keep_last(self._router, self._routes)
        self._seen = []
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

        await self._app(scope, receive, send_and_look)


def _owners(router: Any) -> Iterator[Any]:
    """Yield *router* and all applications and routers mounted in it, each of which has routes."""
    yield router
    for route in router.routes:
        inside = getattr(route, "_base_app", getattr(route, "app", None))
        if not isinstance(route, Route | NitroRoutes) and isinstance(inside, Router | Starlette):
            yield from _owners(inside)
