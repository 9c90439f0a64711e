"""The widgets that the application added, by name and by type."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from nitro_templates.state import state

if TYPE_CHECKING:
    from nitro_templates.html import Element

    from .shown import Shown

    Widget = Callable[[Shown], Element]

GROUP = "nitro.widgets"
"""The entry points in which packages offer widgets by name."""


class Registered:
    """The widgets that the application added."""

    def __init__(self) -> None:
        self.by_name: dict[str, Widget] = {}
        self.by_type: dict[type, Widget] = {}

    def of_type(self, kind: type | None) -> Widget | None:
        """Answer the widget of *kind* or of the nearest class it comes from."""
        if kind is None or not self.by_type:
            return None
        return next((self.by_type[base] for base in kind.__mro__ if base in self.by_type), None)

    def named(self, name: str) -> Widget | None:
        """Answer the widget called *name*: a registered one, else one that a package offers."""
        if name not in self.by_name:
            offered = next(iter(entry_points(group=GROUP, name=name)), None)
            if offered is None:
                return None
            self.by_name[name] = offered.load()
        return self.by_name[name]


def register_widget(which: str | type[Any], widget: Widget) -> None:
    """Let fields use a widget of your own: by name, `ui(widget="stars")`, or all of a type.

    *widget* gets a `Shown` and answers the element; it puts `shown.attributes` on its input,
    so that label, help and error stay tied to it, and shows `shown.text` whatever it is.
    A field that names its widget keeps it, whatever is registered for its type. Register
    before the first page is made: what a class has no widget for is left out from then on.
    """
    registered = state.part(Registered)
    if isinstance(which, str):
        registered.by_name[which] = widget
    else:
        registered.by_type[which] = widget


def has_widget_for(kind: type | None) -> bool:
    """Whether a widget was registered for *kind*."""
    return state.part(Registered).of_type(kind) is not None
