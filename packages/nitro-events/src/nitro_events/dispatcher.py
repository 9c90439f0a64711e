"""What blinker calls for a signal, so that its own ``send`` reaches handlers of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blinker import Signal

    from nitro_events.handlers import Handlers

__all__ = ["Dispatcher"]


class Dispatcher:
    """The one receiver that a signal has of ours: runs its handlers in order."""

    __slots__ = ("__weakref__", "_handlers", "_signal")

    def __init__(self, handlers: Handlers, signal: Signal) -> None:
        self._handlers = handlers
        self._signal = signal

    def __call__(self, sender: object = None, /, **values: object) -> list[Any]:
        """Run the handlers of this signal, see `emission.run`."""
        plan = self._handlers.plan(self._signal)
        if len(self._signal.receivers) == 1:  # nobody else: what emit does is right
            names = tuple(values)
            return (plan.calls.get(names) or plan.call(names))(sender, values)
        return plan.run(sender, values, others=False)
