"""Which texts the inputs of browsers can show. What they cannot is shown as plain text."""

from __future__ import annotations

import re

__all__ = ["COLOUR", "colour_in", "shows"]

_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d)?"
_PATTERNS = {
    "date": re.compile(_DAY),
    "datetime-local": re.compile(f"{_DAY}T{_TIME}"),
    "time": re.compile(_TIME),
    "moment": re.compile(f"{_DAY}T{_TIME}Z?"),
}
_ADDRESSES = frozenset({"url", "email", "tel"})
COLOUR = re.compile(r"#[0-9a-f]{6}")


def shows(kind: str, text: str) -> bool:
    """Whether an input of type *kind* shows *text*; "moment" is one in UTC, beside a unit.

    A browser empties a date that it cannot read (a time zone, microseconds, a typing error),
    strips what is around an address, and drops line breaks.
    """
    pattern = _PATTERNS.get(kind)
    if pattern is not None:
        return text == "" or pattern.fullmatch(text) is not None
    if kind in _ADDRESSES:
        return text.strip() == text
    return "\n" not in text and "\r" not in text


def colour_in(text: str) -> str:
    """Answer *text* if the picker of a browser can show it, else black."""
    return text if COLOUR.fullmatch(text) else "#000000"
