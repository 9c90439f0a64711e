"""The place where changes and patches meet the open pages of this process."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakSet

from nitro_events.live.clients import Clients, Ended
from nitro_events.live.cursor import Cursor, Cursors
from nitro_events.live.frames import Frame
from nitro_events.live.log import PatchLog
from nitro_events.live.relay import Relay
from nitro_events.live.remote import Remote
from nitro_events.live.topics import Marks, parent_of, wholesale
from nitro_events.state import state

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from nitro_events.instances.broker import Broker
    from nitro_events.live.remote import History
    from nitro_events.live.stream import Stream
    from nitro_events.patches import Patch

__all__ = ["Hub"]


def _alone() -> Broker | None:
    return None


class Hub:
    """Knows what changed when, and wakes the streams that show it.

    Everything here may be called from any thread. *position* counts commits and patches; it
    starts at the microseconds since the epoch, so that it grows across restarts too. With a
    broker, which *find_broker* answers when it is first needed, patches reach the streams of
    every process, in one order.
    """

    def __init__(self, find_broker: Callable[[], Broker | None] = _alone) -> None:
        self._counts = {
            "touches": 0, "patches": 0, "renders": 0, "failed_renders": 0, "cut": 0,
            "left_out": 0, "resets": 0,
        }  # fmt: skip
        self._find_broker = find_broker
        self._begin()
        _hubs.add(self)

    def _begin(self) -> None:
        # re-entrant: a finalizer or a signal handler may touch while this thread holds it
        self._lock = threading.RLock()
        self._watch_lock = threading.Lock()
        self.identity = secrets.token_hex(6)
        self._position = time.time_ns() // 1000
        self._coming: deque[Callable[[int], None]] = deque()
        self._telling = False
        self._marks = Marks(self._position)
        self._log = PatchLog(self._position)
        self._relays: dict[asyncio.AbstractEventLoop, Relay] = {}
        self._cursors = Cursors(self._place)
        self._remote: Remote | None = None
        self._watching = False
        self._stopping = False
        self.clients = Clients()
        self.ended = Ended()

    def __repr__(self) -> str:
        return f"<Hub at {self._position}, {self._stream_count()} streams>"

    @property
    def position(self) -> int:
        """The newest position. Read it *before* reading what a page shows."""
        return self._position

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called: streams end at once."""
        return self._stopping

    @property
    def remote(self) -> Remote | None:
        """The way to the hubs of other processes, None for a hub alone."""
        if self._remote is None and (broker := self._find_broker()) is not None:
            self._connect(broker)
        return self._remote

    def _connect(self, broker: Broker) -> None:
        with self._watch_lock:
            if self._remote is None:
                self._remote = Remote(self, broker)
                if self._relays:  # open before it was said where instances meet
                    self._remote.begin()

    def begin(self) -> None:
        """Hear from now on what other processes publish, if there is a broker; waits for nothing.

        A page made before is not sure to have missed nothing, so its stream lets it load again.
        """
        remote = self.remote
        if remote is not None:
            remote.begin()

    def cursor(self, position: int | None = None) -> str:
        """Return the signed text for who has everything up to *position*, by default to now.

        Ask for it *before* reading what a page shows; a stream takes up there without a gap.
        """
        self.begin()
        return self._cursors.text(self._position if position is None else position)

    def touch(self, topics: Iterable[str]) -> int:
        """Say that what *topics* name has changed; return the position of this change.

        {"City", "City:7"} is a change of one city; {"City"} alone says that any may have changed.
        """
        topics = frozenset((topics,) if isinstance(topics, str) else topics)
        whole = wholesale(topics)

        def tell(position: int) -> None:
            self._marks.mark(topics, whole, position)
            for relay in tuple(self._relays.values()):
                relay.post_touch(position, topics, whole)
            self._counts["touches"] += 1

        return self._tell_next(tell)

    def publish(self, topic: str, patch: Patch) -> int:
        """Send *patch* to every stream that listens to *topic*, and return its position.

        A stream on "City" also receives what is published to "City:<id>". With a broker it gets
        its position when it comes back from there; then the answer is the position before it.
        """
        data = patch.encode()
        if self.remote is None:
            return self.deliver(topic, data)
        self.remote.publish(topic, data)
        return self._position

    def deliver(self, topic: str, data: bytes, *, at: int | None = None) -> int:
        """Give an encoded patch to the streams of this process; *at*: its place at the broker."""
        topics = (topic,) if (parent := parent_of(topic)) is None else (topic, parent)

        def tell(position: int) -> None:
            frame = Frame(position, data)
            if at is not None:
                self._found(position, at)
            self._log.append(topic, frame)
            for relay in tuple(self._relays.values()):
                relay.post_patch(topics, frame)
            self._counts["patches"] += 1

        return self._tell_next(tell)

    def note(self, at: int) -> None:
        """Learn where the broker stands."""
        self._tell_next(lambda position: self._found(position, at))

    def lose(self) -> None:
        """Patches of other processes may be lost: let every page that wants some load again."""
        self._tell_next(self._lose)

    def position_of(self, at: int) -> int | None:
        """Return the position up to which *at* of the broker reaches here, if that is known."""
        with self._lock:
            return None if self._remote is None else self._remote.places.local_at(at)

    def changed_since(self, topics: Iterable[str], position: int) -> bool:
        """Tell whether one of *topics* changed after *position*.

        True also when that cannot be known: the position is older than this hub's memory, or
        comes from another process.
        """
        with self._lock:
            return position > self._position or self._marks.changed_since(topics, position)

    def knows(self, cursor: Cursor) -> bool:
        """Tell whether *cursor* was given by this hub."""
        return cursor.hub == self.identity and cursor.position <= self._position

    def stop(self) -> None:
        """End every stream and let no new one begin: this process is going down.

        Takes no lock, so it may be called from a signal handler.
        """
        self._stopping = True
        for relay in tuple(self._relays.values()):
            relay.stop_soon()

    def close_streams(self, caller_id: str) -> None:
        """End all streams of a caller, in every process: at the end of a session, say.

        The pages ask again, and whoever they are then is checked anew.
        """
        self.end_streams(caller_id)
        if self.remote is not None:
            self.remote.close_streams(caller_id)

    def end_streams(self, caller_id: str) -> None:
        """End the streams that a caller has in this process."""
        self.ended.add(caller_id)  # first: a stream that is entered from here on looks there
        for relay in tuple(self._relays.values()):
            relay.end_soon(caller_id)

    def stats(self) -> dict[str, int]:
        """Return counters: streams, views, position, touches, patches, renders, cut streams."""
        with self._lock:
            return {
                "position": self._position,
                "streams": self._stream_count(),
                "views": sum(len(relay.views) for relay in self._relays.values()),
                **self._counts,
            }

    @property
    def watching(self) -> bool:
        """Whether `watch` was done."""
        return self._watching

    def watch(self) -> None:
        """Let the joints start looking for changes made elsewhere; may do I/O, works once.

        A change made before they looked would be missed, so whatever a page showed until now
        counts as changed.
        """
        remote = self.remote
        with self._watch_lock:
            if self._watching:
                return
            if remote is not None:
                remote.begin()
                remote.wait()
            if state.stream_openers:
                state.streams_begin()
                self._tell_next(self._marks.forget)
            self._watching = True

    def attach(
        self,
        stream: Stream,
        loop: asyncio.AbstractEventLoop,
        cursor: Cursor | None,
        history: History | None = None,
    ) -> tuple[Relay, int, list[Frame] | None]:
        """Enter *stream* and return its relay, the position, and the patches it has missed.

        The patches are None if some may be lost. All at one moment, hence without a gap.
        *history* is what the broker said of a cursor that this hub did not give.
        """
        with self._lock:
            relay = self._relays.get(loop)
            if relay is None:
                relay = self._relays[loop] = Relay(self, loop, self._lock)
            relay.add(stream)
            missed: list[Frame] | None = []
            if cursor is not None and stream.topics:
                missed = self._missed(stream.topics, cursor, history)
            return relay, self._position, missed

    def _missed(
        self, topics: frozenset[str], cursor: Cursor, history: History | None
    ) -> list[Frame] | None:
        if self.knows(cursor):
            return self._log.since(topics, cursor.position)
        if history is None:
            return None
        earlier, later = history.of(topics), self._log.since(topics, history.until)
        return None if earlier is None or later is None else earlier + later

    def detach(self, stream: Stream, relay: Relay) -> None:
        """Forget *stream*, and its relay after the last one."""
        with self._lock:
            relay.discard(stream)
            if not relay.streams:
                self.drop(relay)

    def drop(self, relay: Relay) -> None:
        """Forget *relay*, whose loop has no more streams or is closed."""
        with self._lock:
            if self._relays.get(relay.loop) is relay:
                del self._relays[relay.loop]

    def count(self, what: str, number: int = 1) -> None:
        """Count *number* more of *what* for `stats`."""
        with self._lock:
            self._counts[what] += number

    def _place(self, position: int) -> Cursor:
        with self._lock:
            remote = self._remote
            at = 0 if remote is None else remote.places.remote_at(position)
            if remote is None or not at:
                return Cursor(self.identity, position)
            return Cursor(self.identity, position, remote.places.broker, at)

    def _found(self, position: int, at: int) -> None:
        remote = self._remote
        if remote is None:
            return
        if not remote.found:
            # what others published before was not heard here
            remote.found = True
            self._forget_patches(position)
        remote.places.add(position, at, remote.id)

    def _lose(self, position: int) -> None:
        if self._remote is not None:
            self._remote.places.clear()
        self._forget_patches(position)

    def _forget_patches(self, position: int) -> None:
        self._log.forget(position)
        for relay in tuple(self._relays.values()):
            relay.post_reset(position)

    def _tell_next(self, tell: Callable[[int], None]) -> int:
        """Call *tell* with the next position and return it: one after the other, in order.

        What comes in while this thread is telling (from a finalizer or a signal handler) is told
        right after, with positions of its own: two of the same would be one to who comes back.
        """
        with self._lock:
            self._coming.append(tell)
            position = self._position + len(self._coming)
            while self._coming and not self._telling:
                self._telling = True
                try:
                    self._position += 1
                    self._coming.popleft()(self._position)
                finally:
                    self._telling = False
            return position

    def _stream_count(self) -> int:
        return sum(len(relay.streams) for relay in tuple(self._relays.values()))


_hubs: WeakSet[Hub] = WeakSet()


def _begin_again() -> None:
    # a forked worker counts for itself: the same number means something else there
    for hub in tuple(_hubs):
        hub._begin()  # pyright: ignore[reportPrivateUsage]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)
