"""Which widget makes the input of a field."""

from __future__ import annotations

from collections.abc import Callable

from nitro_templates.html import Element
from nitro_templates.state import state

from .registry import Registered
from .shown import Shown
from .view import FieldView

Widget = Callable[[Shown], Element]

BUILT_IN: dict[str, Widget] = {}
"""The widgets that are there without registering, filled while this package is loaded."""


def input_of(shown: Shown) -> Element:
    """Build the input of *shown*; LookupError names an unknown widget and the known ones."""
    return widget_of(shown.field)(shown)


def widget_of(field: FieldView) -> Widget:
    """Answer what makes the input of *field*, as `input_of`."""
    registered = state.part(Registered)
    typed = None if field.chosen or field.many else registered.of_type(field.kind)
    widget = typed or registered.by_name.get(field.widget) or BUILT_IN.get(field.widget)
    widget = widget or registered.named(field.widget)
    if widget is None:
        known = ", ".join([*BUILT_IN, *registered.by_name])
        msg = f"Field {field.name!r} asks for widget {field.widget!r}. Known widgets: {known}"
        raise LookupError(msg)
    return widget


def is_built_in(field: FieldView) -> bool:
    """Whether no widget of the application makes the input of *field*."""
    return widget_of(field) is BUILT_IN.get(field.widget)
