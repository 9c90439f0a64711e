"""What a server of worker processes says of itself, where its signals cannot be heard.

Gunicorn handles signals in the main thread of a worker, and requests may never come there. The
handler that it has set is a method of the worker, from which both questions can be answered.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any

from nitro_events.live.shutdown import original
from nitro_events.live.threads import answering_threads
from nitro_events.loop_thread import own_loop
from nitro_events.state import state

__all__ = ["OpenAnswers", "is_ending", "room_for_streams"]

LOOK_AGAIN = 0.25


def is_ending() -> bool:
    """Tell whether this worker was asked to end; False where that cannot be known."""
    return getattr(_worker(), "alive", True) is False


def room_for_streams(most: int) -> int:
    """Return how many streams may be open here, at most *most*: half of those who can answer.

    A worker that answers one request at a time has no room for any.
    """
    worker = _worker()
    if worker is None:
        threads = answering_threads()
        return most if threads is None else min(most, threads // 2)
    if hasattr(worker, "tpool"):
        return min(most, int(worker.cfg.threads) // 2)
    if hasattr(worker, "worker_connections"):
        return min(most, int(worker.worker_connections) // 2)
    return 0


class OpenAnswers:
    """Counts the answers that are being sent by threads; they end when the worker is to end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._open = 0
        self._following = False

    def enter(self, most: int | None = None) -> bool:
        """Count one more, unless there are *most*."""
        with self._lock:
            if self._process != os.getpid():  # a forked process begins to count anew
                self._begin()
            if most is not None and self._open >= most:
                return False
            self._open += 1
            begins, self._following = not self._following, True
        if begins:
            own_loop().begin(self._follow())
        return True

    def leave(self) -> None:
        """Count one less."""
        with self._lock:
            self._open -= 1

    async def _follow(self) -> None:
        hub = state.hub
        while not hub.stopping:
            if is_ending():
                hub.stop()
            await asyncio.sleep(LOOK_AGAIN)
            with self._lock:
                if not self._open:
                    self._following = False
                    return


def _worker() -> Any:
    handler = original(signal.getsignal(signal.SIGTERM))
    worker = getattr(handler, "__self__", None)
    return worker if hasattr(worker, "alive") and hasattr(worker, "cfg") else None
