"""Write a backend of your own: four attributes and three methods make a full repository.

A store keeps **rows**: a key, a version and a document, which is JSON in bytes. It need not look
into the documents. Write a `RowStore` with `read`, `scan` and `write`, and name it in a
`RowRepository`; validation, queries, sorting, slices, dirty tracking, stale detection, units of
work with savepoints, and change records come from here::

    from nitro_entities import Ability, Entity, classes
    from nitro_entities.stores.rows import E, Row, RowRepository, RowStore, check

    class ShelfStore(RowStore):
        durable = True
        blocking = True
        abilities = frozenset({Ability.DURABLE, Ability.UNIQUE})

        def __init__(self) -> None:
            self._lock = threading.RLock()  # `check` calls `read` and `scan` inside `write`
            self._rows: dict[tuple[str, str], Row] = {}  # or a file, a bucket, a server

        def read(self, cls, keys):
            with self._lock:
                return [self._rows.get((classes.key(cls), key)) for key in keys]

        def scan(self, cls, where):
            with self._lock:
                return [row for (name, _), row in self._rows.items() if name == classes.key(cls)]

        def write(self, batch):
            with self._lock:  # nobody else may write between the check and the last row
                check(self, batch)  # raises Conflict
                for write in batch.writes:
                    place = (classes.key(write.cls), write.key)
                    if write.row is None:
                        self._rows.pop(place, None)
                    else:
                        self._rows[place] = write.row

    class ShelfRepo(RowRepository[E]):
        store_class = ShelfStore

    class Note(Entity):
        _persistence_backend_class = ShelfRepo

The contract kit in `nitro_entities.testing` says whether it is right.
"""

import os
import random
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from nitro_entities import changes, slices
from nitro_entities.changes import Change
from nitro_entities.conditions import Condition
from nitro_entities.config import settings
from nitro_entities.errors import (
    ConstraintFailed,
    EntityError,
    EntityExists,
    NotStorable,
    NotUnique,
    StaleEntity,
    StoreBusy,
)
from nitro_entities.fields import checked_text
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.outbox import Message
from nitro_entities.repository import Ability, Select
from nitro_entities.slices import Slice
from nitro_entities.state import state
from nitro_entities.stores.documents import Documents, documents
from nitro_entities.stores.locks import FairLock
from nitro_entities.stores.sorting import Sorting

if TYPE_CHECKING:
    from typing import Self

    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

Unique = tuple[tuple[tuple[str, ...], bytes], ...]


class Row(NamedTuple):
    """One stored entity. Keep *key*, *version* and *document* just as they are."""

    key: str
    """The id as text, which UTF-8 can write, without NUL; unique within its class."""
    version: int
    """Counts the saves, from any number above 0."""
    document: bytes
    """JSON in UTF-8."""
    mark: object = None
    """Anything that the store wants to see again as ``write.before.mark``."""


class Write(NamedTuple):
    """One row to write."""

    cls: "type[Verbs]"
    """The entity class. `classes.key(cls)` is its full name, good for naming a place."""
    key: str
    row: Row | None
    """What is stored from now on; None removes the row."""
    expects: int | None
    """Which version must be stored at this moment: 0 means none, None that it does not matter.

    To remove a row that is gone already is no conflict, whatever was expected.
    """
    unique: Unique = ()
    """What no other row of the class may have: for each group of unique fields the values, as
    bytes that are the same for equal values. Of interest to stores that have Ability.UNIQUE."""
    before: Row | None = None
    """The row that was read, if one was."""


class Batch(NamedTuple):
    """What is committed together. No two writes are about the same row."""

    writes: Sequence[Write]
    changes: Sequence[Change] = ()
    """The same as change records, for stores that tell other processes."""
    outbox: Sequence[Message] = ()
    """Messages to keep with the rows; none without Ability.OUTBOX."""


class Conflict(Exception):
    """Raise it in `RowStore.write`: this write cannot be done, so nothing of its batch was.

    *fields* are those of the unique group that another row has; without them, another version
    than the expected one is stored.
    """

    def __init__(self, write: Write, fields: Sequence[str] = ()) -> None:
        super().__init__(write.cls.__name__, write.key, tuple(fields))
        self.write = write
        self.fields = tuple(fields)


