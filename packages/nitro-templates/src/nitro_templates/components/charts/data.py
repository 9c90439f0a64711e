"""What a chart shows: numbers under labels, in one series or in several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias, cast

__all__ = ["MOST", "Data", "Number", "Series", "Values", "read_data"]

Number: TypeAlias = int | float | Decimal
Values: TypeAlias = (
    Mapping[Any, Number | None]
    | Mapping[str, Mapping[Any, Number | None]]
    | Iterable[tuple[Any, Number | None]]
)
"""Numbers by label, or series of them by name. None is a gap."""

MOST = 2000
"""More labels than any screen has room for."""


@dataclass(frozen=True, slots=True)
class Series:
    """One number, or a gap, for each label."""

    name: str
    values: tuple[float | None, ...]

    @property
    def known(self) -> list[float]:
        """The numbers without the gaps."""
        return [value for value in self.values if value is not None]


@dataclass(frozen=True, slots=True)
class Data:
    """Series of numbers under common labels."""

    labels: tuple[object, ...]
    series: tuple[Series, ...]

    @property
    def known(self) -> list[float]:
        """All numbers of all series."""
        return [value for one in self.series for value in one.values if value is not None]

    def on_a_scale(self) -> list[float] | None:
        """Answer where each label lies, if they are moments or numbers in rising order."""
        places = [_place(label) for label in self.labels]
        known = [place for place in places if place is not None]
        if len(known) < 2 or len(known) < len(places):
            return None
        return known if all(a < b for a, b in pairwise(known)) else None


def read_data(values: object, name: str) -> Data:
    """Read what a chart was given; *name* is that of a single series.

    TypeError and ValueError say what cannot be drawn.
    """
    pairs = _pairs(values)
    if pairs and all(isinstance(inside, Mapping) for _, inside in pairs):
        named = [(str(one), dict(cast("Mapping[Any, Any]", inside))) for one, inside in pairs]
    else:
        named = [(name, dict(pairs))]
    labels = list(dict.fromkeys(label for _, inside in named for label in inside))
    if len(named) > 1 and all(isinstance(label, date) for label in labels):
        labels.sort()  # of several series each may have days that the others have not
    if len(labels) > MOST:
        msg = f"A chart shows {MOST} points at most, and was given {len(labels)}. Group them first"
        raise ValueError(msg)
    series = [
        Series(name, tuple(_number(label, inside.get(label)) for label in labels))
        for name, inside in named
    ]
    return Data(tuple(labels), tuple(series))


def _pairs(values: object) -> list[tuple[Any, Any]]:
    given: Any = values
    if isinstance(values, Mapping):
        return list(given.items())
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        pairs: list[Any] = list(given)
        if all(isinstance(pair, tuple | list) and len(cast("Any", pair)) == 2 for pair in pairs):
            return [(label, value) for label, value in pairs]
    msg = f'A chart takes numbers by label, such as {{"Jan": 3, "Feb": 5}}, not {values!r}'
    raise TypeError(msg)


def _number(label: object, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = f"The value of {label!r} in a chart is {value!r}, which is no number"
        raise TypeError(msg)
    number = float(value)
    if not math.isfinite(number):
        msg = f"The value of {label!r} in a chart is {value!r}. Use None for a gap"
        raise ValueError(msg)
    return number


def _place(label: object) -> float | None:
    if isinstance(label, datetime):
        return label.timestamp()
    if isinstance(label, date):
        return float(label.toordinal())
    if isinstance(label, int | float) and not isinstance(label, bool) and math.isfinite(label):
        return float(label)
    return None
