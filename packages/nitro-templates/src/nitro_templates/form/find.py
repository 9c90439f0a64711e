"""Find one form again on the page it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.component import Component
from nitro_templates.html import Element
from nitro_templates.page import Page
from nitro_templates.table import Table

from .form import Form

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext


def find_form(value: object, key: str, context: RenderContext) -> Form | None:
    """Answer the form with the element id *key* inside *value*, None if there is none.

    Forms that were turned into text before cannot be found.
    """
    if isinstance(value, Form) and value.key == key:
        return value
    for part in _inside(value, context):
        found = find_form(part, key, context)
        if found is not None:
            return found
    return None


def _inside(value: object, context: RenderContext) -> tuple[object, ...]:
    if isinstance(value, Page):
        return value.content.parts
    if isinstance(value, Element):
        return tuple(part for part in value.parts if isinstance(part, Component))
    # a table holds no forms, and building one reads the store
    if isinstance(value, Component) and not isinstance(value, Table | Form):
        return (value.build(context),)
    return ()
