"""What a unit of work and the units nested in it have in common."""

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_entities.units.transactions import Transactions

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")


class Shared:
    """The transactions, and which object stands for which entity.

    Who holds *lock* is the only one who goes on: the end of a unit waits for what is under way.
    """

    __slots__ = ("autosave", "identity", "lock", "transactions")

    def __init__(
        self, *, autosave: bool, around: Transactions | None, loop: object | None
    ) -> None:
        self.autosave = autosave
        self.lock = threading.RLock()
        self.identity: dict[tuple[type, object], Any] = {}
        self.transactions = Transactions(around, loop)

    def known(self, entities: Sequence[E]) -> list[E]:
        """Answer for each entity the object that stands for it."""
        identity = self.identity
        return [identity.setdefault((type(e), e.id), e) for e in entities]

    def remember(self, entities: "Iterable[Verbs]") -> None:
        """Let these objects stand for their entities."""
        self.identity.update([((type(entity), entity.id), entity) for entity in entities])

    def forget(self, entities: "Iterable[Verbs]") -> None:
        """Let no object stand for these entities."""
        for entity in entities:
            self.identity.pop((type(entity), entity.id), None)
