"""Servers wait for open responses when they are told to go; so streams must end first.

The server's shutdown hook comes too late for that: it runs after the waiting. Therefore the
signal handlers of the server are chained.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from nitro_events.live.hub import Hub

__all__ = ["end_with_the_process", "original"]


def end_with_the_process(hub: Hub) -> None:
    """End the streams of *hub* when SIGTERM or SIGINT arrives, before whoever handled it so far.

    Signals can be handled in the main thread only; in any other this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        current = signal.getsignal(number)
        if isinstance(current, _EndStreams):
            current.hubs.add(hub)
        elif current not in (None, signal.SIG_IGN):
            handler = _EndStreams(current)
            handler.hubs.add(hub)
            signal.signal(number, handler)


def original(handler: object) -> object:
    """Return the signal handler that was there before ours."""
    return handler.previous if isinstance(handler, _EndStreams) else handler


class _EndStreams:
    """A signal handler that ends all streams and then does what would have been done."""

    def __init__(
        self, previous: Callable[[int, FrameType | None], object] | int | signal.Handlers | None
    ) -> None:
        self.hubs: WeakSet[Hub] = WeakSet()
        self.previous = previous

    def __call__(self, number: int, frame: FrameType | None) -> None:
        for hub in tuple(self.hubs):
            hub.stop()
        if callable(self.previous):
            self.previous(number, frame)
        else:  # SIG_DFL
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
