"""The newest state of each entity that browsers were given: it takes the place of older ones."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from nitro_entities.state import state

REMEMBERED = 65_536
"""How many entities a process remembers the newest state of."""

CHARACTERS = 32 * 1024 * 1024
"""How many characters their texts may have together."""


class Newest(NamedTuple):
    """The last state of one entity of one caller."""

    version: int
    """Counts its changes, also over a deletion."""
    text: str
    """Sealed as the browser has it; empty when it was deleted."""


class Versions(Protocol):
    """Remembers the newest state by key; a key stands for one entity of one caller.

    A browser may come with an older state than it was given: from another tab, because an answer
    was lost, or to undo what was done. Then the newest one counts. Whoever shares one `Versions`
    among several processes has that in all of them.
    """

    def newest(self, keys: Sequence[str], /) -> Mapping[str, Newest]:
        """Answer what is remembered of *keys*."""
        ...

    def advance(self, states: Mapping[str, Newest], /) -> str | None:
        """Remember these *states*, all of them or none, in one step.

        Answers None, or one key of which this version or a higher one is remembered already;
        then nothing was changed.
        """
        ...

    def seen(self, states: Mapping[str, Newest], /) -> None:
        """Remember *states* where their versions are higher than what is remembered."""
        ...


class VersionMemory:
    """Remember in this process what was used last, as much as *size* and *characters* allow.

    What it forgot, and everything after a restart, is believed again as the browser sends it,
    up to the greatest age: then somebody who kept an old state of their own can go back to it.
    """

    def __init__(self, size: int = REMEMBERED, characters: int = CHARACTERS) -> None:
        self._size = size
        self._characters = characters
        self._held = 0
        self._known: OrderedDict[str, Newest] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<VersionMemory of {len(self._known)}>"

    def newest(self, keys: Sequence[str], /) -> Mapping[str, Newest]:
        """Answer what is remembered of *keys*."""
        with self._lock:
            return {key: self._known[key] for key in keys if key in self._known}

    def advance(self, states: Mapping[str, Newest], /) -> str | None:
        """Remember these *states*, or answer a key that stands in the way."""
        with self._lock:
            for key, now in states.items():
                if self._version(key) >= now.version:
                    return key
            self._put(states)
        return None

    def seen(self, states: Mapping[str, Newest], /) -> None:
        """Remember *states* where they are newer; of the others, that they were used."""
        with self._lock:
            known = self._known
            self._put(
                {
                    k: now if now.version > self._version(k) else known[k]
                    for k, now in states.items()
                }
            )

    def _version(self, key: str) -> int:
        known = self._known.get(key)
        return 0 if known is None else known.version

    def _put(self, states: Mapping[str, Newest]) -> None:
        for key, now in states.items():
            before = self._known.pop(key, None)
            self._held += len(now.text) - (0 if before is None else len(before.text))
            self._known[key] = now
        while len(self._known) > self._size or self._held > self._characters:
            _, forgotten = self._known.popitem(last=False)
            self._held -= len(forgotten.text)


class _Chosen:
    """What this process remembers states in."""

    def __init__(self) -> None:
        self.versions: Versions = VersionMemory()


def versions() -> Versions:
    """Answer what remembers states."""
    return state.part(_Chosen).versions


def remember_in(chosen: Versions) -> None:
    """Remember states in *chosen* from now on, such as something that several workers share."""
    state.part(_Chosen).versions = chosen
