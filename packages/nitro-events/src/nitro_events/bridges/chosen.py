"""Which durable handlers a task queue gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_events.durable.registry import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nitro_events.durable.registry import Registered

__all__ = ["Chosen", "handle"]


class Chosen:
    """The handlers that were named; all of them if none was."""

    def __init__(self, handlers: Sequence[Callable[..., Any]]) -> None:
        self._names = {name_of(handler) for handler in handlers}

    def wants(self, registered: Registered, /) -> bool:
        """Say whether this handler is a task of the queue."""
        return not self._names or registered.name in self._names


def handle(document: dict[str, str]) -> None:
    """Run the durable handler of one message: the body of every task."""
    from nitro_events.durable.handover import perform

    perform(document)
