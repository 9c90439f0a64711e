"""The stores that cannot be read: each is left alone for a while, and holds up no others."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from nitro_events.durable.options import Retry, options

if TYPE_CHECKING:
    from nitro_events.durable.queue import Queue

__all__ = ["Troubles"]

log = logging.getLogger("nitro_events")

LONGEST = 10.0


class Trouble:
    """Why a store cannot be read, and until when nobody tries."""

    def __init__(self) -> None:
        self._times = 0
        self.until = 0.0
        self.error: Exception | None = None

    def met(self, error: Exception) -> None:
        """Wait, longer each time."""
        self.error = error
        self._times += 1
        pause = Retry(backoff=options().poll, longest=LONGEST).pause(self._times)
        self.until = time.monotonic() + pause


class Troubles:
    """What is the matter with which store."""

    def __init__(self) -> None:
        self._of: dict[str, Trouble] = {}

    def at(self, queue: Queue) -> Exception | None:
        """Return why *queue* is left alone now; None if it may be read."""
        known = self._of.get(queue.name)
        return known.error if known is not None and time.monotonic() < known.until else None

    def met(self, queue: Queue, error: Exception) -> None:
        """Leave *queue* alone for a while."""
        self._of.setdefault(queue.name, Trouble()).met(error)
        log.warning("Messages for durable handlers cannot be read: %s", error)

    def over(self, queue: Queue) -> None:
        """Know that *queue* could be read."""
        self._of.pop(queue.name, None)

    def told(self, error: Exception) -> bool:
        """Whether *error* is in the log already."""
        return any(known.error is error for known in self._of.values())
