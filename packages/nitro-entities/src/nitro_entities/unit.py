"""Units of work: several saves that are committed together, or not at all."""

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nitro_entities import changes, classes
from nitro_entities.backends import repository_of
from nitro_entities.errors import (
    AmbiguousClass,
    EntityNotFound,
    MixedUnit,
    UnitClosed,
    UnknownClass,
)
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.repository import Select, Store, Transaction

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.query import QuerySet
    from nitro_entities.verbs import Verbs

logger = logging.getLogger("nitro_entities")

E = TypeVar("E", bound="Verbs")
T = TypeVar("T")

_ambient: "contextvars.ContextVar[Unit | None]" = contextvars.ContextVar(
    "nitro_unit", default=None
)


def current_unit() -> "Unit | None":
    """Answer the innermost open unit of this context."""
    unit = _ambient.get()
    while unit is not None and unit.closed:
        unit = unit.outer  # a closed unit is transparent
    return unit


class _Shared:
    """What a unit and the units nested in it have in common."""

    def __init__(self, *, autosave: bool) -> None:
        self.autosave = autosave
        self.lock = threading.RLock()
        self.identity: dict[tuple[type, object], Any] = {}
        self.transactions: dict[int, tuple[Store, Transaction]] = {}
        self.durable: Store | None = None


