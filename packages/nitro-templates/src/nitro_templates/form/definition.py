"""What a form is for: which thing, which fields, which operation, and how it is arranged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nitro_templates.fields.describe import fields_of_signature
from nitro_templates.fields.view import FieldView
from nitro_templates.i18n import current_reader, inside
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import field_views, own
from nitro_templates.sources import ActionView, Source

from .layout import Part

if TYPE_CHECKING:
    from nitro_templates.html import Child

    from .rows import Row
    from .steps import Shown, Step

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
    steps: tuple[Step, ...] = ()
    shown: Shown | None = None
    """The step that is shown, of a form that has some."""
    undo: bool = True
    """Whether what it does may be taken back, as far as the class allows it."""
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
            return own(self.submit)
        noun = inside(self.source.label)
        if self.action is not None:
            return own(self.action.label)
        if self.operation == "create":
            return _("Create {thing}", thing=noun)
        return _("Delete {thing}", thing=noun) if self.operation == "delete" else _("Save")


def for_reader(definition: Definition) -> Definition:
    """Answer *definition* with labels, help and choices in the reader's language."""
    if current_reader().texts is None:
        return definition
    fields, known = field_views(definition.fields), field_views(definition.known)
    return replace(definition, fields=fields, known=known)


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
