"""What durable handlers ask of whoever keeps the data: messages, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nitro_events.units import outbox_of_stores

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

__all__ = ["DEAD", "DONE", "HANDING", "RUNNING", "SENT", "TOPIC", "WAITING", "Delivery", "Queue"]

TOPIC = "nitro.durable"
"""The topic of our messages in the outbox of a store."""

WAITING = "waiting"  # to be run when it is due
HANDING = "handing"  # a relay is giving it to a task queue
SENT = "sent"  # a task queue has it; when due, it is given once more
RUNNING = "running"
DEAD = "dead"
DONE = "done"  # kept for a while, to know duplicates


class Delivery(Protocol):
    """One message for one handler, and what became of it."""

    id: str
    handler: str
    target: str
    event: str
    payload: str
    """JSON text of `nitro_events.wire`."""
    state: str
    attempts: int
    due: datetime | None
    worker: str | None
    error: str | None
    at: datetime


class Queue(Protocol):
    """The deliveries of one store. Everything may block; nobody else's unit is ambient."""

    @property
    def name(self) -> str:
        """What tells this queue from those of other stores, in all processes."""
        ...

    @property
    def durable(self) -> bool:
        """Whether what is committed survives the process."""
        ...

    @property
    def retry_on(self) -> tuple[type[Exception], ...]:
        """What a commit raises when somebody else was faster, so that trying again may help."""
        ...

    def take_in(self) -> int:
        """Make deliveries of the messages in the outbox; answer how many there were."""
        ...

    def due(self, handlers: Collection[str], limit: int, /) -> Sequence[Delivery]:
        """Return what is due for one of *handlers*, the longest due first."""
        ...

    def get(self, id: str, /) -> Delivery | None:
        """Return one delivery."""
        ...

    def in_state(self, called: str, limit: int, /) -> Sequence[Delivery]:
        """Return deliveries in this state, the oldest first."""
        ...

    def set(self, delivery: Delivery, /, **values: object) -> bool:
        """Change a delivery at once; False if somebody else did before, then it is outdated."""
        ...

    def mark(self, delivery: Delivery, /, **values: object) -> bool:
        """Change a delivery with the commit of the ambient unit, which fails if somebody did.

        Answers False, and does nothing, if that unit commits to another store.
        """
        ...

    def was_taken(self, exc: Exception, delivery: Delivery, /) -> bool:
        """Say whether a commit failed because somebody else had changed *delivery*."""
        ...

    def delete(self, delivery: Delivery, /) -> bool:
        """Forget a delivery; False if somebody else changed it."""
        ...

    def beat(self, worker: str, /) -> None:
        """Give a sign of life."""
        ...

    def beats(self, workers: Iterable[str], /) -> Mapping[str, int]:
        """Return how many signs of life these workers gave."""
        ...

    def purge(self) -> None:
        """Remove what is not needed any more."""
        ...


def queues() -> list[Queue]:
    """Return the queues of every store that keeps messages."""
    return list(outbox_of_stores())


def queue_called(name: str) -> Queue | None:
    """Return the queue of this name, if this process knows the store."""
    return next((queue for queue in queues() if queue.name == name), None)
