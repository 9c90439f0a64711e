"""The routes that Nitro itself answers, as the last route of the application."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import Response as StarletteResponse
from starlette.routing import BaseRoute, Match, NoMatchFound, Route, Router
from starlette.types import Receive, Scope, Send

from nitro_events.http.asgi import (
    Middleware,
    has_slash_in_part,
    own_answer,
    path_of,
    send_response,
)
from nitro_events.http.dispatch import dispatch, present_problem
from nitro_events.http.listing import listed, reverse, version
from nitro_events.http.problems import NotFound
from nitro_events.http.request import current_request
from nitro_events.http.response import Response
from nitro_events.http.routes import Matched
from nitro_events.state import state
from nitro_starlette.responses import Sent

__all__ = ["NitroRoutes", "keep_last"]

_MATCHED = "nitro.matched"
_LOOKED = "nitro.looked"


class NitroRoutes(BaseRoute):
    """Matches what Nitro's route table matches; new entities and actions need no new start.

    It looks like a mount named ``nitro``: `routes` lists what is inside, and
    ``app.url_path_for("nitro:cities.grow", id=7)`` finds it.
    """

    middleware: Middleware
    name = "nitro"
    path = ""

    def __init__(self) -> None:
        self._listed: tuple[object, list[Route]] = (None, [])

    def __repr__(self) -> str:
        return f"<NitroRoutes of {len(self.routes)}>"

    @property
    def routes(self) -> Sequence[Route]:
        """The generated routes that are known by now, named as `url_path_for` knows them."""
        now = (version(), state.settings.prefix)
        if self._listed[0] != now:
            found = [
                Route(one.pattern, self._answer_alone, methods=sorted(one.methods), name=one.name)
                for one in listed()
            ]
            self._listed = (now, found)
        return self._listed[1]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether Nitro answers; a known path with another verb is a partial match."""
        if scope["type"] != "http":
            return Match.NONE, {}
        looked = scope.get(_LOOKED)
        path = path_of(scope)
        try:
            if looked is not None and looked[:2] == (scope["method"], path):
                matched = looked[2]
            else:
                matched = state.routes.match(scope["method"], path)
            partly = matched is None and bool(state.routes.allowed(path))
        except Exception:  # a name that means two things: the answer tells of it
            return Match.FULL, {"endpoint": self, _MATCHED: None}
        if matched is not None:
            return Match.FULL, {"endpoint": self, _MATCHED: matched}
        return (Match.PARTIAL, {"endpoint": self, _MATCHED: None}) if partly else (Match.NONE, {})

    def look(self, scope: Scope) -> Matched | None:
        """Return who of ours would answer, for certain; `matches` need not look again then."""
        method, path = scope["method"], path_of(scope)
        try:
            matched = state.routes.match(method, path)
        except Exception:  # which `matches` tells of
            return None
        scope[_LOOKED] = method, path, matched
        return matched

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of a generated route, ``nitro:cities.grow``."""
        own, _, inside = name.partition(":")
        if own != self.name:
            raise NoMatchFound(name, path_params)
        try:
            return URLPath(reverse(inside, path_params), protocol="http")
        except LookupError:
            raise NoMatchFound(name, path_params) from None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, in the request context of this route's own body."""
        request = self.middleware.request_at(scope, receive)
        token = current_request.set(request)
        try:
            await send_response(await self._answer(scope), receive, send)
        finally:
            current_request.reset(token)

    async def _answer(self, scope: Scope) -> Response:
        request = current_request.get()
        assert request is not None
        if has_slash_in_part(scope):
            refusal = NotFound("There is no page for an id with a slash in it")
            return await present_problem(request, refusal)
        matched = scope.get(_MATCHED)
        return await own_answer(request) if matched is None else await dispatch(request, matched)

    async def _answer_alone(self, request: Request) -> StarletteResponse:
        """Answer by one of `routes`, which somebody took out of the table and serves himself."""
        token = current_request.set(self.middleware.request_of(request.scope, request.receive))
        try:
            return Sent(await self._answer(request.scope))
        finally:
            current_request.reset(token)


def keep_last(router: Router, routes: NitroRoutes) -> None:
    """Move *routes* behind whatever was added since, so that hand-written routes win."""
    if router.routes and router.routes[-1] is not routes:
        router.routes.remove(routes)
        router.routes.append(routes)
