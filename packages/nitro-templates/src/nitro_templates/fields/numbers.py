"""Inputs for numbers, with their unit or currency."""

from __future__ import annotations

from dataclasses import replace

from nitro_templates.html import Element, Tag

from .shown import Shown
from .texts import line

_span = Tag("span")


def integer(shown: Shown) -> Element:
    """A number as text: `type=number` would throw away what is no number."""
    return _number(shown, "numeric")


def decimal(shown: Shown) -> Element:
    """A number with a fraction as text, with its unit or currency."""
    return _number(shown, "decimal")


def _number(shown: Shown, mode: str) -> Element:
    unit = shown.field.currency or shown.field.unit
    if unit is None:
        return _bare(shown, mode)
    said = " ".join(filter(None, [f"{shown.id}-unit", shown.described_by]))
    box = _bare(replace(shown, described_by=said), mode)
    return _span(box, _span(unit, id=f"{shown.id}-unit", cls="nitro-unit"), cls="nitro-with-unit")


def _bare(shown: Shown, mode: str) -> Element:
    return line(shown, type="text", inputmode=mode, autocomplete=shown.field.autocomplete or "off")
