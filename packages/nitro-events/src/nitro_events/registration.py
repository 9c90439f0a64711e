"""``@on(...)``: how a function becomes the handler of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from blinker import NamedSignal, Signal, default_namespace

from nitro_events.handler import Options, Turn
from nitro_events.handlers import Handlers, is_pattern
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.durable.options import Retry
    from nitro_events.typed import Event

__all__ = ["on"]

F = TypeVar("F", bound=Callable[..., Any])
Target: TypeAlias = "str | Signal | type[Event]"


def on(
    *targets: Target,
    priority: int = 0,
    sender: object = None,
    when: Callable[..., object] | None = None,
    once: bool = False,
    after_commit: bool = False,
    durable: bool | Retry = False,
    everywhere: bool = False,
) -> Callable[[F], F]:
    """Register the decorated function as a handler of events and return it unchanged.

    Each target is a name, a pattern of names (``order.*``), a signal or a typed event class.
    Handlers run in the order of registration, those of higher *priority* first, and live as long
    as the process. A function that hears an event in several ways runs once for it.

    A handler is given the sender and then only the keywords it names; one of a typed event is
    given the event object (and the sender, if it names ``sender``), whether the event was emitted
    as an object or by name. It may be a function, a coroutine function or a generator of either
    kind, whose values are collected, up to a limit.

    - *sender*: hear only this one. Two loaded copies of one entity (same class, same id) are the
      same; texts and numbers are compared; a class means itself and its instances. It is held as
      long as the process lives.
    - *when*: hear only what this function, called with what the handler would get, says yes to.
      It is asked where the event is emitted; its error counts as the handler's.
    - *once*: run for the first such event only, in this process, whatever becomes of it.
    - *after_commit*: run when the open unit of work is committed, never when it is rolled back,
      in a unit of its own. An error is logged and changes nothing. Without an open unit it runs
      after the other handlers.
    - *durable*: run by a worker, at least once, also after a crash; a `Retry` says how often it
      is tried again (see `nitro_events.durable`).
    - *everywhere*: run in every instance of the application (see `nitro_events.instances`).

    A pattern hears every event that is emitted here; of events sent by blinker's ``send`` those
    whose signal came from `event` or was there when the pattern was registered.
    """
    if not targets or "" in targets:
        msg = "on() takes at least one name, pattern, signal or typed event: @on('order.placed')"
        raise TypeError(msg)
    found = [_read(target) for target in targets]
    options = Options(priority, sender, when, once, after_commit, durable, everywhere)
    if durable or everywhere:
        _refuse_nameless(found)

    def register(function: F) -> F:
        if not callable(function):
            msg = f"A handler must be callable, got {function!r}"
            raise TypeError(msg)
        turn = Turn() if once else None
        for target, kind in found:
            _register(target, function, options if kind is None else options.typed(kind), turn)
        return function

    return register


def _register(
    target: str | Signal, function: Callable[..., Any], options: Options, turn: Turn | None
) -> None:
    handlers = state.part(Handlers)
    name = target if isinstance(target, str) else cast("NamedSignal", target)
    if options.durable:
        from nitro_events import durable

        durable.register(function, _text(name), options)
    if options.everywhere:
        from nitro_events import instances

        instances.share(_text(name))
    if isinstance(target, str) and is_pattern(target):
        handlers.add_pattern(target, function, options, turn)
    else:
        handlers.add(_home(target), function, options, turn)


def _read(target: Target) -> tuple[str | Signal, type[Event] | None]:
    """Return the name or signal, and the class of a typed event. Raises TypeError."""
    if isinstance(target, (str, Signal)):
        return target, None
    if hasattr(target, "__event_name__"):
        from nitro_events.typed import name_of

        return name_of(target), target
    msg = (
        f"on() takes a name, a pattern, a signal or a typed event, got {target!r}. "
        f"Use @on('order.placed')"
    )
    raise TypeError(msg)


def _refuse_nameless(targets: list[tuple[str | Signal, type[Event] | None]]) -> None:
    for target, _ in targets:
        if not isinstance(target, (str, NamedSignal)):
            msg = f"{target!r} has no name, so no other process can know it. Use event('a.name')"
            raise ValueError(msg)


def _text(target: str | NamedSignal) -> str:
    return target if isinstance(target, str) else target.name


def _home(target: str | Signal) -> Signal:
    """Return the signal in blinker's namespace, where there is a name for it."""
    from nitro_events.events import EventSignal, event

    if isinstance(target, str):
        return default_namespace.setdefault(target, event(target))
    if isinstance(target, EventSignal):
        return default_namespace.setdefault(target.name, target)
    return target
