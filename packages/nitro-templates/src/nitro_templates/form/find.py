"""Find one form again on the page it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.asking import find_answerer

from .form import Form

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext


def find_form(value: object, key: str, context: RenderContext) -> Form | None:
    """Answer the form with the element id *key* inside *value*, None if there is none.

    Forms that were turned into text before cannot be found.
    """
    found = find_answerer(value, key, context)
    return found if isinstance(found, Form) else None
