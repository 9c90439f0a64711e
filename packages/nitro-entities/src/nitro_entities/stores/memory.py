"""Entities in the memory of this process: nothing to install, gone when it ends."""

import os
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from nitro_entities import changes, loop, slices
from nitro_entities.changes import Change
from nitro_entities.config import settings
from nitro_entities.errors import (
    ConstraintFailed,
    EntityExists,
    NotUnique,
    StaleEntity,
    StoreBusy,
)
from nitro_entities.fields import UNCHANGING, UNFIT, sortable, specs, unique_groups
from nitro_entities.fields.documents import NoJson
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.outbox import Message
from nitro_entities.repository import Ability, Select
from nitro_entities.slices import Slice
from nitro_entities.state import state
from nitro_entities.stores.copies import copied, maker
from nitro_entities.stores.locks import FairLock
from nitro_entities.stores.objects import alike, can_be_copied
from nitro_entities.stores.sorting import Sorting

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

Row = Mapping[str, Any]
Taken = dict[tuple[str, ...], dict[tuple[Any, ...], object]]  # by fields, by values: the id


class Table:
    """The rows of one class that everybody sees, and which unique values are taken."""

    def __init__(self, cls: type[Any]) -> None:
        self.rows: dict[object, Loaded | None] = {}  # None is about to go
        self.last_version = 0  # of all that was removed, so that a new row is no old one
        self.specs = specs(cls)
        self.groups = unique_groups(cls)
        self.taken: Taken = {group: {} for group in self.groups}

    def get(self, id: object) -> Loaded | None:
        """Answer one row."""
        return self.rows.get(id)

    def get_many(self, ids: Iterable[object]) -> list[Loaded | None]:
        """Answer rows as they are at one moment."""
        return list(map(self.rows.get, ids))

    def all(self) -> list[Loaded]:
        """Answer all rows; a copy, others may write meanwhile."""
        return [row for row in list(self.rows.values()) if row is not None]

    def holder(self, group: tuple[str, ...], values: tuple[Any, ...]) -> object | None:
        """Answer the id of the row that has these unique values."""
        return self.taken[group].get(values)

    def put(self, id: object, row: Loaded | None) -> None:
        """Set or, with None, remove one row."""
        if row is not None and not self.groups:
            self.rows[id] = row  # there is nothing else to keep up with it
        else:
            self.put_many({id: row})

    def put_many(self, written: Mapping[object, Loaded | None]) -> None:
        """Set or remove rows; readers see all of it or nothing."""
        for id, row in written.items():
            old = self.rows.get(id)
            if old is None:
                continue
            if row is None:
                self.last_version = max(self.last_version, old.version or 0)
            for group in self.groups:
                if (values := self.unique_values(group, old.row)) is not None:
                    self.taken[group].pop(values, None)
        for group in self.groups:  # when all that was freed is free
            for id, row in written.items():
                if row is not None and (values := self.unique_values(group, row.row)) is not None:
                    self.taken[group][values] = id
        self.rows.update(written)
        for id, row in written.items():
            if row is None:
                del self.rows[id]

    def unique_values(self, group: tuple[str, ...], row: Row) -> tuple[Any, ...] | None:
        """Answer what must be unique; None if a part of it is missing."""
        values = tuple(
            sortable(self.specs[name].kind, self.specs[name].primitive(row[name]))
            for name in group
        )
        return None if None in values else values


