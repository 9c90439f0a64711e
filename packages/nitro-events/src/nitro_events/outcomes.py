"""What can come of a request to create, update, delete or run something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nitro_events.texts import Text

if TYPE_CHECKING:
    from datetime import datetime

    from nitro_events.resources import Target
    from nitro_events.undoing import Ticket

__all__ = [
    "Conflict",
    "Deleted",
    "FieldConflict",
    "Invalid",
    "Outcome",
    "Ran",
    "Rearranged",
    "Refused",
    "Saved",
    "Stepped",
    "Taken",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """*entity* is stored. *repeated*: the same form came again and nothing was done."""

    target: Target
    entity: object
    created: bool = False
    repeated: bool = False
    undo: Ticket | None = None
    """What it can be taken back with."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """*entity* is gone; None where a reply is given again that was kept for a key."""

    target: Target
    entity: object
    undo: Ticket | None = None
    """What it can be taken back with."""


@dataclass(slots=True)
class Ran:
    """The action *name* gave *result*; without *target* it is a plain function's."""

    name: str
    result: object
    target: Target | None = None
    entity: object = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """What was filled in is kept, and another *step* of the form is to be shown."""

    target: Target
    step: str
    note: str | None = None
    """What is to be said about it."""


Outcome: TypeAlias = Saved | Deleted | Ran | Stepped


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that two changed: *mine* and *theirs* as the form writes them, who and when."""

    mine: str
    theirs: str
    by: str | None = None
    at: datetime | None = None


class Refused(ValueError):
    """The form was not accepted and is shown again.

    *errors* are the messages by field ("" for the whole form), *values* what the user typed in
    the fields they changed, *conflicts* the fields that somebody else changed meanwhile, and
    *digests* stand for what the user has now seen of each field in *values*: a form that shows
    those fields again seals these digests.
    """

    status = 422
    title: str = Text("Not valid")

    def __init__(
        self,
        errors: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
        *,
        conflicts: Mapping[str, FieldConflict] | None = None,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        self.errors = dict(errors or {})
        self.values = dict(values or {})
        self.conflicts = dict(conflicts or {})
        self.digests = dict(digests or {})
        super().__init__(", ".join(sorted({*self.errors, *self.conflicts})) or self.title)


class Invalid(Refused):
    """Some values cannot be; *errors* says which and why."""


class Conflict(Refused):
    """Somebody else changed the same fields; *conflicts* says which, who and to what."""

    status = 409
    title = Text("Changed by somebody else")


class Taken(Refused):
    """The user takes theirs for some fields: nothing is wrong, the form is shown again."""

    status = 200
    title = Text("Taken over")


class Rearranged(Taken):
    """A button of a list was pressed: nothing is stored, the form is shown again."""

    title = Text("Rearranged")
