"""Inputs for text of every kind: a line, a box, an address, a colour, a time zone, a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .fitting import colour_in, shows
from .limits import html_pattern
from .shown import Shown

_input, _textarea, _span = Tag("input", void=True), Tag("textarea"), Tag("span")

ROWS = 5
"""How many lines a box of text shows."""
ZONE = "Europe/Zurich"
"""The example of a time zone."""
ZONES = "nitro-timezones"
"""The element id of the list of time zones, which the script of the page makes."""


def line(shown: Shown, **attributes: object) -> Element:
    """Write one line of text; *attributes* come on top of those that every input has."""
    placeholder = shown.field.placeholder
    return _input(
        value=shown.text, **{**shown.attributes, "placeholder": placeholder, **attributes}
    )


def text_input(shown: Shown) -> Element:
    """A line of text; more than a line becomes a box, because an input drops line breaks."""
    if not shows("text", shown.text):
        return textarea(shown)
    return line(shown, type="text", **_lengths(shown))


def textarea(shown: Shown) -> Element:
    """A box of text."""
    return _textarea(
        shown.text,
        **shown.attributes,
        rows=shown.field.rows or ROWS,
        minlength=shown.field.limits.get("minlength"),
        maxlength=shown.field.limits.get("maxlength"),
        placeholder=shown.field.placeholder,
    )


def _of_type(kind: str, autocomplete: str | None = None) -> Callable[[Shown], Element]:
    def widget(shown: Shown) -> Element:
        if not shows(kind, shown.text):
            return text_input(shown)
        filled_in = shown.field.autocomplete or autocomplete
        return line(shown, type=kind, autocomplete=filled_in, **_lengths(shown))

    return widget


url = _of_type("url")
email = _of_type("email", "email")
phone = _of_type("tel", "tel")


def colour(shown: Shown) -> Element:
    """A colour as text, with the browser's picker beside it: that alone cannot be empty."""
    picker = _input(
        type="color",
        value=colour_in(shown.text),
        aria_label=_("Pick {field}", field=shown.field.label),
        data_nitro_colour=True,
    )
    return _span(text_input(shown), picker, cls="nitro-with-picker")


def timezone(shown: Shown) -> Element:
    """The name of a time zone; the browser offers those that it knows."""
    if not shows("text", shown.text):
        return textarea(shown)
    example = shown.field.placeholder or ZONE
    return line(shown, type="text", list=ZONES, spellcheck="false", placeholder=example)


def secret(shown: Shown) -> Element:
    """A secret can be typed, and nothing that was typed or stored is ever written here."""
    new = shown.field.autocomplete or "new-password"
    return line(replace(shown, text=""), type="password", autocomplete=new)


def _lengths(shown: Shown) -> dict[str, object]:
    limits = shown.field.limits
    pattern = limits.get("pattern")
    return {
        "minlength": limits.get("minlength"),
        "maxlength": limits.get("maxlength"),
        "pattern": None if pattern is None else html_pattern(pattern),
    }
