"""The changes that happened lately, kept to tell who wrote last."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from nitro_entities.changes.record import Change

Written = tuple[str | None, datetime]

_REMEMBERED = 8192


class Recent:
    """Remember the last changes; taking note is cheap, asking looks through them."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=_REMEMBERED)

    def note(self, batch: Sequence[Change]) -> None:
        """Take note of one commit."""
        self._changes.extend(batch)

    def last_writer(self, cls: type, id: object, field: str | None) -> Written | None:
        """Answer who wrote last, to *field* or to the entity at all."""
        for change in reversed(tuple(self._changes)):
            if change.entity is not cls:
                continue
            if change.operation == "unknown":
                return None  # what came before may be about values that are gone
            if change.id != id:
                continue
            if field is None:
                return change.by, change.at
            if change.operation != "update" or change.fields is None:
                return None  # another entity had the id before
            if field in change.fields:
                return change.by, change.at
        return None
