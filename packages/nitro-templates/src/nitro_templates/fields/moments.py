"""Inputs for dates and times: the browser's own where it can show the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from nitro_templates.html import Element, Tag

from .shown import Shown
from .texts import line, text_input

_span = Tag("span")

_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d)?"


def _native(kind: str, pattern: str) -> Callable[[Shown], Element]:
    fits = re.compile(pattern).fullmatch

    def widget(shown: Shown) -> Element:
        # A browser empties a date input whose value it cannot read (a time zone,
        # microseconds, a typing error): then plain text keeps it.
        if shown.text != "" and fits(shown.text) is None:
            return text_input(shown)
        step = 1 if shown.text.count(":") == 2 else None
        limits = {name: _limit(shown, name, fits) for name in ("min", "max")}
        return line(shown, type=kind, step=step, **limits)

    return widget


def _limit(shown: Shown, name: str, fits: Callable[[str], object]) -> str | None:
    text = shown.field.limits.get(name)
    return text if text is not None and fits(text) else None


date = _native("date", _DAY)
datetime = _native("datetime-local", f"{_DAY}T{_TIME}")
time = _native("time", _TIME)
_UTC = re.compile(f"({_DAY}T{_TIME})Z")


def moment(shown: Shown) -> Element:
    """A moment that needs a time zone: shown and read in UTC, unless another is written."""
    text = shown.text
    utc = _UTC.fullmatch(text)
    if utc is not None:
        text = utc[1]
    elif text != "" and re.fullmatch(f"{_DAY}T{_TIME}", text) is None:
        return text_input(shown)
    said = " ".join(filter(None, [f"{shown.id}-unit", shown.described_by]))
    box = datetime(replace(shown, text=text, described_by=said))
    return _span(box, _span("UTC", id=f"{shown.id}-unit", cls="nitro-unit"), cls="nitro-with-unit")
