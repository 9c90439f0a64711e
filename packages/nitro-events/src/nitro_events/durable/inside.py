"""The relay of the application itself, where no worker runs beside it."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING

from nitro_events.durable.options import options
from nitro_events.durable.relay import Relay
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.durable.queue import Queue

__all__ = ["inside"]


class Inside:
    """The relay of this process, if it is to have one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.current: Relay | None = None
        state.on_reset(self.stop)

    def relay(self) -> Relay:
        """Return the relay, not begun yet if this is the first call."""
        with self._lock:
            if self.current is None:
                self.current = Relay(_is_ours)
                atexit.register(self.stop)
            return self.current

    def stop(self) -> None:
        """Finish what runs; the next call makes a new one."""
        atexit.unregister(self.stop)
        relay, self.current = self.current, None
        if relay is not None:
            relay.stop(5.0)

    def forget(self) -> None:
        """Leave the threads of the parent process to it, after a fork."""
        self._lock, self.current = threading.Lock(), None


def _forget() -> None:
    # only if there is one: whoever makes the first may hold a lock in the parent process
    made = state.made(Inside)
    if made is not None:
        made.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def inside() -> Relay:
    """Return the relay inside of this process, begun unless it is switched off."""
    relay = state.part(Inside).relay()
    if options().inside is not False:
        relay.start()
    return relay


def _is_ours(queue: Queue) -> bool:
    """Say whether the application runs the handlers of this store itself.

    In production a worker does, but nobody else sees what is kept in the memory of this process.
    """
    said = options().inside
    return not queue.durable or (said if said is not None else not state.settings.production)