class Overlay:
    """The same table as one transaction sees it: its own rows over those of everybody."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.groups = table.groups
        self.last_version = table.last_version
        self.unique_values = table.unique_values
        self.written: dict[object, Loaded | None] = {}
        self._taken: dict[tuple[str, ...], dict[tuple[Any, ...], object | None]] = {
            group: {} for group in table.groups
        }

    def get(self, id: object) -> Loaded | None:
        """Answer one row."""
        return self.written[id] if id in self.written else self.table.get(id)

    def all(self) -> list[Loaded]:
        """Answer all rows."""
        rows = {**self.table.rows, **self.written}
        return [row for row in rows.values() if row is not None]

    def get_many(self, ids: Iterable[object]) -> list[Loaded | None]:
        """Answer several rows."""
        return list(map(self.get, ids))

    def holder(self, group: tuple[str, ...], values: tuple[Any, ...]) -> object | None:
        """Answer the id of the row that has these unique values."""
        own = self._taken[group]
        return own[values] if values in own else self.table.holder(group, values)

    def put(self, id: object, row: Loaded | None) -> None:
        """Set or, with None, remove one row."""
        old = self.get(id)
        for group in self.groups:
            if old is not None and (values := self.unique_values(group, old.row)) is not None:
                self._taken[group][values] = None
            if row is not None and (values := self.unique_values(group, row.row)) is not None:
                self._taken[group][values] = id
        if row is None and old is not None:
            self.last_version = max(self.last_version, old.version or 0)
        self.written[id] = row

    def apply(self) -> None:
        """Let everybody see the rows."""
        self.table.put_many(self.written)


class MemoryStore:
    """The tables of all classes that live in memory."""

    durable = False

    def __init__(self) -> None:
        self.tables: dict[type, Table] = {}
        self.lock = FairLock()
        self.outbox = MemoryOutbox()
        _stores.add(self)

    def begin(self) -> "MemoryTransaction":
        """Wait for the store and start a transaction. Raises StoreBusy."""
        self._wait()
        return MemoryTransaction(self)

    def hold(self, cls: type[Any]) -> None:
        """Wait until nobody else writes. Raises StoreBusy, BlockingCall."""
        if not self.lock.acquire(timeout=0):
            loop.refuse_to_wait_for_ever(cls, self, None)
            self._wait()

    def _wait(self) -> None:
        seconds = settings().busy_timeout
        if not self.lock.acquire(timeout=seconds):
            msg = f"Somebody kept the memory store for more than {seconds} s"
            raise StoreBusy(msg)

    def table(self, cls: type) -> Table:
        """Answer the rows of *cls* that everybody sees."""
        found = self.tables.get(cls)
        # setdefault: when two threads come at once, both get the same
        return self.tables.setdefault(cls, Table(cls)) if found is None else found


class MemoryOutbox:
    """Messages that wait to be sent."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}

    def add(self, messages: Sequence[Message]) -> None:
        """Keep messages; the caller holds the store."""
        self._messages.update((message.id, message) for message in messages)

    def pending(self, limit: int = 100) -> list[Message]:
        """Answer the oldest messages that are not done."""
        return list(self._messages.values())[:limit]

    def done(self, ids: list[str]) -> None:
        """Forget messages."""
        for id in ids:
            self._messages.pop(id, None)


def _after_fork() -> None:
    for store in tuple(_stores):
        store.lock = FairLock()


_stores: "weakref.WeakSet[MemoryStore]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_after_fork)