class RowStore(ABC):
    """Keep rows. One object serves all classes and all threads of a process."""

    durable: ClassVar[bool]
    """Whether what was written survives the process. A unit of work takes one durable store."""
    blocking: ClassVar[bool]
    """Whether the methods may wait for a disk or a network."""
    abilities: ClassVar[frozenset[Ability]]
    """What the store can do by itself: DURABLE, SHARED (with other processes), UNIQUE (`write`
    refuses a second value, for example by `check`), OUTBOX, FOREIGN_CHANGES.
    QUERY and TRANSACTIONS need not be named: they are made from `scan` and `write`."""

    _turn: FairLock

    @abstractmethod
    def read(self, cls: "type[Verbs]", keys: Sequence[str]) -> Sequence[Row | None]:
        """Answer for each key the row as it is stored now; None where there is none.

        What is damaged raises UnreadableRow or StoreUnusable, here and in `scan`.
        """

    @abstractmethod
    def scan(self, cls: "type[Verbs]", where: Condition | None) -> Iterable[Row]:
        """Answer all rows of a class, each once, in any order.

        Rows that do not fulfil *where* may be left out, and need not be: everything is tested
        again. Others may write meanwhile; iterate over a copy.
        """

    @abstractmethod
    def write(self, batch: Batch) -> None:
        """Do all writes of *batch*, or raise and do none of them. Others never see a part of it.

        First make sure that each write finds what it expects and, with Ability.UNIQUE, that no
        other row has its unique values (rows that the same batch changes or removes count as
        they will be). Raises Conflict; StoreBusy when somebody kept the store too long;
        StoreUnusable when it cannot be reached.
        """

    def __new__(cls, *args: Any, **kwargs: Any) -> "Self":
        """Prepare what is needed whether a subclass has an `__init__` or not."""
        self = super().__new__(cls)
        self._turn = FairLock()
        _stores.add(self)
        return self

    def verify(self, batch: Batch) -> None:
        """Raise Conflict if *batch* could not be written at this moment; write nothing.

        It is asked where a refusal should not wait for the commit. Override it if the store
        has a shorter way than `check`.
        """
        check(self, batch)

    def stamp(self, row: Row) -> Row:
        """Answer a row that is about to be written, with what the store adds to it.

        A new row, of version 1, gets any other version to begin with: when an id was deleted
        and is used again, nobody takes the new row for the old one. A store that tells them
        apart by a `mark` overrides this.
        """
        return row._replace(version=1 + random.getrandbits(40)) if row.version == 1 else row

    def start_in_child(self) -> None:
        """Go on after a fork, which copies held locks.

        Override it to make your locks and connections anew, and call this one, too.
        """
        self._turn = FairLock()

    def begin(self) -> "RowTransaction":
        """Start a transaction, which keeps its writes to itself until it is committed."""
        return RowTransaction(self)

    def commit(self, batch: Batch) -> None:
        """Write, and queue the changes in the order of the writes."""
        seconds = settings().busy_timeout
        if not self._turn.acquire(timeout=seconds):
            msg = f"{self!r} was kept by others in this process for more than {seconds} s"
            raise StoreBusy(msg)
        try:
            if Ability.UNIQUE not in self.abilities:
                check_unique(self, batch)
            self.write(batch)
            if batch.changes:
                changes.feed().publish(batch.changes)
        finally:
            self._turn.release()


_stores: "weakref.WeakSet[RowStore]" = weakref.WeakSet()


def _after_fork() -> None:
    for store in tuple(_stores):
        store.start_in_child()


os.register_at_fork(after_in_child=_after_fork)


def check(store: RowStore, batch: Batch) -> None:
    """Raise Conflict if a write of *batch* finds something else than it expects.

    For stores that can keep everybody else from writing meanwhile. Reads the rows concerned
    and, for classes with unique fields, scans their class.
    """
    for cls in dict.fromkeys(write.cls for write in batch.writes):
        own = [write for write in batch.writes if write.cls is cls]
        found = store.read(cls, [write.key for write in own])
        for write, row in zip(own, found, strict=True):
            version = 0 if row is None else row.version
            removed = row is None and write.row is None
            if write.expects not in (None, version) and not removed:
                raise Conflict(write)
    check_unique(store, batch)


def check_unique(store: RowStore, batch: Batch) -> None:
    """Raise Conflict if another row has the unique values of a write."""
    for cls in dict.fromkeys(write.cls for write in batch.writes if write.unique):
        own = {write.key: write for write in batch.writes if write.cls is cls}
        taken: dict[tuple[tuple[str, ...], bytes], str] = {}
        reader = documents(cls)
        for row in store.scan(cls, None):
            if row.key not in own:
                entity = reader.load(row.key, row.document)
                taken.update(dict.fromkeys(reader.unique(entity), row.key))
        for write in own.values():
            for values in write.unique:
                if taken.setdefault(values, write.key) != write.key:
                    raise Conflict(write, values[0])


