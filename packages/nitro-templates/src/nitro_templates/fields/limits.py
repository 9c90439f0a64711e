"""The limits of a field, as HTML writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from .kinds import attribute

_LIMIT_OF = {
    "min_length": "minlength",
    "max_length": "maxlength",
    "ge": "min",
    "gt": "min",
    "le": "max",
    "lt": "max",
    "multiple_of": "step",
    "pattern": "pattern",
}
_OF_LISTS = {"minlength": "minitems", "maxlength": "maxitems"}
# What JavaScript reads, too: a pattern that it cannot read is an error in the browser's console.
_ATOM = r"(?:[A-Za-z0-9_ ,:@]|\\[dw.+/]|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_ ])+\])"
_TIMES = r"(?:[+*?]|\{\d{1,3}(?:,\d{0,3})?\})?"
_COMMON = re.compile(rf"\^(?P<inner>(?:{_ATOM}{_TIMES})+)\$")


def limits_of(metadata: Iterable[object], *, many: bool = False) -> dict[str, str]:
    """Answer the limits in *metadata* by the name of the HTML attribute.

    *many*: those of length are about the number of items.
    """
    found: dict[str, str] = {}
    for item in metadata:
        for said, name in _LIMIT_OF.items():
            value = attribute(item, said)
            if value is not None:
                found[_OF_LISTS.get(name, name) if many else name] = _written(value)
    return found


def html_pattern(text: str) -> str | None:
    """Answer the pattern *text* for the browser; None where that may read it otherwise."""
    fits = _COMMON.fullmatch(text)
    return None if fits is None else fits["inner"]


def _written(value: object) -> str:
    if isinstance(value, date | time | datetime):
        return value.isoformat()
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    return str(value)
