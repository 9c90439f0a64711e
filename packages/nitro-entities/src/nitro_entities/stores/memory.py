"""Entities in the memory of this process: nothing to install, gone when it ends."""

import os
import weakref
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nitro_entities import changes, slices
from nitro_entities.changes import Change
from nitro_entities.conditions import Order
from nitro_entities.config import settings
from nitro_entities.errors import (
    ConstraintFailed,
    EntityExists,
    NotStorable,
    StaleEntity,
    StoreBusy,
)
from nitro_entities.fields import UNCHANGING, Kind, sortable, specs
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.repository import Select
from nitro_entities.slices import Slice
from nitro_entities.state import state
from nitro_entities.stores.locks import FairLock

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

Row = Mapping[str, Any]
Table = dict[object, Loaded]

_CHECKED = (Kind.NUMBER, Kind.INTEGER, Kind.DECIMAL)  # kinds with values that no store takes


class MemoryStore:
    """The tables of all classes that live in memory."""

    durable = False

    def __init__(self) -> None:
        self.tables: dict[type, Table] = {}
        self.lock = FairLock()

        _stores.add(self)

    def begin(self) -> "MemoryTransaction":
        """Wait for the store and start a transaction."""
        self.hold()
        return MemoryTransaction(self)

    def hold(self) -> None:
        """Wait until nobody else writes. Raises StoreBusy."""
        seconds = settings().busy_timeout
        if not self.lock.acquire(timeout=seconds):
            msg = f"Somebody kept the memory store for more than {seconds} s"
            raise StoreBusy(msg)

    def table(self, cls: type) -> Table:
        """Answer the rows of *cls* that everybody sees."""
        return self.tables.setdefault(cls, {})


def _after_fork() -> None:
    for store in tuple(_stores):
        store.lock = FairLock()


_stores: "weakref.WeakSet[MemoryStore]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_after_fork)


