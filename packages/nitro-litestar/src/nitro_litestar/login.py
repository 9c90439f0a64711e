"""Who is logged in, as Litestar's own middleware says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from litestar import Request

from nitro_events import Caller
from nitro_events.http.request import at_once
from nitro_events.http.sessions import user_in

__all__ = ["logged_in"]


@at_once
def logged_in(request: Request[Any, Any, Any]) -> Caller | str | None:
    """Return the id of ``request.user`` or, without an authentication, of ``request.session``."""
    scope: Any = request.scope
    if "user" in scope:
        return _id_of(scope["user"])
    session = scope.get("session")
    return user_in(cast("Any", session)) if isinstance(session, Mapping) else None


def _id_of(user: Any) -> Caller | str | None:
    """Return the id of what the application's authentication made of a request."""
    if isinstance(user, Caller):
        return user
    if isinstance(user, str | int) and not isinstance(user, bool):
        return str(user)
    id = user.get("id") if isinstance(user, Mapping) else getattr(user, "id", None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return None if id is None else str(id)  # pyright: ignore[reportUnknownArgumentType]
