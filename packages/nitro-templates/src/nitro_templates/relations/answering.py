"""The answer to "options": what may be chosen in a field that refers to something."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nitro_templates.asking import Download

from .picker import MOST
from .reading import field_at
from .related import Options, related_of

if TYPE_CHECKING:
    from nitro_templates.asking import Ask
    from nitro_templates.fields.view import FieldView

KIND = "options"


def options_of(fields: Iterable[FieldView], ask: Ask) -> Download | None:
    """Answer as JSON what may be chosen in the field that *ask* names and fits its ``_q``.

    None if that is no question about options, or no such field.
    """
    if ask.kind != KIND or len(ask.rest) != 1:
        return None
    view = field_at({field.name: field for field in fields}, ask.rest[0])
    related = None if view is None else related_of(view)
    return None if related is None else as_json(related.options(ask.param("_q"), MOST))


def as_json(options: Options) -> Download:
    """Write *options* for the picker: pairs of key and title, and whether there are more."""
    said = {"items": [[one.key, one.title] for one in options.items], "more": options.more}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Download("application/json", (text.encode("utf-8", "replace"),))
