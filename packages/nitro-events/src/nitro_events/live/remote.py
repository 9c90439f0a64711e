"""The hubs of several processes as one: what any of them publishes comes to all in one order."""

from __future__ import annotations

import asyncio
import logging
import threading
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from nitro_events.live.frames import Frame
from nitro_events.live.log import MAX_REPLAY
from nitro_events.live.topics import parent_of
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nitro_events.instances.broker import Broker
    from nitro_events.live.cursor import Cursor
    from nitro_events.live.hub import Hub

__all__ = ["History", "Places", "Remote", "configured_broker"]

_log = logging.getLogger("nitro_events")

LIVE, HELLO, CLOSE = "live", "live.hello", "live.close"
PATIENCE = 2.0
ANSWER = 3.0
"""So many seconds a page that comes back waits for what the broker has; then it loads again."""


def configured_broker() -> Broker | None:
    """Return the broker that the settings name, None without one."""
    if state.settings.events_url is None:
        return None
    # loaded late: one process alone needs none of it
    from nitro_events.instances.broker import broker

    return state.part(broker)


class Places:
    """Which position of the broker belongs to which of the hub, for the last few thousand."""

    def __init__(self, limit: int = 8192) -> None:
        self.broker = ""
        """The identity of the broker that the positions are of."""
        self._limit = limit
        self._local: list[int] = []
        self._remote: list[int] = []

    def add(self, local: int, remote: int, broker: str) -> None:
        """Note that what has *remote* at the broker has *local* here; both only grow."""
        self.broker = broker
        if len(self._local) >= self._limit:
            del self._local[: self._limit // 2]
            del self._remote[: self._limit // 2]
        self._local.append(local)
        self._remote.append(remote)

    def clear(self) -> None:
        """Forget everything."""
        self._local.clear()
        self._remote.clear()

    def remote_at(self, local: int) -> int:
        """Return the broker's position at *local*; 0 if it is not known."""
        found = bisect_right(self._local, local)
        return self._remote[found - 1] if found else 0

    def local_at(self, remote: int) -> int | None:
        """Return the position here up to which *remote* reaches; None if it is not known."""
        found = bisect_right(self._remote, remote)
        return self._local[found - 1] if found else None


class History(NamedTuple):
    """What the broker still had for a client of another process, until this position here."""

    patches: list[tuple[tuple[str, ...], Frame]]
    until: int

    def of(self, topics: Iterable[str]) -> list[Frame] | None:
        """Return the patches of *topics*, in order; None if the whole page again is less."""
        wanted = frozenset(topics)
        found = [frame for told, frame in self.patches if not wanted.isdisjoint(told)]
        return found if sum(len(frame.data) for frame in found) <= MAX_REPLAY else None


class Remote:
    """What one hub tells the others over *broker*, and hears from them."""

    def __init__(self, hub: Hub, broker: Broker) -> None:
        self._hub = hub
        self._broker = broker
        self._begin_lock = threading.Lock()
        self._begun = False
        # of their own: a server that hangs must not keep what else waits for threads
        self._threads = ThreadPoolExecutor(2, "nitro-live-ask")
        self._news = threading.Condition()
        self._last = 0
        self.found = False
        """Whether it was heard once where the broker stands."""
        self.places = Places()

    @property
    def id(self) -> str:
        """Which broker it is: positions of another one mean nothing here."""
        return self._broker.id

    def begin(self) -> None:
        """Hear from now on what is published anywhere; waits for nothing, works once."""
        with self._begin_lock:
            if self._begun:
                return
            self._begun = True
        self._broker.listen(self._receive, self._lost)
        self._greet()

    def wait(self) -> bool:
        """Wait until it is known where the broker stands, for some seconds at most."""
        return self._heard(1)

    def publish(self, topic: str, data: bytes) -> None:
        """Send a patch to all hubs, this one included; it is only queued here."""
        self._broker.publish(LIVE, (topic,), data)

    def close_streams(self, caller_id: str) -> None:
        """Let all hubs close the streams of a caller."""
        self._broker.publish(CLOSE, (), caller_id.encode())

    async def missed(self, cursor: Cursor) -> History | None:
        """Return the `history` since *cursor*; None also if that takes too long."""
        try:
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(self._threads, self.history, cursor)
            async with asyncio.timeout(ANSWER):
                return await asked
        except (TimeoutError, RuntimeError):  # or the process is ending
            return None

    def history(self, cursor: Cursor) -> History | None:
        """Return what was published since *cursor*, which another hub gave; None if unknown.

        Asks the broker and waits for it, so never on an event loop.
        """
        self.begin()
        if not self.wait() or not cursor.at or cursor.broker != self._broker.id:
            return None
        found = self._broker.since(cursor.at)
        if found is None:
            return None
        newest = found[-1][0] if found else cursor.at
        # what comes later comes to the hub; so it must have got that far
        if not self._heard(newest):
            return None
        until = self._hub.position_of(newest)
        if until is None:
            return None
        patches = [
            (_with_parent(topics), Frame(0, data))
            for _, channel, topics, data in found
            if channel == LIVE
        ]
        return History(patches, until)

    def _greet(self) -> None:
        # the answer says where the broker stands, when nobody publishes anything
        try:
            self._broker.publish(HELLO, (), b"")
        except Exception:
            _log.warning("The hubs of other processes cannot be greeted", exc_info=True)

    def _receive(self, position: int, channel: str, topics: tuple[str, ...], data: bytes) -> None:
        if channel == LIVE:
            self._hub.deliver(topics[0], data, at=position)
        elif channel == CLOSE:
            self._hub.end_streams(data.decode())
        elif channel == HELLO:
            self._hub.note(position)
        with self._news:
            self._last = position
            self._news.notify_all()

    def _lost(self) -> None:
        with self._news:
            self._last = 0  # of another log, perhaps, whose positions are lower
        self._hub.lose()
        self._greet()

    def _heard(self, position: int) -> bool:
        with self._news:
            return self._news.wait_for(lambda: self._last >= position, PATIENCE)


def _with_parent(topics: tuple[str, ...]) -> tuple[str, ...]:
    parents = [parent for topic in topics if (parent := parent_of(topic)) is not None]
    return (*topics, *parents)
