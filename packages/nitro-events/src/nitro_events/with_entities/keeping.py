"""Where things are kept for somebody: in the store of the class that they belong to."""

from __future__ import annotations

import functools
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from nitro_entities import Entity, ExpiresAt, Indexed, StaleEntity, UnitOfWork, col
from nitro_entities.backends import backend_of
from nitro_entities.config import utc_now
from nitro_entities.lifetime import expired, has_expired
from nitro_entities.repository import Ability
from nitro_entities.units.ambient import current_unit
from nitro_events.keeping import Kept
from nitro_events.with_entities.kinds import Kinds, default_backend

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EntityKeeper", "NitroKept", "kept_kind"]

TIDIED_AFTER = 50
"""How many things are kept before those that have expired are looked for."""


class NitroKept(Entity):
    """One thing that is kept for somebody."""

    __abstract__ = True
    __nitro_internal__: ClassVar[bool] = True
    __tablename__: ClassVar[str] = "nitro_kept"

    place: Indexed[str]
    owner: str | None = None
    name: str = ""
    data: bytes = b""
    shared: bool = False
    expires: ExpiresAt = None


_kinds = Kinds(NitroKept)


def kept_kind(backend: type[Any]) -> type[NitroKept]:
    """Return the class that *backend* keeps."""
    return _kinds.of(backend)


class EntityKeeper:
    """Keeps things as entities, see `nitro_events.keeping.Keeper`."""

    def __init__(self) -> None:
        self._count = 0

    def find(self, ids: Iterable[str], near: type, /, *, lasting: bool = False) -> Sequence[Kept]:
        """Return those that are there and have not expired."""
        kind, wanted = _ready(near, lasting=lasting), list(ids)
        unit = current_unit()
        found = kind.get_many(wanted) if unit is None else unit.get_many(kind, wanted)
        return [_kept(one) for one in found if not has_expired(one)]

    def among(
        self, place: str, owner: str | None, near: type, /, *, most: int, lasting: bool = True
    ) -> Sequence[Kept]:
        """Return what *owner* keeps in a place, and what is shared there."""
        kind = _ready(near, lasting=lasting)
        there = kind.where(col(kind, "place") == place)
        # their own first: however much others share, it crowds out nothing of theirs
        own = () if owner is None else there.where(col(kind, "owner") == owner).limit(most)
        shared = there.where(col(kind, "shared") == True)  # noqa: E712 - a condition, no comparison
        found = {one.id: one for one in (*own, *shared.limit(most))}
        return [_kept(one) for one in list(found.values())[:most]]

    def count(self, place: str, near: type, /, *, lasting: bool = False) -> int:
        """Return how many things there are in a place."""
        kind = _ready(near, lasting=lasting)
        return kind.where(col(kind, "place") == place).count()

    def keep(self, kept: Kept, near: type, /, *, lifetime: timedelta | None = None) -> None:
        """Enrol it in the open unit, or keep it at once if none is open."""
        kind = _ready(near, lasting=lifetime is None)
        values: dict[str, Any] = {
            "place": kept.place,
            "owner": kept.owner,
            "name": kept.name,
            "data": kept.data,
            "shared": kept.shared,
            "expires": None if lifetime is None else utc_now() + lifetime,
        }
        before = _stored(kind, kept.id)
        (kind(id=kept.id, **values) if before is None else before.update(**values)).save()
        self._tidy_at_times(kind)

    def forget(self, ids: Iterable[str], near: type, /, *, lasting: bool = False) -> None:
        """Delete them with the open unit."""
        kind = _ready(near, lasting=lasting)
        for id in ids:
            found = _stored(kind, id)
            if found is not None:
                found.delete()

    def _tidy_at_times(self, kind: type[NitroKept]) -> None:
        self._count += 1
        unit = current_unit()
        if self._count % TIDIED_AFTER == 0 and unit is not None:
            unit.after_commit(functools.partial(tidy, kind))


def tidy(kind: type[NitroKept]) -> None:
    """Remove some of what has expired, so that it never becomes much."""
    with suppress(StaleEntity), UnitOfWork() as portion:
        for entity in portion.select(kind, expired(kind)):
            portion.delete(entity)


def can_keep(near: type) -> bool:
    """Tell whether the store of *near* can keep things beside what it keeps."""
    abilities: frozenset[Ability] = getattr(backend_of(near), "abilities", frozenset())
    return {Ability.TRANSACTIONS, Ability.QUERY} <= abilities


def _stored(kind: type[NitroKept], id: str) -> NitroKept | None:
    unit = current_unit()
    return kind.get_or_none(id) if unit is None else unit.get(kind, id)


def _home(near: type, *, lasting: bool) -> type[Any]:
    """Return who keeps it: what belongs to a commit must be where that is, what lasts a disk."""
    if can_keep(near):
        store: Any = cast("Any", near).repository().store
        if store.durable or not lasting:
            return backend_of(near)
    return default_backend()


def _ready(near: type, *, lasting: bool) -> type[NitroKept]:
    """Return the class that keeps it; in a database its table is there then.

    No migration has to make it: it belongs to no class of the application.
    """
    kind = kept_kind(_home(near, lasting=lasting))
    repository: Any = kind.repository()
    make = getattr(repository.store, "ensure_own", None)
    if make is not None:
        unit = current_unit()
        if unit is None:
            make(repository.table, None)
        else:
            with unit.reading(kind) as transaction:
                make(repository.table, transaction)
    return kind


def _kept(one: NitroKept) -> Kept:
    return Kept(one.id, one.place, one.owner, one.name, one.data, one.shared)
