"""A unit of work: several saves that are committed together, or not at all."""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_entities import changes, loop
from nitro_entities.backends import repository_of
from nitro_entities.errors import ReadOnlyUnit, UnitClosed
from nitro_entities.loaded import loaded
from nitro_entities.outbox import message
from nitro_entities.repository import Select, Store, Transaction
from nitro_entities.threads import to_the_end
from nitro_entities.traits import traits
from nitro_entities.units import ambient
from nitro_entities.units.alone import commit_alone, is_alone, stands_alone
from nitro_entities.units.callbacks import call_outside
from nitro_entities.units.flush import Group
from nitro_entities.units.level import Level
from nitro_entities.units.reading import Reading
from nitro_entities.units.repositories import UnitRepository, class_called
from nitro_entities.units.shared import Shared
from nitro_entities.units.writing import write, write_pending

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.loaded import Loaded
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")


class Unit:
    """Collect what is saved and deleted; write it at `commit`.

    It holds no transaction until it has to: when it flushes, at the commit, or when something is
    asked that pending changes could influence. Inside it `get` answers the same object for
    the same id. The repository of a class is ``unit[Order]`` or ``unit.orders``. It is what a task
    of *loop* has to end, whichever thread opened it.
    """

    def __init__(
        self,
        *,
        outer: "Unit | None" = None,
        parent: "Unit | None" = None,
        autosave: bool = False,
        read_only: bool = False,
        loop: object | None,
    ) -> None:
        self.outer = outer
        # an independent unit is no way around it
        self.read_only: bool = read_only or (outer is not None and outer.read_only)
        self.closed = False
        self._parent = parent
        self._token: ambient.Token | None = None
        self._shared: Shared
        self._level: Level
        if parent is not None:
            self._shared = parent._shared
            self._level = Level(parent._levels)
        else:
            around = None if outer is None else outer._shared.transactions
            self._shared = Shared(autosave=autosave, around=around, loop=loop)
            self._level = Level()

    def __repr__(self) -> str:
        name = "closed" if self.closed else f"{len(self._level.pending)} pending"
        return f"<Unit {name}>"

    def __getitem__(self, entity: type[E]) -> "UnitRepository[E]":
        return UnitRepository(self, entity)

    def __getattr__(self, name: str) -> "UnitRepository[Any]":
        return UnitRepository(self, class_called(name))

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities loaded here that were changed and not saved."""
        enrolled = {key for level in self._levels for key in level.pending}
        return [
            entity
            for entity in tuple(self._shared.identity.values())
            if id(entity) not in enrolled and loaded(entity) is not None and entity.changed
        ]

    @property
    def writes(self) -> "list[type[Verbs]]":
        """List the classes of what is written at the commit, and of what would be saved by it."""
        found: list[Verbs] = []
        for level in self._levels:
            found += level.touched
            found += [entity for entity, _ in level.undo]
        return list(dict.fromkeys(type(entity) for entity in (*found, *self.dirty)))

    def what_was_written(self) -> "tuple[list[tuple[Verbs, Loaded | None]], list[Change]]":
        """List what is written and not committed, each with what it had been loaded from.

        Beside it are the changes that the commit will tell of.
        """
        return list(self._level.undo), list(self._level.changes)

    @property
    def turn(self) -> RLock:
        """Answer the lock that lets one thread of this unit go on at a time."""
        return self._shared.lock

    @property
    def holds(self) -> bool:
        """Say whether others may wait for this unit."""
        return bool(self._shared.transactions)

    def abandon(self) -> None:
        """End the unit in a forked child, where its transactions are not ours to end."""
        self.closed = True
        self._shared.transactions.abandon()

    def make_ambient(self) -> None:
        """Let this be the unit of this context until it is closed."""
        self._token = ambient.enter(self)

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
        with self._shared.lock:
            self._must_be_open()
            for cls in classes:
                self._must_write(cls)
                self._shared.transactions.admit(repository_of(cls).store)
            self._level.pending.update((id(entity), (entity, False)) for entity in entities)
            self._level.touched += entities
            self._shared.remember(entities)

    def delete(self, entity: "Verbs") -> None:
        """Enrol *entity* for removal. Raises MixedUnit."""
        self._enrol(entity, deleted=True)
        entity.__nitro_deleted__()
        self._shared.forget((entity,))

    def deletes(self, entity: "Verbs") -> bool:
        """Say whether *entity* is enrolled for removal."""
        enrolled = [level.pending.get(id(entity)) for level in self._levels]
        return any(pending is not None and pending[1] for pending in enrolled)

    def get(self, cls: type[E], id: object) -> E | None:
        """Answer the entity with this id, the same object each time."""
        found = self._shared.identity.get((cls, id))
        if found is not None:
            return found  # type: ignore[no-any-return]
        repo = repository_of(cls)
        if repo.blocking:
            with self.reading(cls) as tx:
                return self._one(cls, repo.get(id, tx))
        with self._shared.lock:  # which is held for no time where there is nothing to wait for
            return self._one(cls, repo.get(id, self.transaction_to_read(repo.store)))

    def get_many(self, cls: type[E], ids: Sequence[object]) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        with self.reading(cls) as tx:
            return self._shared.known(repository_of(cls).get_many(ids, tx))

    def select(self, cls: type[E], query: Select) -> list[E]:
        """Answer what matches, pending changes included."""
        with self.reading(cls) as tx:
            return self._shared.known(repository_of(cls).select(query, tx))

    def _one(self, cls: type[E], fresh: E | None) -> E | None:
        if fresh is None:
            return None
        return self._shared.identity.setdefault((cls, fresh.id), fresh)  # type: ignore[no-any-return]

    def known(self, entities: Sequence[E]) -> list[E]:
        """Answer for each entity the object that stands for it in this unit."""
        return self._shared.known(entities)

    def read(self, entity: E, *, lock: bool = False) -> E | None:
        """Read the stored form of *entity* as a fresh object; a pending save of it is dropped.

        With *lock* nobody else can change it until this unit ends, where the store is able to.
        """
        for level in self._levels:
            level.pending.pop(id(entity), None)
        cls = type(entity)
        with self.reading(cls) as tx:
            return repository_of(cls).get(entity.id, tx, lock=lock and tx is not None)

    def reading(self, cls: type[Any]) -> Reading:
        """Give the transaction in which reads of *cls* see what is pending, to ``with``."""
        return Reading(self, cls)

    def transaction_to_read(self, store: Store) -> Transaction | None:
        """Answer the transaction in which reads see what is pending, if there is any."""
        self._must_be_open()
        if self._level.has_pending:
            self.flush()
        return self._shared.transactions.of(store)

    def take_store(self, cls: type[Any]) -> None:
        """Hold the store of *cls* from now on, with what is pending written."""
        self._must_write(cls)
        with self._shared.lock:
            self.flush()
            self._shared.transactions.needed(cls, self._level)

    def save_now(self, entity: "Verbs", *, instead_of: "Verbs | None" = None) -> None:
        """Write *entity* into the transaction at once; *instead_of* is restored on rollback."""
        with self._shared.lock:
            self._must_be_open()
            self._must_write(type(entity))
            if instead_of is not None:
                self._level.undo.append((instead_of, loaded(instead_of)))
                self._level.touched.append(instead_of)
            write(Group(type(entity), [entity], deleted=False), self._level, self._shared)

    def flush(self) -> None:
        """Write what is pending into the transaction, which holds the store from now on."""
        with self._shared.lock:
            self._must_be_open()
            for level in self._levels:
                while level.pending:  # hooks may enrol more
                    write_pending(level, self._shared)

    def outbox(self, topic: str, payload: object) -> None:
        """Keep a message in the store, in the transaction of this unit, to be sent afterwards.

        *payload* is what JSON can carry. The message is there when the rows are, and never when
        they are not. Raises ValueError; the commit raises NotSupported where the store keeps none.
        """
        self._must_be_open()
        self._must_write(topic)
        self._level.messages.append(message(topic, payload))

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Call *callback* when everything is committed; never when it is rolled back.

        It runs outside of the unit. When it raises, that is logged: the commit stands.
        """
        self._must_be_open()
        self._level.callbacks.append(callback)

    def commit(self) -> None:
        """Write everything and make it visible; in a nested unit, hand it to the outer one.

        When it raises, all is rolled back. The unit can be used on.
        """
        with self._shared.lock:
            self._must_be_open()
            if self._parent is not None:
                self._hand_to(self._parent)
                return
            if self._commit_lone():
                return
            try:
                self._commit()
            except BaseException:
                self.rollback()
                raise
            callbacks = self._level.callbacks
            if self._level.pending or not self._level.is_unused:
                self._level.start_over()
        changes.feed().deliver()
        if callbacks:
            call_outside(callbacks)

    def rollback(self) -> None:
        """Forget what is pending and undo what was flushed; entities keep their field values."""
        shared, level = self._shared, self._level
        with shared.lock:
            if self._parent is None:
                shared.transactions.rollback()
                shared.identity.clear()
                level.restore()
            else:
                shared.transactions.rollback_to(level)
                # whatever stands for these rows has seen what is gone now, and would be saved by
                # the outer unit at its commit
                shared.forget(level.restore())
            level.start_over()

    def close(self) -> None:
        """End the unit; what was not committed is rolled back. Closing twice is no error."""
        if self.closed:
            return
        with self._shared.lock:
            if self.holds or not self._level.is_unused:
                self.rollback()
            elif self._parent is None:
                self._shared.identity.clear()
            self.closed = True
        token, self._token = self._token, None
        if token is not None:
            ambient.leave(token)

    async def acommit(self) -> None:
        """Await `commit`; one that has nothing to wait for costs no thread."""
        if not self.commit_at_once():
            await to_the_end(self.commit)

    def commit_at_once(self) -> bool:
        """Commit if there is nothing to wait for; answer False, and do nothing, if there is."""
        self._must_be_open()
        return self._is_unused() or self._ended_at_once(self._commit_unless_it_may_wait)

    async def arollback(self) -> None:
        """Await `rollback`; one that has nothing to wait for costs no thread."""
        if self._is_unused() or self._ended_at_once(self._roll_back_unless_it_may_wait):
            return
        await to_the_end(self.rollback)

    async def aflush(self) -> None:
        """Await `flush`."""
        if self._level.has_pending:
            await to_the_end(self.flush)

    async def aclose(self) -> None:
        """Await `close`."""
        # what is under way in a thread has the turn, and is waited for in another one
        if self.holds or not self.turn.acquire(blocking=False):
            await to_the_end(self.rollback)
        else:
            self.turn.release()
        self.close()

    @property
    def _levels(self) -> tuple[Level, ...]:
        """List the level of this unit after those around it, the outermost first."""
        return (*self._level.around, self._level)

    def _ended_at_once(self, end: Callable[[], bool]) -> bool:
        # what is under way in a thread has the turn, and is waited for in another one
        turn = self._shared.lock
        if not turn.acquire(blocking=False):
            return False
        try:
            return end()
        finally:
            turn.release()

    def _commit_unless_it_may_wait(self) -> bool:
        if not changes.feed().may_wait:
            if self._commit_lone(waiting=False):
                return True
            if not self._commit_may_wait():
                self.commit()
                return True
        return False

    def _roll_back_unless_it_may_wait(self) -> bool:
        if self.holds:
            return False
        self.rollback()
        return True

    def _commit_may_wait(self) -> bool:
        """Say whether a commit may wait for a store, or call what may wait for anything."""
        level, shared = self._level, self._shared
        if self.holds or level.callbacks or level.messages:
            return True
        kinds = {kind for kind, _ in shared.identity}
        for one in self._levels:
            kinds.update(map(type, one.touched))
        return any(not traits(kind).plain or loop.may_wait(repository_of(kind)) for kind in kinds)

    def _is_unused(self) -> bool:
        shared = self._shared
        return not (shared.identity or shared.transactions) and self._level.is_unused

    def _enrol(self, entity: "Verbs", *, deleted: bool) -> None:
        with self._shared.lock:
            self._must_be_open()
            self._must_write(type(entity))
            self._shared.transactions.admit(repository_of(type(entity)).store)
            self._level.enrol(entity, deleted=deleted)

    def _commit(self) -> None:
        level, shared = self._level, self._shared
        if shared.autosave:
            dirty = self.dirty
            if len(dirty) == 1 and self._is_written_alone(dirty[0], waiting=True):
                commit_alone(dirty[0], shared)
                return
            for entity in dirty:
                self.save(entity)
        if is_alone(level, shared):
            ((entity, deleted),) = level.pending.values()
            commit_alone(entity, shared, deleted=deleted)
        else:
            self.flush()
            shared.transactions.commit(level)

    def _commit_lone(self, *, waiting: bool = True) -> bool:
        """Save the only entity that was loaded here, if that is all of a commit; say whether.

        With *waiting* False only where there is nothing to wait for.
        """
        shared = self._shared
        if len(shared.identity) != 1 or not (shared.autosave and self._level.is_unused):
            return False
        entity: Verbs = next(iter(shared.identity.values()))
        if not self._is_written_alone(entity, waiting=waiting):
            return False
        try:
            commit_alone(entity, shared)  # which writes nothing if nothing was changed
        except BaseException:
            self.rollback()
            raise
        return True

    def _is_written_alone(self, entity: "Verbs", *, waiting: bool) -> bool:
        """Say whether a commit comes to a save of *entity*, which was loaded here."""
        level = self._level
        if level.pending or self.read_only or loaded(entity) is None:
            return False
        return stands_alone(entity, level, self._shared, waiting=waiting)

    def _hand_to(self, parent: "Unit") -> None:
        self._shared.transactions.release(self._level)
        self._level.hand_to(parent._level)
        self._level.start_over()

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
