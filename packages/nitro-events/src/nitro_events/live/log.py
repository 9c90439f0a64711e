"""The published patches of the last time, so that a page that comes back misses none."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from nitro_events.live.topics import parent_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PatchLog"]


class PatchLog:
    """Encoded patches by topic, bounded in number, topics and bytes.

    What is dropped leaves a mark, so that `since` can say that it does not know.
    """

    def __init__(
        self,
        floor: int,
        *,
        per_topic: int = 1000,
        max_topics: int = 1000,
        max_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        self._floor = floor
        self._per_topic = per_topic
        self._max_topics = max_topics
        self._max_bytes = max_bytes
        self._bytes = 0
        self._rings: OrderedDict[str, deque[tuple[int, bytes]]] = OrderedDict()
        self._dropped: dict[str, int] = {}

    def append(self, topic: str, position: int, data: bytes) -> None:
        """Keep *data* for *topic* and for the topic of all of its kind."""
        for name in (topic, parent_of(topic)):
            if name is not None:
                self._keep(name, position, data)
        while len(self._rings) > self._max_topics or self._bytes > self._max_bytes:
            self._forget_topic()

    def since(self, topics: Iterable[str], cursor: int) -> list[tuple[int, bytes]] | None:
        """Return all patches of *topics* after *cursor* in order; None if some may be lost."""
        found: dict[int, bytes] = {}
        for topic in topics:
            if cursor < self._dropped.get(topic, self._floor):
                return None
            for position, data in reversed(self._rings.get(topic, ())):
                if position <= cursor:
                    break
                found[position] = data
        return sorted(found.items())

    def _keep(self, topic: str, position: int, data: bytes) -> None:
        ring = self._rings.setdefault(topic, deque())
        self._rings.move_to_end(topic)
        if len(ring) >= self._per_topic:
            lost, old = ring.popleft()
            self._dropped[topic] = lost
            self._bytes -= len(old)
        elif topic not in self._dropped:
            self._dropped[topic] = self._floor
        ring.append((position, data))
        self._bytes += len(data)

    def _forget_topic(self) -> None:
        topic, ring = self._rings.popitem(last=False)
        self._dropped.pop(topic, None)
        self._bytes -= sum(len(data) for _, data in ring)
        # from now on nothing is known of any topic without a ring before this position
        self._floor = max(self._floor, ring[-1][0])