@dataclass(frozen=True, slots=True)
class Pending:
    """A write that a transaction keeps, and what is needed to explain its refusal."""

    write: Write
    repository: "RowRepository[Any]"
    fields: frozenset[str]


_Place = tuple[type, str]


class RowTransaction:
    """Writes over what is stored; they reach the store together, at the commit.

    Nobody waits for it. When somebody else wrote one of its rows meanwhile, the commit is refused.
    In a nested unit a write is refused at once, so that the outer one can go on without it.
    """

    def __init__(self, store: RowStore) -> None:
        self.store = store
        self.pending: dict[_Place, Pending] = {}
        self._undo: list[tuple[_Place, Pending | None]] = []
        self._nested = 0

    def read(self, cls: "type[Verbs]", keys: Sequence[str]) -> list[Row | None]:
        """Answer the rows as this transaction sees them."""
        missing = [key for key in keys if (cls, key) not in self.pending]
        stored = dict(zip(missing, self.store.read(cls, missing), strict=True)) if missing else {}
        return [stored[key] if key in stored else self._own(cls, key) for key in keys]

    def scan(self, cls: "type[Verbs]", where: Condition | None) -> Iterator[Row]:
        """Answer the candidates as this transaction sees them."""
        for row in self.store.scan(cls, where):
            if (cls, row.key) not in self.pending:
                yield row
        for (owner, _), pending in tuple(self.pending.items()):
            if owner is cls and pending.write.row is not None:
                yield pending.write.row

    def touches(self, cls: "type[Verbs]") -> bool:
        """Say whether rows of *cls* look otherwise in here than outside."""
        return any(owner is cls for owner, _ in self.pending)

    def put(self, *several: Pending) -> None:
        """Keep writes, all or none. Raises StaleEntity, EntityExists, NotUnique."""
        mark = len(self._undo)
        try:
            for pending in several:
                self._put(pending)
            if self._nested:
                self._run(self.store.verify, ())
        except BaseException:
            self._undo_to(mark)
            raise

    def _put(self, pending: Pending) -> None:
        write = pending.write
        place = (write.cls, write.key)
        earlier = self.pending.get(place)
        if earlier is not None:
            version = 0 if earlier.write.row is None else earlier.write.row.version
            if write.expects not in (None, version):
                raise pending.repository.refusal(Conflict(write), pending.fields, self)
            # what must be stored is what the first of them found
            first = earlier.write
            write = write._replace(expects=first.expects, before=first.before)
            pending = replace(pending, write=write)
        self._undo.append((place, earlier))
        self.pending[place] = pending

    def keep(self, repository: "RowRepository[Any]", key: str, row: Row | None) -> None:
        """Refuse the commit if the row is not the same any more then."""
        cls = repository.entity
        if (cls, key) in self.pending:
            return
        expects = 0 if row is None else row.version
        unique: Unique = ()
        if row is not None:
            unique = documents(cls).unique(documents(cls).load(key, row.document))
        self.put(Pending(Write(cls, key, row, expects, unique, row), repository, frozenset()))

    def savepoint(self) -> int:
        """Mark the present state."""
        self._nested += 1
        return len(self._undo)

    def rollback_to(self, mark: int, /) -> None:
        """Undo what came after *mark*."""
        self._nested -= 1
        self._undo_to(mark)

    def release(self, mark: int, /) -> None:
        """Keep what came after *mark*."""
        self._nested -= 1

    def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
        """Write everything, or nothing. Raises StaleEntity, EntityExists, NotUnique."""
        if self.pending or outbox:
            self._run(self.store.commit, batch, outbox)

    def rollback(self) -> None:
        """Forget the writes."""
        self.pending.clear()
        self._undo.clear()

    def _run(
        self,
        step: Callable[[Batch], None],
        batch: Sequence[Change],
        outbox: Sequence[Message] = (),
    ) -> None:
        writes = [pending.write for pending in self.pending.values()]
        try:
            step(Batch(writes, batch, outbox))
        except Conflict as conflict:
            pending = self.pending[conflict.write.cls, conflict.write.key]
            raise pending.repository.refusal(conflict, pending.fields) from None

    def _undo_to(self, mark: int) -> None:
        while len(self._undo) > mark:
            place, earlier = self._undo.pop()
            if earlier is None:
                del self.pending[place]
            else:
                self.pending[place] = earlier

    def _own(self, cls: type, key: str) -> Row | None:
        return self.pending[cls, key].write.row


