"""The order of commits that a process has under way at the same time."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nitro_entities.changes.record import Change

if TYPE_CHECKING:
    from nitro_entities.changes.feed import Feed

Key = tuple[type, object]
"""Class and id of an entity."""


class Turn:
    """The place of one commit; *key* says which entity it is about, if it is about one."""

    __slots__ = ("batch", "key")

    def __init__(self, key: Key | None) -> None:
        self.key = key
        self.batch: Sequence[Change] | None = None  # none yet


class Turns:
    """Publish commits of several connections in an order that agrees with the database's.

    A commit that saw the rows of another took its turn later. So take a turn before the
    COMMIT and end it when the answer is there, whatever it is: of two changes to one entity the
    first is published first, although no commit waited for another. A statement that is a
    commit of its own may wait for a lock, so it names its entity, and only changes of that one
    wait with it.
    """

    def __init__(self, feed: "Feed") -> None:
        self._feed = feed
        self._lock = threading.Lock()
        self._turns: list[Turn] = []

    def take(self, key: Key | None = None) -> Turn:
        """Stand behind the commits that are under way."""
        turn = Turn(key)
        self._turns.append(turn)
        return turn

    def end(self, turn: Turn, batch: Sequence[Change] = ()) -> None:
        """Publish *batch*, nothing if the commit failed, after those that were before it.

        Only the first call counts, so that a ``finally`` may end what was not ended.
        """
        with self._lock:
            if turn.batch is None:
                turn.batch = batch
                self._publish()

    def _publish(self) -> None:
        awaited: set[Key] = set()
        for turn in tuple(self._turns):
            if turn.batch is None:
                if turn.key is None:
                    return
                awaited.add(turn.key)
            elif awaited and not awaited.isdisjoint(_keys(turn.batch)):
                awaited.update(_keys(turn.batch))
            else:
                self._turns.remove(turn)
                if turn.batch:
                    self._feed.publish(turn.batch)


def _keys(batch: Sequence[Change]) -> list[Key]:
    return [(change.entity, change.id) for change in batch]
