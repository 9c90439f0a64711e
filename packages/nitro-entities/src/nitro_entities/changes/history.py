"""Change records that a store keeps, for those who were away."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

from nitro_entities.backends import repository_of
from nitro_entities.changes.record import Change
from nitro_entities.errors import NotSupported
from nitro_entities.outbox import default_store


class Recorded(NamedTuple):
    """A change and the position after which the next one comes."""

    position: str
    change: Change


@runtime_checkable
class Keeping(Protocol):
    """A store that keeps change records."""

    def history(self, after: str | None, limit: int) -> "list[Recorded] | None":
        """Answer the records after a position, the oldest first; None if it keeps none now."""
        ...


def history(
    cls: type[Any] | None = None, *, after: str | None = None, limit: int = 1000
) -> list[Recorded]:
    """Answer the change records after a position, in the order of commits, the oldest first.

    Ask again with the position of the last one until the list is empty. Of *cls*, or of every
    class in the configured database. Records are kept with ``configure(durable_changes=True)``,
    and not for ever: when those after the position are gone, the list begins with a change
    "unknown" of each class in use. Raises NotSupported where none are kept, InvalidCursor for a
    position that is not one of ours.
    """
    if cls is not None:
        repository_of(cls).prepare()
    store = default_store() if cls is None else repository_of(cls).store
    found: list[Recorded] = []
    while isinstance(store, Keeping):
        some = store.history(after, limit)
        if some is None:
            break
        found += [r for r in some if cls is None or r.change.entity is cls]
        if len(found) >= limit or len(some) < limit:
            return found[:limit]
        after = some[-1].position
    raise _none_kept(cls)


def _none_kept(cls: type[Any] | None) -> NotSupported:
    whose = "any class" if cls is None else cls.__name__
    return NotSupported(
        f"No change records of {whose} are kept. Keep the entities in a SQL database, and set "
        f"configure(durable_changes=True) or NITRO_DURABLE_CHANGES=1"
    )
