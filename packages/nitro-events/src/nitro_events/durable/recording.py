"""An event that was emitted becomes one message for each of its durable handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import to_json

from nitro_events import joints
from nitro_events.durable.queue import TOPIC
from nitro_events.durable.registry import name_of, registry
from nitro_events.handler import Options
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import Units, after_commit, outbox
from nitro_events.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nitro_events.durable.registry import Registered

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
    for message in messages:
        outbox(TOPIC, message)
    if messages:
        after_commit(_wake)
    return len(messages)


async def arecord(name: str, sender: object, values: Mapping[str, Any]) -> int:
    """Record without holding up the event loop."""
    around = state.part(Units).around
    if around is not None and around() is not None:
        return record(name, sender, values)  # only the commit of that unit writes
    return await in_thread(record, name, sender, values)


def message_for(one: Registered, event: str, sender: object, values: Mapping[str, Any]) -> Any:
    """Return what is kept of an event for one handler. Raises NotPortable."""
    carried = to_json(to_wire(sender, values)).decode()
    return {"handler": one.name, "target": one.target, "event": event, "payload": carried}


def _connect(needed: object) -> None:
    if needed and state.part(Units).outbox is None:
        joints.connect()


def _wake() -> None:
    from nitro_events.durable.relay import inside

    inside().wake()


def later(function: Callable[..., Any], sender: object = None, /, **values: Any) -> None:
    """Let a worker call *function*, which is a `job` or a durable handler.

    It is called with *sender* and *values* once the open unit is committed, and never if it is
    not; without an open unit, soon. Raises NotPortable, LookupError for any other function.
    """
    one = registry().find(name_of(function), JOB)
    if one is None:
        msg = f"{function!r} is not known to workers. Decorate it with @durable.job"
        raise LookupError(msg)
    _connect(one)
    outbox(TOPIC, message_for(one, JOB, sender, values))
    after_commit(_wake)


def job(function: F) -> F:
    """Let workers know *function*, so that it can be called `later`; a command, for example."""
    registry().add(function, JOB, Options(durable=True))
    return function
