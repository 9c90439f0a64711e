"""A unit of work: several saves that are committed together, or not at all."""

import contextlib
import contextvars
import functools
import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_entities import changes, hooks, lifetime, loop
from nitro_entities.backends import repository_of
from nitro_entities.errors import MixedUnit, ReadOnlyUnit, UnitClosed
from nitro_entities.hooks import Moment
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.log import log_exception
from nitro_entities.outbox import Message, default_store, message, refuse_without_outbox
from nitro_entities.repository import Repository, Select, Store, Transaction
from nitro_entities.threads import to_the_end
from nitro_entities.traits import Traits, traits
from nitro_entities.units.flush import Group, in_order
from nitro_entities.units.repositories import UnitRepository, class_called

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.verbs import Verbs


E = TypeVar("E", bound="Verbs")

_ambient: "contextvars.ContextVar[Unit | None]" = contextvars.ContextVar(
    "nitro_unit", default=None
)


def current_unit() -> "Unit | None":
    """Answer the innermost open unit of this context."""
    unit = _ambient.get()
    while unit is not None and unit.closed:
        unit = unit.outer  # a closed unit is transparent
    return unit


def _after_fork() -> None:
    """Leave the transactions of the parent process to it."""
    unit = _ambient.get()
    while unit is not None:
        unit.abandon()
        unit = unit.outer
    _ambient.set(None)


os.register_at_fork(after_in_child=_after_fork)


class _Shared:
    """What a unit and the units nested in it have in common."""

    def __init__(self, *, autosave: bool) -> None:
        self.autosave = autosave
        self.lock = threading.RLock()
        self.identity: dict[tuple[type, object], Any] = {}
        self.transactions: dict[int, tuple[Store, Transaction]] = {}
        self.durable: Store | None = None
        self.marked: list[Unit] = []  # nested units with savepoints
        self.loop = loop.running_loop()


