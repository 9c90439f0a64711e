"""Events: something happened, and whoever cares is told.

Events are blinker signals: ``event("order.placed")`` and ``blinker.signal("order.placed")`` are
the same one, and blinker's own ``send`` reaches every handler registered here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from blinker import ANY, NamedSignal, Signal, default_namespace

from nitro_events.actions import declare
from nitro_events.dispatcher import Dispatcher
from nitro_events.emission import arun
from nitro_events.expecting import expect, is_a
from nitro_events.handlers import Handlers
from nitro_events.known import Held, Strictness
from nitro_events.registration import on
from nitro_events.state import state

if TYPE_CHECKING:
    from datetime import timedelta

    from nitro_events.typed import Event

__all__ = ["EventSignal", "emit", "emit_aside", "emit_async", "event", "on"]

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
        if not any(isinstance(r, Dispatcher) for r in found):
            heard = handlers.plan(self).handlers
            if heard or handlers.recorders:
                yield Dispatcher(handlers, self)
        yield from found

    async def send_async(
        self, sender: Any = None, /, *, _sync_wrapper: Any = None, **kwargs: Any
    ) -> list[tuple[Callable[..., Any], Any]]:
        """Await all receivers, sync ones too, see `emit_async` for order and errors."""
        return [(self.send, await emit_async(self, sender, **kwargs))]


_LOOKED_UP = {str, EventSignal, NamedSignal, Signal}
"""What plans are known by; asking a typed event for its hash would cost more than that."""


@overload
def event(name: str | type[Event], /, *, strict: bool | None = None) -> NamedSignal: ...
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
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
) -> Callable[[F], F]: ...
def event(
    subject: str | type[Event] | F | None = None,
    /,
    *,
    strict: bool | None = None,
    method: str = "POST",
    label: str | None = None,
    icon: str | None = None,
    confirm: str | None = None,
    path: str | None = None,
    retry: int | None = None,
    idempotent: bool | timedelta | None = None,
) -> NamedSignal | F | Callable[[F], F]:
    """Return the event of this name, or declare a function that a client may call.

    ``event("order.placed")`` is a signal, and so is ``event(OrderPlaced)`` of a typed event.
    With *strict* the first error of a handler of it stops the others and is raised as it is;
    without, all run and their errors are raised together.

    ``@event`` and ``@event(method="POST")`` on a function or method are the same as `action`.
    """
    name = subject if isinstance(subject, str) else _typed_name(subject)
    if name is None:
        function = cast("F | None", subject)
        return declare("action", function, method, label, icon, confirm, path, retry, idempotent)
    if strict is not None:
        expect(is_a(bool)(strict), "strict", "True or False", strict)
        state.part(Strictness)[name] = strict
        state.part(Handlers).replan()
    return _named(name)


@overload
def emit(event: Event, sender: Any = None, /) -> list[Any]: ...
@overload
def emit(event: str | Signal | type[Event], sender: Any = None, /, **values: Any) -> list[Any]: ...
def emit(
    event: str | Signal | Event | type[Event], sender: Any = None, /, **values: Any
) -> list[Any]:
    """Tell every handler of an event and return their results in order.

    *event* is a name, a signal or the class of a typed event, with the facts as keywords, or a
    typed event, which has them.
    A generator's result is the list of what it yielded. Async handlers run to their end when no
    event loop is running here; otherwise they become tasks of that loop and the result is the
    task (`emit_async` awaits them). A failing handler does not stop the others: their errors are
    raised together as an ExceptionGroup, unless the event is strict.

    Handlers that wait for the commit or are run elsewhere have no result here. Raises
    UnknownEvent for a name that nobody knows, with ``configure(strict_events=True)``.
    """
    if event.__class__ in _LOOKED_UP:
        plan = state.plans.get(event)
        if plan is not None:
            run = plan.calls.get(tuple(values))
            if run is not None:
                return run(sender, values)
    name, values, typed = _read(event, values)
    plan = state.part(Handlers).plan(name)
    names = tuple(values)
    return (plan.calls.get(names) or plan.call(names))(sender, values, typed)


@overload
async def emit_async(event: Event, sender: Any = None, /) -> list[Any]: ...
@overload
async def emit_async(
    event: str | Signal | type[Event], sender: Any = None, /, **values: Any
) -> list[Any]: ...
async def emit_async(
    event: str | Signal | Event | type[Event], sender: Any = None, /, **values: Any
) -> list[Any]:
    """Tell every handler, awaiting async ones one after the other; see `emit` for the rest."""
    if event.__class__ in _LOOKED_UP:
        plan = state.plans.get(event)
        if plan is not None:
            run = plan.acalls.get(tuple(values))
            if run is not None:
                return await run(sender, values)
    name, values, typed = _read(event, values)
    plan = state.part(Handlers).plan(name)
    names = tuple(values)
    return await (plan.acalls.get(names) or plan.acall(names))(sender, values, typed)


async def emit_aside(
    event: str | Signal | Event | type[Event], sender: Any = None, /, **values: Any
) -> list[Any]:
    """As `emit_async`, but what is not async runs in a worker thread, so that the loop goes on."""
    name, values, typed = _read(event, values)
    plan = state.part(Handlers).plan(name)
    return await arun(plan.now().to(sender), sender, values, typed, aside=True)


def _read(
    given: str | Signal | Event | type[Event], values: dict[str, Any]
) -> tuple[str | Signal, dict[str, Any], Event | None]:
    """Return what to look handlers up by, the facts, and the event if it is a typed one."""
    if isinstance(given, str):
        return given, values, None
    if isinstance(given, EventSignal):
        return given.name, values, None
    if isinstance(given, Signal):
        return given, values, None
    if isinstance(given, type) and (name := _typed_name(given)) is not None:
        return name, values, None
    name = _typed_name(type(given))
    if name is None or isinstance(given, type):
        msg = f"emit() takes a name, a signal or a typed event, got {given!r}"
        raise TypeError(msg)
    if values:
        unexpected = ", ".join(values)
        msg = f"{type(given).__name__} has its facts as fields; emit() got {unexpected} besides"
        raise TypeError(msg)
    return name, given.facts(), given


def _typed_name(kind: object) -> str | None:
    """Return the name of the typed event *kind*, None for anything else."""
    if not hasattr(kind, "__event_name__"):
        return None
    from nitro_events.typed import name_of

    return name_of(cast("type[Event]", kind))


def _named(name: str) -> NamedSignal:
    known = default_namespace.get(name)
    if known is not None:
        return known
    return state.part(Held).setdefault(name, EventSignal(name))
