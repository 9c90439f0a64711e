"""Hands messages over to the task queues of others, and runs them when those say so."""

from __future__ import annotations

import logging
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nitro_events import joints
from nitro_events.durable.options import options
from nitro_events.durable.queue import HANDING, SENT, WAITING, queue_called
from nitro_events.durable.registry import registry
from nitro_events.durable.runner import Taken, runner
from nitro_events.durable.texts import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nitro_events.durable.queue import Delivery, Queue
    from nitro_events.durable.registry import Bridge, Registered

__all__ = ["NotForHere", "hand_over", "perform"]

log = logging.getLogger("nitro_events")


class NotForHere(RuntimeError):
    """A task came to a process that does not know its handler, or not the store it is kept in."""


def hand_over(queue: Queue, delivery: Delivery, one: Registered, bridge: Bridge) -> None:
    """Give a message to a task queue, which may get it twice if this process ends meanwhile."""
    if not queue.set(delivery, state=HANDING, worker=runner().id, due=None):
        return
    now = datetime.now(UTC)
    try:
        bridge.send(one.name, delivery.id, _document(queue, delivery))
    except Exception as exc:
        pause = one.retry.pause(delivery.attempts + 1)
        due, error = now + timedelta(seconds=pause), storable(str(exc))
        queue.set(delivery, state=WAITING, due=due, error=error)
        log.warning("%s could not be handed over, again in %.1f s: %s", delivery.id, pause, exc)
    else:
        # not if the task has begun already: then it has changed the delivery
        queue.set(delivery, state=SENT, due=now + timedelta(seconds=options().handover))


def perform(document: Mapping[str, str]) -> None:
    """Run the handler of a message that a task queue brings, once in effect.

    Does nothing if it was handled, or is being handled. When the handler fails, that is written
    down with the time of the next attempt, for which the relay hands it over again, and raised
    for the task queue to show. Raises NotForHere.
    """
    Context().run(_perform, document)  # a unit that is open around this is not ours


def _perform(document: Mapping[str, str]) -> None:
    joints.connect()
    queue = queue_called(document["store"])
    one = registry().find(document["handler"], document["target"])
    if queue is None or one is None:
        what = f"the store {document['store']}" if queue is None else document["handler"]
        msg = f"This worker does not know {what}. Let it import the module of the application"
        raise NotForHere(msg)
    while True:
        delivery = queue.get(document["id"])
        if delivery is None or delivery.state not in (WAITING, HANDING, SENT):
            log.info("%s was handled already, or is", document["id"])
            return
        try:
            error = runner().run(queue, delivery, one)
        except Taken:  # by the relay, which writes down at this moment that it handed over
            continue
        if error is not None:
            raise error
        return


def _document(queue: Queue, delivery: Delivery) -> dict[str, str]:
    # what the event carries stays in the store: brokers keep and show what they are given
    return {
        "id": delivery.id,
        "store": queue.name,
        "handler": delivery.handler,
        "target": delivery.target,
        "event": delivery.event,
    }
