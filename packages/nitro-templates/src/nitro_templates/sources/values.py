"""What a thing shows: its title and the values of its fields."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from nitro_templates.fields.describe import FieldView
from nitro_templates.fields.formats import text_of


def title_of(thing: object, fields: Sequence[FieldView], otherwise: str) -> str:
    """Use the first text that *thing* has as its title."""
    for field in fields:
        if field.searchable and (text := getattr(thing, field.name, None)):
            return text_of(text)
    return otherwise


def json_values(thing: BaseModel, fields: Sequence[FieldView]) -> dict[str, object]:
    """Dump the values of *fields*, JSON-able."""
    return thing.model_dump(mode="json", include={field.name for field in fields}, warnings=False)
