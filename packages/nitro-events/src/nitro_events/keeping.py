"""Things that the server keeps for somebody: in the application's own store, so for all workers.

Who keeps data registers a `Keeper`; what is kept here is small, is bound to its owner, and mostly
expires. Nothing of it goes to a browser but its name, sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nitro_events.state import state

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["PART", "Keeper", "Keeping", "Kept", "NothingKept", "keeper", "key_of"]

PART = 512 * 1024
"""How many bytes stand in one kept thing; longer ones are kept in parts."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something kept: *place* says what for, *owner* for whom."""

    id: str
    place: str
    owner: str | None
    name: str = ""
    data: bytes = b""
    shared: bool = False


class Keeper(Protocol):
    """Keeps things in the store of a class, *near*. All of it may block.

    What is written is enrolled in the open unit: it is there when the rest is, or not at all.
    """

    def find(self, ids: Iterable[str], near: type, /, *, lasting: bool = False) -> Sequence[Kept]:
        """Return those that are there and have not expired, in this order."""
        ...

    def among(
        self, place: str, owner: str | None, near: type, /, *, most: int, lasting: bool = True
    ) -> Sequence[Kept]:
        """Return the things of a place that *owner* keeps, or that are shared."""
        ...

    def count(self, place: str, near: type, /, *, lasting: bool = False) -> int:
        """Return how many things there are in a place, whoever they belong to."""
        ...

    def keep(self, kept: Kept, near: type, /, *, lifetime: timedelta | None = None) -> None:
        """Keep it, in place of what had its id. Without a *lifetime* it lasts."""
        ...

    def forget(self, ids: Iterable[str], near: type, /, *, lasting: bool = False) -> None:
        """Let these go; what is not there is no error."""
        ...


class NothingKept(RuntimeError):
    """There is no store that could keep anything."""


class Keeping:
    """Who keeps things in this process, as the joint with the data says."""

    def __init__(self) -> None:
        self.keeper: Keeper | None = None


def keeper() -> Keeper:
    """Return who keeps things. Raises NothingKept."""
    found = state.part(Keeping).keeper
    if found is None:
        msg = "Nothing keeps data here. Install nitro-entities and connect it"
        raise NothingKept(msg)
    return found


def key_of(*parts: str | None) -> str:
    """Return an id that stands for *parts*, whatever is in them."""
    text = "\0".join("\1" if part is None else f"\2{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
