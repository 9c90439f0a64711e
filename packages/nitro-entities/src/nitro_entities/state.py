"""Everything global of this package, on one object that can be reset."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class State:
    """Hold one object per factory, made when it is first asked for.

    On reset a part that has `reset()` is emptied and stays; any other is dropped, after its
    `close()` if it has one.
    """

    def __init__(self) -> None:
        self._parts: dict[Callable[[], Any], Any] = {}
        self._lock = threading.RLock()

    def part(self, make: Callable[[], T]) -> T:
        """Answer the one object made by *make*."""
        found: T
        try:
            found = self._parts[make]
        except KeyError:
            with self._lock:
                if make not in self._parts:
                    self._parts[make] = make()
                found = self._parts[make]
        return found

    def known(self, make: Callable[[], T]) -> T | None:
        """Answer the object made by *make*, if it was made."""
        return cast("T | None", self._parts.get(make))

    def reset(self) -> None:
        """Forget settings, stores, subscribers; close connections."""
        with self._lock:
            parts = tuple(self._parts.items())
            self._parts = {make: part for make, part in parts if hasattr(part, "reset")}
        for _, part in parts:
            if hasattr(part, "reset"):
                part.reset()
            elif hasattr(part, "close"):
                part.close()


state = State()


def reset() -> None:
    """Forget settings, stores, subscribers and classes defined inside functions."""
    state.reset()
