"""Servers on gevent, where what looks like threads are greenlets that share one real thread.

An event loop there would seem to run for all of them, so ours gets a real thread. Nothing but the
loop runs in that: functions that wait are called by greenlets of the server, which own the locks
and the connections.
"""

from __future__ import annotations

import asyncio
import sys
from contextvars import copy_context
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["GreenletLoop", "are_threads", "result_of", "start_real_thread"]

T = TypeVar("T")


def are_threads() -> bool:
    """Tell whether gevent has put greenlets in the place of threads."""
    # asked before anybody loads it: who runs on gevent has loaded this
    monkey: Any = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def start_real_thread(target: Callable[[], object]) -> None:
    """Call *target* in a thread of the operating system."""
    start: Any = _original("_thread", "start_new_thread")
    start(target, ())


class GreenletLoop(asyncio.SelectorEventLoop):
    """An event loop for a real thread; what it would do in others is done by greenlets.

    They run in the thread in which the loop is made.
    """

    def __init__(self) -> None:
        gevent: Any = import_module("gevent")
        self._spawn = gevent.spawn
        self._soon = gevent.get_hub().loop.run_callback_threadsafe
        super().__init__(_original("selectors", "DefaultSelector")())

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Return what ``func(*args)`` will have returned, called by a greenlet."""
        future: asyncio.Future[T] = self.create_future()
        self._soon(self._spawn, self._call, future, partial(func, *args))
        return future

    def _call(self, future: asyncio.Future[T], work: Callable[[], T]) -> None:
        try:
            result = work()
        except BaseException as exc:
            self.call_soon_threadsafe(_fail, future, exc)
        else:
            self.call_soon_threadsafe(_finish, future, result)


def result_of(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns on *loop* of another thread, while other greenlets go on.

    Without a lock: those of gevent are slow between real threads.
    """
    hub: Any = import_module("gevent").get_hub()
    waiter: Any = import_module("gevent.hub").Waiter(hub)
    done: Any = hub.loop.async_()
    tasks: list[asyncio.Task[T]] = []

    def begin() -> None:
        task = loop.create_task(work, context=context)
        tasks.append(task)
        task.add_done_callback(lambda _: done.send())

    context = copy_context()
    done.start(waiter.switch, None)
    try:
        loop.call_soon_threadsafe(begin)
        waiter.get()
    except BaseException:  # this greenlet is killed
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
        raise
    finally:
        done.stop()
        done.close()
    return tasks[0].result()


def _original(module: str, name: str) -> Any:
    return import_module("gevent.monkey").get_original(module, name)


def _finish(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], exc: BaseException) -> None:
    if not future.done():
        future.set_exception(exc)
