"""Async code run to its end by the thread that asks, without an event loop.

Servers that give each request a thread (WSGI) have no loop, and nothing to gain from one: there
everything that would wait in a worker thread is called at once, so that a coroutine of ours never
has to wait. What an application wrote as ``async def`` may need a loop: it gets one that runs in a
thread of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from nitro_events.loop_thread import own_loop
from nitro_events.threads import inline

__all__ = ["run", "settled"]

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work*, a coroutine of ours, returns; everything happens in this thread."""
    token = inline.set(True)
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        inline.reset(token)
    work.close()
    msg = f"{work!r} waits for an event loop, and none is running here: await settled(…) instead"
    raise RuntimeError(msg)


async def settled(work: Awaitable[T]) -> T:
    """Await *work* of the application, which may need an event loop to go on."""
    return own_loop().run(work) if inline.get() else await work
