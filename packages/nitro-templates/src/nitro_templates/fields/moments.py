"""Inputs for dates and times: the browser's own where it can show the value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nitro_templates.html import Element, Tag

from .fitting import shows
from .shown import Shown
from .texts import line, text_input

_span = Tag("span")


def _native(kind: str) -> Callable[[Shown], Element]:
    def widget(shown: Shown) -> Element:
        if not shows(kind, shown.text):
            return text_input(shown)
        limits = {name: bound(shown.field.limits.get(name), kind) for name in ("min", "max")}
        return line(shown, type=kind, step=step_of(shown.text), **limits)

    return widget


def bound(text: str | None, kind: str) -> str | None:
    """Answer *text*, a limit of a field, if an input of *kind* can read it."""
    return text if text and shows(kind, text) else None


def step_of(text: str) -> int | None:
    """Answer the step of an input that shows *text*: with seconds where that has some."""
    return 1 if text.count(":") == 2 else None


date = _native("date")
datetime = _native("datetime-local")
time = _native("time")


def moment(shown: Shown) -> Element:
    """A moment that needs a time zone: shown and read in UTC, unless another is written."""
    if not shows("moment", shown.text):
        return text_input(shown)
    text = shown.text.removesuffix("Z")
    said = " ".join(filter(None, [f"{shown.id}-unit", shown.described_by]))
    box = datetime(replace(shown, text=text, described_by=said))
    return _span(box, _span("UTC", id=f"{shown.id}-unit", cls="nitro-unit"), cls="nitro-with-unit")
