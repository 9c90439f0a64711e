"""How a value reads: in a table or a card for people, in an input for the form."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from .describe import FieldView, humanise

LONGEST = 120
EMPTY = "—"
_GROUPED_FROM = 10_000


def text_of(value: object) -> str:
    """Write *value* for people to read. Thousands are grouped, dates are ISO, None is empty."""
    if value is None:
        return ""
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    if isinstance(value, enum.Enum):
        label = getattr(value, "label", None)
        return label if isinstance(label, str) else humanise(value.name.lower())
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer(value)
    return str(value)


def input_text(field: FieldView, value: object) -> str:
    """Write *value* as the form sends it back: the text the same value is read from.

    *value* is JSON-able, as pydantic dumps it in "json" mode.
    """
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, enum.Enum):
        return str(value.value)
    return str(value)


def short(text: str) -> str:
    """Cut *text* to what a table cell holds."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _grouped(value: object) -> str:
    assert isinstance(value, int | float | Decimal)
    # four digits stay together: years and small amounts read better so
    return str(value) if -_GROUPED_FROM < value < _GROUPED_FROM else f"{value:,}"


def _yes_no(value: object) -> str:
    return "Yes" if value else "No"


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(sep=" ", timespec="minutes")


def _iso(value: object) -> str:
    assert isinstance(value, date | time)
    return value.isoformat()


_WRITERS: dict[type, Callable[[object], str]] = {
    str: str,
    bool: _yes_no,
    int: _grouped,
    float: _grouped,
    Decimal: _grouped,
    datetime: _moment,
    date: _iso,
    time: _iso,
}
