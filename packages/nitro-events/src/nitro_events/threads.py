"""Where blocking work is done, so that the event loop goes on."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["in_thread", "inline", "worker"]

P = ParamSpec("P")
T = TypeVar("T")


inline: ContextVar[bool] = ContextVar("nitro_inline", default=False)
"""Whether this thread may wait itself: no event loop runs in it, see `nitro_events.inline`."""

worker: ContextVar[Callable[..., Awaitable[Any]] | None] = ContextVar("nitro_worker", default=None)
"""What calls a function elsewhere, with its arguments, in place of any thread: for frameworks that
keep connections in threads of their own."""


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run *function* in a worker thread, in a copy of this context.

    A thread cannot be stopped: when the caller is cancelled it is waited for, so that nobody
    rolls back a unit that is still being worked in. What would end a generator, a task or the
    process arrives as a RuntimeError: a future cannot carry it, and its caller would wait for
    ever, or seem to be cancelled.
    """
    if inline.get():
        return _contained(function, *args, **kwargs)
    work = _begun(function, *args, **kwargs)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


def _begun(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
    elsewhere = worker.get()
    if elsewhere is not None:
        return asyncio.ensure_future(elsewhere(_contained, function, *args, **kwargs))
    # what asyncio.to_thread does, without a task around it
    call = partial(copy_context().run, _contained, function, *args, **kwargs)
    return asyncio.get_running_loop().run_in_executor(None, call)


def _contained(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return function(*args, **kwargs)
    except (StopIteration, GeneratorExit, SystemExit, asyncio.CancelledError) as exc:
        msg = f"{type(exc).__name__} came out of {function!r}"
        raise RuntimeError(msg) from exc
