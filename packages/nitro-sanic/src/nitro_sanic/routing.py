"""The routes that Nitro itself answers, behind all others of Sanic's router."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from sanic import Request as SanicRequest
from sanic.exceptions import MethodNotAllowed, NotFound
from sanic.router import Router

from nitro_events.http.asgi import own_answer
from nitro_events.http.dispatch import dispatch, present_problem
from nitro_events.http.problems import NotFound as NothingHere
from nitro_events.http.request import current_request
from nitro_events.http.response import Response  # at runtime: Sanic-Ext asks for it
from nitro_events.state import state
from nitro_sanic.listing import Listing
from nitro_sanic.requests import path_of

if TYPE_CHECKING:
    from sanic_routing.route import Route

    from nitro_events.http.routes import Matched

__all__ = ["GeneratedRouter"]

_NEEDLESS = re.compile("%(?:2d|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])", re.IGNORECASE)
"""Escapes of characters that need none. Sanic hands paths on as they were sent, to guards of the
application too: a path that reads otherwise to them and to us would lead around them."""

_matched: ContextVar[tuple[str, Matched] | None] = ContextVar("nitro_sanic_matched", default=None)
"""What was found for the path of this request, so that it is not looked for twice."""


class GeneratedRouter(Router):
    """A router that asks Nitro where it has found nothing.

    New entities and actions need no new start. Nitro's routes are listed and have names, but they
    take no part in Sanic's own search, in which a fixed path would win over a hand-written
    one with parameters.
    """

    # a function in the place of Sanic's, which keeps what it has answered
    def get(  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        self, path: str, method: str, host: str | None
    ) -> tuple[Route, Any, dict[str, Any]]:
        """Return who answers, as Sanic's router does."""
        asked, listing = (path, method, host), self.nitro
        known = listing.missing.get(asked)
        if known is not None and (name := _found(path, method, known=known)) is not None:
            return listing.answering(name, method), answer_generated, {}
        try:
            return super().get(path, method, host)
        except (NotFound, MethodNotAllowed) as missing:
            known = isinstance(missing, MethodNotAllowed)
            name = _found(path, method, known=known)
            if name is None:
                raise
            listing.miss(asked, known=known)
            return listing.answering(name, method), answer_generated, {}

    def finalize(self, *given: Any, **named: Any) -> None:
        """Make the routes final; what none of them answered before, one may answer now."""
        self.nitro.missing.clear()
        cast("Any", super()).finalize(*given, **named)

    @property
    def routes(self) -> tuple[Route, ...]:
        """All routes, with those of Nitro last."""
        return (*super().routes, *self.nitro.routes)

    def find_route_by_view_name(  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        self, view_name: str, name: str | None = None
    ) -> Route | None:
        """Return the route of a name."""
        return super().find_route_by_view_name(view_name, name) or self.nitro.named(view_name)

    @property
    def nitro(self) -> Listing:
        """Nitro's routes as Sanic lists routes."""
        found: Listing | None = getattr(self.ctx, "nitro", None)
        if found is None:
            found = self.ctx.nitro = Listing(self, answer_generated)
        return found


def _found(path: str, method: str, *, known: bool) -> str | None:
    """Return the name of the route of ours for this, None if it is not ours to answer."""
    _matched.set(None)
    if "%" in path:
        if _NEEDLESS.search(path):
            return None
        path = path_of(path)
    try:
        matched = state.routes.match(method, path)
        # a verb that nobody answers is told by who has the path
        others = matched is None and not known and bool(state.routes.allowed(path))
    except Exception:  # a path that means two things: the answer tells of it
        return ""
    if matched is not None:
        _matched.set((path, matched))
        return matched.name
    return "" if others else None


async def answer_generated(request: SanicRequest[Any, Any]) -> Response | None:
    """Answer by a route of Nitro."""
    asked = current_request.get()
    if asked is None:
        return None
    if "%2f" in request.path.lower():
        # it reads as another path: the thing ``x/delete`` as the deletion of ``x``
        refusal = NothingHere("There is no page for an id with a slash in it")
        return await present_problem(asked, refusal)
    found = _matched.get()
    if found is not None and found[0] == asked.path:
        return await dispatch(asked, found[1])
    return await own_answer(asked)


# the body is read where it is needed, and within our own limits
answer_generated.is_stream = True  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
