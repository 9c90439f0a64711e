"""Which part of an index holds all that a condition can match."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from nitro_entities.conditions import All, Compare, Condition, In, IsNull, Order, Text
from nitro_entities.fields import Kind
from nitro_entities.slices import Cursor
from nitro_entities.stores.redis.layout import BEYOND, IDS, MISSING, PRESENT, Layout
from nitro_entities.stores.sort_keys import primitive_key, sort_key

_MOST_VALUES = 200
"""Of more values in one condition, an index is not asked for each."""


class Range(NamedTuple):
    """The entries of an index between two places, in the notation of ZRANGEBYLEX."""

    place: bytes
    low: bytes
    high: bytes


EVERYTHING = (b"-", b"+")


class Narrowing(NamedTuple):
    """Ranges, none overlapping another, in which everything lies that a condition can match."""

    field: str
    ranges: tuple[Range, ...]
    exact: bool
    """Whether nothing else lies in them, so that they can be counted."""


def whole(layout: Layout, field: str = "id") -> Narrowing:
    """Answer all entities, by *field*."""
    return Narrowing(field, (Range(layout.index(field), *EVERYTHING),), exact=True)


def narrowings(layout: Layout, where: Condition | None) -> list[Narrowing]:
    """List the indexes that can answer *where*, or one of the conditions that all must hold."""
    if where is None:
        return []
    if isinstance(where, All):
        parts = [narrowings(layout, part) for part in where.parts]
        found = _between([one for part in parts for one in part])
        exact = len(found) == 1 and all(len(part) == 1 and part[0].exact for part in parts)
        return [one._replace(exact=exact) for one in found]
    one = _narrowing(layout, where)
    return [] if one is None else [one]


def _between(found: list[Narrowing]) -> list[Narrowing]:
    """Put together what are single ranges of one index, such as two ends of a span."""
    spans: dict[str, Narrowing] = {}
    others: list[Narrowing] = []
    for one in found:
        if len(one.ranges) != 1:
            others.append(one)
            continue
        known = spans.setdefault(one.field, one)
        (mine,), (theirs,) = known.ranges, one.ranges
        low = max(mine.low, theirs.low, key=_lowest)
        high = min(mine.high, theirs.high, key=_highest)
        both = Range(mine.place, low, high)
        spans[one.field] = Narrowing(one.field, (both,), exact=known.exact and one.exact)
    return [*spans.values(), *others]


def _lowest(low: bytes) -> tuple[bytes, bool]:
    return low[1:], low.startswith(b"(")


def _highest(high: bytes) -> tuple[bool, bytes, bool]:
    return high == b"+", high[1:], not high.startswith(b"(")


def _narrowing(layout: Layout, where: Condition) -> Narrowing | None:
    if not isinstance(where, (Compare, In, IsNull, Text)):
        return None
    field = where.field
    if field != "id" and field not in layout.indexed:
        return None
    bounds = _bounds(layout, where)
    if bounds is None:
        return None
    index = layout.index(field)
    ranges = tuple(Range(index, *bound) for bound in sorted(set(bounds), key=_start))
    return Narrowing(field, ranges, exact=True)


def _start(bound: tuple[bytes, bytes]) -> bytes:
    return bound[0][1:]


def _bounds(layout: Layout, where: Condition) -> list[tuple[bytes, bytes]] | None:
    match where:
        case Compare(field, "eq", value):
            return [_same(layout, field, value)]
        case Compare(field, op, value) if op != "ne":
            return [_beyond(layout, field, op, value)]
        case In(field, values) if len(values) <= _MOST_VALUES:
            return [_same(layout, field, value) for value in values]
        case IsNull(field):
            return [_same(layout, field, None)]
        case Text(field, "startswith", value):
            begin = _begin(layout, field) + value.encode("utf-8", "surrogatepass")
            return [(b"[" + begin, b"(" + begin + b"\xff")]  # no text has this byte
        case _:
            return None


def _begin(layout: Layout, field: str) -> bytes:
    return b"" if field == "id" else PRESENT


def _ends(layout: Layout, field: str, value: Any) -> tuple[bytes, bytes]:
    """Answer the lowest entry that a value can have, and the lowest beyond all of them."""
    if field != "id":
        key = PRESENT + sort_key(layout.indexed[field], value)
    else:
        key = primitive_key(layout.id.kind, layout.id.primitive(value))
        if layout.id.kind is Kind.TEXT:
            return key, key + b"\0"  # nothing follows the id
    return key + b"\0", key + b"\1"


def _same(layout: Layout, field: str, value: Any) -> tuple[bytes, bytes]:
    if value is None:
        return (b"[" + MISSING, b"(" + BEYOND) if field != "id" else (b"(\xff", b"(\xff")
    low, beyond = _ends(layout, field, value)
    return b"[" + low, b"(" + beyond


def _beyond(layout: Layout, field: str, op: str, value: Any) -> tuple[bytes, bytes]:
    low, beyond = _ends(layout, field, value)
    first, end = (b"-", b"+") if field == "id" else (b"[" + PRESENT, b"(" + MISSING)
    match op:
        case "lt":
            return first, b"(" + low
        case "le":
            return first, b"(" + beyond
        case "gt":
            return b"[" + beyond, end
        case _:
            return b"[" + low, end


class Way:
    """A walk through an index, in the order that a query asks for.

    There is one if the order is that of an index. Missing values come last in both directions,
    so that a walk downwards goes through them at the end.
    """

    def __init__(self, layout: Layout, order: Sequence[Order], *, backwards: bool = False) -> None:
        self.layout = layout
        self.field = order[0].field
        self.is_index = len(order) <= 2 and (
            self.field == "id"
            or (self.field in layout.indexed and order[0].descending is order[1].descending)
        )
        self.descending = order[0].descending
        self.backwards = backwards

    @property
    def down(self) -> bool:
        """Say whether entries are read from the highest."""
        return self.descending is not self.backwards

    def ranges(self, narrowing: Narrowing | None) -> list[Range]:
        """Answer what is walked through, in this order; *narrowing* is by the same field."""
        index = self.layout.index(self.field)
        if narrowing is not None:
            found = list(narrowing.ranges)
        elif self.field == "id":
            return [Range(index, *EVERYTHING)]
        else:
            found = [Range(index, b"-", b"(" + MISSING), Range(index, b"[" + MISSING, b"+")]
        present = [one for one in found if not _in_missing(one)]
        missing = [one for one in found if _in_missing(one)]
        if self.down:
            present.reverse()
        return [*missing, *present] if self.backwards else [*present, *missing]

    def beyond(self, ranges: list[Range], cursor: Cursor) -> list[Range]:
        """Answer what is left of *ranges* beyond a position."""
        here, at_missing = self._entry(cursor)
        edge = (b"[" if cursor.inclusive else b"(") + here
        found: list[Range] = []
        for one in ranges:
            in_missing = _in_missing(one)
            if in_missing is not at_missing:
                if in_missing is not self.backwards:
                    found.append(one)  # it comes after the part that the position is in
            elif self.down:
                if _above(one.high, here):
                    one = one._replace(high=edge)
                found.append(one)
            else:
                if _below(one.low, here):
                    one = one._replace(low=edge)
                found.append(one)
        return found

    def after(self, entry: bytes, one: Range) -> Range:
        """Answer what is left of a range after *entry*."""
        edge = b"(" + entry
        return one._replace(high=edge) if self.down else one._replace(low=edge)

    def _entry(self, cursor: Cursor) -> tuple[bytes, bool]:
        id = cursor.values[-1]
        tail = self.layout.tail(id)
        if self.field == "id":
            return tail, False
        value = cursor.values[0]
        if value is None:
            return MISSING + b"\0" + tail, True
        kind = self.layout.indexed[self.field].kind
        return PRESENT + primitive_key(kind, value) + b"\0" + tail, False


def _in_missing(one: Range) -> bool:
    return one.low.startswith(b"[" + MISSING) and one.place != IDS


def _above(high: bytes, entry: bytes) -> bool:
    return high == b"+" or high[1:] > entry


def _below(low: bytes, entry: bytes) -> bool:
    return low == b"-" or low[1:] < entry
