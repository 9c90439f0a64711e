"""What one input shows, and how it is tied to its label, help and error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made

from .held import HeldFile
from .view import FieldView

_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one input shows.

    *text* is what stands in it; for a list or a nested model it is the JSON of what stands in
    the inputs inside, and *errors* holds what is wrong with those, under their dotted names.
    """

    field: FieldView
    id: str
    text: str
    described_by: str | None = None
    invalid: bool = False
    focus: bool = False
    path: str = ""
    errors: Mapping[str, str] = made(default_factory=dict[str, str])
    cleared: bool = False
    """Whether the box that removes a stored file is ticked."""
    files: tuple[HeldFile, ...] = ()
    """The stored files that are there."""
    upload: str | None = None
    """Where a script may send a file to as soon as it is chosen."""
    number: str | None = None
    """Which item of a list it is, as people count; empty in the template of a new item."""

    @property
    def name(self) -> str:
        """The name that is submitted; that of a nested input is dotted."""
        return self.path or self.field.name

    @property
    def attributes(self) -> dict[str, object]:
        """The attributes that every input has."""
        return {
            "id": self.id,
            "name": self.name,
            "aria-required": True if self.field.required else None,
            "aria-describedby": self.described_by,
            "aria-invalid": True if self.invalid else None,
            "autofocus": self.focus,
            "autocomplete": self.field.autocomplete,
        }


def nested_id(id: str, name: str) -> str:
    """Answer the element id of the nested input *name* in the field with the element *id*.

    *name* is dotted and begins with the field: `nested_id("form-lines", "lines.0.quantity")`
    is "form-lines--0--quantity". Two hyphens: one is before the name of a note ("-error").
    """
    return "--".join([id, *(_UNFIT_FOR_ID.sub("-", part) for part in name.split(".")[1:])])
