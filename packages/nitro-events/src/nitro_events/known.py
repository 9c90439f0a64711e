"""Which names are events, where misspelt ones are to be errors."""

from __future__ import annotations

import fnmatch
from difflib import get_close_matches
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from blinker import NamedSignal, default_namespace

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nitro_events.typed import Event

__all__ = ["EventTypes", "Held", "Strictness", "UnknownEvent", "refuse_unknown"]


class UnknownEvent(LookupError):
    """Somebody emitted an event that nobody declared and nobody handles."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
        super().__init__(
            f"Nobody handles {name!r} and nobody declared it. {hint}Declare it where it belongs: "
            f"name = event({name!r})"
        )
        self.name = name
        self.near = near


class Held(WeakValueDictionary[str, NamedSignal]):
    """Events that somebody holds and nobody hears yet; they go when they are let go."""


class Strictness(dict[str, bool]):
    """For which names the first error of a handler stops the others."""


class EventTypes(dict[str, "type[Event]"]):
    """The typed events by name."""


def refuse_unknown(name: str, patterns: Iterable[str]) -> None:
    """Raise UnknownEvent unless somebody declared *name*, or one of *patterns* is about it."""
    telling = [pattern for pattern in patterns if pattern.strip("*?.")]  # '*' hears every mistake
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in telling):
        return
    parts = (default_namespace, state.part(Held), state.part(EventTypes), state.part(Strictness))
    known = {known for part in parts for known in part}
    if name not in known:
        raise UnknownEvent(name, sorted(known))
