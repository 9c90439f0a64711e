"""Which widget makes the input of a field."""

from __future__ import annotations

from collections.abc import Callable

from nitro_templates.html import Element
from nitro_templates.state import state

from .registry import Registered
from .shown import Shown

Widget = Callable[[Shown], Element]

BUILT_IN: dict[str, Widget] = {}
"""The widgets that are there without registering, filled while this package is loaded."""


def input_of(shown: Shown) -> Element:
    """Build the input of *shown*; LookupError names an unknown widget and the known ones."""
    registered, field = state.part(Registered), shown.field
    typed = None if field.chosen or field.many else registered.of_type(field.kind)
    widget = typed or registered.by_name.get(field.widget) or BUILT_IN.get(field.widget)
    widget = widget or registered.named(field.widget)
    if widget is None:
        known = ", ".join([*BUILT_IN, *registered.by_name])
        msg = f"Field {field.name!r} asks for widget {field.widget!r}. Known widgets: {known}"
        raise LookupError(msg)
    return widget(shown)
