"""An event loop in a thread of its own, for work that needs one where none is running."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_events import greenlets
from nitro_events.state import state
from nitro_events.threads import inline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["LoopEnded", "LoopThread", "OwnLoop", "own_loop"]

T = TypeVar("T")

_log = logging.getLogger("nitro_events")


class LoopEnded(RuntimeError):
    """The loop ended before the work that was given to it."""


class LoopThread:
    """A running event loop and its thread."""

    def __init__(self, name: str = "nitro loop") -> None:
        self.process = os.getpid()
        self._end = asyncio.Event()
        self._ended = threading.Event()
        self._background: set[asyncio.Task[object]] = set()
        self._green = greenlets.are_threads()
        self._loop = greenlets.GreenletLoop() if self._green else asyncio.new_event_loop()
        if self._green:
            greenlets.start_real_thread(self._run)
        else:
            threading.Thread(target=self._run, name=name, daemon=True).start()

    def run(self, work: Awaitable[T]) -> T:
        """Return what *work* returns on the loop, in a copy of this context.

        Raises LoopEnded if the loop ends before.
        """
        waited = _waited(work)
        try:
            if self._green:
                return greenlets.result_of(self._loop, waited)
            return asyncio.run_coroutine_threadsafe(waited, self._loop).result()
        except (CancelledError, asyncio.CancelledError, RuntimeError):
            if self._loop.is_closed() or self._end.is_set():
                for begun in (waited, work):
                    if isinstance(begun, Coroutine):
                        begun.close()
                raise LoopEnded from None
            raise

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Let *work* run on the loop, without waiting for it."""

        def begin() -> None:
            self._background.add(task := self._loop.create_task(work))
            task.add_done_callback(self._background.discard)

        self.call(begin)

    def call(self, work: Callable[[], None]) -> None:
        """Call *work* on the loop soon, unless that has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def end(self) -> None:
        """End what runs on the loop, and the loop."""
        self.call(self._end.set)

    def join(self, seconds: float) -> None:
        """Wait until the loop has ended, for so long at most."""
        self._ended.wait(seconds)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            while not self._end.is_set():
                try:
                    runner.run(self._stay())
                except (SystemExit, KeyboardInterrupt) as exc:
                    # of one task, which keeps it for whoever waits; the others go on
                    _log.error("A task would have ended the process: %r", exc, exc_info=exc)
        self._ended.set()

    async def _stay(self) -> None:
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
