"""How long to wait before the next attempt at a server that is away."""

from __future__ import annotations

import random

__all__ = ["Pauses"]


class Pauses:
    """Pauses that grow, each drawn by chance: not all instances come back at one moment."""

    def __init__(self, first: float = 0.05, most: float = 2.0) -> None:
        self._first = first
        self._most = most
        self._count = 0

    @property
    def count(self) -> int:
        """How many pauses there were since the last success."""
        return self._count

    def next(self) -> float:
        """Return the seconds to wait."""
        limit = min(self._most, self._first * 2 ** min(self._count, 16))
        self._count += 1
        return random.uniform(limit / 2, limit)

    def over(self) -> None:
        """Begin with short pauses again: it worked."""
        self._count = 0
