"""What a form is for: which thing, which fields, which operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nitro_templates.fields.describe import FieldView, fields_of_signature
from nitro_templates.sources import ActionView, Source

_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Definition:
    """One form; *operation* is "create", "update", "delete" or the name of an action."""

    source: Source
    operation: str
    thing: Any = None
    fields: tuple[FieldView, ...] = ()
    action: ActionView | None = None
    redirect: str | None = None
    submit: str | None = None
    name: str | None = None
    fixed_key: str | None = None

    @property
    def id(self) -> str | None:
        """The id of the thing that the form is about."""
        return None if self.thing is None else self.source.id_of(self.thing)

    @property
    def key(self) -> str:
        """The element id of the form; the same for the same form in every request."""
        if self.fixed_key is not None:
            return self.fixed_key
        subject = self.source.slug or self.source.label
        which = self.id or "new"
        last = self.operation if self.operation not in ("create", "update") else None
        parts = ["form", self.name, subject, which, last]
        return _UNFIT_FOR_ID.sub("-", "-".join(part for part in parts if part))

    @property
    def submit_label(self) -> str:
        """What the button says."""
        if self.submit is not None:
            return self.submit
        noun = self.source.label.lower()
        if self.action is not None:
            return self.action.label
        return {"create": f"Create {noun}", "delete": f"Delete {noun}"}.get(self.operation, "Save")


def of_thing(source: Source, thing: Any) -> Definition:
    """Edit *thing*, or without one create another."""
    fields = tuple(field for field in source.fields if "form" not in field.hidden_in)
    return Definition(source, "create" if thing is None else "update", thing, fields)


def of_action(source: Source, thing: Any, action: ActionView) -> Definition:
    """Ask for the arguments of *action*; TypeError when one of them has no widget."""
    fields = fields_of_signature(action.function)
    return Definition(source, action.name, thing, fields, action)


def of_deletion(source: Source, thing: Any) -> Definition:
    """Ask whether *thing* is to go."""
    return Definition(source, "delete", thing)
