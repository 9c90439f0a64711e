"""An event loop in a thread of its own, for work that needs one where none is running."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from nitro_events.state import state
from nitro_events.threads import inline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["LoopEnded", "LoopThread", "OwnLoop", "own_loop"]

T = TypeVar("T")


class LoopEnded(RuntimeError):
    """The loop ended before the work that was given to it."""


class LoopThread:
    """A running event loop and its thread."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._ready = threading.Event()
        self._end = asyncio.Event()
        threading.Thread(target=self._run, name="nitro-loop", daemon=True).start()
        self._ready.wait()

    def run(self, work: Awaitable[T]) -> T:
        """Return what *work* returns on the loop, in a copy of this context.

        Raises LoopEnded if the loop ends before.
        """
        waited = _waited(work)
        try:
            return asyncio.run_coroutine_threadsafe(waited, self._loop).result()
        except (CancelledError, RuntimeError):
            if self._loop.is_closed() or self._end.is_set():
                waited.close()
                raise LoopEnded from None
            raise

    def call(self, work: Callable[[], None]) -> None:
        """Call *work* on the loop soon, unless that has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def end(self) -> None:
        """End what runs on the loop, and the loop."""
        self.call(self._end.set)

    def _run(self) -> None:
        asyncio.run(self._stay())

    async def _stay(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._end.wait()


class OwnLoop:
    """The one loop of this kind that a process has, from when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: LoopThread | None = None
        state.on_reset(self.end)

    @property
    def running(self) -> LoopThread:
        """The loop; a forked process gets one of its own."""
        with self._lock:
            if self._loop is None or self._loop.process != os.getpid():
                self._loop = LoopThread()
            return self._loop

    def end(self) -> None:
        """End the loop."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and loop.process == os.getpid():
            loop.end()


async def _waited(work: Awaitable[T]) -> T:
    inline.set(False)  # of the task around this alone
    return await work


def own_loop() -> LoopThread:
    """Return the running loop of this process."""
    return state.part(OwnLoop).running
