"""Up to where a client has everything, as signed text that the client cannot read or make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nitro_events.seal import BadSeal
from nitro_events.state import state

__all__ = ["UNKNOWN", "Cursor", "Cursors", "read", "taken_up"]

PURPOSE = "live"
FRESH = "!"
KEPT = 256


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the history of one hub, and the same place in that of its broker, if known."""

    hub: str
    position: int
    broker: str = ""
    at: int = 0


UNKNOWN = Cursor("", 0)
"""What a text stands for that is none of ours: whoever sends it may have missed anything."""

Place: TypeAlias = Callable[[int], Cursor]


class Cursors:
    """Signs the places of one hub. A text is kept, for thousands of streams send the same."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._texts: dict[int, str] = {}

    def text(self, position: int) -> str:
        """Return the text for who has everything up to *position*."""
        text = self._texts.get(position)
        if text is None:
            if len(self._texts) >= KEPT:
                self._texts = {}
            text = self._texts[position] = _write(self._place(position))
        return text


def _write(cursor: Cursor) -> str:
    payload: dict[str, object] = {"h": cursor.hub, "p": cursor.position}
    if cursor.broker:
        payload |= {"b": cursor.broker, "q": cursor.at}
    return state.sealer.sign(PURPOSE, payload)


def read(text: str) -> Cursor:
    """Return the cursor that *text* is, `UNKNOWN` for anything that was not signed here."""
    try:
        found = state.sealer.open(PURPOSE, text)
    except BadSeal:
        return UNKNOWN
    hub, position = found.get("h"), found.get("p")
    if not (isinstance(hub, str) and isinstance(position, int)):
        return UNKNOWN
    broker, at = found.get("b"), found.get("q")
    if isinstance(broker, str) and isinstance(at, int):
        return Cursor(hub, position, broker, at)
    return Cursor(hub, position)


def taken_up(text: str | None) -> tuple[Cursor | None, bool]:
    """Return where a client takes up and whether it needs the state of every view.

    An empty text is a client that has nothing yet. One that begins with ``!`` shows other views
    than it did before, and has the patches up to the cursor behind it.
    """
    if not text:
        return None, True
    fresh = text.startswith(FRESH)
    text = text.removeprefix(FRESH)
    return (read(text) if text else None), fresh