class Unit:
    """Collect what is saved and deleted; write it at `commit`.

    It holds no transaction until it has to: when it flushes, at the commit, or when something is
    asked that pending changes could influence. Inside it `get` answers the same object for
    the same id. The repository of a class is ``unit[Order]`` or ``unit.orders``.
    """

    def __init__(
        self,
        *,
        outer: "Unit | None" = None,
        parent: "Unit | None" = None,
        autosave: bool = False,
        read_only: bool = False,
    ) -> None:
        self.outer = outer
        # an independent unit is no way around it
        self.read_only: bool = read_only or (outer is not None and outer.read_only)
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
        self._messages: list[Message] = []
        self._marks: dict[int, object] = {}
        if self in self._shared.marked:
            self._shared.marked.remove(self)

    def __repr__(self) -> str:
        name = "closed" if self.closed else f"{len(self._pending)} pending"
        return f"<Unit {name}>"

    def __getitem__(self, entity: type[E]) -> "UnitRepository[E]":
        return UnitRepository(self, entity)

    def __getattr__(self, name: str) -> "UnitRepository[Any]":
        return UnitRepository(self, class_called(name))

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities loaded here that were changed and not saved."""
        enrolled = {key for level in self._levels() for key in level._pending}
        return [
            entity
            for entity in tuple(self._shared.identity.values())
            if id(entity) not in enrolled and loaded(entity) is not None and entity.changed
        ]

    @property
    def writes(self) -> "list[type[Verbs]]":
        """List the classes of what is written at the commit, and of what would be saved by it."""
        found: list[Verbs] = []
        for level in self._levels():
            found += level._touched
            found += [entity for entity, _ in level._undo]
        return list(dict.fromkeys(type(entity) for entity in (*found, *self.dirty)))

    @property
    def turn(self) -> "contextlib.AbstractContextManager[object]":
        """Answer the lock that lets one thread of this unit go on at a time."""
        return self._shared.lock

    @property
    def holds(self) -> bool:
        """Say whether others may wait for this unit."""
        return bool(self._shared.transactions)

    def abandon(self) -> None:
        """End the unit in a forked child, where its transactions are not ours to end."""
        self.closed = True
        self._shared.transactions.clear()

    def make_ambient(self) -> None:
        """Let this be the unit of this context until it is closed."""
        self._token = _ambient.set(self)

    def save(self, entity: "Verbs") -> None:
        """Enrol *entity*: it is written at the flush or the commit. Raises MixedUnit."""
        if traits(type(entity)).relations:
            for related, deleted in entity.__nitro_related__():
                self._enrol(related, deleted=deleted)
        self._enrol(entity, deleted=False)
        self._shared.identity[type(entity), entity.id] = entity

    def save_all(self, entities: "Sequence[Verbs]") -> None:
        """Enrol several entities at once, which is quicker. Raises MixedUnit."""
        classes = set(map(type, entities))
        if any(traits(cls).relations for cls in classes):
            for entity in entities:
                self.save(entity)
            return
        self._must_be_open()
        for cls in classes:
            self._must_write(cls)
            self._fix_store(repository_of(cls).store)
        with self._shared.lock:
            self._pending.update((id(entity), (entity, False)) for entity in entities)
            self._touched += entities
            self._shared.identity.update(((type(each), each.id), each) for each in entities)

    def delete(self, entity: "Verbs") -> None:
        """Enrol *entity* for removal. Raises MixedUnit."""
        self._enrol(entity, deleted=True)
        entity.__nitro_deleted__()
        self._shared.identity.pop((type(entity), entity.id), None)

    def deletes(self, entity: "Verbs") -> bool:
        """Say whether *entity* is enrolled for removal."""
        enrolled = [level._pending.get(id(entity)) for level in self._levels()]
        return any(pending is not None and pending[1] for pending in enrolled)

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

    def read(self, entity: E, *, lock: bool = False) -> E | None:
        """Read the stored form of *entity* as a fresh object; a pending save of it is dropped.

        With *lock* nobody else can change it until this unit ends, where the store is able to.
        """
        for level in self._levels():
            level._pending.pop(id(entity), None)
        cls = type(entity)
        tx = self.reading(cls)
        return repository_of(cls).get(entity.id, tx, lock=lock and tx is not None)

    def reading(self, cls: type[Any]) -> Any:
        """Answer the transaction in which reads of *cls* see what is pending, if any is."""
        self._must_be_open()
        repo = repository_of(cls)
        if repo.blocking and loop.running_loop() is not None:
            loop.refuse_to_block(cls, repo.store, self._shared, writes=False)
        with self._shared.lock:
            if any(level._pending for level in self._levels()):
                self.flush()
            held = self._shared.transactions.get(id(repo.store))
        return None if held is None else held[1]

    def take_store(self, cls: type[Any]) -> None:
        """Hold the store of *cls* from now on, with what is pending written."""
        self._must_write(cls)
        with self._shared.lock:
            self.flush()
            self._transaction(repository_of(cls).store, cls)

    def save_now(self, entity: "Verbs", *, instead_of: "Verbs | None" = None) -> None:
        """Write *entity* into the transaction at once; *instead_of* is restored on rollback."""
        with self._shared.lock:
            self._must_be_open()
            self._must_write(type(entity))
            if instead_of is not None:
                self._undo.append((instead_of, loaded(instead_of)))
                self._touched.append(instead_of)
            self._write(Group(type(entity), [entity], deleted=False))

    def flush(self) -> None:
        """Write what is pending into the transaction, which holds the store from now on."""
        self._must_be_open()
        with self._shared.lock:
            for level in self._levels():
                while level._pending:  # hooks may enrol more
                    level._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, {}
        groups = in_order(pending.values())
        for number, group in enumerate(groups):
            try:
                self._write(group)
            except BaseException:
                for left in groups[number:]:
                    for entity in left.entities:
                        self._pending.setdefault(id(entity), (entity, left.deleted))
                raise

    def outbox(self, topic: str, payload: object) -> None:
        """Keep a message in the store, in the transaction of this unit, to be sent afterwards.

        *payload* is what JSON can carry. The message is there when the rows are, and never when
        they are not. Raises ValueError; the commit raises NotSupported where the store keeps none.
        """
        self._must_be_open()
        self._must_write(topic)
        self._messages.append(message(topic, payload))

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
                        self.save(entity)
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
            await to_the_end(self.commit)

    async def arollback(self) -> None:
        """Await `rollback`; a unit that nothing was done in costs no thread."""
        if not self._is_unused():
            await to_the_end(self.rollback)

    def _is_unused(self) -> bool:
        shared = self._shared
        return not (
            self._pending
            or self._changes
            or self._callbacks
            or self._messages
            or self._marks
            or shared.identity
            or shared.transactions
        )

    async def aflush(self) -> None:
        """Await `flush`."""
        if any(level._pending for level in self._levels()):
            await to_the_end(self.flush)

    async def aclose(self) -> None:
        """Await `close`."""
        await to_the_end(self.rollback)
        self.close()

    def _levels(self) -> "list[Unit]":
        """List this unit after those around it, the outermost first."""
        levels: list[Unit] = [self]
        while (parent := levels[-1]._parent) is not None:
            levels.append(parent)
        return levels[::-1]

    def _enrol(self, entity: "Verbs", *, deleted: bool) -> None:
        self._must_be_open()
        self._must_write(type(entity))
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

    def _write(self, group: Group) -> None:
        repo = repository_of(group.entity)
        known = traits(group.entity)
        before = [(entity, loaded(entity)) for entity in group.entities]
        if not group.deleted and id(repo.store) not in self._shared.transactions:
            # nothing to write is no reason to hold the store
            before = [pair for pair in before if pair[1] is None or repo.changed(pair[0])]
        if not before:
            return
        if repo.blocking and loop.running_loop() is not None:
            loop.refuse_to_block(group.entity, repo.store, self._shared, writes=True)
        tx = self._transaction(repo.store, group.entity)
        self._undo += before
        entities = [entity for entity, _ in before]
        nameless = [entity for entity in entities if entity.__dict__.get("id") is None]
        if len(entities) > 1:
            for entity, stored in before:
                if stored is None:  # or each time somebody asks it costs an exception
                    set_loaded(entity, None)
        if not known.plain:
            for entity in entities:
                self._write_with_hooks(repo, tx, known, entity, deleted=group.deleted)
        elif len(entities) == 1:
            write = repo.delete if group.deleted else repo.save
            change = write(entities[0], tx)
            if change is not None:
                self._changes.append(change)
        else:
            write_many = repo.delete_many if group.deleted else repo.save_many
            self._changes += write_many(entities, tx)
        for entity in nameless:  # the store has chosen their ids
            self._shared.identity[type(entity), entity.id] = entity

    def _write_with_hooks(
        self,
        repo: "Repository[Any]",
        tx: Transaction,
        known: Traits,
        entity: "Verbs",
        *,
        deleted: bool,
    ) -> None:
        before = Moment.BEFORE_DELETE if deleted else Moment.BEFORE_SAVE
        after = Moment.AFTER_DELETE if deleted else Moment.AFTER_SAVE
        if known.relations and not deleted:
            entity.__nitro_keys__()
        if not deleted:
            if loaded(entity) is not None and not repo.changed(entity):
                return
            lifetime.stamp(entity, known)
        hooks.run(entity, known.hooks.get(before, ()))
        if not deleted:
            change = repo.save(entity, tx)
            if known.relations:
                entity.__nitro_keys__()
        elif known.deleted is None:
            change = repo.delete(entity, tx)
        else:
            change = lifetime.hide(repo, entity, known.deleted, tx)
        if change is None:
            return
        self._changes.append(change)
        hooks.run(entity, known.hooks.get(after, ()), change)
        later = known.hooks.get(Moment.AFTER_COMMIT)
        if later:
            self._callbacks.append(functools.partial(hooks.run, entity, later, change))

    def _transaction(self, store: Store, cls: type[Any]) -> Transaction:
        held = self._shared.transactions.get(id(store))
        if held is None:
            self._fix_store(store)
            self._refuse_to_wait_for_outer(store)
            repository_of(cls).prepare()
            held = self._shared.transactions[id(store)] = (store, store.begin())
            loop.hold(self._shared.loop, store, self._shared)
        self._refuse_to_mix()
        self._mark(id(store), held[1])
        return held[1]

    def _refuse_to_mix(self) -> None:
        """Keep what this unit writes out of the savepoint of a nested unit of another task."""
        levels = self._levels()
        if any(unit not in levels for unit in self._shared.marked):
            msg = (
                "A unit of work that is nested in this one has written and not ended yet, so what "
                "is written here would be undone with it. End it first, or use "
                "UnitOfWork(independent=True) for what runs at the same time"
            )
            raise MixedUnit(msg)

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
        self._shared.marked.append(self)

    def _end_transactions(self) -> None:
        """Commit, the durable store first: what is in memory cannot fail any more."""
        held = self._shared.transactions
        if self._messages and not held:
            self._begin_for_messages()
        batch = tuple(self._changes)
        ordered = sorted(held.values(), key=lambda pair: not pair[0].durable)
        if self._messages:
            refuse_without_outbox(ordered[0][0])
        for number, (store, tx) in enumerate(ordered):
            own = batch if len(ordered) == 1 else self._changes_in(store)
            tx.commit(own, tuple(self._messages) if number == 0 else ())
            del held[id(store)]
            if number == 0:
                self._undo.clear()
        self._shared.durable = None
        loop.release(self._shared)

    def _begin_for_messages(self) -> None:
        store = default_store()
        self._shared.transactions[id(store)] = (store, store.begin())

    def _changes_in(self, store: Store) -> "tuple[Change, ...]":
        return tuple(c for c in self._changes if repository_of(c.entity).store is store)

    def _hand_up(self, parent: "Unit") -> None:
        with self._shared.lock:
            for store, mark in self._marks.items():
                self._shared.transactions[store][1].release(mark)
            parent._pending.update(self._pending)
            parent._undo += self._undo
            parent._touched += self._touched
            parent._changes += self._changes
            parent._callbacks += self._callbacks
            parent._messages += self._messages
            self._start_over()

    def _roll_back(self) -> None:
        held = self._shared.transactions
        if self._parent is None:
            for _, tx in held.values():
                tx.rollback()
            held.clear()
            loop.release(self._shared)
            self._shared.durable = None
            self._shared.identity.clear()
        else:
            for store, mark in self._marks.items():
                if store in held:
                    held[store][1].rollback_to(mark)
        for entity, before in reversed(self._undo):
            set_loaded(entity, before)
        # whatever stands for these rows has seen what is gone now, and would be saved by the outer
        # unit at its commit
        for entity in (*self._touched, *(entity for entity, _ in self._undo)):
            self._shared.identity.pop((type(entity), entity.id), None)
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
                    log_exception("A function to call after the commit failed: %r", callback)
        finally:
            _ambient.reset(token)

    def _must_be_open(self) -> None:
        if self.closed:
            msg = "This unit of work has ended. Open a new one"
            raise UnitClosed(msg)

    def _must_write(self, what: type[Any] | str) -> None:
        if self.read_only:
            name = f"the message {what!r}" if isinstance(what, str) else f"a {what.__name__}"
            msg = (
                f"This unit of work only reads, and {name} was to be written in it. What is asked "
                f"by a query may not save, delete or send; let it be a command, or an action"
            )
            raise ReadOnlyUnit(msg)
