"""Names that the application gave: of fields, choices, actions and entities, for the reader.

They are English texts of the application, looked up in its own catalogue. Where it has none for
this language they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from .reader import Reader, current_reader

if TYPE_CHECKING:
    from nitro_templates.fields.view import FieldView

__all__ = ["counted", "field_view", "field_views", "own"]


def own(text: str) -> str:
    """Answer *text*, a name that the application gave, in the reader's language."""
    texts = current_reader().own_texts
    return text if texts is None else texts.texts.get(text, text)


def counted(one: str, many: str, count: int) -> str:
    """Answer what so many are called: *one* or *many*, or the form that the language has."""
    texts = current_reader().own_texts
    said = None if texts is None else texts.form(one, count)
    return said if said is not None else own(one if count == 1 else many)


def field_views(fields: Iterable[FieldView]) -> tuple[FieldView, ...]:
    """Answer *fields* with labels, help and choices for the reader."""
    if current_reader().texts is None:
        return tuple(fields)
    return tuple(map(field_view, fields))


def field_view(field: FieldView) -> FieldView:
    """Answer *field* with its label, help and choices for the reader."""
    reader = current_reader()
    return field if reader.texts is None else _view(field, reader)


def _view(field: FieldView, reader: Reader) -> FieldView:
    known = {} if reader.own_texts is None else reader.own_texts.texts
    of_choices = known
    if field.kind is bool and reader.texts is not None:  # yes and no are ours
        of_choices = reader.texts.texts
    choices = tuple(replace(c, label=of_choices.get(c.label, c.label)) for c in field.choices)
    return replace(
        field,
        label=known.get(field.label, field.label),
        help=field.help and known.get(field.help, field.help),
        placeholder=field.placeholder and known.get(field.placeholder, field.placeholder),
        unit=field.unit and known.get(field.unit, field.unit),
        choices=choices,
        fields=tuple(_view(inner, reader) for inner in field.fields),
        item=None if field.item is None else _view(field.item, reader),
    )
