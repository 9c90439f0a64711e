"""For the tests of applications: what was emitted, and waiting until all of it is handled.

with captured() as events:
    order.place()
assert events.names == ["order.placed"]

await settled()
"""

from __future__ import annotations

import asyncio
import fnmatch
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from nitro_events.handlers import Handlers
from nitro_events.running import Running
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blinker import Signal

    from nitro_events.emission import Emission
    from nitro_events.typed import Event

__all__ = ["Captured", "Emitted", "NotSettled", "captured", "settled"]

Target: TypeAlias = "str | Signal | type[Event]"


class NotSettled(TimeoutError):
    """Something was still running when the time was over."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """One event that was emitted."""

    name: str | None
    sender: object
    values: Mapping[str, Any]
    event: Event | None = None
    """The typed event, if one was emitted."""


class Captured(list[Emitted]):
    """What was emitted, in order."""

    def __init__(self, targets: tuple[Target, ...] = (), *, run: bool = True) -> None:
        super().__init__()
        self._patterns = [_name_of(target) for target in targets]
        self._run = run

    @property
    def names(self) -> list[str | None]:
        """The names of what was emitted."""
        return [emitted.name for emitted in self]

    def of(self, target: Target) -> list[Emitted]:
        """Return those of this name, pattern, signal or typed event."""
        pattern = _name_of(target)
        return [emitted for emitted in self if _fits(emitted.name, pattern)]

    def take(self, emission: Emission, /) -> bool:
        """Write an event down, and say whether its handlers are kept from it."""
        name = emission.plan.name
        if self._patterns and not any(_fits(name, pattern) for pattern in self._patterns):
            return False
        values = dict(emission.values)
        self.append(Emitted(name, emission.sender, values, emission.event))
        return not self._run


@contextmanager
def captured(*targets: Target, run: bool = True) -> Generator[Captured]:
    """Write down what is emitted inside the ``with`` block, in all threads.

    *targets* are names, patterns, signals or typed events; without any it is everything. With
    ``run=False`` nobody hears of those events: what is tested is that they are emitted. What
    plain blinker code sends is seen where a handler of ours listens.
    """
    handlers = state.part(Handlers)
    found = Captured(targets, run=run)
    handlers.recorders.append(found)
    handlers.replan()
    try:
        yield found
    finally:
        # two that are empty are equal, so it is looked for by what it is
        handlers.recorders[:] = [one for one in handlers.recorders if one is not found]
        handlers.replan()


async def settled(timeout: float = 5.0) -> None:
    """Wait until what was emitted is handled: tasks, after-commit and durable handlers.

    Durable handlers are run here, one after the other, as a worker would run them. Errors of
    handlers that nobody waits for are in the log. Raises NotSettled after *timeout* seconds.
    """
    until = time.monotonic() + timeout
    while True:
        await _no_tasks(until)
        ran = await _run_durable(until)
        if not ran and not _busy():
            return
        if time.monotonic() > until:
            msg = f"Durable handlers still had something to do after {timeout} seconds"
            raise NotSettled(msg)


async def _no_tasks(until: float) -> None:
    me = asyncio.current_task()
    while _busy(me):
        left = until - time.monotonic()
        if left <= 0:
            names = ", ".join(sorted(task.get_name() for task in state.part(Running).tasks))
            msg = f"Still running: {names or 'a handler that another thread began'}"
            raise NotSettled(msg)
        loop = asyncio.get_running_loop()
        mine = {t for t in state.part(Running).tasks if t.get_loop() is loop and t is not me}
        if mine:
            await asyncio.wait(mine, timeout=left)
        await asyncio.sleep(0 if mine else 0.005)


def _busy(me: asyncio.Task[Any] | None = None) -> bool:
    running = state.part(Running)
    return bool(running.coming or running.tasks - {me})


async def _run_durable(until: float) -> bool:
    """Run the durable handlers that have something to do; answer whether there was anything."""
    if "nitro_events.durable" not in sys.modules:  # nobody registered one
        return False
    from nitro_events import durable

    if not any(durable.registry()):
        return False
    return bool(await durable.adrain(max(0.1, until - time.monotonic())))


def _name_of(target: Target) -> str:
    if isinstance(target, str):
        return target
    if isinstance(target, type):
        from nitro_events.typed import name_of

        return name_of(target)
    name = getattr(target, "name", None)
    if not isinstance(name, str):
        msg = f"{cast('object', target)!r} has no name to look for"
        raise TypeError(msg)
    return name


def _fits(name: str | None, pattern: str) -> bool:
    return name is not None and (name == pattern or fnmatch.fnmatchcase(name, pattern))
