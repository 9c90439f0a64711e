"""``/cmds/{command}/{sender}``: one address for every command, and for events opened by name.

A command is called by the name of its function, by that of its message class if it has a path,
or as ``products.restock`` if it is one of an entity; its sender is handed to the argument of that
name.

Nothing is open by itself. A command is reached because it was declared, an event because
`expose` names it; any other name, an internal event among them, is as unknown as one that never
was, and asking for it leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from nitro_events.actions import action_of, functions
from nitro_events.events import emit, emit_aside, event
from nitro_events.fields import FROM_CLIENT
from nitro_events.handed import HANDED_NAMES
from nitro_events.handlers import Handlers, is_pattern
from nitro_events.http.callables import described
from nitro_events.http.operations import ActionOperation, FunctionOperation, Operation
from nitro_events.http.routes import Matched
from nitro_events.http.tree import RouteConflict
from nitro_events.jobs import is_stale
from nitro_events.messages import opened_as
from nitro_events.middleware.permission import require
from nitro_events.middleware.work import RETRIES, Job
from nitro_events.outcomes import Outcome, Ran
from nitro_events.signals import Signals
from nitro_events.state import state

if TYPE_CHECKING:
    from blinker import Signal

    from nitro_events.http.inputs import Input
    from nitro_events.middleware.work import Work
    from nitro_events.resources import Seal
    from nitro_events.typed import Event

__all__ = ["COMMANDS", "CommandRoutes", "EventOperation", "Exposed", "expose"]

COMMANDS = "/cmds"
MAX_SENDER = 200
"""Characters of a sender; what it names is an id or a topic of the application."""


class Exposed(dict[str, Any]):
    """The events that a client may cause, by name; the value is what `emit` is given."""


def expose(*events: str | Signal | type) -> None:
    """Let clients cause these events by ``POST /cmds/{name}/{sender}``; nothing else is open.

    The handlers get *signals* (what was sent), *request* and *user* (the `Caller`), as far as
    they name them; a typed event is made of what was sent. The sender is the text of the path.
    The policy is asked for ``"event:<name>"`` with that text. Raises ValueError for a pattern:
    each name is written out, and TypeError for a typed event by which a client could say who
    asks.
    """
    exposed = state.part(Exposed)
    for target in events:
        name = _name_of(target)
        if not name or "/" in name or is_pattern(name):
            msg = f"An event is opened by its full name, got {name!r}"
            raise ValueError(msg)
        if isinstance(target, type):
            _check_fields(cast("type[Event]", target))
        # to open it is to declare it; a name that nobody holds is known to nobody
        exposed[name] = event(target) if isinstance(target, str) else target


def _check_fields(kind: type[Event]) -> None:
    injected = sorted(HANDED_NAMES.intersection(kind.model_fields))
    if injected:
        msg = (
            f"Clients may not say what the field {injected[0]!r} of {kind.__name__} is, so it "
            f"cannot be opened. Open an event with a name, whose handlers are given the caller"
        )
        raise TypeError(msg)


@dataclass(slots=True)
class EventOperation(Operation):
    """Cause an event that was opened by `expose`."""

    event: str
    target: object
    sender: str | None

    @property
    def name(self) -> str:
        """The name of the event."""
        return self.event

    def job(self, given: Input, seal: Seal | None) -> Job:
        """Return the emission."""
        return EventJob(self, given, seal)

    def outcome(self, work: Work, result: object) -> Outcome:
        """Return that it is done: what handlers yield is not for the caller."""
        return Ran(self.event, None)


class EventJob(Job):
    """Emits an opened event: in a worker thread, but for handlers that are async."""

    kind = "event"
    retries = RETRIES

    def __init__(self, operation: EventOperation, given: Input, seal: Seal | None) -> None:
        self.name = operation.event
        self._operation = operation
        self._given = given
        self._seal = seal
        handlers = state.part(Handlers).for_name(operation.event)
        self.is_async = any(handler.kind.startswith("async") for handler in handlers)

    def allow(self, work: Work) -> None:
        """Ask the policy about the event and its sender."""
        require(work.caller, f"event:{self.name}", self._operation.sender)
        if self._seal is not None:
            self._seal.check(None, None, self.name, work.caller.id)

    def call(self, work: Work) -> object:
        """Tell the handlers."""
        emitted = emit_aside if self.is_async else emit
        target = self._operation.target
        values = self._given.values
        if isinstance(target, type):  # a typed event is made of what was sent
            made = cast("Any", target).model_validate(dict(values), context=FROM_CLIENT)
            return emitted(made, self._operation.sender)
        facts: dict[str, Any] = {"signals": Signals(dict(values)), "request": work.request}
        return emitted(cast("Any", target), self._operation.sender, **facts, user=work.caller)

    def input(self, work: Work) -> object:
        """Return what was sent."""
        return [self._operation.sender, dict(self._given.values)]

    def is_stale(self, error: BaseException) -> bool:
        """Tell whether somebody else was faster."""
        return is_stale(error)


class CommandRoutes:
    """Finds what a name below ``/cmds`` stands for, if a client may ask for it at all."""

    def check(self) -> None:
        """Raise RouteConflict for an event and a function of one name."""
        for name in state.part(Exposed):
            function = functions().get(name)
            if function is not None:
                msg = (
                    f"{COMMANDS}/{name} is asked for by the event {name!r} that was opened, and "
                    f"by {described(function)}. Give one of them another name"
                )
                raise RouteConflict(msg)

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return the operation at *path*, by the verbs it answers."""
        if not path.startswith(f"{COMMANDS}/"):
            return {}
        name, *rest = path[len(COMMANDS) + 1 :].split("/")
        sender = rest[0] if rest else None
        if len(rest) > 1 or not name or (sender is not None and not _is_sender(sender)):
            return {}
        return {
            method: Matched(operation, {}, f"cmds.{name}")
            for method, operation in _operations(name, sender).items()
        }

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, pattern and method: one address for all."""
        yield "cmds", f"{COMMANDS}/{{command}}", "POST"
        yield "cmds", f"{COMMANDS}/{{command}}/{{sender}}", "POST"


def _operations(name: str, sender: str | None) -> dict[str, Operation]:
    exposed = state.part(Exposed)
    if name in exposed:
        return {"POST": EventOperation(name, exposed[name], sender)}
    function = functions().called(name) or opened_as(name)
    if function is not None:
        return _function(function, sender)
    slug, dot, action = name.partition(".")
    return _action(slug, action, sender) if dot else {}


def _function(function: Callable[..., object], sender: str | None) -> dict[str, Operation]:
    action = action_of(function)
    # a query is asked by GET at its own path
    if action is None or action.kind == "query":
        return {}
    return dict.fromkeys((action.method, "POST"), FunctionOperation(function, action, sender))


def _action(slug: str, name: str, sender: str | None) -> dict[str, Operation]:
    target = state.targets.named(slug)
    declared = None if target is None else target.actions().get(name)
    if target is None or declared is None or declared.action.kind == "query":
        return {}
    if not declared.on_class and sender is None:
        return {}
    id = None if declared.on_class else sender
    operation = ActionOperation(target, declared, id, sender)
    return dict.fromkeys((declared.action.method, "POST"), operation)


def _name_of(target: object) -> str:
    if isinstance(target, str):
        return target
    # a signal has a name, a typed event says under which it is known
    name = getattr(target, "__event_name__", None) or getattr(target, "name", None)
    if not isinstance(name, str):
        msg = f"An event is a name, a signal with a name or a typed event, got {target!r}"
        raise TypeError(msg)
    return name


def _is_sender(text: str) -> bool:
    return 0 < len(text) <= MAX_SENDER and text.isprintable()
