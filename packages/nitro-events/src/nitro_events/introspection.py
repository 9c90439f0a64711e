"""Who listens, who emits, and which events nobody hears."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from blinker import default_namespace

from nitro_events.handler import place_of
from nitro_events.handlers import Handlers, is_pattern
from nitro_events.known import EventTypes
from nitro_events.places import short
from nitro_events.scan import Emitter, application_modules, emitters_in
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from nitro_events.handler import Handler, Options

Runs: TypeAlias = Literal["inline", "after commit", "durable", "everywhere"]

__all__ = ["EventReport", "Listener", "describe_events"]


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler and what it listens to."""

    target: str
    """A name, or a pattern of names."""
    handler: str
    kind: str
    """sync, async, generator, async generator; of blinker's own receivers: blinker."""
    priority: int
    where: str
    runs: Runs = "inline"
    conditions: tuple[str, ...] = ()
    """Of sender, when and once those that it was registered with."""
    typed: str | None = None
    """The class of the typed event that it takes."""


@dataclass(frozen=True, slots=True)
class EventReport:
    """What is known of the events of this process."""

    listeners: Sequence[Listener] = field(default_factory=tuple[Listener, ...])
    emitters: Sequence[Emitter] = field(default_factory=tuple[Emitter, ...])
    """From the source of the application, and where else something was seen to be emitted."""
    typed: Sequence[str] = field(default_factory=tuple[str, ...])
    """The names of the typed events."""
    unheard: Sequence[str] = field(default_factory=tuple[str, ...])
    """Emitted, and nobody listens."""
    silent: Sequence[str] = field(default_factory=tuple[str, ...])
    """Listened to, and no place is known that emits it."""

    def names(self) -> list[str]:
        """Return every name and pattern that is spoken of, sorted."""
        heard = {listener.target for listener in self.listeners}
        return sorted(heard.union((e.name for e in self.emitters), self.typed))

    def __str__(self) -> str:
        """Return the report as a text to be printed."""
        lines: list[str] = []
        for name in self.names():
            mark = "  (nobody listens)" if name in self.unheard else ""
            lines.append(f"{name}{mark}")
            emitters = [e for e in self.emitters if e.name == name]
            lines += [f"  emitted at {short(emitter.where)}" for emitter in emitters]
            lines += [f"  {_line(one)}" for one in self.listeners if one.target == name]
        return "\n".join(lines)


def describe_events(modules: Iterable[ModuleType] | None = None) -> EventReport:
    """Return who listens to which event, who emits it, and what is emitted in vain.

    Who emits is read from the source of *modules*, without them of every loaded module of the
    application, and from what was emitted in this process so far. It is a best effort: a name
    that is put together at run time appears as a pattern.
    """
    handlers = state.part(Handlers)
    listeners = [_listener(target, handler) for target, handler in handlers.registered()]
    listeners += _of_blinker(handlers)
    emitters = emitters_in(application_modules() if modules is None else modules)
    known = {emitter.name for emitter in emitters}
    emitters += [
        Emitter(name, where) for name, where in handlers.emitted.items() if name not in known
    ]
    heard = [listener.target for listener in listeners]
    emitted = sorted({emitter.name for emitter in emitters})
    return EventReport(
        tuple(listeners),
        tuple(sorted(emitters, key=lambda emitter: (emitter.name, emitter.where))),
        tuple(sorted(state.part(EventTypes))),
        tuple(name for name in emitted if not _meets(name, heard)),
        tuple(name for name in sorted(set(heard)) if not _meets(name, emitted)),
    )


def _listener(target: str, handler: Handler) -> Listener:
    options = handler.options
    asked = {"sender": options.sender, "when": options.when, "once": options.once or None}
    return Listener(
        target,
        handler.name,
        handler.kind,
        options.priority,
        place_of(handler.function),
        _runs(options),
        tuple(name for name, given in asked.items() if given is not None),
        None if options.event is None else options.event.__qualname__,
    )


def _runs(options: Options) -> Runs:
    if options.durable:
        return "durable"
    if options.everywhere:
        return "everywhere"
    return "after commit" if options.after_commit else "inline"


def _of_blinker(handlers: Handlers) -> list[Listener]:
    return [
        Listener(name, other.name, "blinker", 0, place_of(other.function))
        for name, signal in sorted(default_namespace.items())
        for other in handlers.others(signal, None)
    ]


def _meets(name: str, others: Iterable[str]) -> bool:
    """Whether *name* and one of *others* may be the same, where either may be a pattern."""
    return any(
        name == other
        or (is_pattern(other) and fnmatch.fnmatchcase(name, other))
        or (is_pattern(name) and fnmatch.fnmatchcase(other, name))
        for other in others
    )


def _line(one: Listener) -> str:
    priority = f" priority {one.priority}" if one.priority else ""
    conditions = f" if {', '.join(one.conditions)}" if one.conditions else ""
    how = f"{one.kind}, {one.runs}{priority}{conditions}"
    return f"-> {one.handler} ({how}) at {short(one.where)}"
