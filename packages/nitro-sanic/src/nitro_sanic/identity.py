"""Who the application says is logged in, and the end of a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from nitro_events.http.kept import current_visit, know_caller
from nitro_events.http.request import at_once, current_request
from nitro_events.http.sessions import user_in
from nitro_events.policy import Caller
from nitro_events.state import state

if TYPE_CHECKING:
    from sanic import Request as SanicRequest

__all__ = ["close_ended", "logged_in", "remember"]

_BEFORE = "nitro_logged_in"


@at_once
def logged_in(request: SanicRequest[Any, Any]) -> object:
    """Return who ``request.ctx.user`` or ``request.ctx.session`` says this is.

    Sanic has neither; these are the names that its extensions and its guide use. The user may be
    an id, an object with one, a mapping with one, or a Caller; the session is a mapping with the
    id as ``user_id`` or ``user``.
    """
    user, kept = _logins(request)
    return kept if user is None else user


async def remember(request: SanicRequest[Any, Any]) -> None:
    """Note who is logged in when the middleware has found out, and before the handler runs."""
    before = _logins(request)
    if before != (None, None):
        setattr(request.ctx, _BEFORE, before)
        asked = current_request.get()
        if state.settings.user is not None and asked is not None and not asked.is_safe:
            await asked.identify()  # afterwards the session may not know any more
    if current_visit.get() is not None:
        await know_caller()


def close_ended(request: SanicRequest[Any, Any]) -> None:
    """Close the streams of who was logged in before the handler ran, and is not any more."""
    before = getattr(request._ctx, _BEFORE, None)  # pyright: ignore[reportPrivateUsage]
    if before is None:
        return
    setattr(request.ctx, _BEFORE, None)
    ended = {
        str(cast("object", getattr(was, "id", was)))
        for was, now in zip(before, _logins(request), strict=True)
        if was is not None and was != now
    }
    asked = current_request.get()
    if ended and asked is not None and asked.known_caller is not None:
        # the configured user may have another id than the session
        ended.update(filter(None, [asked.known_caller.id]))
    for id in ended:
        state.hub.close_streams(id)


def _logins(request: SanicRequest[Any, Any]) -> tuple[object, object]:
    ctx = request.ctx
    session: object = getattr(ctx, "session", None)
    kept = None
    if session is not None and isinstance(session, Mapping):
        kept = user_in(cast("Mapping[str, object]", session))
    return _id_of(getattr(ctx, "user", None)), kept


def _id_of(user: object) -> object:
    if user is None or isinstance(user, Caller) or _is_id(user):
        return user
    if not getattr(user, "is_authenticated", True):
        return None
    if isinstance(user, Mapping):
        found: object = cast("Mapping[str, object]", user).get("id")
    else:
        found = getattr(user, "id", None)
    return None if found is None else str(found)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
