"""What a handler comes to: awaited, its generator collected or begun as a stream."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Awaitable, Iterable
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, cast

from nitro_events.loop_thread import own_loop
from nitro_events.running import abounded, bounded
from nitro_events.threads import inline

if TYPE_CHECKING:
    from nitro_events.middleware.work import Work

__all__ = ["afinished", "finished", "is_generator", "is_pending", "wait_for"]


_THERE = frozenset({bool, dict, int, list, str, type(None)})
_GENERATORS = (GeneratorType, AsyncGeneratorType)


def is_pending(result: object) -> bool:
    """Tell whether *result* is something that has to be awaited or gone through."""
    kind = type(result)
    if kind in _THERE:  # most answers: whether others are awaitable takes longer to say
        return False
    return kind is CoroutineType or inspect.isawaitable(result) or is_generator(result)


def is_generator(result: object) -> bool:
    """Tell whether *result* is something to go through."""
    return isinstance(result, _GENERATORS)


def finished(work: Work, result: object) -> object:
    """Return what *result* comes to: what a coroutine returns, what a generator yields."""
    if not is_pending(result):
        return result
    if inspect.isgenerator(result) and not work.joins:
        return bounded(work.name, cast("Iterable[object]", result))
    _refuse_on_loop(work, result)
    if work.loop is not None:
        # the loop may need the thread that waits here: the next time it waits itself
        work.job.returned_pending()
    return wait_for(afinished(work, result), work)


async def afinished(work: Work, result: object) -> object:
    """Await what `finished` returns; for a request that reads events, begin a stream of them."""
    if work.joins and work.request is not None:
        from nitro_events.http.streaming import begin  # only a request needs it

        return await begin(work.request, result)
    if inspect.isasyncgen(result):
        return await abounded(work.name, cast("AsyncIterable[object]", result))
    if inspect.isawaitable(result):
        return await cast("Awaitable[object]", result)
    return finished(work, result)


def wait_for(awaitable: Awaitable[object], work: Work) -> object:
    """Await on the loop that waits for this thread, or on one of its own.

    Raises RuntimeError where a loop is running in this thread, which would stand still.
    """
    _refuse_on_loop(work, awaitable)
    waited = _awaited(awaitable)
    if work.loop is not None:
        return asyncio.run_coroutine_threadsafe(waited, work.loop).result()
    if inline.get():
        # a generator that has begun goes on while the answer is sent, so its loop must stay
        return own_loop().run(waited)
    return asyncio.run(waited)


def _refuse_on_loop(work: Work, pending: object) -> None:
    if work.loop is not None:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    if inspect.iscoroutine(pending):
        pending.close()
    msg = f"{work.name} is async, and an event loop is running here: await adispatch(…) instead"
    raise RuntimeError(msg)


async def _awaited(awaitable: Awaitable[object]) -> object:
    return await awaitable
