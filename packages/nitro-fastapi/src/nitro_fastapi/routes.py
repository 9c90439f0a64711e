"""The routes that Nitro itself answers, as the last route of the application."""

import logging
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Receive, Scope, Send

from nitro_events.http.asgi import (
    Middleware,
    has_slash_in_part,
    own_answer,
    path_of,
    send_response,
)
from nitro_events.http.dispatch import present_problem
from nitro_events.http.problems import NotFound
from nitro_events.http.request import Request, current_request
from nitro_events.http.response import Response
from nitro_events.state import state

__all__ = ["NitroRoutes", "keep_last", "warn_of_shadows"]

log = logging.getLogger("nitro_fastapi")


class NitroRoutes(BaseRoute):
    """Matches what Nitro's route table matches; new entities and actions need no new start."""

    middleware: Middleware

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether Nitro answers; a known path with another verb is a partial match."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path = path_of(scope)
        try:
            found = state.routes.match(scope["method"], path) is not None
            partly = not found and bool(state.routes.allowed(path))
        except Exception:  # a name that means two things: the answer tells of it
            return Match.FULL, {"endpoint": self}
        if found:
            return Match.FULL, {"endpoint": self}
        return (Match.PARTIAL, {"endpoint": self}) if partly else (Match.NONE, {})

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Nitro's routes have no names in this framework's table."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, in the request context of this route's own body."""
        request = self.middleware.request_of(scope, receive)
        token = current_request.set(request)
        try:
            await send_response(await self._answer(request, scope), receive, send)
        finally:
            current_request.reset(token)

    async def _answer(self, request: Request, scope: Scope) -> Response:
        if has_slash_in_part(scope):
            refusal = NotFound("There is no page for an id with a slash in it")
            return await present_problem(request, refusal)
        return await own_answer(request)


def warn_of_shadows(router: Router, routes: NitroRoutes) -> None:
    """Say which pages of Nitro nobody will see because a hand-written route answers there."""
    prefix = state.settings.prefix
    for target in state.targets:
        path = f"{prefix}/{target.slug}/new"
        asked: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        for route in router.routes:
            if route is not routes and route.matches(dict(asked))[0] is Match.FULL:
                log.warning(
                    "%s is the form for a new %s, and %s answers there in its place. Let yours "
                    "match less, such as {id:int}, or move all generated routes with "
                    "nitro.configure(prefix='/app')",
                    path,
                    target.kind.__name__,
                    _described(route),
                )
                break


def _described(route: BaseRoute) -> str:
    """Say which route it is; of an included router, the one inside."""
    path = getattr(route, "path", None)
    if path is not None:
        return f"your route {path}"
    inside: list[BaseRoute] = getattr(getattr(route, "original_router", None), "routes", [])
    tails = [str(getattr(one, "path", "")) for one in inside]
    fitting = [tail for tail in tails if tail.rpartition("/")[2].startswith("{")]
    return f"a route of your included router ({', '.join(fitting or tails)})"


def keep_last(router: Router, routes: NitroRoutes) -> None:
    """Move *routes* behind whatever was added since, so that hand-written routes win."""
    if router.routes and router.routes[-1] is not routes:
        router.routes.remove(routes)
        router.routes.append(routes)