class MemoryTransaction:
    """Rows that were written; others see them at the commit."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._overlays: dict[type, Overlay] = {}
        self._undo: list[tuple[Overlay, object, Loaded | None]] = []

    def table(self, cls: type) -> Table | Overlay:
        """Answer the rows of *cls* as this transaction sees them."""
        return self._overlays.get(cls) or self._store.table(cls)

    def put(self, cls: type, id: object, row: Loaded | None) -> None:
        """Set or, with None, remove one row."""
        overlay = self._overlays.get(cls)
        if overlay is None:
            overlay = self._overlays[cls] = Overlay(self._store.table(cls))
        self._undo.append((overlay, id, overlay.get(id)))
        overlay.put(id, row)

    def savepoint(self) -> int:
        """Mark the present state."""
        return len(self._undo)

    def rollback_to(self, mark: int, /) -> None:
        """Undo what came after *mark*."""
        while len(self._undo) > mark:
            overlay, id, row = self._undo.pop()
            overlay.put(id, row)

    def release(self, mark: int, /) -> None:
        """Keep what came after *mark*."""

    def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
        """Let everybody see the rows."""
        for overlay in self._overlays.values():
            overlay.apply()
        self._store.outbox.add(outbox)
        if batch:
            changes.feed().publish(batch)
        self._store.lock.release()

    def rollback(self) -> None:
        """Forget the rows."""
        self._store.lock.release()


class MemoryRepo(Generic[E]):
    """Keep the entities of one class in memory; what is handed out are copies."""

    blocking: ClassVar[bool] = False
    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {
            Ability.QUERY,
            Ability.TRANSACTIONS,
            Ability.UNIQUE,
            Ability.LOCK,
            Ability.OUTBOX,
        }
    )
    rank = 0

    def __init__(self, entity: type[E]) -> None:
        self.entity = entity
        self._store = state.part(MemoryStore)
        self._make = maker(entity)

    @property
    def store(self) -> MemoryStore:
        """Answer the memory that all classes share."""
        return self._store

    def prepare(self, tx: MemoryTransaction | None = None) -> None:
        """Do nothing: there is always a place."""

    def get(
        self, id: object, tx: MemoryTransaction | None = None, *, lock: bool = False
    ) -> E | None:
        """Answer a copy of the entity with this id; a transaction locks all there is."""
        try:
            stored = self._table(tx).get(id)
        except TypeError:  # an id that cannot be hashed is nobody's
            return None
        return None if stored is None else self._load(stored)

    def get_many(self, ids: Sequence[object], tx: MemoryTransaction | None = None) -> list[E]:
        """Answer copies of those that exist, in the order of *ids*."""
        some: Sequence[Any] = ids
        wanted = dict.fromkeys(id for id in some if isinstance(id, Hashable))
        found = self._table(tx).get_many(wanted)
        return [self._load(row) for row in found if row is not None]

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        """Answer copies of what matches, in order."""
        order = slices.full_order(query.order)
        found = self._sorting.keyed(order, self._matching(query, tx))
        return [self._load(row) for _, row in found[: query.limit]]

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
        rows = self._matching(query, tx)
        chosen, next_, previous = self._sorting.slice(order, rows, size, after, before)
        return Slice([self._load(row) for row in chosen], next_, previous)

    def holders(
        self,
        group: tuple[str, ...],
        values: Sequence[tuple[Any, ...]],
        tx: MemoryTransaction | None = None,
    ) -> list[E]:
        """Answer copies of those that have one of these values in a unique group."""
        table = self._table(tx)
        rows = [dict(zip(group, some, strict=True)) for some in values]
        keys = [key for row in rows if (key := table.unique_values(group, row)) is not None]
        ids = [id for key in keys if (id := table.holder(group, key)) is not None]
        return self.get_many(ids, tx)

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded."""
        state_ = loaded(entity)
        if state_ is None:
            return self._names
        row, values = state_.row, entity.__dict__
        return frozenset(
            [
                name
                for name in self._specs
                if values[name] != row[name] and not alike(values[name], row[name])
            ]
        )

    def original(self, entity: E) -> E | None:
        """Answer *entity* as it was when it was loaded or saved last."""
        known = loaded(entity)
        return None if known is None else self._load(known)

    def save_many(self, entities: Sequence[E], tx: MemoryTransaction) -> list[Change]:
        """Save all of them, or none."""
        return self._together(self.save, entities, tx)

    def delete_many(self, entities: Sequence[E], tx: MemoryTransaction) -> list[Change]:
        """Delete all of them, or none."""
        return self._together(self.delete, entities, tx)

    def _together(
        self,
        write: "Callable[[E, MemoryTransaction], Change | None]",
        entities: Sequence[E],
        tx: MemoryTransaction,
    ) -> list[Change]:
        mark, before = tx.savepoint(), list(map(loaded, entities))
        try:
            return [change for change in (write(one, tx) for one in entities) if change]
        except BaseException:
            tx.rollback_to(mark)
            for entity, known in zip(entities, before, strict=True):
                set_loaded(entity, known)
            raise

    def save(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        """Store the fields that changed."""
        mine = loaded(entity)
        fields = self.changed(entity)
        if mine is not None and not fields:
            return None
        row = self._dump(entity, fields)
        if tx is not None:
            put = partial(tx.put, self.entity)
            return self._write(tx.table(self.entity), put, entity, row, fields)
        self._store.hold(self.entity)
        try:
            table = self._store.table(self.entity)
            change = self._write(table, table.put, entity, row, fields)
            changes.feed().publish((change,))
        finally:
            self._store.lock.release()
        changes.feed().deliver()
        return change

    def _write(
        self,
        table: Table | Overlay,
        put: Callable[[object, Loaded], None],
        entity: E,
        row: Row,
        fields: frozenset[str],
    ) -> Change:
        id = row["id"]
        mine = loaded(entity)
        if mine is not None and "id" in fields:
            old = mine.row["id"]
            raise ConstraintFailed(self.entity, old, "the id of a stored entity stays as it is")
        theirs = table.get(id)
        if mine is None:
            if theirs is not None:
                raise EntityExists(self.entity, id)
            version = table.last_version + 1
        else:
            self._refuse_stale(mine, theirs, row, fields)
            version = (mine.version or 0) + 1
        stored = Loaded(row, version)
        for group in table.groups:
            values = table.unique_values(group, row)
            if values is not None and table.holder(group, values) not in (None, id):
                raise NotUnique(self.entity, id, group)
        put(id, stored)
        set_loaded(entity, stored)
        operation: changes.Operation = "create" if mine is None else "update"
        return changes.made(self.entity, id, version, fields, operation)

    def delete(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        """Remove the entity."""
        if tx is not None:
            return self._remove(tx, entity)
        self._store.hold(self.entity)
        own = MemoryTransaction(self._store)
        try:
            change = self._remove(own, entity)
        except BaseException:
            own.rollback()
            raise
        own.commit((change,) if change else ())
        changes.feed().deliver()
        return change

    def _remove(self, tx: MemoryTransaction, entity: E) -> Change | None:
        mine = loaded(entity)
        # what was loaded goes, whatever id was assigned to it since
        id = entity.__dict__["id"] if mine is None else mine.row["id"]
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
        shown = {name: copied(theirs.row[name]) for name in fields}
        raise StaleEntity(self.entity, id, mine=wanted, theirs=shown)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._specs)

    @cached_property
    def _specs(self) -> dict[str, Any]:
        return specs(self.entity)

    def _table(self, tx: MemoryTransaction | None) -> Table | Overlay:
        return self._store.table(self.entity) if tx is None else tx.table(self.entity)

    def _dump(self, entity: E, fields: frozenset[str]) -> Row:
        """Answer the row to store; only *fields* differ from what was stored before."""
        values, known = entity.__dict__, loaded(entity)
        for name, spec in self._specs.items():
            if name not in fields:
                continue
            try:
                spec.check(values[name])
            except NoJson as exc:
                if not can_be_copied(values[name]):
                    raise spec.refusal(self.entity, values["id"], values[name], exc) from None
            except UNFIT as exc:
                raise spec.refusal(self.entity, values["id"], values[name], exc) from None
        row = {
            name: value if type(value := values[name]) in UNCHANGING else copied(value)
            for name in self._specs
            if name in fields
        }
        return row if known is None else {**known.row, **row}

    def _load(self, stored: Loaded) -> E:
        entity: E = self._make(stored.row)
        set_loaded(entity, stored)
        return entity

    @cached_property
    def _sorting(self) -> Sorting[Loaded]:
        return Sorting(self._specs, attrgetter("row"))

    def _matching(self, query: Select, tx: MemoryTransaction | None) -> list[Loaded]:
        return self._sorting.matching(query.where, self._table(tx).all())
