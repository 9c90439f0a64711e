"""Running durable handlers from code: all that is due now, or in the background."""

from __future__ import annotations

from nitro_events import joints
from nitro_events.durable.inside import inside
from nitro_events.durable.registry import registry
from nitro_events.durable.relay import Relay
from nitro_events.state import state
from nitro_events.threads import in_thread

__all__ = ["adrain", "drain", "resume", "start", "stop"]


class _Started:
    """The relays that `start` began."""

    def __init__(self) -> None:
        self.relays: list[Relay] = []
        state.on_reset(self.end)

    def end(self) -> None:
        self.stop(5.0)

    def stop(self, grace: float) -> bool:
        relays, self.relays = self.relays, []
        return all([relay.stop(grace) for relay in relays])


def drain(timeout: float = 30.0) -> int:
    """Run every durable handler that is due, and those that this makes due; answer how many.

    For tests, and for jobs that run now and then instead of a worker. Handlers that failed wait
    for their next attempt and are left. Raises TimeoutError.
    """
    joints.connect()
    return Relay().drain(timeout)


async def adrain(timeout: float = 30.0) -> int:
    """Drain without holding up the event loop; async handlers run on a loop of the worker."""
    return await in_thread(drain, timeout)


def resume() -> None:
    """Go on with the messages that an earlier process has left, where this one runs them itself.

    Adapters call it when the application starts.
    """
    if registry().names:
        joints.connect()
        inside()


def start(threads: int = 4) -> Relay:
    """Run durable handlers of every store in the background, as `nitro worker` does."""
    joints.connect()
    relay = Relay()
    relay.start(threads)
    state.part(_Started).relays.append(relay)
    return relay


def stop(grace: float = 10.0) -> bool:
    """Finish what runs and end what `start` began; False if something runs longer."""
    return state.part(_Started).stop(grace)
