"""The messages whose handler gave up, and those that nobody here can handle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json

from nitro_events import joints
from nitro_events.durable.queue import DEAD, WAITING, queues
from nitro_events.durable.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nitro_events.durable.queue import Delivery, Queue

__all__ = ["Letter", "NoLetter", "dead_letters", "discard", "replay", "unknown_letters"]


class NoLetter(LookupError):
    """No dead letter has this id."""


class Letter(NamedTuple):
    """A message that waits for somebody to decide."""

    id: str
    handler: str
    event: str
    at: datetime
    """When the event was emitted."""
    attempts: int
    error: str | None
    sender: Any
    """What the event was about, as JSON."""
    values: dict[str, Any]
    """What the event carried, as JSON."""


def dead_letters(limit: int = 1000) -> list[Letter]:
    """Return the messages whose handler failed as often as it may, the oldest first."""
    return [_letter(one) for _, one in _in_state(DEAD, limit)]


def unknown_letters(limit: int = 1000) -> list[Letter]:
    """Return messages that wait for handlers which this process does not have."""
    known = registry().names
    return [_letter(one) for _, one in _in_state(WAITING, limit) if one.handler not in known]


def replay(id: str) -> None:
    """Let the handler of a dead letter be tried again, as often as at first. Raises NoLetter."""
    queue, letter = _dead(id)
    now = datetime.now(UTC)
    if not queue.set(letter, state=WAITING, attempts=0, due=now, error=None):
        raise _missing(id)


def discard(id: str) -> None:
    """Forget a dead letter. Raises NoLetter."""
    queue, letter = _dead(id)
    if not queue.delete(letter):
        raise _missing(id)


def _dead(id: str) -> tuple[Queue, Delivery]:
    joints.connect()
    for queue in queues():
        found = queue.get(id)
        if found is not None and found.state == DEAD:
            return queue, found
    raise _missing(id)


def _missing(id: str) -> NoLetter:
    return NoLetter(f"No dead letter has the id {id!r}. dead_letters() lists those that there are")


def _in_state(called: str, limit: int) -> Iterator[tuple[Queue, Delivery]]:
    joints.connect()
    for queue in queues():
        for one in queue.in_state(called, limit):
            yield queue, one


def _letter(one: Delivery) -> Letter:
    data = from_json(one.payload)
    return Letter(
        one.id, one.handler, one.event, one.at, one.attempts, one.error,
        data["sender"], data["values"],
    )  # fmt: skip
