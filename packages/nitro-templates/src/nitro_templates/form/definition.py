"""What a form is for: which thing, which fields, which operation, and how it is arranged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nitro_templates.fields.describe import fields_of_signature
from nitro_templates.fields.view import FieldView
from nitro_templates.sources import ActionView, Source

from .layout import Part

if TYPE_CHECKING:
    from nitro_templates.html import Child

    from .rows import Row

_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Definition:
    """One form; *operation* is "create", "update", "delete" or the name of an action.

    *fields* are those that it shows and saves, *known* all that it could.
    """

    source: Source
    operation: str
    thing: Any = None
    fields: tuple[FieldView, ...] = ()
    action: ActionView | None = None
    redirect: str | None = None
    submit: str | None = None
    name: str | None = None
    fixed_key: str | None = None
    known: tuple[FieldView, ...] = ()
    layout: tuple[Part, ...] = ()
    drawn: Mapping[str, Callable[[Row], Child]] = field(default_factory=dict[str, Any])
    """By field, what draws it in place of its row."""
    slots: Mapping[str, tuple[Child, ...]] = field(default_factory=dict[str, Any])

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
    known = tuple(view for view in source.fields if view.editable)
    fields = tuple(view for view in known if "form" not in view.hidden_in)
    operation = "create" if thing is None else "update"
    return Definition(source, operation, thing, fields, known=known)


def of_action(source: Source, thing: Any, action: ActionView) -> Definition:
    """Ask for the arguments of *action*; TypeError when one of them has no widget."""
    fields = fields_of_signature(action.function)
    return Definition(source, action.name, thing, fields, action, known=fields)


def of_deletion(source: Source, thing: Any) -> Definition:
    """Ask whether *thing* is to go."""
    return Definition(source, "delete", thing)
