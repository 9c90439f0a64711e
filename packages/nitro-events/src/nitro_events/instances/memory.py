"""A log in the memory of this process: for tests, where several brokers share one."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from nitro_events.instances.log import BATCH, Entry, Mark, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nitro_events.instances.log import Letter

__all__ = ["MemoryLog"]

T = TypeVar("T")


class MemoryLog:
    """What was published to any ``LogBroker`` of this log, in one order.

    Each broker behaves as an instance of its own::

        log = MemoryLog()
        one, other = LogBroker(log), LogBroker(log)
    """

    errors: tuple[type[Exception], ...] = (ConnectionError,)

    def __init__(self, *, keep: int = 10_000) -> None:
        self.changed = threading.Condition()
        self.entries: list[Entry] = []
        self.keep = keep
        self.seen: dict[str, int] = {}
        self.away = False
        self._position = 0
        self.begin()

    def __repr__(self) -> str:
        return f"<MemoryLog of {len(self.entries)}>"

    def open(self) -> MemorySession:
        """Return a session. Raises ConnectionError while *away*."""
        self.check()
        return MemorySession(self)

    def check(self) -> None:
        """Raise ConnectionError while *away* is set."""
        if self.away:
            msg = "This log is away"
            raise ConnectionError(msg)

    def begin(self) -> None:
        """Begin a new epoch."""
        with self.changed:
            self.epoch = secrets.token_hex(8)
            self._index = -1
            self._position = max(self._position, time.time_ns() // 1000)
            self.add("", None)
            self.begins = self.entries[-1].mark

    def clear(self) -> None:
        """Lose everything."""
        with self.changed:
            self.entries.clear()
            self.seen.clear()
            self.begin()

    def add(self, sender: str, letter: Letter | None) -> None:
        """Put one entry at the end, and cut the beginning."""
        with self.changed:
            self._position += 1
            self._index += 1
            stamp = "" if letter is None else f"{sender} {letter.number}"
            mark = Mark(self.epoch, self._position, self._index, stamp)
            self.entries.append(Entry(mark, sender, letter))
            del self.entries[: -self.keep]
            self.changed.notify_all()

    def after(self, position: int) -> list[Entry]:
        """Return the entries after a position."""
        return [entry for entry in self.entries if entry.mark.position > position]


class MemorySession:
    """See `nitro_events.instances.log.Session`."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._awake = False

    def append(self, sender: str, acknowledged: int, letters: Sequence[Letter]) -> None:
        """Add what is not there yet."""
        log = self._log
        with log.changed:
            log.check()
            seen = log.seen.get(sender, 0)
            if sender in log.seen and seen < acknowledged:
                log.begin()
            for letter in letters:
                if letter.number > seen:
                    log.add(sender, letter)
                    log.seen[sender] = letter.number

    def standing(self) -> Standing:
        """Return what there is."""
        return self._at_once(
            lambda: Standing(
                self._log.begins,
                self._log.entries[0].mark.position,
                self._log.entries[-1].mark,
            )
        )

    def span(self, position: int, limit: int | None = None) -> list[Entry]:
        """Return the entries at and after *position*."""
        return self._at_once(lambda: self._log.after(position - 1)[:limit])

    def renew(self, epoch: str) -> None:
        """Begin a new epoch in place of *epoch*."""
        with self._log.changed:
            if self._log.epoch == epoch:
                self._log.begin()

    def read(self, after: int, wait: float) -> list[Entry]:
        """Return the next entries, waiting for them."""
        log = self._log
        with log.changed:
            log.changed.wait_for(lambda: self._awake or log.away or log.after(after), wait)
            log.check()
            return log.after(after)[:BATCH]

    def wake(self) -> None:
        """End the waiting, from another thread."""
        with self._log.changed:
            self._awake = True
            self._log.changed.notify_all()

    def close(self) -> None:
        """Do nothing."""

    def _at_once(self, read: Callable[[], T]) -> T:
        with self._log.changed:
            self._log.check()
            return read()
