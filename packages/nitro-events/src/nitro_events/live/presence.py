"""Who has what open: known by the streams that are open, here and in the other instances.

Nothing is stored. An instance tells the others when somebody comes or goes, and, while there are
others, every few seconds that it is still there: who was at one that says nothing has left.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nitro_events.live.presence_elsewhere import Elsewhere
from nitro_events.loop_thread import own_loop
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["LINGER", "Person", "Present", "Roster", "place_topic"]

_log = logging.getLogger("nitro_events")

LINGER = 3.0
"""So many seconds somebody is still shown who left: a page that is loaded again comes back."""
TICK = 0.5


class Person(NamedTuple):
    """Somebody, however many pages they have open: *key* is theirs alone."""

    key: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at a *place*; for each who would see it the policy is asked ``"presence"`` with it.

    *place* is a page's path, or a thing such as ``"City:7"``. Nobody knows more of a visitor
    without a login than that there is one: *id* and *name* are None. *editing* says that they
    have a form of the thing open, *field* where in it they are.
    """

    place: str
    key: str
    id: str | None = None
    name: str | None = None
    editing: bool = False
    field: str | None = None


@dataclass(slots=True, eq=False)
class Stay:
    """One page that somebody has open; *until* is set when it was closed."""

    present: Present
    until: float | None = None


class Roster:
    """Who is where. Everything here may be called from any thread, and waits for nothing."""

    def __init__(self) -> None:
        self._stopped = False
        self.begin()
        state.on_reset(self.stop)

    def begin(self) -> None:
        """Know of nobody: a forked process has none of the open pages of its parent."""
        self._lock = threading.RLock()
        self._stays: dict[str, list[Stay]] = {}
        self._told: dict[str, list[Present]] = {}
        self._following = False
        self._elsewhere = Elsewhere(secrets.token_hex(6), self._all, self._touch, self._move)

    def enter(self, place: str, person: Person, *, editing: bool = False) -> Callable[[], None]:
        """Note that *person* has *place* open; call what is returned when it is closed."""
        with self._lock:
            field = next((p.field for p in self.here(place) if p.key == person.key), None)
            stay = Stay(Present(place, *person, editing, field if editing else None))
            self._stays.setdefault(place, []).append(stay)
        self._elsewhere.begin()
        self._tell(place)
        self._begin_following()

        def leave() -> None:
            stay.until = time.monotonic() + LINGER

        return leave

    def at(self, place: str) -> list[Present]:
        """Return who is at *place* in any instance, each once, in a steady order."""
        self._elsewhere.begin()
        return sorted(
            _merged([*self.here(place), *self._elsewhere.at(place)]),
            key=lambda one: (one.name is None, one.name or "", one.key),
        )

    def move(self, place: str, key: str, field: str | None) -> None:
        """Note in which *field* of its form the person called *key* is, in whichever instance."""
        if not self._move(place, key, field):
            self._elsewhere.begin()
            self._elsewhere.tell_move(place, key, field)

    def here(self, place: str) -> list[Present]:
        """Return who is at *place* in this process."""
        with self._lock:
            return _merged(stay.present for stay in self._stays.get(place, ()))

    def stop(self) -> None:
        """Tell nobody anything any more."""
        self._stopped = True

    def _move(self, place: str, key: str, field: str | None) -> bool:
        with self._lock:
            found = [stay for stay in self._stays.get(place, ()) if stay.present.key == key]
            for stay in found:
                if stay.present.editing:
                    stay.present = _in_field(stay.present, field)
        if found:
            self._tell(place)
        return bool(found)

    def _all(self) -> dict[str, list[Present]]:
        with self._lock:
            return {place: self.here(place) for place in self._stays}

    def _tell(self, place: str) -> None:
        with self._lock:
            now = self.here(place)
            if now == self._told.get(place, []):
                return
            if now:
                self._told[place] = now
            else:
                self._told.pop(place, None)
        self._tell_others(place, now)
        self._touch([place])

    def _tell_others(self, place: str, now: list[Present]) -> None:
        """Tell who is at *place*; of two threads that do, the last to speak says what is true."""
        told: list[Present] | None = None
        while told != now:
            self._elsewhere.tell({place: now})
            with self._lock:
                told, now = now, self._told.get(place, [])

    def _touch(self, places: Iterable[str]) -> None:
        if not self._stopped:
            self._begin_following()  # somebody elsewhere may have to be forgotten
            state.hub.touch([place_topic(place) for place in places])

    def _begin_following(self) -> None:
        with self._lock:
            begins, self._following = not self._following, True
        if begins:
            own_loop().begin(self._follow())

    async def _follow(self) -> None:
        while not self._stopped:
            await asyncio.sleep(TICK)
            try:
                self._forget_who_left()
                self._elsewhere.tick()
            except Exception:  # else who left would be shown for ever
                _log.exception("Who has left could not be told")
            with self._lock:
                if not self._stays and self._elsewhere.is_empty:
                    self._following = False
                    return

    def _forget_who_left(self) -> None:
        now = time.monotonic()
        with self._lock:
            left = [p for p, stays in self._stays.items() if any(_is_over(s, now) for s in stays)]
            for place in left:
                stays = [stay for stay in self._stays[place] if not _is_over(stay, now)]
                if stays:
                    self._stays[place] = stays
                else:
                    del self._stays[place]
        for place in left:
            self._tell(place)


def place_topic(place: str) -> str:
    """Return the topic of the views that show who is at *place*."""
    return f"nitro-here {place}"


def _is_over(stay: Stay, now: float) -> bool:
    return stay.until is not None and stay.until <= now


def _in_field(present: Present, field: str | None) -> Present:
    return Present(present.place, present.key, present.id, present.name, True, field)


def _merged(all_present: Iterable[Present]) -> list[Present]:
    """Return each person once; with several pages, what they do in any of them."""
    found: dict[str, Present] = {}
    for one in all_present:
        before = found.get(one.key)
        if before is None or (one.editing, one.field or "") > (before.editing, before.field or ""):
            found[one.key] = one
    return list(found.values())


def _begin_in_child() -> None:
    roster = state.made(Roster)
    if roster is not None:
        roster.begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
