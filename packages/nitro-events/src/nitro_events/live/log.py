"""The published patches of the last time, so that a page that comes back misses none."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from nitro_events.live.topics import parent_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nitro_events.live.frames import Frame

__all__ = ["MAX_REPLAY", "PatchLog"]

MAX_REPLAY = 4 * 1024 * 1024
"""So many bytes a page that comes back is sent of what it missed."""


class PatchLog:
    """Encoded patches by topic, bounded in number, topics and bytes.

    What is dropped leaves a mark, so that `since` can say that it does not know. It says so too
    when there would be more than *max_replay* bytes: the whole page again is less than that.
    """

    def __init__(
        self,
        floor: int,
        *,
        per_topic: int = 1000,
        max_topics: int = 1000,
        max_bytes: int = 32 * 1024 * 1024,
        max_replay: int = MAX_REPLAY,
    ) -> None:
        self._floor = floor
        self._per_topic = per_topic
        self._max_topics = max_topics
        self._max_bytes = max_bytes
        self._max_replay = max_replay
        self._bytes = 0
        self._rings: OrderedDict[str, deque[Frame]] = OrderedDict()
        self._dropped: dict[str, int] = {}

    def append(self, topic: str, frame: Frame) -> None:
        """Keep *frame* for *topic* and for the topic of all of its kind."""
        for name in (topic, parent_of(topic)):
            if name is not None:
                self._keep(name, frame)
        while len(self._rings) > self._max_topics or self._bytes > self._max_bytes:
            self._forget_topic()

    def since(self, topics: Iterable[str], position: int) -> list[Frame] | None:
        """Return all patches of *topics* after *position* in order; None if some may be lost."""
        found: dict[int, Frame] = {}
        size = 0
        for topic in topics:
            if position < self._dropped.get(topic, self._floor):
                return None
            for frame in reversed(self._rings.get(topic, ())):
                if frame.position <= position:
                    break
                size += len(frame.data)
                found[frame.position] = frame
            if size > self._max_replay:
                return None
        return [found[position] for position in sorted(found)]

    def forget(self, position: int) -> None:
        """Know nothing any more of what was published until *position*."""
        self._floor = max(self._floor, position)
        self._rings.clear()
        self._dropped.clear()
        self._bytes = 0

    def _keep(self, topic: str, frame: Frame) -> None:
        ring = self._rings.setdefault(topic, deque())
        self._rings.move_to_end(topic)
        if len(ring) >= self._per_topic:
            lost = ring.popleft()
            self._dropped[topic] = lost.position
            self._bytes -= len(lost.data)
        elif topic not in self._dropped:
            self._dropped[topic] = self._floor
        ring.append(frame)
        self._bytes += len(frame.data)

    def _forget_topic(self) -> None:
        topic, ring = self._rings.popitem(last=False)
        self._dropped.pop(topic, None)
        self._bytes -= sum(len(frame.data) for frame in ring)
        # from now on nothing is known of any topic without a ring before this position
        self._floor = max(self._floor, ring[-1].position)
