"""Who handles which event.

blinker keeps receivers in sets, calls them in no order, stops at the first error and refuses to
mix sync and async ones. So each signal gets one receiver of ours, a `Dispatcher`, which runs the
handlers that `on` registered.
"""

from __future__ import annotations

import fnmatch
import inspect
import os
import threading
from typing import TYPE_CHECKING, Protocol

from blinker import Signal, default_namespace

from nitro_events.dispatcher import Dispatcher
from nitro_events.handler import Function, Handler, Options, Turn
from nitro_events.known import EventTypes, Strictness, refuse_unknown
from nitro_events.places import caller
from nitro_events.plans import Plan
from nitro_events.running import current_sender as current_sender
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nitro_events.emission import Emission

__all__ = ["Handler", "Handlers", "current_sender", "is_pattern", "run_everywhere"]

_MOST_UNHEARD = 1024
"""So many names that nobody registered for are remembered: they come from URLs too."""


class Recorder(Protocol):
    """Somebody who writes down what is emitted, such as `testing.captured`."""

    def take(self, emission: Emission, /) -> bool:
        """Write it down, and say whether the handlers are kept from it."""
        ...


class Handlers:
    """All registered handlers: by signal and by pattern of names."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_signal: dict[Signal, list[Handler]] = {}
        self._by_pattern: list[tuple[str, Handler]] = []
        self._dispatchers: dict[Signal, Dispatcher] = {}
        self._unheard: list[Signal | str] = []
        self._count = 0
        self.recorders: list[Recorder] = []
        self.emitted: dict[str, str] = {}
        """Where each name was first emitted from, as far as it was seen."""
        state.on_reset(self.clear)

    def add(self, signal: Signal, function: Function, options: Options, turn: Turn | None) -> None:
        """Let *function* handle *signal*; a second time changes only how."""
        with self._lock:
            handlers = self._by_signal.setdefault(signal, [])
            new = self._new(function, options, turn)
            # two senders are two registrations; the function still runs once for an event
            handlers[:] = [h for h in handlers if (h.identity, h.key) != (new.identity, new.key)]
            handlers.append(new)
            if turn is not None:
                turn.signals.append(signal)
            self._attach(signal)
            self._replan_one(signal)

    def add_pattern(
        self, pattern: str, function: Function, options: Options, turn: Turn | None
    ) -> None:
        """Let *function* handle every event whose name fits *pattern*."""
        with self._lock:
            self._by_pattern.append((pattern, self._new(function, options, turn)))
            # signals made by blinker alone know nothing of patterns
            for name, signal in list(default_namespace.items()):
                if fnmatch.fnmatchcase(name, pattern):
                    self._attach(signal)
            self.replan()

    def take_turn(self, handler: Handler) -> bool:
        """Take the one turn of a handler that runs once, and let it hear no more."""
        if handler.turn is None or not handler.turn.take():
            return False
        with self._lock:
            for signal in handler.turn.signals:
                handlers = self._by_signal.get(signal, [])
                handlers[:] = [h for h in handlers if h.turn is not handler.turn]
                self._replan_one(signal)
            left = [pair for pair in self._by_pattern if pair[1].turn is not handler.turn]
            if len(left) != len(self._by_pattern):
                self._by_pattern = left
                self.replan()
        return True

    def clear(self) -> None:
        """Forget every handler and leave the signals."""
        with self._lock:
            for signal, dispatcher in self._dispatchers.items():
                Signal.disconnect(signal, dispatcher)
            self._dispatchers.clear()
            self._by_signal.clear()
            self._by_pattern.clear()
            self.replan()

    def replan(self) -> None:
        """Forget the plans: something that they were made from has changed."""
        with self._lock:
            state.plans.clear()
            self._unheard.clear()

    def plan(self, target: Signal | str) -> Plan:
        """Return who is to be called for *target*, a name or a signal.

        Made once, until somebody registers. Raises UnknownEvent for a name that nobody knows if
        that was asked for by ``configure(strict_events=True)``.
        """
        found = state.plans.get(target)
        return found if found is not None else self._planned(target)

    def renewed(self, signal: Signal) -> Plan:
        """Return the plan of *signal*, which was not there when its name was looked up."""
        name = getattr(signal, "name", None)
        with self._lock:
            state.plans.pop(name, None)
            return self._planned(signal if name is None else name)

    def for_name(self, name: str) -> tuple[Handler, ...]:
        """Return every handler that hears events of this name, by name or by pattern, in order."""
        return self.plan(name).handlers

    def registered(self) -> Iterator[tuple[str, Handler]]:
        """Yield the name, the pattern or the signal that each handler listens to, with it."""
        with self._lock:
            by_signal = [(_name_of(s), h) for s, some in self._by_signal.items() for h in some]
            found = [*by_signal, *self._by_pattern]
        yield from sorted(found, key=lambda pair: pair[1].order)

    def patterns(self) -> list[str]:
        """Return the patterns that somebody listens to."""
        return [pattern for pattern, _ in self._by_pattern]

    def is_attached(self, signal: Signal) -> bool:
        """Whether *signal* has a receiver of ours."""
        return signal in self._dispatchers

    def is_strict(self, name: str | None) -> bool:
        """Whether the first error of a handler stops the others of this event."""
        if name is None:
            return False
        said = state.part(Strictness).get(name)
        if said is not None:
            return said
        kind = state.part(EventTypes).get(name)
        return kind is not None and kind.__event_strict__

    def others(self, signal: Signal, sender: object) -> list[Handler]:
        """Return what plain blinker code connected to *signal*, in order of connection."""
        if len(signal.receivers) == self.is_attached(signal):
            return []
        found = [r for r in Signal.receivers_for(signal, sender) if not isinstance(r, Dispatcher)]
        place = {key: at for at, key in enumerate(signal.receivers)}
        found.sort(key=lambda receiver: place.get(_receiver_id(receiver), 0))
        return [Handler(receiver) for receiver in found]

    def _replan_one(self, signal: Signal) -> None:
        """Forget what was made for one signal; other events are none of its business."""
        state.plans.pop(signal, None)
        state.plans.pop(getattr(signal, "name", None), None)

    def _planned(self, target: Signal | str) -> Plan:
        with self._lock:
            name = target if isinstance(target, str) else getattr(target, "name", None)
            signal = default_namespace.get(target) if isinstance(target, str) else target
            chosen = [] if signal is None else list(self._by_signal.get(signal, ()))
            own = bool(chosen)
            if isinstance(name, str):
                chosen += [h for p, h in self._by_pattern if fnmatch.fnmatchcase(name, p)]
                self._note(name, known=own or signal is not None)
            if not own:
                self._make_room(target)
            plan = state.plans[target] = Plan(self, name, signal, chosen)
            if signal is not None:
                state.plans[signal] = plan
            return plan

    def _note(self, name: str, *, known: bool) -> None:
        if not known and state.settings.strict_events:
            refuse_unknown(name, self.patterns())
        if name not in self.emitted and len(self.emitted) < _MOST_UNHEARD:
            self.emitted[name] = caller()

    def _make_room(self, target: Signal | str) -> None:
        if len(self._unheard) >= _MOST_UNHEARD:
            for unheard in self._unheard:
                state.plans.pop(unheard, None)
            self._unheard.clear()
        self._unheard.append(target)

    def _new(self, function: Function, options: Options, turn: Turn | None) -> Handler:
        self._count += 1
        return Handler(function, options, (-options.priority, self._count), turn)

    def _attach(self, signal: Signal) -> None:
        if signal not in self._dispatchers:
            dispatcher = self._dispatchers[signal] = Dispatcher(self, signal)
            signal.connect(dispatcher, weak=False)

    def renew_lock(self) -> None:
        """Take a new lock in a forked child: a thread of the parent may hold the old one."""
        self._lock = threading.RLock()


def run_everywhere(name: str, sender: object, values: Mapping[str, object]) -> None:
    """Run what listens everywhere to an event that another instance emitted.

    Nobody waits for it here: failures are logged, and each handler has a unit of its own.
    """
    from nitro_events.deferred import deliver_everywhere

    plan = state.part(Handlers).plan(name).to(sender)
    deliver_everywhere(plan.handlers, name, sender, values)


def is_pattern(name: str) -> bool:
    """Whether *name* stands for many names, like ``order.*``."""
    return any(sign in name for sign in "*?[")


def _name_of(signal: Signal) -> str:
    return getattr(signal, "name", None) or repr(signal)


def _receiver_id(receiver: Function) -> object:
    if inspect.ismethod(receiver):
        return id(receiver.__func__), id(receiver.__self__)
    return id(receiver)


def _renew() -> None:
    handlers = state.made(Handlers)
    if handlers is not None:
        handlers.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
