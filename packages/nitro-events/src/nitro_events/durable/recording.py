"""An event that was emitted becomes one message for each of its durable handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import from_json, to_json

from nitro_events import joints
from nitro_events.durable.queue import TOPIC
from nitro_events.durable.registry import name_of, registry
from nitro_events.durable.texts import storable
from nitro_events.handler import Options
from nitro_events.hints import hints_of
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import Units, after_commit, is_open, outbox, own_unit
from nitro_events.wire import NotPortable, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nitro_events.durable.registry import Registered
    from nitro_events.messages import Message

__all__ = ["arecord", "job", "later", "record"]

F = TypeVar("F", bound="Callable[..., Any]")

JOB = "nitro.job"
"""What a function is told of that was called `later`, and for no event."""


def record(name: str, sender: object, values: Mapping[str, Any]) -> int:
    """Keep a message for each durable handler of the event; answer how many those are.

    The messages are there when the open unit is committed, and never if it is not; without an
    open unit they are there now. Raises NotPortable for values that JSON cannot carry.
    """
    heard = [one for one in registry() if one.hears(name, sender, values)]
    _connect(heard)
    messages = [message_for(one, name, sender, values) for one in heard]
    if is_open():
        _keep(messages)
    elif messages:
        with own_unit():  # a crash in between must not leave out some of the handlers
            _keep(messages)
    if messages:
        after_commit(_wake)
    return len(messages)


async def arecord(name: str, sender: object, values: Mapping[str, Any]) -> int:
    """Record without holding up the event loop."""
    if is_open():
        return record(name, sender, values)  # only the commit of that unit writes
    return await in_thread(record, name, sender, values)


def _keep(messages: Iterable[object]) -> None:
    for message in messages:
        outbox(TOPIC, message)


def message_for(one: Registered, event: str, sender: object, values: Mapping[str, Any]) -> Any:
    """Return what is kept of an event for one handler. Raises NotPortable."""
    if storable(event) != event:
        msg = f"No store can keep the name of this event, which has odd characters: {event!r}"
        raise NotPortable(msg)
    carried = _carried(sender, values)
    return {"handler": one.name, "target": one.target, "event": event, "payload": carried}


def _carried(sender: object, values: Mapping[str, Any]) -> str:
    try:
        carried = to_json(to_wire(sender, values))
        from_json(carried)  # what cannot be read must not wait for a worker
    except ValueError as exc:
        msg = f"What this event carries is too deep, or a number in it too large: {exc}"
        raise NotPortable(msg) from None
    return carried.decode()


def _connect(needed: object) -> None:
    if needed and state.part(Units).outbox is None:
        joints.connect()


def _wake() -> None:
    from nitro_events.durable.inside import inside

    inside().wake()


def later(function: Callable[..., Any] | Message, sender: object = None, /, **values: Any) -> None:
    """Let a worker call *function*, which is a `job` or a durable handler.

    It is called with *sender* and *values* once the open unit is committed, and never if it is
    not; without an open unit, soon. In place of a function it may be a message, such as
    ``PlaceOrder(customer="Ann")``, which the worker dispatches: its handler is a `job`. Raises
    NotPortable, LookupError for what is no job.
    """
    if not callable(function):
        from nitro_events.messages import handled

        function, sender = handled(type(function)).function, function
    one = registry().find(name_of(function), JOB)
    if one is None:
        msg = f"{function!r} is not known to workers. Decorate it with @durable.job"
        raise LookupError(msg)
    _connect(one)
    outbox(TOPIC, message_for(one, JOB, sender, values))
    after_commit(_wake)


def job(function: F) -> F:
    """Let workers know *function*, so that it can be called `later`.

    Of the handler of a `Command` it is the message that is done `later`, as `dispatch` does it.
    """
    registry().add(function, JOB, Options(durable=True), called=_dispatching(function))
    return function


def _dispatching(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return what has a message done, if it is one that *function* takes."""
    from nitro_events.messages import Message, message_in

    hints = [hint for hint in hints_of(function).values() if isinstance(hint, type)]
    if not any(issubclass(hint, Message) for hint in hints) or message_in(function) is None:
        return None

    def run(message: Message) -> Any:
        from nitro_events.bus import dispatch

        return dispatch(message)

    # it has the place of the handler, but takes the message alone
    run.__wrapped__ = function  # type: ignore[attr-defined] # pyright: ignore[reportFunctionMemberAccess]
    run.__qualname__ = function.__qualname__
    return run
