"""The record of one change, and in whose name it is made."""

import contextvars
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from nitro_entities.config import utc_now

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

Operation = Literal["create", "update", "delete", "unknown"]

_actor: contextvars.ContextVar[str | None] = contextvars.ContextVar("nitro_actor", default=None)
_actor_now = _actor.get
_new: Callable[..., Any] = cast("Any", tuple).__new__


class Change(NamedTuple):
    """One committed change.

    *operation* "unknown" is a write that went past us: any entity of the class may have
    changed, so *id*, *version*, *fields* and *by* are None.
    """

    entity: "type[Verbs]"
    id: object | None
    version: int | None
    fields: frozenset[str] | None
    operation: Operation
    by: str | None
    at: datetime


@contextmanager
def acting(by: str | None) -> Generator[None]:
    """Name who makes the changes inside."""
    token = _actor.set(by)
    try:
        yield
    finally:
        _actor.reset(token)


def made(
    entity: "type[Verbs]",
    id: object,
    version: int | None,
    fields: frozenset[str] | None,
    operation: Operation,
) -> Change:
    """Make a record of a change that happens now, by whoever acts."""
    # what the class of a named tuple does, without its detour: this is on the path of every save
    values = (entity, id, version, fields, operation, _actor_now(), utc_now())
    return _new(Change, values)  # type: ignore[no-any-return]


def made_together(
    entity: "type[Verbs]",
    keys: "Iterable[tuple[object, int | None]]",
    fields: frozenset[str] | None,
    operation: Operation,
) -> list[Change]:
    """Make records of changes of one kind that happen now; *keys* are ids with versions."""
    rest = (fields, operation, _actor_now(), utc_now())
    return [_new(Change, (entity, id, version, *rest)) for id, version in keys]


def unknown(entity: "type[Verbs]") -> Change:
    """Make a record of a change that went past us."""
    return Change(entity, None, None, None, "unknown", None, utc_now())
