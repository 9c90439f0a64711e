"""The transactions of a unit of work, and the savepoints in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nitro_entities import loop
from nitro_entities.backends import repository_of
from nitro_entities.errors import MixedUnit
from nitro_entities.outbox import Message, default_store, refuse_without_outbox
from nitro_entities.repository import Store, Transaction
from nitro_entities.units.level import Level

if TYPE_CHECKING:
    from nitro_entities.changes import Change


class Held(NamedTuple):
    """A store that is held."""

    store: Store
    tx: Transaction


class Transactions:
    """What a unit and those nested in it hold, one transaction a store.

    *around* are the transactions of the unit that this one stands in, independently.
    """

    __slots__ = ("_around", "_durable", "_held", "_marked", "loop")

    def __init__(self, around: "Transactions | None", loop: object | None) -> None:
        self._around = around
        self._held: dict[int, Held] = {}
        self._durable: Store | None = None
        self._marked: list[Level] = []  # nested ones with savepoints
        self.loop = loop
        """The event loop that has to go on before what is held is free again."""

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def are_held_here_or_around(self) -> bool:
        """Say whether this unit holds a store, or one that it stands in."""
        one: Transactions | None = self
        while one is not None:
            if one._held:
                return True
            one = one._around
        return False

    def of(self, store: Store) -> Transaction | None:
        """Answer the transaction in *store*, if there is one."""
        held = self._held.get(id(store))
        return None if held is None else held.tx

    def admit(self, store: Store) -> None:
        """Let the first durable store be the only one. Raises MixedUnit."""
        if self._durable is store or not store.durable:
            return
        if self._durable is not None:
            msg = (
                f"One unit of work cannot commit to {self._durable} and to {store} together. "
                f"Use UnitOfWork(independent=True) for one of them"
            )
            raise MixedUnit(msg)
        self._durable = store

    def needed(self, cls: type[Any], level: Level) -> Transaction:
        """Answer the transaction for what *level* writes to *cls*, begun if there is none."""
        store = repository_of(cls).store
        tx = self.of(store)
        if tx is None:
            self.admit(store)
            self._refuse_to_wait(cls, store)
            repository_of(cls).prepare()
            tx = self._begin(store)
        self._refuse_to_mix(level)
        self._mark(level, id(store), tx)
        return tx

    def commit(self, level: Level) -> None:
        """Commit *level*, the durable store first: what is in memory cannot fail any more."""
        messages: Sequence[Message] = level.messages
        if not self._held:
            if not messages:
                self.end()
                return
            self._begin(default_store())
        ordered = sorted(self._held.values(), key=lambda held: not held.store.durable)
        if messages:
            refuse_without_outbox(ordered[0].store)
        for store, tx in ordered:
            own = level.changes if len(ordered) == 1 else _changes_in(store, level.changes)
            tx.commit(tuple(own), tuple(messages))
            del self._held[id(store)]
            messages = ()  # they were for the first
            level.undo.clear()
        self.end()

    def rollback(self) -> None:
        """Undo everything."""
        for _, tx in self._held.values():
            tx.rollback()
        self._held.clear()
        self.end()

    def abandon(self) -> None:
        """Forget the transactions, which are those of a parent process."""
        self._held.clear()

    def rollback_to(self, level: Level) -> None:
        """Undo what was written in *level*."""
        for store, mark in level.marks.items():
            if store in self._held:
                self._held[store].tx.rollback_to(mark)
        self._unmark(level)

    def release(self, level: Level) -> None:
        """Keep what was written in *level* as if it had been written around it."""
        for store, mark in level.marks.items():
            if store in self._held:  # unless the outermost was committed meanwhile
                self._held[store].tx.release(mark)
        self._unmark(level)

    def _begin(self, store: Store) -> Transaction:
        tx = store.begin()
        self._held[id(store)] = Held(store, tx)
        if self.loop is not None:
            loop.hold(self.loop, store, self)
        return tx

    def end(self) -> None:
        """Begin anew: the next durable store may be another."""
        self._durable = None
        if self.loop is not None:
            loop.release(self)

    def _refuse_to_wait(self, cls: type[Any], store: Store) -> None:
        """Raise MixedUnit or BlockingCall if whoever holds *store* cannot go on before us."""
        around = self._around
        while around is not None:
            if around.of(store) is not None:
                msg = (
                    "An independent unit of work would wait for ever: the unit around it has "
                    "written to the same store. Commit that one first"
                )
                raise MixedUnit(msg)
            around = around._around
        loop.refuse_to_wait_for_ever(cls, store, self)

    def _refuse_to_mix(self, level: Level) -> None:
        """Keep what *level* writes out of the savepoint of a nested unit of another task."""
        for marked in self._marked:
            if marked is not level and marked not in level.around:
                msg = (
                    "A unit of work that is nested in this one has written and not ended yet, so "
                    "what is written here would be undone with it. End it first, or use "
                    "UnitOfWork(independent=True) for what runs at the same time"
                )
                raise MixedUnit(msg)

    def _mark(self, level: Level, store: int, tx: Transaction) -> None:
        """Set the savepoints of *level* and of those around it; the outermost needs none."""
        for nested in (*level.around, level)[1:]:
            if store not in nested.marks:
                nested.marks[store] = tx.savepoint()
                self._marked.append(nested)

    def _unmark(self, level: Level) -> None:
        self._marked = [marked for marked in self._marked if marked is not level]


def _changes_in(store: Store, changes: "Sequence[Change]") -> "list[Change]":
    return [change for change in changes if repository_of(change.entity).store is store]