class Unit:
    """Collect what is saved and deleted; write it at `commit`.

    It holds no transaction until it has to: when it flushes, at the commit, or when something is
    asked that pending changes could influence. Inside it `get` answers the same object for
    the same id. The repository of a class is ``unit[Order]`` or ``unit.orders``.
    """

    def __init__(
        self, *, outer: "Unit | None" = None, parent: "Unit | None" = None, autosave: bool = False
    ) -> None:
        self.outer = outer
        self.closed = False
        self._parent = parent
        shared: _Shared = _Shared(autosave=autosave) if parent is None else parent._shared
        self._shared: _Shared = shared
        self._token: contextvars.Token[Unit | None] | None = None
        self._start_over()

    def _start_over(self) -> None:
        self._pending: dict[int, tuple[Verbs, bool]] = {}  # by id(): entity, deleted?
        self._undo: list[tuple[Verbs, Loaded | None]] = []
        self._touched: list[Verbs] = []
        self._changes: list[Change] = []
        self._callbacks: list[Callable[[], object]] = []
        self._marks: dict[int, object] = {}

    def __repr__(self) -> str:
        name = "closed" if self.closed else f"{len(self._pending)} pending"
        return f"<Unit {name}>"

    def __getitem__(self, entity: type[E]) -> "UnitRepository[E]":
        return UnitRepository(self, entity)

    def __getattr__(self, name: str) -> "UnitRepository[Any]":
        return UnitRepository(self, _class_called(name))

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities loaded here that were changed and not saved."""
        enrolled = {key for level in self._levels() for key in level._pending}
        return [
            entity
            for entity in tuple(self._shared.identity.values())
            if id(entity) not in enrolled and loaded(entity) is not None and entity.changed
        ]

    def save(self, entity: "Verbs") -> None:
        """Enrol *entity*: it is written at the flush or the commit. Raises MixedUnit."""
        self._enrol(entity, deleted=False)
        self._shared.identity[type(entity), entity.id] = entity

    def delete(self, entity: "Verbs") -> None:
        """Enrol *entity* for removal. Raises MixedUnit."""
        self._enrol(entity, deleted=True)
        self._shared.identity.pop((type(entity), entity.id), None)

    def get(self, cls: type[E], id: object) -> E | None:
        """Answer the entity with this id, the same object each time."""
        found = self._shared.identity.get((cls, id))
        if found is not None:
            return found  # type: ignore[no-any-return]
        tx = self.reading(cls)
        fresh = repository_of(cls).get(id, tx)
        return None if fresh is None else self.known([fresh])[0]

    def get_many(self, cls: type[E], ids: Sequence[object]) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        tx = self.reading(cls)
        return self.known(repository_of(cls).get_many(ids, tx))

    def select(self, cls: type[E], query: Select) -> list[E]:
        """Answer what matches, pending changes included."""
        tx = self.reading(cls)
        return self.known(repository_of(cls).select(query, tx))

    def known(self, entities: Sequence[E]) -> list[E]:
        """Answer for each entity the object that stands for it in this unit."""
        identity = self._shared.identity
        return [identity.setdefault((type(e), e.id), e) for e in entities]

    def read(self, entity: E) -> E | None:
        """Read the stored form of *entity* as a fresh object; a pending save of it is dropped."""
        for level in self._levels():
            level._pending.pop(id(entity), None)
        cls = type(entity)
        return repository_of(cls).get(entity.id, self.reading(cls))

    def reading(self, cls: type[Any]) -> Any:
        """Answer the transaction in which reads of *cls* see what is pending, if any is."""
        self._must_be_open()
        repo = repository_of(cls)
        with self._shared.lock:
            if any(level._pending for level in self._levels()):
                self.flush()
            held = self._shared.transactions.get(id(repo.store))
        return None if held is None else held[1]

    def save_now(self, entity: "Verbs", *, instead_of: "Verbs | None" = None) -> None:
        """Write *entity* into the transaction at once; *instead_of* is restored on rollback."""
        with self._shared.lock:
            if instead_of is not None:
                self._undo.append((instead_of, loaded(instead_of)))
            self._write(entity, deleted=False)

    def flush(self) -> None:
        """Write what is pending into the transaction, which holds the store from now on."""
        self._must_be_open()
        with self._shared.lock:
            for level in self._levels():
                while level._pending:
                    key = next(iter(level._pending))
                    entity, deleted = level._pending.pop(key)
                    level._write(entity, deleted=deleted)

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Call *callback* when everything is committed; never when it is rolled back.

        It runs outside of the unit. When it raises, that is logged: the commit stands.
        """
        self._must_be_open()
        self._callbacks.append(callback)

    def commit(self) -> None:
        """Write everything and make it visible; in a nested unit, hand it to the outer one.

        When it raises, all is rolled back. The unit can be used on.
        """
        self._must_be_open()
        if self._parent is not None:
            self._hand_up(self._parent)
            return
        with self._shared.lock:
            try:
                if self._shared.autosave:
                    for entity in self.dirty:
                        self._enrol(entity, deleted=False)
                self.flush()
                self._end_transactions()
            except BaseException:
                self.rollback()
                raise
            callbacks = self._callbacks
            self._start_over()
        changes.feed().deliver()
        self._call(callbacks)

    def rollback(self) -> None:
        """Forget what is pending and undo what was flushed; entities keep their field values."""
        with self._shared.lock:
            self._roll_back()

    def close(self) -> None:
        """End the unit; what was not committed is rolled back. Closing twice is no error."""
        if self.closed:
            return
        self.rollback()
        self.closed = True
        token, self._token = self._token, None
        if token is not None:
            # in another context than it was opened in, the closed unit stays, transparent
            with contextlib.suppress(ValueError):
                _ambient.reset(token)

    async def acommit(self) -> None:
        """Await `commit`; a unit that nothing was done in costs no thread."""
        self._must_be_open()
        if not self._is_unused():
            await _to_the_end(self.commit)

    async def arollback(self) -> None:
        """Await `rollback`; a unit that nothing was done in costs no thread."""
        if not self._is_unused():
            await _to_the_end(self.rollback)

    def _is_unused(self) -> bool:
        shared = self._shared
        return not (
            self._pending
            or self._changes
            or self._callbacks
            or self._marks
            or shared.identity
            or shared.transactions
        )

    async def aflush(self) -> None:
        """Await `flush`."""
        await _to_the_end(self.flush)

    async def aclose(self) -> None:
        """Await `close`."""
        await _to_the_end(self.rollback)
        self.close()

    def _levels(self) -> "list[Unit]":
        """List this unit after those around it, the outermost first."""
        levels: list[Unit] = [self]
        while (parent := levels[-1]._parent) is not None:
            levels.append(parent)
        return levels[::-1]

    def _enrol(self, entity: "Verbs", *, deleted: bool) -> None:
        self._must_be_open()
        self._fix_store(repository_of(type(entity)).store)
        with self._shared.lock:
            self._pending[id(entity)] = (entity, deleted)
            self._touched.append(entity)

    def _fix_store(self, store: Store) -> None:
        """Let the first durable store be the only one."""
        if not store.durable:
            return
        first = self._shared.durable
        if first is None:
            self._shared.durable = store
        elif first is not store:
            msg = (
                f"One unit of work cannot commit to {first} and to {store} together. "
                f"Use UnitOfWork(independent=True) for one of them"
            )
            raise MixedUnit(msg)

    def _write(self, entity: "Verbs", *, deleted: bool) -> None:
        repo = repository_of(type(entity))
        before = loaded(entity)
        unchanged = not deleted and before is not None and not repo.changed(entity)
        if unchanged and id(repo.store) not in self._shared.transactions:
            return  # nothing to write is no reason to hold the store
        tx = self._transaction(repo.store, type(entity))
        change = repo.delete(entity, tx) if deleted else repo.save(entity, tx)
        if change is not None:
            self._undo.append((entity, before))
            self._changes.append(change)

    def _transaction(self, store: Store, cls: type[Any]) -> Transaction:
        held = self._shared.transactions.get(id(store))
        if held is None:
            self._fix_store(store)
            self._refuse_to_wait_for_outer(store)
            repository_of(cls).prepare()
            held = self._shared.transactions[id(store)] = (store, store.begin())
        self._mark(id(store), held[1])
        return held[1]

    def _refuse_to_wait_for_outer(self, store: Store) -> None:
        outer = self._levels()[0].outer
        while outer is not None:
            if not outer.closed and id(store) in outer._shared.transactions:
                msg = (
                    "An independent unit of work would wait for ever: the unit around it has "
                    "written to the same store. Commit that one first"
                )
                raise MixedUnit(msg)
            outer = outer.outer

    def _mark(self, store: int, tx: Transaction) -> None:
        """Set the savepoints of this unit and of those around it."""
        if self._parent is None or store in self._marks:
            return
        self._parent._mark(store, tx)
        self._marks[store] = tx.savepoint()

    def _end_transactions(self) -> None:
        """Commit, the durable store first: what is in memory cannot fail any more."""
        batch = tuple(self._changes)
        held = sorted(self._shared.transactions.values(), key=lambda pair: not pair[0].durable)
        for number, (store, tx) in enumerate(held):
            own = tuple(c for c in batch if repository_of(c.entity).store is store)
            tx.commit(batch if len(held) == 1 else own)
            del self._shared.transactions[id(store)]
            if number == 0:
                self._undo.clear()
        self._shared.durable = None

    def _hand_up(self, parent: "Unit") -> None:
        with self._shared.lock:
            for store, mark in self._marks.items():
                self._shared.transactions[store][1].release(mark)
            parent._pending.update(self._pending)
            parent._undo += self._undo
            parent._touched += self._touched
            parent._changes += self._changes
            parent._callbacks += self._callbacks
            self._start_over()

    def _roll_back(self) -> None:
        held = self._shared.transactions
        if self._parent is None:
            for _, tx in held.values():
                tx.rollback()
            held.clear()
            self._shared.durable = None
            self._shared.identity.clear()
        else:
            for store, mark in self._marks.items():
                if store in held:
                    held[store][1].rollback_to(mark)
        for entity, before in reversed(self._undo):
            set_loaded(entity, before)
        for entity in self._touched:  # or the outer unit would save them at its commit
            key = (type(entity), entity.id)
            if self._shared.identity.get(key) is entity:
                del self._shared.identity[key]
        self._start_over()

    def _call(self, callbacks: "list[Callable[[], object]]") -> None:
        if not callbacks:
            return
        token = _ambient.set(None)
        try:
            for callback in callbacks:
                try:
                    callback()
                except Exception:
                    logger.exception("A function to call after the commit failed: %r", callback)
        finally:
            _ambient.reset(token)

    def _must_be_open(self) -> None:
        if self.closed:
            msg = "This unit of work has ended. Open a new one"
            raise UnitClosed(msg)


