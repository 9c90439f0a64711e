"""Events: something happened, and whoever cares is told.

Events are blinker signals: ``event("order.placed")`` and ``blinker.signal("order.placed")`` are
the same one, and blinker's own ``send`` reaches every handler registered here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar, overload
from weakref import WeakValueDictionary

from blinker import ANY, NamedSignal, Signal, default_namespace

from nitro_events.actions import declare
from nitro_events.handlers import Dispatcher, Handlers, is_pattern
from nitro_events.state import state

__all__ = ["EventSignal", "emit", "emit_async", "event", "on"]

F = TypeVar("F", bound=Callable[..., Any])


class EventSignal(NamedSignal):
    """A named signal that enters blinker's default namespace with its first receiver.

    Until then it costs nothing: asking for an event by a name from a URL leaves no trace.
    """

    def connect(self, receiver: F, sender: Any = ANY, weak: bool = True) -> F:
        """Connect as in blinker, see `blinker.Signal.connect`."""
        home = default_namespace.setdefault(self.name, self)
        if home is not self:  # blinker was asked for this name in the meantime
            return home.connect(receiver, sender, weak)
        return super().connect(receiver, sender, weak)

    def receivers_for(self, sender: Any) -> Generator[Callable[..., Any], None, None]:
        """Yield the receivers, with those whose pattern fits the name."""
        home = default_namespace.get(self.name, self)
        if home is not self:
            yield from home.receivers_for(sender)
            return
        handlers = state.part(Handlers)
        found = list(super().receivers_for(sender))
        if handlers.plan(self) and not any(isinstance(r, Dispatcher) for r in found):
            yield Dispatcher(handlers, self)
        yield from found

    async def send_async(
        self, sender: Any = None, /, *, _sync_wrapper: Any = None, **kwargs: Any
    ) -> list[tuple[Callable[..., Any], Any]]:
        """Await all receivers, sync ones too, see `emit_async` for order and errors."""
        return [(self.send, await emit_async(self, sender, **kwargs))]


class _Unheard(WeakValueDictionary[str, EventSignal]):
    """Events that somebody holds and nobody hears yet; they go when they are let go."""


@overload
def event(name: str, /) -> NamedSignal: ...
@overload
def event(function: F, /) -> F: ...
@overload
def event(
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
) -> Callable[[F], F]: ...
def event(
    subject: str | F | None = None,
    /,
    *,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
) -> NamedSignal | F | Callable[[F], F]:
    """Return the event of this name, or declare a function that a client may call.

    ``event("order.placed")`` is a signal. ``@event`` and ``@event(method="POST")`` on a function
    or method are the same as `action`.
    """
    if isinstance(subject, str):
        return _named(subject)
    return declare("action", subject, method, label, icon, confirm, path)


def on(target: str | Signal, /, *, priority: int = 0) -> Callable[[F], F]:
    """Register the decorated function as a handler of an event and return it unchanged.

    *target* is a name, a pattern of names (``order.*``) or a signal. Handlers run in the order
    of registration, those of higher *priority* first, and live as long as the process. A handler
    is given the sender and then only the keywords it names; it may be a function, a coroutine
    function or a generator of either kind, whose values are collected.

    A pattern hears every event that is emitted here; of events sent by blinker's ``send`` those
    whose signal came from `event` or was there when the pattern was registered.
    """
    if not isinstance(target, (str, Signal)):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"on() takes a name, a pattern or a signal, got {target!r}. Use @on('order.placed')"
        raise TypeError(msg)

    def register(function: F) -> F:
        if not callable(function):
            msg = f"A handler must be callable, got {function!r}"
            raise TypeError(msg)
        handlers = state.part(Handlers)
        if isinstance(target, str) and is_pattern(target):
            handlers.add_pattern(target, function, priority)
        else:
            handlers.add(_home(target), function, priority)
        return function

    return register


def emit(target: str | Signal, sender: Any = None, /, **values: Any) -> list[Any]:
    """Tell every handler of an event and return their results in order.

    A generator's result is the list of what it yielded. Async handlers run to their end when no
    event loop is running here; otherwise they become tasks of that loop and the result is the
    task (`emit_async` awaits them). A failing handler does not stop the others: their errors are
    raised together as an ExceptionGroup.
    """
    handlers = state.part(Handlers)
    signal = _known(target)
    if isinstance(signal, str):
        return handlers.run(signal, sender, values)
    if signal.is_muted:
        return []
    return handlers.run(signal, sender, values, handlers.others(signal, sender))


async def emit_async(target: str | Signal, sender: Any = None, /, **values: Any) -> list[Any]:
    """Tell every handler, awaiting async ones one after the other; see `emit` for the rest."""
    handlers = state.part(Handlers)
    signal = _known(target)
    if isinstance(signal, str):
        return await handlers.arun(signal, sender, values)
    if signal.is_muted:
        return []
    return await handlers.arun(signal, sender, values, handlers.others(signal, sender))


def _named(name: str) -> NamedSignal:
    known = default_namespace.get(name)
    if known is not None:
        return known
    unheard = state.part(_Unheard)
    made = EventSignal(name)
    return unheard.setdefault(name, made)


def _known(target: str | Signal) -> str | Signal:
    """Return the signal that stands for *target*, or its name if it has none."""
    if isinstance(target, str):
        return default_namespace.get(target, target)
    if isinstance(target, EventSignal):
        return default_namespace.get(target.name, target)
    return target


def _home(target: str | Signal) -> Signal:
    if isinstance(target, Signal) and not isinstance(target, EventSignal):
        return target
    name = target if isinstance(target, str) else target.name
    fallback = _named(name) if isinstance(target, str) else target
    return default_namespace.setdefault(name, fallback)