class RowRepository(Generic[E]):
    """Keep the entities of one class in a `RowStore`.

    Name the store in ``store_class``; it is made at first use, without arguments, once per
    process (and again after `state.reset()`), and finds its settings by itself, for example in
    the environment. Override `open_store` if there is more than one.
    """

    store_class: ClassVar[type[RowStore]]
    abilities: ClassVar[frozenset[Ability]] = frozenset()
    blocking: ClassVar[bool] = True
    rank = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take over what the store says of itself."""
        super().__init_subclass__(**kwargs)
        store = getattr(cls, "store_class", None)
        if store is not None:
            cls.blocking = store.blocking
            own = {Ability.QUERY, Ability.TRANSACTIONS}
            if Ability.SHARED not in store.abilities:
                own.add(Ability.UNIQUE)  # where one process writes, looking first is enough
            cls.abilities = store.abilities | own

    def __init__(self, entity: type[E]) -> None:
        self.entity = entity

    def open_store(self) -> RowStore:
        """Answer the store of this class."""
        return state.part(self.store_class)

    @cached_property
    def store(self) -> RowStore:
        """Answer the store."""
        return self.open_store()

    def prepare(self, tx: RowTransaction | None = None) -> None:
        """Do nothing: there is always a place."""

    def get(self, id: object, tx: RowTransaction | None = None, *, lock: bool = False) -> E | None:
        """Answer the entity with this id.

        With *lock* the commit of *tx* is refused if somebody else wrote it meanwhile.
        """
        key = self.key(id)
        if key is None:
            return None
        row = self._read([key], tx)[0]
        if lock and tx is not None:
            tx.keep(self, key, row)
        return None if row is None else self.load(row)

    def get_many(self, ids: Sequence[object], tx: RowTransaction | None = None) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        keys = [key for key in dict.fromkeys([self.key(id) for id in ids]) if key is not None]
        if not keys:
            return []
        return [self.load(row) for row in self._read(keys, tx) if row is not None]

    def select(self, query: Select, tx: RowTransaction | None = None) -> list[E]:
        """Answer what matches, in order."""
        order = slices.full_order(query.order)
        found = self._sorting.keyed(order, self._matching(query, tx))
        return [entity for _, entity in found[: query.limit]]

    def count(
        self, query: Select, cap: int | None = None, tx: RowTransaction | None = None
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
        tx: RowTransaction | None = None,
    ) -> Slice[E]:
        """Answer at most *size* entities beside a position."""
        order = slices.full_order(query.order)
        rows = self._matching(query, tx)
        return Slice(*self._sorting.slice(order, rows, size, after, before))

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded."""
        known = loaded(entity)
        if known is None:
            return frozenset(self._documents.names)
        document = self._documents.dump(entity)
        return self._documents.differences(entity, document, known.row.document)

    def original(self, entity: E) -> E | None:
        """Answer *entity* as it was when it was loaded or saved last."""
        known = loaded(entity)
        return None if known is None else self.load(known.row)

    def save(self, entity: E, tx: RowTransaction | None = None) -> Change | None:
        """Store what changed."""
        prepared = self._saving(entity)
        if prepared is None:
            return None
        pending, change = prepared
        self._write(pending, change, tx)
        _stored(entity, pending)
        return change

    def save_many(self, entities: Sequence[E], tx: RowTransaction) -> list[Change]:
        """Save each of them."""
        once = {id(entity): entity for entity in entities}.values()
        prepared = [(entity, self._saving(entity)) for entity in once]
        changed = [(entity, *both) for entity, both in prepared if both is not None]
        tx.put(*(pending for _, pending, _ in changed))
        for entity, pending, _ in changed:
            _stored(entity, pending)
        return [change for _, _, change in changed]

    def delete(self, entity: E, tx: RowTransaction | None = None) -> Change | None:
        """Remove the entity."""
        key = self._stored_key(entity)
        return self._remove(entity, key, self._read([key], tx)[0], tx)

    def delete_many(self, entities: Sequence[E], tx: RowTransaction) -> list[Change]:
        """Delete each of them."""
        keys = [self._stored_key(entity) for entity in entities]
        found = zip(entities, keys, self._read(keys, tx), strict=True)
        removed = [self._remove(entity, key, row, tx) for entity, key, row in found]
        return [change for change in removed if change]

    def _stored_key(self, entity: E) -> str:
        """Answer where *entity* is stored, whatever its id was changed to meanwhile."""
        known = loaded(entity)
        return self._key_of(entity) if known is None else str(known.row.key)

    def key(self, id: object) -> str | None:
        """Answer the key of the row with this id; None for what can be nobody's."""
        primitive: object = id
        try:
            if type(id) is not str:
                primitive = self._documents.specs["id"].primitive(id)
            if isinstance(primitive, str):
                return checked_text(primitive)
        except (ValueError, TypeError, AttributeError):
            return None
        if primitive is None:
            return None
        return primitive.hex() if isinstance(primitive, bytes) else str(primitive)

    def load(self, row: Row) -> E:
        """Make the entity that *row* stands for. Raises UnreadableRow."""
        reader = self._documents
        entity = reader.load(row.key, row.document)
        if not reader.is_complete(entity):
            # the defaults that were filled in are no changes
            row = row._replace(document=reader.dump(entity))
        set_loaded(entity, Loaded(row, row.version))
        return entity

    def refusal(
        self, conflict: Conflict, fields: frozenset[str], tx: RowTransaction | None = None
    ) -> EntityError:
        """Answer in words of entities why a write was refused; *fields* are those it changed."""
        write = conflict.write
        known = write.row or write.before
        id: object = write.key
        mine = None if known is None else self._documents.load(write.key, known.document)
        if mine is not None:
            id = mine.__dict__["id"]
        if conflict.fields:
            return NotUnique(self.entity, id, conflict.fields)
        if write.expects == 0 and write.row is not None:
            return EntityExists(self.entity, id)
        wanted = {} if mine is None else {name: mine.__dict__[name] for name in fields}
        found = self._read([write.key], tx)[0]
        if "id" in fields and found is not None:  # new, in the place of one that had expired
            return EntityExists(self.entity, id)
        if found is None:
            return StaleEntity(self.entity, id, mine=wanted, gone=True)
        values = self._documents.load(write.key, found.document).__dict__
        theirs = {name: values[name] for name in fields}
        return StaleEntity(self.entity, id, mine=wanted, theirs=theirs)

    @cached_property
    def _documents(self) -> Documents[E]:
        return documents(self.entity)

    @cached_property
    def _sorting(self) -> Sorting[E]:
        return Sorting(self._documents.specs, vars)

    def _read(self, keys: Sequence[str], tx: RowTransaction | None) -> Sequence[Row | None]:
        return (self.store if tx is None else tx).read(self.entity, keys)

    def _matching(self, query: Select, tx: RowTransaction | None) -> list[E]:
        rows = (self.store if tx is None else tx).scan(self.entity, query.where)
        return self._sorting.matching(query.where, map(self.load, rows))

    def _key_of(self, entity: E) -> str:
        id = entity.__dict__["id"]
        key = self.key(id)
        if key is None:
            reason = f"{id!r} is no id that can be stored. Give it a value or a default_factory"
            raise NotStorable(self.entity, "id", reason)
        return key

    def _saving(self, entity: E) -> tuple[Pending, Change] | None:
        """Prepare the write of *entity*; None if nothing changed."""
        writer = self._documents
        known = loaded(entity)
        document = writer.dump(entity)
        if known is None:
            fields = frozenset(writer.names)
            before, version = None, 0
        else:
            before, version = known.row, known.row.version
            fields = writer.differences(entity, document, before.document)
            if not fields:
                return None
            if "id" in fields:
                old = writer.load(before.key, before.document).__dict__["id"]
                raise ConstraintFailed(
                    self.entity, old, "the id of a stored entity stays as it is"
                )
        row = self.store.stamp(Row(self._key_of(entity), version + 1, document))
        unique = writer.unique(entity)
        write = Write(self.entity, row.key, row, version, unique, before)
        operation: changes.Operation = "create" if known is None else "update"
        id = entity.__dict__["id"]
        change = changes.made(self.entity, id, row.version, fields, operation)
        return Pending(write, self, fields), change

    def _remove(
        self, entity: E, key: str, row: Row | None, tx: RowTransaction | None
    ) -> Change | None:
        if row is None:
            set_loaded(entity, None)
            return None
        known = loaded(entity)
        expects = row.version if known is None else known.row.version
        before = row if known is None else known.row
        pending = Pending(Write(self.entity, key, None, expects, (), before), self, frozenset())
        if expects != row.version:
            raise self.refusal(Conflict(pending.write), frozenset(), tx)
        stored = entity if known is None else self.original(entity) or entity
        change = changes.made(self.entity, stored.id, row.version, None, "delete")
        self._write(pending, change, tx)
        set_loaded(entity, None)
        return change

    def _write(self, pending: Pending, change: Change, tx: RowTransaction | None) -> None:
        if tx is not None:
            tx.put(pending)
            return
        try:
            self.store.commit(Batch((pending.write,), (change,)))
        except Conflict as conflict:
            raise self.refusal(conflict, pending.fields) from None
        changes.feed().deliver()


def _stored(entity: "Verbs", pending: Pending) -> None:
    row = pending.write.row
    assert row is not None
    set_loaded(entity, Loaded(row, row.version))