class UnitRepository(Generic[E]):
    """The entities of one class, as one unit sees them."""

    def __init__(self, unit: Unit, entity: type[E]) -> None:
        self._unit = unit
        self.entity = entity

    def get(self, id: Any) -> E:
        """Answer the entity with this id. Raises EntityNotFound."""
        found = self.get_or_none(id)
        if found is None:
            raise EntityNotFound(self.entity, id)
        return found

    def get_or_none(self, id: Any) -> E | None:
        """Answer the entity with this id, or None."""
        return self._unit.get(self.entity, id)

    def save(self, entity: E) -> E:
        """Enrol *entity*."""
        self._unit.save(entity)
        return entity

    def create(self, **values: Any) -> E:
        """Make an entity and enrol it."""
        return self.save(self.entity(**values))

    def delete(self, entity: E) -> None:
        """Enrol *entity* for removal."""
        self._unit.delete(entity)

    def where(self, *conditions: Any, **equals: Any) -> "QuerySet[E]":
        """Ask for entities."""
        from nitro_entities.query import QuerySet  # a query uses units

        return QuerySet(self.entity, unit=self._unit).where(*conditions, **equals)

    def all(self) -> list[E]:
        """List every entity, by id."""
        return self.where().list()


class AsyncUnit:
    """A unit of work whose verbs are awaited, under the same names."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def __getitem__(self, entity: type[E]) -> "AsyncUnitRepository[E]":
        return AsyncUnitRepository(self.unit[entity])

    def __getattr__(self, name: str) -> "AsyncUnitRepository[Any]":
        return AsyncUnitRepository(self.unit[_class_called(name)])

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities loaded here that were changed and not saved."""
        return self.unit.dirty

    async def commit(self) -> None:
        """Write everything and make it visible."""
        await self.unit.acommit()

    async def rollback(self) -> None:
        """Forget what is pending and undo what was flushed."""
        await self.unit.arollback()

    async def flush(self) -> None:
        """Write what is pending into the transaction."""
        await self.unit.aflush()

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Call *callback* when everything is committed."""
        self.unit.after_commit(callback)


class AsyncUnitRepository(Generic[E]):
    """The entities of one class, as one unit sees them, to await."""

    def __init__(self, repository: UnitRepository[E]) -> None:
        self._repository = repository

    async def get(self, id: Any) -> E:
        """Answer the entity with this id. Raises EntityNotFound."""
        return await asyncio.to_thread(self._repository.get, id)

    async def get_or_none(self, id: Any) -> E | None:
        """Answer the entity with this id, or None."""
        return await asyncio.to_thread(self._repository.get_or_none, id)

    async def save(self, entity: E) -> E:
        """Enrol *entity*."""
        return self._repository.save(entity)

    async def create(self, **values: Any) -> E:
        """Make an entity and enrol it."""
        return self._repository.create(**values)

    async def delete(self, entity: E) -> None:
        """Enrol *entity* for removal."""
        self._repository.delete(entity)

    def where(self, *conditions: Any, **equals: Any) -> "QuerySet[E]":
        """Ask for entities; await `alist` and its like."""
        return self._repository.where(*conditions, **equals)

    async def all(self) -> list[E]:
        """List every entity, by id."""
        return await self.where().alist()


class UnitOfWork:
    """Commit what is saved inside at the end, or nothing when an exception comes through.

    Use it with ``with`` or ``async with``. Inside another unit it is a part of that one that
    can be rolled back alone; *independent* makes it stand on its own. With *autosave* entities
    that were loaded and changed are saved at the commit without being told to.
    """

    def __init__(self, *, autosave: bool = False, independent: bool = False) -> None:
        self._autosave = autosave
        self._independent = independent
        self._units: list[Unit] = []

    def open(self) -> Unit:
        """Open a unit and make it ambient in this context; the caller has to close it."""
        outer = current_unit()
        parent = None if self._independent else outer
        unit = Unit(outer=outer, parent=parent, autosave=self._autosave)
        unit._token = _ambient.set(unit)  # pyright: ignore[reportPrivateUsage]
        return unit

    def __enter__(self) -> Unit:
        self._units.append(self.open())
        return self._units[-1]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unit = self._units.pop()
        try:
            if kind is None and not unit.closed:
                unit.commit()
        finally:
            unit.close()

    async def __aenter__(self) -> AsyncUnit:
        return AsyncUnit(self.__enter__())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unit = self._units.pop()
        try:
            if kind is None and not unit.closed:
                await unit.acommit()
        finally:
            await unit.aclose()


@contextmanager
def writing(cls: type[Any]) -> Generator[Unit]:
    """Give a unit that holds the store of *cls*: the ambient one, or one for just this."""
    current = current_unit()
    with UnitOfWork() if current is None else _nothing(current) as unit:
        with unit._shared.lock:  # pyright: ignore[reportPrivateUsage]
            if current is not None:
                unit.flush()
            unit._transaction(repository_of(cls).store, cls)  # pyright: ignore[reportPrivateUsage]
        yield unit


@contextmanager
def _nothing(unit: Unit) -> Generator[Unit]:
    yield unit


async def _to_the_end(work: Callable[[], T]) -> T:
    """Run *work* in a thread; a cancellation waits until it is done."""
    task: asyncio.Task[T] = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _class_called(name: str) -> "type[Verbs]":
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return classes.named(name.replace("_", "-"))
    except (UnknownClass, AmbiguousClass) as exc:
        raise AttributeError(str(exc)) from exc
