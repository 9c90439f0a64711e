"""The event loop on which a worker runs async handlers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from nitro_events.loop_thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["Loop"]

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: LoopThread | None = None

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run *work* there, in a copy of this context, and wait for what comes of it."""
        with self._lock:
            self._thread = thread = self._thread or LoopThread("nitro durable loop")
        return thread.run(work)

    def close(self) -> None:
        """Cancel what still runs there, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.end()
            thread.join(5)
