"""How the results of handlers are brought in: tasks, awaited coroutines, collected generators."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import threading
from collections.abc import AsyncIterable, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar, copy_context
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from nitro_events.handler import Handler

__all__ = [
    "Running",
    "TooManyItems",
    "abounded",
    "bounded",
    "collected",
    "current_sender",
    "failed",
    "finish",
    "finished",
    "is_awaitable",
    "noted",
    "running_loop",
]

Work: TypeAlias = "Callable[[], Coroutine[Any, Any, Any]]"

log = logging.getLogger("nitro_events")

current_sender: ContextVar[object] = ContextVar("nitro_current_sender", default=None)
"""The sender of the event that is being handled."""


class TooManyItems(RuntimeError):
    """A generator handler yielded more than is collected; it may never have ended."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"The handler {name} yielded more than {limit} items and was closed. What a handler "
            f"yields is collected, so it must end; configure(limits={{'items': …}}) allows more"
        )
        self.limit = limit


class Running:
    """The async handlers that nobody awaits: tasks of the loops they run on."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.coming = 0
        """How many were handed to a loop by another thread and are no task yet."""
        self._lock = threading.Lock()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Make *work* a task of the loop that runs here; its failure is logged."""
        task = asyncio.get_running_loop().create_task(work, name=f"nitro handler {name}")
        self.tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(functools.partial(self._ended, name))
        return task

    def start_on(self, loop: asyncio.AbstractEventLoop, work: Work, name: str) -> None:
        """Let another thread's *loop* begin *work*, in a copy of this context."""
        with self._lock:
            self.coming += 1
        loop.call_soon_threadsafe(self._arrive, work, name, context=copy_context())

    def forget(self) -> None:
        """Leave the tasks of the parent process to it, after a fork."""
        self.tasks, self.coming, self._lock = set(), 0, threading.Lock()

    def _arrive(self, work: Work, name: str) -> None:
        with self._lock:
            self.coming -= 1
        self.start(work(), name)

    def _ended(self, name: str, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Handler %s failed", name, exc_info=error)


def _forget() -> None:
    running = state.made(Running)
    if running is not None:
        running.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if one does."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def finish(handler: Handler, result: Any) -> Any:
    """Bring in what a handler returned, in sync code.

    Async ones run to their end if no loop is running here, else they become tasks of that loop.
    """
    if handler.kind == "generator":
        return collected(handler, result)
    work = finished(handler, result)
    if running_loop() is None:
        return asyncio.run(work)
    return state.part(Running).start(work, handler.name)


async def finished(handler: Handler, result: Any) -> Any:
    """Bring in what a handler returned, in async code."""
    if handler.kind == "generator":
        return collected(handler, result)
    if handler.kind == "async generator":
        return await abounded(handler.name, result)
    return await result


def collected(handler: Handler, items: Iterable[Any]) -> list[Any]:
    """Return what a generator handler yields. Raises TooManyItems if that has no end."""
    return bounded(handler.name, items)


def bounded(name: str, items: Iterable[Any]) -> list[Any]:
    """Return what a generator yields, up to the limit. Raises TooManyItems, and closes it."""
    limit = state.settings.limits.items
    found = list(islice(items, limit + 1))
    if len(found) > limit:
        items.close()  # type: ignore[attr-defined]  # pyright: ignore
        raise TooManyItems(name, limit)
    return found


async def abounded(name: str, items: AsyncIterable[Any]) -> list[Any]:
    """As `bounded`, of an async generator."""
    limit = state.settings.limits.items
    found: list[Any] = []
    async for item in items:
        if len(found) >= limit:
            await items.aclose()  # type: ignore[attr-defined]  # pyright: ignore
            raise TooManyItems(name, limit)
        found.append(item)
    return found


def noted(exc: Exception, handler: Handler) -> Exception:
    """Say in *exc* where it comes from."""
    exc.add_note(f"raised in the handler {handler.name}")
    return exc


def failed(name: str | None, errors: Sequence[Exception]) -> ExceptionGroup[Exception]:
    """Return the errors of the handlers of one event as one."""
    count = "One handler" if len(errors) == 1 else f"{len(errors)} handlers"
    what = "" if name is None else f" of {name!r}"
    return ExceptionGroup(f"{count}{what} failed", errors)


def is_awaitable(result: object) -> bool:
    """Whether a sync function returned something to be awaited."""
    return result is not None and hasattr(result.__class__, "__await__")
