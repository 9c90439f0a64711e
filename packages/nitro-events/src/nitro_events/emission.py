"""One event on its way through its handlers, where each of them may decide something."""

from __future__ import annotations

from contextlib import contextmanager
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from nitro_events.deferred import adeliver, deliver, later
from nitro_events.running import (
    collected,
    current_sender,
    failed,
    finish,
    finished,
    is_awaitable,
    noted,
)
from nitro_events.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from nitro_events.handler import Handler
    from nitro_events.plans import Plan
    from nitro_events.typed import Event

__all__ = ["Emission", "arun", "run"]


def run(
    plan: Plan,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None = None,
    *,
    others: bool = True,
) -> list[Any]:
    """Run the handlers, then what blinker code connected unless *others* is False.

    Async ones become tasks of a loop that is running here. Every handler runs; afterwards their
    exceptions are raised as one ExceptionGroup. Where the event is strict, the first is raised as
    it is and nobody else runs.
    """
    emission = Emission(plan, sender, values, event)
    if emission.is_silent():
        return []
    token = current_sender.set(sender)
    try:
        for handler in emission.turns(others=others):
            try:
                result = handler.call(sender, values, emission.event)
                if handler.kind != "sync" or isinstance(result, CoroutineType):
                    result = finish(handler, result)
                emission.results.append(result)
            except Exception as exc:
                emission.fails(noted(exc, handler))
        emission.carry()
        for handler in emission.at_once:
            deliver(handler, plan.name, sender, values, emission.event)
    finally:
        current_sender.reset(token)
    return emission.outcome()


async def arun(
    plan: Plan,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None = None,
    *,
    aside: bool = False,
) -> list[Any]:
    """Run the handlers one after the other, awaiting the async ones; errors as in `run`.

    Those that are not async run here, or in a worker thread with *aside*.
    """
    emission = Emission(plan, sender, values, event)
    if emission.is_silent():
        return []
    token = current_sender.set(sender)
    try:
        for handler in emission.turns(others=True):
            try:
                if aside and handler.kind in ("sync", "generator"):
                    result = await in_thread(_called, handler, sender, values, emission.event)
                else:
                    result = handler.call(sender, values, emission.event)
                if handler.kind != "sync" or is_awaitable(result):
                    result = await finished(handler, result)
                emission.results.append(result)
            except Exception as exc:
                emission.fails(noted(exc, handler))
        await emission.acarry()
        for handler in emission.at_once:
            await adeliver(handler, plan.name, sender, values, emission.event)
    finally:
        current_sender.reset(token)
    return emission.outcome()


def _called(
    handler: Handler, sender: object, values: Mapping[str, Any], event: Event | None
) -> Any:
    result = handler.call(sender, values, event)
    return collected(handler, result) if handler.kind == "generator" else result


class Emission:
    """What was emitted, and what has come of it so far."""

    def __init__(
        self, plan: Plan, sender: object, values: Mapping[str, Any], event: Event | None
    ) -> None:
        self.plan = plan
        self.sender = sender
        self.values = values
        self.event = event
        self.results: list[Any] = []
        self.errors: list[Exception] = []
        self.at_once: list[Handler] = []
        """Those who wait for a commit, where there is no unit to be committed."""
        self._is_durable = False
        self._is_shared = False
        self._cannot_be_made = False

    def is_silent(self) -> bool:
        """Let it be recorded, and say whether nobody is to hear of it."""
        plan = self.plan
        if plan.signal is not None and plan.signal.is_muted:
            return True
        taken = [recorder.take(self) for recorder in plan.owner.recorders]
        return any(taken)

    def turns(self, *, others: bool) -> Iterator[Handler]:
        """Yield who is to run here and now; see to the rest."""
        chosen = self.plan.handlers
        if others and (connected := self.plan.others(self.sender)):
            chosen += tuple(connected)
        seen: set[object] = set()
        for handler in chosen:
            options = handler.options
            if options.durable:  # its condition is asked when it is recorded
                self._is_durable = True
                continue
            if handler.identity in seen or not self._accepts(handler):
                continue
            seen.add(handler.identity)
            self._is_shared |= options.everywhere
            if options.after_commit:
                self._wait(handler)
            elif handler.turn is None or self.plan.owner.take_turn(handler):
                yield handler

    def fails(self, error: Exception) -> None:
        """Keep *error* for the end; raise it if the event is strict."""
        if self.plan.strict:
            raise error
        self.errors.append(error)

    def carry(self) -> None:
        """Hand the event to durable handlers and to other instances, where there are such."""
        if self._is_durable:
            from nitro_events import durable

            with self._handing_on() as name:
                durable.record(name, self.sender, self.values)
        self._tell()

    async def acarry(self) -> None:
        """As `carry`, without holding up the event loop."""
        if self._is_durable:
            from nitro_events import durable

            with self._handing_on() as name:
                await durable.arecord(name, self.sender, self.values)
        self._tell()

    def outcome(self) -> list[Any]:
        """Return the results. Raises the errors as one."""
        if self.errors:
            raise failed(self.plan.name, self.errors)
        return self.results

    def _tell(self) -> None:
        if self._is_shared:
            from nitro_events import instances

            with self._handing_on() as name:
                instances.tell(name, self.sender, self.values)

    @contextmanager
    def _handing_on(self) -> Generator[str]:
        name = self.plan.name or ""  # `on` refuses signals without a name
        try:
            yield name
        except Exception as exc:
            exc.add_note(f"raised while {name!r} was handed on")
            self.fails(exc)

    def _accepts(self, handler: Handler) -> bool:
        try:
            if handler.options.event is not None and self.event is None:
                if self._cannot_be_made:  # said once already
                    return False
                self._make(handler)
            return handler.accepts(self.sender, self.values, self.event)
        except Exception as exc:
            self.fails(noted(exc, handler))
            return False

    def _make(self, handler: Handler) -> None:
        self._cannot_be_made = True
        self.event = handler.made(self.values)
        self._cannot_be_made = False

    def _wait(self, handler: Handler) -> None:
        given = (handler, self.plan.name, self.sender, self.values, self.event)
        if not later(*given):
            self.at_once.append(handler)
