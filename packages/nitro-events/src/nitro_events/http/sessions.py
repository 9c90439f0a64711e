"""Who the session of a framework says is logged in, and what happens when that ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.policy import Caller

__all__ = ["Session", "end_streams", "user_in"]

Session: TypeAlias = Mapping[str, object]

KEYS = ("user_id", "user")
"""Where applications keep in their session who is logged in, unless they say otherwise."""


def user_in(session: Session, *, keys: tuple[str, ...] = KEYS) -> str | None:
    """Return the id that *session* has under the first of *keys* that is a text or a number."""
    for key in keys:
        id = session.get(key)
        if isinstance(id, str | int) and not isinstance(id, bool) and id != "":
            return str(id)
    return None


async def end_streams(
    before: Session, after: Session, who: Callable[[Session], Awaitable[Caller]]
) -> None:
    """Close the live streams of who was logged in *before* a request, and is not *after* it.

    *before* is a copy that was made when the request came, *after* the session as the request left
    it; ``who(session)`` is asked whose one is, only if they differ.
    """
    if before == after:
        return
    was = (await who(before)).id
    if was is None:
        return
    if not after or _forgot(was, before, after) or (await who(after)).id != was:
        state.hub.close_streams(was)


def _forgot(id: str, before: Session, after: Session) -> bool:
    """Tell whether *id* stood in the session under any name, and does no more.

    For logins that are decided before the request is handled, and last as long as the request.
    """
    return id in map(str, before.values()) and id not in map(str, after.values())
