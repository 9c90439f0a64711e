"""How many streams one client keeps open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

__all__ = ["Client", "Clients", "Ended"]

KEPT = 1000


class Client(NamedTuple):
    """Who a stream belongs to: a caller who is logged in, else the address that asks.

    It may have *most* streams at a time.
    """

    key: str
    most: int
    caller_id: str | None = None


class Clients:
    """Counts the streams of each client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}

    def has_room(self, client: Client) -> bool:
        """Tell whether *client* may have another stream."""
        return self._open.get(client.key, 0) < client.most

    def enter(self, client: Client) -> bool:
        """Count one more stream of *client*; False, and nothing is counted, if it has enough."""
        with self._lock:
            if not self.has_room(client):
                return False
            self._open[client.key] = self._open.get(client.key, 0) + 1
            return True

    def leave(self, client: Client) -> None:
        """Count one less."""
        with self._lock:
            left = self._open.get(client.key, 0) - 1
            if left > 0:
                self._open[client.key] = left
            else:
                self._open.pop(client.key, None)


class Ended:
    """Whose streams were ended lately: one that was still about to open then must end too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        self.count = 0
        """How many ends there were: what `since` is asked with."""

    def add(self, caller_id: str) -> None:
        """Note that the streams of a caller are ended now."""
        with self._lock:
            self.count += 1
            self._last[caller_id] = self.count
            self._last.move_to_end(caller_id)
            if len(self._last) > KEPT:
                self._floor = self._last.popitem(last=False)[1]

    def since(self, caller_id: str, count: int) -> bool:
        """Whether those of the caller were ended after *count*, or may have been."""
        with self._lock:
            return count < self._floor or self._last.get(caller_id, 0) > count
