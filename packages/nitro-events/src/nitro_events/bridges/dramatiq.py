"""Dramatiq runs durable handlers: ``use_dramatiq(broker)`` in the module that its workers load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dramatiq

from nitro_events.bridges.chosen import Chosen, handle
from nitro_events.durable.registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_events.durable.registry import Registered

__all__ = ["use_dramatiq"]


def use_dramatiq(
    broker: dramatiq.Broker, /, *handlers: Callable[..., Any], **options: Any
) -> None:
    """Let the workers of *broker* run these durable handlers; without any, all of them.

    Each becomes an actor named ``module:function``; *options* are those of ``dramatiq.actor``,
    such as ``queue_name``. The application calls this too, so that it hands over.
    """
    registry().use(_DramatiqBridge(broker, Chosen(handlers), options))


class _DramatiqBridge:
    def __init__(self, broker: Any, chosen: Chosen, options: dict[str, Any]) -> None:
        self._broker = broker
        # the relay knows when to try again, and for how long
        once: dict[str, Any] = {"max_retries": 0} if "max_retries" in broker.actor_options else {}
        self._options = {**once, **options}
        self.wants = chosen.wants

    def __repr__(self) -> str:
        return f"<durable handlers in {self._broker!r}>"

    def add(self, registered: Registered, /) -> None:
        if registered.name not in self._broker.actors:
            declare: Any = dramatiq.actor(
                broker=self._broker, actor_name=registered.name, **self._options
            )
            declare(handle)

    def send(self, name: str, id: str, document: dict[str, str], /) -> None:
        message = self._broker.get_actor(name).message(document)
        self._broker.enqueue(message.copy(message_id=id))
