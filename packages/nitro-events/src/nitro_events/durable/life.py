"""Who is alive: a worker gives signs of life while a handler runs long, others look for them.

No clocks are compared: whoever looks measures by its own how long a sign did not change.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nitro_events.durable.options import options
from nitro_events.durable.queue import DEAD, HANDING, RUNNING, WAITING
from nitro_events.durable.registry import registry

if TYPE_CHECKING:
    from collections.abc import Generator

    from nitro_events.durable.queue import Delivery, Queue

__all__ = ["Beats", "Watch"]

log = logging.getLogger("nitro_events")

MANY = 500


class Beats:
    """The signs of life of this process, given for handlers that run longer than a moment."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._running: dict[int, tuple[Queue, float]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def during(self, queue: Queue) -> Generator[None]:
        """Give signs of life to those who look into *queue* while the block runs."""
        token = object()
        with self._changed:
            self._running[id(token)] = (queue, time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._beat, name="nitro durable life", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._running[id(token)]

    def _beat(self) -> None:
        while True:
            pause = options().lease / 3
            with self._changed:
                if not self._running:
                    self._changed.wait(timeout=max(pause, 5))
                if not self._running:
                    self._thread = None
                    return
            time.sleep(pause)
            for queue in self._long(pause):
                try:
                    queue.beat(self._worker)
                except Exception as exc:  # a store that is busy or away; the next may pass
                    log.debug("No sign of life could be given to %r: %s", queue, exc)

    def _long(self, pause: float) -> list[Queue]:
        limit = time.monotonic() - pause
        with self._changed:
            found = {id(q): q for q, since in self._running.values() if since <= limit}
        return list(found.values())


class Watch:
    """Gives free what workers left behind that show no sign of life any more."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, int, str | None], tuple[int, float]] = {}
        self._next = 0.0

    def look(self, queues: list[Queue]) -> None:
        """Look into *queues*, if it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + options().lease / 4
        seen: dict[tuple[str, str, int, str | None], tuple[int, float]] = {}
        for queue in queues:
            held = [*queue.in_state(RUNNING, MANY), *queue.in_state(HANDING, MANY)]
            beats = queue.beats({one.worker for one in held if one.worker})
            for one in held:
                key = (queue.name, one.id, one.attempts, one.worker)
                beat = beats.get(one.worker or "", 0)
                before = self._seen.get(key)
                since = before[1] if before is not None and before[0] == beat else now
                seen[key] = (beat, since)
                if now - since >= options().lease:
                    _set_free(queue, one)
        self._seen = seen


def _set_free(queue: Queue, left: Delivery) -> None:
    known = registry().find(left.handler, left.target)
    if known is not None and left.state == RUNNING and left.attempts > known.retry.retries:
        error = f"{left.attempts} processes that ran this handler ended before it did"
        if queue.set(left, state=DEAD, error=error):
            log.error("%s of %s %s is dead: %s", left.handler, left.event, left.id, error)
    elif queue.set(left, state=WAITING, due=datetime.now(UTC)):
        log.warning(
            "%s of %s %s was left behind by %s and is done again",
            left.handler, left.event, left.id, left.worker,
        )  # fmt: skip
