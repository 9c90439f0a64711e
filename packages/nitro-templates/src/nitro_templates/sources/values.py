"""What a thing shows: its title and the values of its fields."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from nitro_templates.fields.describe import FieldView
from nitro_templates.fields.files import stand_in
from nitro_templates.fields.formats import text_of
from nitro_templates.fields.held import told
from nitro_templates.fields.tree import in_order


def title_of(thing: object, fields: Sequence[FieldView], otherwise: str) -> str:
    """Use the first text that *thing* has as its title."""
    for field in fields:
        if field.searchable and (text := getattr(thing, field.name, None)):
            return text_of(text)
    return otherwise


def json_values(thing: BaseModel, fields: Sequence[FieldView]) -> dict[str, object]:
    """Dump the values of *fields*, JSON-able.

    None stands for a secret; size and hash for a file.
    """
    shown = {field.name for field in fields if not (field.secret or field.is_file or field.stored)}
    dumped = thing.model_dump(mode="json", include=shown, by_alias=False, warnings=False)
    for field in fields:
        if field.secret:
            dumped[field.name] = None
        elif field.stored:
            dumped[field.name] = told(getattr(thing, field.name))
        elif field.is_file:
            content = getattr(thing, field.name)
            dumped[field.name] = stand_in(content) if isinstance(content, bytes) else None
        elif field.grouped and field.name in dumped:
            dumped[field.name] = in_order(field, dumped[field.name])
    return dumped
