"""A process that does nothing but run durable handlers, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import TYPE_CHECKING

from nitro_events import joints
from nitro_events.durable.registry import registry
from nitro_events.durable.relay import Relay

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["work"]

log = logging.getLogger("nitro_events")


def work(threads: int = 4, grace: float = 10.0) -> bool:
    """Run durable handlers in so many *threads* until SIGTERM or SIGINT; for the main thread.

    What runs then is finished; False if it takes longer than *grace* seconds: that is left to
    the next worker. The application has to be imported, so that its handlers are known.
    """
    joints.connect()
    told = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    relay = Relay()
    relay.start(threads)
    log.info("Worker %d runs %d durable handlers", os.getpid(), len(registry().names))
    try:
        told.wait()
        if relay.stop(grace):
            return True
        log.warning("A handler runs longer than %.0f s; another worker will run it again", grace)
        return False
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
