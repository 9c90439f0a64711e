"""A broker over a log that is kept elsewhere."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from nitro_events.instances.letters import Reader
from nitro_events.instances.outgoing import Outgoing
from nitro_events.instances.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nitro_events.instances.broker import Lost, Published, Receive
    from nitro_events.instances.log import Entry, Log, Mark, Session

__all__ = ["LogBroker"]

_logger = logging.getLogger("nitro_events")

_AT_EXIT_SECONDS = 2.0


class LogBroker:
    """The broker of one process, see `nitro_events.instances.broker.Broker`."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.closed = False
        self._begin()
        _brokers.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._ask_lock = threading.Lock()
        self._asking: Session | None = None
        self._tail: Tail | None = None
        self._anchored = threading.Event()
        self._anchored.set()
        self._outgoing = Outgoing(self._log, self._anchored)

    def __repr__(self) -> str:
        return f"<Broker of {self._log!r}>"

    @property
    def id(self) -> str:
        """The identity of the log, empty until it was reached for the first time."""
        mark = None if self._tail is None else self._tail.mark
        return "" if mark is None else mark.epoch

    @property
    def position(self) -> int:
        """The position up to which everything was received here."""
        mark = None if self._tail is None else self._tail.mark
        return 0 if mark is None else mark.position

    def publish(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        """Queue *data* for all instances; never waits. Raises QueueFull and BrokerClosed."""
        self._outgoing.put(channel, topics, data)

    def listen(self, receive: Receive, lost: Lost) -> None:
        """Hear everything from now on, in a thread of its own."""
        with self._lock:
            if self.closed:
                return
            begins = self._tail is None
            if self._tail is None:
                self._anchored.clear()
                self._tail = Tail(self._log, self._anchored)
            self._tail.add(receive, lost)
            if begins:
                self._tail.start()

    def since(self, position: int) -> list[Published] | None:
        """Return everything after *position*, or None if some of it may be lost."""
        epoch = self.id
        with self._ask_lock:
            if not epoch or self.closed:
                return None
            for attempt in (1, 2):  # a connection that idled may have been lost meanwhile
                try:
                    if self._asking is None:
                        self._asking = self._log.open()
                    return self._missed(epoch, self._asking.span(position), position)
                except self._log.errors as exc:
                    self._hang_up()
                    if attempt == 2:
                        _logger.warning("What was missed cannot be looked up: %s", exc)
            return None

    def _missed(self, epoch: str, found: Sequence[Entry], position: int) -> list[Published] | None:
        """Return what is in the entries after the first one, if nothing is missing among them."""
        if not found or found[0].mark.position != position:
            return None
        before: Mark | None = None
        for entry in found:
            if entry.mark.ordinal < 0:
                continue
            if entry.mark.epoch != epoch or (before and not entry.mark.follows(before)):
                return None
            before = entry.mark
        return list(Reader().all(found[1:]))

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything published so far is in the log; False if that takes too long."""
        return self._outgoing.flush(timeout)

    def stop(self) -> None:
        """End without waiting: what is queued is not sent."""
        self._end(0)

    def close(self, timeout: float = 5.0) -> None:
        """Send what is queued, for *timeout* seconds at most, and end all threads."""
        deadline = time.monotonic() + timeout
        self._outgoing.stop(timeout)
        self._outgoing.join()
        self._end(0)
        if self._tail is not None:
            self._tail.join(max(deadline - time.monotonic(), 1))
        with self._ask_lock:
            self._hang_up()

    def _end(self, timeout: float) -> None:
        with self._lock:
            self.closed = True
        self._outgoing.stop(timeout)
        if self._tail is not None:
            self._tail.stop()
        if self._ask_lock.acquire(blocking=False):  # else somebody is asking, and hangs up soon
            self._hang_up()
            self._ask_lock.release()

    def _hang_up(self) -> None:
        session, self._asking = self._asking, None
        if session is not None:
            session.close()

    def _begin_in_child(self) -> None:
        # a connection of the parent is kept but never used: its end must not be told the server
        _abandoned.append((self._asking, self._tail, self._outgoing))
        self._begin()


_brokers: WeakSet[LogBroker] = WeakSet()
_abandoned: list[object] = []


def _begin_in_child() -> None:
    for broker in tuple(_brokers):
        broker._begin_in_child()  # pyright: ignore[reportPrivateUsage]


@atexit.register
def _send_the_rest() -> None:
    for broker in tuple(_brokers):
        if not broker.closed:
            broker.close(_AT_EXIT_SECONDS)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