class MemoryTransaction:
    """Copies of the tables that were written; others see them at the commit."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._copies: dict[type, Table] = {}
        self._undo: list[tuple[type, object, Loaded | None]] = []

    def table(self, cls: type) -> Table:
        """Answer the rows of *cls* as this transaction sees them."""
        return self._copies.get(cls, self._store.table(cls))

    def put(self, cls: type, id: object, row: Loaded | None) -> None:
        """Set or, with None, remove one row."""
        table = self._copies.get(cls)
        if table is None:
            table = self._copies[cls] = dict(self._store.table(cls))
        self._undo.append((cls, id, table.get(id)))
        _put(table, id, row)

    def savepoint(self) -> int:
        """Mark the present state."""
        return len(self._undo)

    def rollback_to(self, mark: int, /) -> None:
        """Undo what came after *mark*."""
        while len(self._undo) > mark:
            cls, id, row = self._undo.pop()
            _put(self._copies[cls], id, row)

    def release(self, mark: int, /) -> None:
        """Keep what came after *mark*."""

    def commit(self, batch: Sequence[Change], /) -> None:
        """Let everybody see the copies."""
        self._store.tables.update(self._copies)
        if batch:
            changes.feed().publish(batch)
        self._store.lock.release()

    def rollback(self) -> None:
        """Forget the copies."""
        self._store.lock.release()


class MemoryRepo(Generic[E]):
    """Keep the entities of one class in memory; what is handed out are copies."""

    blocking = False

    def __init__(self, entity: type[E]) -> None:
        self.entity = entity
        self._store = state.part(MemoryStore)

    @property
    def store(self) -> MemoryStore:
        """Answer the memory that all classes share."""
        return self._store

    def prepare(self, tx: MemoryTransaction | None = None) -> None:
        """Do nothing: there is always a place."""

    def get(self, id: object, tx: MemoryTransaction | None = None) -> E | None:
        """Answer a copy of the entity with this id."""
        try:
            stored = self._table(tx).get(id)
        except TypeError:  # an id that cannot be hashed is nobody's
            return None
        return None if stored is None else self._load(stored)

    def get_many(self, ids: Sequence[object], tx: MemoryTransaction | None = None) -> list[E]:
        """Answer copies of those that exist, in the order of *ids*."""
        return [entity for entity in (self.get(id, tx) for id in ids) if entity is not None]

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        """Answer copies of what matches, in order."""
        return [self._load(row) for _, row in self._sorted(query, tx)[: query.limit]]

    def count(
        self, query: Select, cap: int | None = None, tx: MemoryTransaction | None = None
    ) -> int:
        """Count what matches."""
        limits = (query.limit, None if cap is None else cap + 1)
        found = len(self._matching(query, tx))
        return min([found, *(limit for limit in limits if limit is not None)])

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: MemoryTransaction | None = None,
    ) -> Slice[E]:
        """Answer at most *size* entities beside a position."""
        order = slices.full_order(query.order)
        rows = self._sorted(query, tx)
        text = before if after is None else after
        anchor = None if text is None else slices.decode(order, text, self._specs)
        start, stop = 0, size
        if anchor is not None:
            key = self._key(order, anchor.values)
            if after is not None:
                outside = [k < key or (not anchor.inclusive and k == key) for k, _ in rows]
                start = sum(outside)
                stop = start + size
            else:
                inside = [k < key or (anchor.inclusive and k == key) for k, _ in rows]
                stop = sum(inside)
                start = max(0, stop - size)
        chosen = [row for _, row in rows[start:stop]]
        next_, previous = slices.assemble(
            order,
            chosen,
            [self._position(order, row) for row in chosen],
            more_after=stop < len(rows),
            more_before=start > 0,
            anchor=anchor,
        )
        return Slice([self._load(row) for row in chosen], next_, previous)

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded."""
        state_ = loaded(entity)
        if state_ is None:
            return frozenset(self._specs)
        row, values = state_.row, entity.__dict__
        return frozenset(name for name in self._specs if values[name] != row[name])

    def save(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        """Store the fields that changed."""
        mine = loaded(entity)
        fields = self.changed(entity)
        if mine is not None and not fields:
            return None
        row = self._dump(entity)
        if tx is not None:
            return self._write(tx, entity, row, fields)
        self._store.hold()
        own = MemoryTransaction(self._store)
        try:
            change = self._write(own, entity, row, fields, at_once=True)
            changes.feed().publish((change,))
        finally:
            self._store.lock.release()
        changes.feed().deliver()
        return change

    def _write(
        self,
        tx: MemoryTransaction,
        entity: E,
        row: Row,
        fields: frozenset[str],
        *,
        at_once: bool = False,
    ) -> Change:
        id = row["id"]
        mine = loaded(entity)
        if mine is not None and "id" in fields:
            old = mine.row["id"]
            raise ConstraintFailed(self.entity, old, "the id of a stored entity stays as it is")
        theirs = tx.table(self.entity).get(id)
        if mine is None:
            if theirs is not None:
                raise EntityExists(self.entity, id)
            version = 1
        else:
            self._refuse_stale(mine, theirs, row, fields)
            version = (mine.version or 0) + 1
        stored = Loaded(row, version)
        if at_once:
            self._store.table(self.entity)[id] = stored
        else:
            tx.put(self.entity, id, stored)
        set_loaded(entity, stored)
        operation: changes.Operation = "create" if mine is None else "update"
        return changes.made(self.entity, id, version, fields, operation)

    def delete(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        """Remove the entity."""
        if tx is not None:
            return self._remove(tx, entity)
        own = self._store.begin()
        try:
            change = self._remove(own, entity)
        except BaseException:
            own.rollback()
            raise
        own.commit((change,) if change else ())
        changes.feed().deliver()
        return change

    def _remove(self, tx: MemoryTransaction, entity: E) -> Change | None:
        id = entity.__dict__["id"]
        mine = loaded(entity)
        theirs = tx.table(self.entity).get(id)
        if theirs is None:
            set_loaded(entity, None)
            return None
        if mine is not None:
            self._refuse_stale(mine, theirs, {}, frozenset())
        tx.put(self.entity, id, None)
        set_loaded(entity, None)
        return changes.made(self.entity, id, theirs.version, None, "delete")

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Row, fields: frozenset[str]
    ) -> None:
        if theirs is not None and theirs.version == mine.version:
            return
        id = mine.row["id"]
        wanted = {name: row[name] for name in fields}
        if theirs is None:
            raise StaleEntity(self.entity, id, mine=wanted, gone=True)
        shown = {name: theirs.row[name] for name in fields}
        raise StaleEntity(self.entity, id, mine=wanted, theirs=shown)

    @cached_property
    def _specs(self) -> dict[str, Any]:
        return specs(self.entity)

    def _table(self, tx: MemoryTransaction | None) -> Table:
        return self._store.table(self.entity) if tx is None else tx.table(self.entity)

    def _dump(self, entity: E) -> Row:
        values = entity.__dict__
        for name, spec in self._specs.items():
            if spec.kind in _CHECKED:
                try:
                    spec.primitive(values[name])
                except ValueError as exc:
                    raise NotStorable(self.entity, name, str(exc)) from None
        return {name: _copied(values[name]) for name in self._specs}

    def _load(self, stored: Loaded) -> E:
        values = {name: _copied(value) for name, value in stored.row.items()}
        entity = self.entity.__nitro_load__(values)
        set_loaded(entity, stored)
        return entity

    def _matching(self, query: Select, tx: MemoryTransaction | None) -> list[Loaded]:
        rows = list(self._table(tx).values())
        if query.where is None:
            return rows
        test = query.where.test(self._specs)
        return [row for row in rows if test(row.row)]

    def _sorted(
        self, query: Select, tx: MemoryTransaction | None
    ) -> list[tuple[tuple[Any, ...], Loaded]]:
        order = slices.full_order(query.order)
        keyed = [
            (self._key(order, self._position(order, row)), row)
            for row in self._matching(query, tx)
        ]
        keyed.sort(key=lambda pair: pair[0])
        return keyed

    def _position(self, order: Sequence[Order], row: Loaded) -> tuple[Any, ...]:
        return tuple(self._specs[key.field].primitive(row.row[key.field]) for key in order)

    def _key(self, order: Sequence[Order], position: Sequence[Any]) -> tuple[Any, ...]:
        key: list[Any] = []
        for by, primitive in zip(order, position, strict=True):
            if primitive is None:
                key += (1, 0)  # missing values come last in both directions
                continue
            value = sortable(self._specs[by.field].kind, primitive)
            key += (0, _Descending(value) if by.descending else value)
        return tuple(key)


class _Descending:
    """Sort the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.value == other.value)

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]


def _copied(value: Any) -> Any:
    return value if type(value) in UNCHANGING else deepcopy(value)


def _put(table: Table, id: object, row: Loaded | None) -> None:
    if row is None:
        table.pop(id, None)
    else:
        table[id] = row
