"""Who is logged in, as Starlette's own middleware says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from starlette.requests import Request

from nitro_events.http.request import at_once
from nitro_events.http.sessions import KEYS, user_in

__all__ = ["Login", "logged_in"]

Login: TypeAlias = Callable[[Request], str | None]


@at_once
def logged_in(request: Request, *, keys: tuple[str, ...] = KEYS) -> str | None:
    """Return the id of ``request.user`` or, without AuthenticationMiddleware, of the session.

    The session is looked at and not asked for: that would write ``Vary: Cookie`` into answers
    that do not vary.
    """
    scope: Mapping[str, Any] = request.scope
    if "user" in scope:
        return _id_of(scope["user"])
    session: object = scope.get("session")
    if session is None or not isinstance(session, Mapping):
        return None
    return user_in(cast("Mapping[str, object]", session), keys=keys)


def _id_of(user: Any) -> str | None:
    if not getattr(user, "is_authenticated", user is not None):
        return None
    if isinstance(user, str | int):
        return str(user)
    # not the display_name, which users may choose: one could choose that of another
    for name in ("identity", "id", "username"):
        try:
            id = getattr(user, name)
        except (AttributeError, NotImplementedError):  # users need to say only some of these
            continue
        if id:
            return str(id)
    return None
