"""A read in a unit of work, under way."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from nitro_entities import loop
from nitro_entities.backends import repository_of

if TYPE_CHECKING:
    from nitro_entities.units.unit import Unit


class Reading:
    """Give the transaction to read in, or None; with one, the end of the unit waits meanwhile.

    A task that is cancelled leaves its read running in a thread, and the connection is for others
    as soon as the unit has ended.
    """

    __slots__ = ("_cls", "_holds", "_unit")

    def __init__(self, unit: "Unit", cls: type[Any]) -> None:
        self._unit = unit
        self._cls = cls
        self._holds = False

    def __enter__(self) -> Any:
        unit, repo = self._unit, repository_of(self._cls)
        if repo.blocking and loop.running_loop() is not None:
            loop.refuse_to_block(self._cls, repo.store, None, writes=False)
        unit.turn.acquire()
        try:
            tx = unit.transaction_to_read(repo.store)
            self._holds = tx is not None
        finally:
            if not self._holds:
                unit.turn.release()
        return tx

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._holds:
            self._unit.turn.release()
