"""The place where changes and patches meet the open pages of this process."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakSet

from nitro_events.live.log import PatchLog
from nitro_events.live.relay import Relay
from nitro_events.live.topics import Marks, parent_of, wholesale
from nitro_events.state import state

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from nitro_events.live.stream import Stream
    from nitro_events.patches import Patch

__all__ = ["Hub"]


class Hub:
    """Knows what changed when, and wakes the streams that show it.

    Everything here may be called from any thread. *position* counts commits and patches; it
    starts at the microseconds since the epoch, so that it grows across restarts too.
    """

    def __init__(self) -> None:
        self._counts = {"touches": 0, "patches": 0, "renders": 0, "failed_renders": 0, "cut": 0}
        self._begin()
        _hubs.add(self)

    def _begin(self) -> None:
        # re-entrant: a finalizer or a signal handler may touch while this thread holds it
        self._lock = threading.RLock()
        self._watch_lock = threading.Lock()
        self._position = time.time_ns() // 1000
        self._coming: deque[Callable[[int], None]] = deque()
        self._telling = False
        self._marks = Marks(self._position)
        self._log = PatchLog(self._position)
        self._relays: dict[asyncio.AbstractEventLoop, Relay] = {}
        self._watching = False
        self._stopping = False

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
        """Send *patch* to every stream that listens to *topic*; return its position.

        A stream on "City" also receives what is published to "City:<id>".
        """
        data = patch.encode()
        topics = (topic,) if (parent := parent_of(topic)) is None else (topic, parent)

        def tell(position: int) -> None:
            self._log.append(topic, position, data)
            for relay in tuple(self._relays.values()):
                relay.post_patch(position, topics, data)
            self._counts["patches"] += 1

        return self._tell_next(tell)

    def changed_since(self, topics: Iterable[str], cursor: int) -> bool:
        """Tell whether one of *topics* changed after *cursor*.

        True also when that cannot be known: the cursor is older than this hub's memory, or
        comes from another process.
        """
        with self._lock:
            return cursor > self._position or self._marks.changed_since(topics, cursor)

    def stop(self) -> None:
        """End every stream and let no new one begin: this process is going down.

        Takes no lock, so it may be called from a signal handler.
        """
        self._stopping = True
        for relay in tuple(self._relays.values()):
            relay.stop_soon()

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
        with self._watch_lock:
            if self._watching:
                return
            if state.stream_openers:
                state.streams_begin()
                self._tell_next(self._marks.forget)
            self._watching = True

    def attach(
        self, stream: Stream, loop: asyncio.AbstractEventLoop, cursor: int | None
    ) -> tuple[Relay, int, list[tuple[int, bytes]] | None]:
        """Enter *stream* and return its relay, the position, and the patches it has missed.

        The patches are None if some may be lost. All at one moment, hence without a gap.
        """
        with self._lock:
            relay = self._relays.get(loop)
            if relay is None:
                relay = self._relays[loop] = Relay(self, loop, self._lock)
            relay.add(stream)
            missed: list[tuple[int, bytes]] | None = []
            if cursor is not None and stream.topics:
                known = cursor <= self._position
                missed = self._log.since(stream.topics, cursor) if known else None
            return relay, self._position, missed

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

    def count(self, what: str) -> None:
        """Count one more of *what* for `stats`."""
        with self._lock:
            self._counts[what] += 1

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
