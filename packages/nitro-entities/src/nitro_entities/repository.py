"""What a store of entities can do: the contract between entities, units and backends."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from nitro_entities.conditions import Condition, Order
from nitro_entities.slices import Slice

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.outbox import Message
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")


class Ability(enum.Enum):
    """What a backend may be able to do beyond keeping single entities."""

    QUERY = "query"  # where, order_by, count over all entities of a class
    TRANSACTIONS = "transactions"  # several writes together, or none of them
    UNIQUE = "unique"  # refuses a second value of a unique field
    LOCK = "lock"  # get(lock=True) keeps others from writing until the transaction ends
    RELATIONS = "relations"  # follows foreign keys
    OUTBOX = "outbox"  # keeps messages in the transaction of the rows
    DURABLE = "durable"  # what is committed survives the process
    SHARED = "shared"  # several processes see the same entities
    FOREIGN_CHANGES = "foreign changes"  # tells what other processes wrote


@dataclass(frozen=True, slots=True)
class Select:
    """Which entities, in which order, how many. Conditions are bound, orders are checked."""

    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None


class Transaction(Protocol):
    """Writes that become visible to others together, or not at all. It holds its store."""

    def savepoint(self) -> object:
        """Mark the present state, to come back to."""

    def rollback_to(self, mark: Any, /) -> None:
        """Undo what came after *mark*, which is gone then."""

    def release(self, mark: Any, /) -> None:
        """Forget *mark* and keep what came after it."""

    def commit(self, changes: "Sequence[Change]", outbox: "Sequence[Message]" = (), /) -> None:
        """Make everything visible, queue *changes* for delivery and free the store.

        The messages for the *outbox* become visible with the rows; only stores with that
        ability are given any. Raises what a write raises; then nothing was committed.
        """

    def rollback(self) -> None:
        """Undo everything and free the store."""


class Store(Protocol):
    """One place to which transactions belong: a database, or the memory of this process."""

    @property
    def durable(self) -> bool:
        """Say whether what is committed survives the process."""
        ...

    def begin(self) -> Transaction:
        """Wait for the store and start a transaction. Raises StoreBusy."""
        ...


class Repository(Protocol[E]):
    """Where the entities of one class are kept. Every object handed out is a fresh copy.

    *tx* is a transaction of the repository's own store; without one, reads see what is
    committed and writes are committed at once, with their change queued for delivery.
    """

    entity: type[E]
    abilities: ClassVar[frozenset[Ability]]
    blocking: ClassVar[bool]
    """Whether calls may wait for a disk or a network."""

    @property
    def rank(self) -> int:
        """Answer after how many others rows of this class are written: those it refers to."""
        ...

    @property
    def store(self) -> Store:
        """Answer the place to which transactions belong."""
        ...

    def prepare(self, tx: Any = None) -> None:
        """Make sure that there is a place for this class, such as a table."""

    def get(self, id: object, tx: Any = None, *, lock: bool = False) -> E | None:
        """Answer the entity with this id, None if nobody has it.

        With *lock* nobody else can change it until *tx* ends, where the store is able to.
        """
        ...

    def get_many(self, ids: Sequence[object], tx: Any = None) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        ...

    def select(self, query: Select, tx: Any = None) -> list[E]:
        """Answer what matches; without an order, by id. Missing values sort last."""
        ...

    def count(self, query: Select, cap: int | None = None, tx: Any = None) -> int:
        """Count what matches; stop at *cap* + 1."""
        ...

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: Any = None,
    ) -> Slice[E]:
        """Answer at most *size* entities after or before a position. Raises InvalidCursor."""
        ...

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded; all of them if nothing was."""
        ...

    def original(self, entity: E) -> E | None:
        """Answer *entity* as it was when it was loaded or saved last; None if it never was."""
        ...

    def save(self, entity: E, tx: Any = None) -> "Change | None":
        """Store what changed; None if nothing did.

        Raises StaleEntity, EntityExists, NotUnique, NotStorable.
        """
        ...

    def save_many(self, entities: Sequence[E], tx: Any) -> "list[Change]":
        """Save each of them, in as few round trips as the store allows."""
        ...

    def delete(self, entity: E, tx: Any = None) -> "Change | None":
        """Remove it; None if nothing was there. Raises StaleEntity."""
        ...

    def delete_many(self, entities: Sequence[E], tx: Any) -> "list[Change]":
        """Delete each of them, in as few round trips as the store allows."""
        ...
