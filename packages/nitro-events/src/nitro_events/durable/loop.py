"""The event loop on which a worker runs async handlers."""

from __future__ import annotations

import os
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
        return self._running().run(work)

    def close(self) -> None:
        """Cancel what still runs there, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread.process == os.getpid():
            thread.end()
            thread.join(5)

    def _running(self) -> LoopThread:
        with self._lock:
            # the thread of a parent process is not there in a forked one
            if self._thread is None or self._thread.process != os.getpid():
                self._thread = LoopThread("nitro durable loop")
            return self._thread
