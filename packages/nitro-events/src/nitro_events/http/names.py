"""The names of headers: nearly all requests bring the same few, so they are made once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

__all__ = ["Names"]

K = TypeVar("K", bound=Hashable)

MANY = 500
"""Names that are remembered: who makes up others must not fill the memory."""
LONG = 100
"""Characters of a name that is not."""


class Names(dict[K, str]):
    """What *spelt* makes of each name: ``names[b"Accept"]`` is ``"accept"``."""

    def __init__(self, spelt: Callable[[K], str]) -> None:
        self._spelt = spelt

    def __missing__(self, name: K) -> str:
        text = self._spelt(name)
        if len(self) < MANY and len(text) < LONG:
            self[name] = text
        return text
