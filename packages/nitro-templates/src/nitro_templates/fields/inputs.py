"""One input per widget. What was typed is always shown again, also where it makes no sense."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nitro_templates.html import Element, Tag
from nitro_templates.state import state

from .describe import FieldView

_input, _textarea = Tag("input", void=True), Tag("textarea")
_select, _option = Tag("select"), Tag("option")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one input shows."""

    field: FieldView
    id: str
    text: str
    described_by: str | None = None
    invalid: bool = False
    focus: bool = False

    @property
    def attributes(self) -> dict[str, object]:
        """The attributes that every input has."""
        return {
            "id": self.id,
            "name": self.field.name,
            "aria-required": True if self.field.required else None,
            "aria-describedby": self.described_by,
            "aria-invalid": True if self.invalid else None,
            "autofocus": self.focus,
        }


Widget = Callable[[Shown], Element]


def text_input(shown: Shown) -> Element:
    """A line of text; more than a line becomes a box, because an input drops line breaks."""
    if "\n" in shown.text or "\r" in shown.text:
        return textarea(shown)
    return _line(shown, type="text")


def textarea(shown: Shown) -> Element:
    """A box of text."""
    # a browser drops the first line break after the tag: this one is for it
    return _textarea(
        "\n" + shown.text,
        **shown.attributes,
        rows=5,
        maxlength=shown.field.limits.get("maxlength"),
        placeholder=shown.field.placeholder,
    )


def integer(shown: Shown) -> Element:
    """A number as text: `type=number` would throw away what is no number."""
    return _line(shown, type="text", inputmode="numeric", autocomplete="off")


def decimal(shown: Shown) -> Element:
    """A number with a fraction as text."""
    return _line(shown, type="text", inputmode="decimal", autocomplete="off")


def checkbox(shown: Shown) -> Element:
    """A box to tick."""
    checked = shown.text in ("true", "on", "1")
    return _input(type="checkbox", value="true", checked=checked, **shown.attributes)


def select(shown: Shown) -> Element:
    """One of the choices; a value that is none of them stays visible."""
    field, options = shown.field, list[Element]()
    known = {choice.value for choice in field.choices}
    if field.optional or shown.text == "":
        empty = "—" if field.optional else f"Choose {field.label.lower()}"
        options.append(_option(empty, value="", selected=shown.text == ""))
    if shown.text not in known and shown.text != "":
        options.append(_option(shown.text, value=shown.text, selected=True))
    options.extend(
        _option(choice.label, value=choice.value, selected=choice.value == shown.text)
        for choice in field.choices
    )
    return _select(options, **shown.attributes)


def _native(kind: str, pattern: str) -> Widget:
    fits = re.compile(pattern).fullmatch

    def widget(shown: Shown) -> Element:
        # A browser empties a date input whose value it cannot read (a time zone,
        # microseconds, a typing error): then plain text keeps it.
        native = shown.text == "" or fits(shown.text) is not None
        step = 1 if native and shown.text.count(":") == 2 else None
        return _line(shown, type=kind if native else "text", step=step)

    return widget


def _line(shown: Shown, **attributes: object) -> Element:
    return _input(
        value=shown.text,
        **shown.attributes,
        maxlength=shown.field.limits.get("maxlength"),
        placeholder=shown.field.placeholder,
        **attributes,
    )


_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d)?"

BUILT_IN: dict[str, Widget] = {
    "text": text_input,
    "textarea": textarea,
    "integer": integer,
    "decimal": decimal,
    "checkbox": checkbox,
    "select": select,
    "date": _native("date", _DAY),
    "datetime": _native("datetime-local", f"{_DAY}T{_TIME}"),
    "time": _native("time", _TIME),
}


class Registered(dict[str, Widget]):
    """The widgets that the application added, by name."""


def register_widget(name: str, widget: Widget) -> None:
    """Let fields ask for a widget of your own: `ui(widget="stars")`.

    *widget* gets a `Shown` and answers the element; it puts `shown.attributes` on its input,
    so that label, help and error stay tied to it, and shows `shown.text` whatever it is.
    """
    state.part(Registered)[name] = widget


def input_of(shown: Shown) -> Element:
    """Build the input of *shown*; LookupError names an unknown widget and the known ones."""
    registered = state.part(Registered)
    name = shown.field.widget
    widget = registered.get(name) or BUILT_IN.get(name)
    if widget is None:
        known = ", ".join([*BUILT_IN, *registered])
        msg = f"Field {shown.field.name!r} asks for widget {name!r}. Known widgets: {known}"
        raise LookupError(msg)
    return widget(shown)
