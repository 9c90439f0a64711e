"""What connects the instances of one application, and which one the settings name."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import urlsplit

from nitro_events.settings import SettingsError, checked_events_url
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.instances.log import Log

__all__ = ["Broker", "BrokerClosed", "Lost", "Published", "QueueFull", "Receive", "broker"]

Published: TypeAlias = "tuple[int, str, tuple[str, ...], bytes]"
"""Something that was published: its position, channel, topics and data."""
Receive: TypeAlias = "Callable[[int, str, tuple[str, ...], bytes], None]"
Lost: TypeAlias = "Callable[[], None]"


class BrokerClosed(RuntimeError):
    """The broker was closed, so nothing can be published by it any more."""


class QueueFull(queue.Full):
    """Too much is waiting for a server that is away or too slow; this message was not taken."""


class Broker(Protocol):
    """One log that every instance writes to and reads, in the same order for all of them.

    Everything may be called from any thread. After a fork the child begins anew: nobody listens
    there and nothing waits to be sent, until it is asked to.
    """

    @property
    def id(self) -> str:
        """The identity of the log, empty until it was reached for the first time.

        Positions can be compared only under the same id. It changes when the log was lost.
        """
        ...

    @property
    def position(self) -> int:
        """The position up to which everything was received here; 0 until `listen` has begun."""
        ...

    def publish(self, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        """Send *data* to all instances. It is only queued here, so this never waits.

        A thread sends what is queued in order, and again for as long as the server is away; in
        the log it is once. Raises QueueFull when too much is waiting and BrokerClosed after
        `close`.
        """
        ...

    def listen(self, receive: Receive, lost: Lost) -> None:
        """Hear from now on everything that is published anywhere, own messages included.

        One thread calls ``receive(position, channel, topics, data)`` in the order of the log,
        which is the same everywhere, each message once. ``lost()`` is called in between when
        messages may be missing. What these raise is logged. Several may listen.
        """
        ...

    def since(self, position: int) -> list[Published] | None:
        """Return everything after *position*, or None if some of it may be lost.

        The position is one of the present `id`. The answer may hold what is still on its way to
        `receive`. This asks the server and waits for it, so never call it on an event loop; None
        also when the server cannot be reached.
        """
        ...

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything published so far is in the log; False if that takes too long."""
        ...

    def close(self, timeout: float = 5.0) -> None:
        """Send what is queued, for *timeout* seconds at most, and end all threads."""
        ...


def broker() -> Broker | None:
    """Make the broker that the settings name; None without one.

    Ask ``state.part(broker)``, which makes one and keeps it. The URL is ``redis://…``,
    ``rediss://…`` or ``postgresql://…``; at its end may be ``?prefix=shop`` (what the names of
    keys and tables begin with) and ``keep=10000`` (how many messages stay for those who come
    back). Raises SettingsError for another URL and ImportError if its driver is missing.
    """
    url = state.settings.events_url
    if url is None:
        return None
    from nitro_events.instances.remote import LogBroker

    made = LogBroker(log_at(url))
    # not awaited: one of its threads may be waiting for the very lock that a reset holds
    state.on_reset(made.stop)
    return made


def log_at(url: str) -> Log:
    """Return the log at *url*; it is not connected yet."""
    checked_events_url(url)
    scheme = urlsplit(url).scheme
    try:
        if scheme in ("redis", "rediss"):
            from nitro_events.instances.redis import RedisLog

            return RedisLog(url)
        from nitro_events.instances.postgres import PostgresLog
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.startswith("nitro_events"):
            raise
        extra = "redis" if scheme.startswith("redis") else "postgres"
        msg = (
            f"An events_url of {scheme}:// needs {exc.name}, which is not installed. "
            f"Run: pip install 'nitro-events[{extra}]'"
        )
        raise ModuleNotFoundError(msg, name=exc.name) from None
    try:
        return PostgresLog(url)
    except ImportError as exc:  # psycopg without a libpq
        raise SettingsError(str(exc)) from exc
