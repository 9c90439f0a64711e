"""What a table may be told, checked where it is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nitro_templates.expecting import expect, is_a, is_some
from nitro_templates.fields.view import FieldView

from .definition import COUNTS, SLOTS
from .state import MOST_KEYS

_MOST_ROWS = 500
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def searched(fields: Sequence[str], known: Sequence[FieldView]) -> tuple[str, ...]:
    """Answer *fields*, or all texts. LookupError names one that is not there."""
    _must_be_known(fields, known, "to search in")
    return tuple(fields) or tuple(field.name for field in known if field.searchable)


def ordered(keys: Sequence[str], known: Sequence[FieldView]) -> tuple[str, ...]:
    """Answer *keys*. LookupError names one that is not there."""
    _must_be_known([key.removeprefix("-") for key in keys], known, "to sort by")
    if len(keys) > MOST_KEYS:
        msg = f"sorted_by({', '.join(keys)}): at most {MOST_KEYS} fields"
        raise ValueError(msg)
    return tuple(keys)


def _must_be_known(names: Sequence[str], known: Sequence[FieldView], what: str) -> None:
    fields = [field.name for field in known]
    for name in names:
        if name not in fields:
            msg = f"No field {name!r} {what}. Known fields: {', '.join(fields)}"
            raise LookupError(msg)


def pages(size: int, sizes: Sequence[int], count: str) -> None:
    """Raise ValueError for pages of no fit size, or a count that is none of those known."""
    expect(is_some(int)(sizes) and not is_a(int)(sizes), "pages(sizes=…)", "numbers", sizes)
    for number in (size, *sizes):
        expect(is_a(int)(number), "pages()", "a whole number", number)
        if not 1 <= number <= _MOST_ROWS:
            msg = f"pages({number}): a page has 1 to {_MOST_ROWS} rows"
            raise ValueError(msg)
    if count not in COUNTS:
        msg = f"pages(count={count!r}): there are {', '.join(COUNTS)}"
        raise ValueError(msg)


def seconds(text: str) -> float:
    """Read "5s", "500ms" or "2m"; ValueError for anything else, and for less than a second."""
    expect(is_a(str)(text), "reactive(every=…)", "a text such as '5s' or '2m'", text)
    found = _TIME.fullmatch(text.strip())
    number = 0.0 if found is None else float(found[1]) * _SECONDS[found[2]]
    if number < 1:
        msg = f"reactive(every={text!r}): write it like '5s' or '2m', at least '1s'"
        raise ValueError(msg)
    return number


def slot(name: str) -> None:
    """Raise LookupError for a slot that is not there."""
    if name not in SLOTS:
        msg = f"No slot {name!r}. There are: {', '.join(SLOTS)}"
        raise LookupError(msg)
