"""Who asks, and whether they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.http.problems import Forbidden, NotFound
from nitro_events.middleware.work import Blocking, Steps, Work
from nitro_events.policy import Caller, can
from nitro_events.texts import Text

if TYPE_CHECKING:
    from nitro_events.resources import Target

__all__ = ["loaded", "permission", "require"]


def permission(work: Work) -> Steps:
    """Load what the call is about, and go on if the caller may."""
    if work.job.may_wait(work):
        yield Blocking(lambda: work.job.allow(work))
    else:
        work.job.allow(work)
    return (yield)


def require(caller: Caller, operation: str, target: object) -> None:
    """Raise Forbidden unless the policy says that *caller* may."""
    if not can(caller, operation, target):
        msg = Text("You may not do this")
        raise Forbidden(msg)


def loaded(target: Target, id: str, caller: Caller, operation: str) -> object:
    """Return the entity if *caller* may; who may not is not told whether it exists."""
    try:
        id.encode()  # what is no text cannot be an id, and no store takes it
        entity = target.load(id)
    except UnicodeEncodeError:
        raise NotFound from None
    except LookupError:
        require(caller, operation, target.kind)
        raise
    require(caller, operation, entity)
    return entity
