"""Messages on their way to the server: kept in order, sent by one thread, again if need be."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from nitro_events.instances.broker import BrokerClosed, QueueFull
from nitro_events.instances.letters import Writer
from nitro_events.instances.pauses import Pauses

if TYPE_CHECKING:
    from nitro_events.instances.log import Letter, Log, Session

__all__ = ["Outgoing"]

_log = logging.getLogger("nitro_events")

_BATCH = 200
_BATCH_BYTES = 1024 * 1024


class Outgoing:
    """The queue and the thread of one process; the thread begins with the first message.

    *go* is waited for before anything is sent: whoever listens here must hear it.
    """

    def __init__(
        self,
        log: Log,
        go: threading.Event,
        *,
        most: int = 10_000,
        most_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._server = log
        self._go = go
        self._most = most
        self._most_bytes = most_bytes
        self._changed = threading.Condition()
        self._queue: deque[Letter] = deque()
        self._bytes = 0
        self._acknowledged = 0
        self._writer: Writer | None = None
        self._thread: threading.Thread | None = None
        self._until: float | None = None
        self._hurry = threading.Event()
        self._trouble: Exception | None = None

    def put(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        """Take a message. Raises QueueFull and BrokerClosed."""
        with self._changed:
            if self._until is not None:
                msg = "This broker was closed: nothing is published by it any more"
                raise BrokerClosed(msg)
            if len(self._queue) >= self._most or self._bytes + len(data) > self._most_bytes:
                raise QueueFull(self._full())
            if self._writer is None:
                self._writer = Writer(secrets.token_hex(8))
            letter = self._writer.letter(channel, topics, data)
            self._queue.append(letter)
            self._bytes += len(data)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="nitro-events-send", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is queued; False if that takes longer than *timeout*."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue, timeout)

    def stop(self, timeout: float) -> None:
        """Take no more messages, and send for *timeout* seconds at most; does not wait."""
        with self._changed:
            self._until = time.monotonic() + timeout
            self._changed.notify_all()
        if timeout <= 0:
            self._hurry.set()

    def join(self) -> None:
        """Wait for the thread, which ends at the time given to `stop` or soon after."""
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        left = (self._until or 0) - time.monotonic()
        thread.join(max(left, 0))
        self._hurry.set()
        thread.join(1)
        if self._queue:
            _log.error(
                "%s messages for the other instances were not sent: %s",
                len(self._queue),
                self._trouble or "there was no time",
            )

    def _full(self) -> str:
        why = f"the server does not take them ({self._trouble})" if self._trouble else "too fast"
        return (
            f"{len(self._queue)} messages with {self._bytes} bytes wait to be sent to the other "
            f"instances, which is the most: {why}. This one was not published"
        )

    def _run(self) -> None:
        pauses = Pauses()
        while not self._is_over():
            session: Session | None = None
            try:
                session = self._server.open()
                self._send_all(session, pauses)
            except Exception as exc:
                self._complain(exc, pauses)
                self._hurry.wait(pauses.next())
            finally:
                if session is not None:
                    session.close()

    def _send_all(self, session: Session, pauses: Pauses) -> None:
        while (batch := self._next()) is not None:
            assert self._writer is not None
            session.append(self._writer.sender, self._acknowledged, batch)
            self._sent(batch)
            if pauses.count:
                pauses.over()
                _log.info("Messages reach the other instances again")

    def _next(self) -> list[Letter] | None:
        """Return the next messages, which stay in the queue; None when it is time to end."""
        while not self._go.is_set() and not self._is_over():
            self._go.wait(0.05)
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._until is not None)
            if self._is_over():
                return None
            batch: list[Letter] = []
            size = 0
            for letter in self._queue:
                if batch and (len(batch) >= _BATCH or size + len(letter.data) > _BATCH_BYTES):
                    break
                batch.append(letter)
                size += len(letter.data)
            return batch

    def _sent(self, batch: list[Letter]) -> None:
        with self._changed:
            for letter in batch:
                self._queue.popleft()
                self._bytes -= len(letter.data)
            self._acknowledged = batch[-1].number
            self._trouble = None
            self._changed.notify_all()

    def _is_over(self) -> bool:
        if self._until is None:
            return False
        return not self._queue or self._hurry.is_set() or time.monotonic() >= self._until

    def _complain(self, exc: Exception, pauses: Pauses) -> None:
        self._trouble = exc
        if pauses.count == 0:
            unforeseen = not isinstance(exc, self._server.errors)
            told = "The other instances cannot be told, trying again: %s"
            _log.warning(told, exc, exc_info=exc if unforeseen else None)
