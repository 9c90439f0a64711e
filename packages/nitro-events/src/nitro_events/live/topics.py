"""Topics and when they changed: "City" is every city, "City:<id>" one of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Marks", "parent_of", "wholesale"]


def parent_of(topic: str) -> str | None:
    """Return the topic of all that *topic* is one of: "City" for "City:7"."""
    parent, colon, _ = topic.partition(":")
    return parent if colon and parent else None


def wholesale(topics: Collection[str]) -> frozenset[str]:
    """Return those of *topics* that mean every one of a kind.

    A change of one city is told as {"City", "City:7"}; "City" alone says that any city may have
    changed, so whoever shows a single one must look again.
    """
    if len(topics) == 1:
        return frozenset(topic for topic in topics if ":" not in topic)
    if len(topics) == 2:  # as a rule
        short, long = topics
        if len(short) > len(long):
            short, long = long, short
        if long.startswith(f"{short}:") and ":" not in short:
            return frozenset()
    detailed = {topic.partition(":")[0] for topic in topics if topic.find(":") > 0}
    return frozenset([t for t in topics if ":" not in t and t not in detailed])


class Marks:
    """The position at which each topic changed last, for a bounded number of topics.

    Of what happened before the *floor* nothing is known, so it counts as a change.
    """

    def __init__(self, floor: int, *, limit: int = 20_000) -> None:
        self.floor = floor
        self._limit = limit
        self._single: OrderedDict[str, int] = OrderedDict()
        self._whole: dict[str, int] = {}

    def mark(self, topics: Iterable[str], whole: Iterable[str], position: int) -> None:
        """Note that *topics* changed at *position*, and all members of *whole* too."""
        for topic in topics:
            self._single[topic] = position
            self._single.move_to_end(topic)
        for topic in whole:
            self._whole[topic] = position
        while len(self._single) > self._limit:
            topic, oldest = self._single.popitem(last=False)
            self._whole.pop(topic, None)
            self.floor = max(self.floor, oldest)

    def forget(self, position: int) -> None:
        """Let everything until *position* count as changed."""
        self.floor = max(self.floor, position)

    def changed_since(self, topics: Iterable[str], cursor: int) -> bool:
        """Tell whether one of *topics* changed after *cursor*, or may have."""
        if cursor < self.floor:
            return True
        for topic in topics:
            if self._single.get(topic, 0) > cursor:
                return True
            parent = parent_of(topic)
            if parent is not None and self._whole.get(parent, 0) > cursor:
                return True
        return False
