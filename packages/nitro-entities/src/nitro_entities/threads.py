"""Where calls that wait for a disk or a network run while an event loop goes on."""

import contextvars
import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from nitro_entities.config import settings
from nitro_entities.state import state
from nitro_entities.units.ambient import current_unit

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """As many threads as a store keeps connections; asyncio's own are few on small machines."""

    def __init__(self) -> None:
        self.pool = self._make()
        self.holding = self._make()  # for units that hold a store, which others wait for

    def _make(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor  # slow to load, and often not needed

        return ThreadPoolExecutor(settings().pool_size, thread_name_prefix="nitro-store")

    def start_in_child(self) -> None:
        """Go on after a fork, which leaves the threads behind."""
        self.pool = self._make()
        self.holding = self._make()

    def close(self) -> None:
        """End the threads that have nothing to do."""
        self.pool.shutdown(wait=False)
        self.holding.shutdown(wait=False)


def _after_fork() -> None:
    known = state.known(Threads)
    if known is not None:
        known.start_in_child()


os.register_at_fork(after_in_child=_after_fork)


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run *function* in a thread, in a copy of this context."""
    import asyncio  # loaded already, since it runs

    unit, threads = current_unit(), state.part(Threads)
    pool = threads.holding if unit is not None and unit.holds else threads.pool
    context = contextvars.copy_context()
    call = functools.partial(context.run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(pool, call)


async def to_the_end(function: Callable[[], T]) -> T:
    """Run *function* in a thread; a cancellation waits until it is done."""
    import asyncio

    task: asyncio.Task[T] = asyncio.create_task(in_thread(function))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
