"""Testing, sorting and slicing rows in Python, with the meaning that all stores share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from nitro_entities import slices
from nitro_entities.conditions import Condition, Order, Specs
from nitro_entities.fields import sortable
from nitro_entities.slices import Cursor

R = TypeVar("R")

Key = tuple[Any, ...]


class Sorting(Generic[R]):
    """Put rows of one class in order; *values* answers the field values of a row."""

    def __init__(self, specs: Specs, values: Callable[[R], Mapping[str, Any]]) -> None:
        self.specs = specs
        self.values = values

    def matching(self, where: Condition | None, rows: Iterable[R]) -> list[R]:
        """Answer the rows that fulfil the condition."""
        if where is None:
            return list(rows)
        test, values = where.test(self.specs), self.values
        return [row for row in rows if test(values(row))]

    def keyed(self, order: Sequence[Order], rows: Iterable[R]) -> list[tuple[Key, R]]:
        """Answer the rows in order, each after what it was sorted by."""
        pairs = [(self.key(order, self.position(order, row)), row) for row in rows]
        pairs.sort(key=lambda pair: pair[0])
        return pairs

    def slice(
        self,
        order: Sequence[Order],
        rows: Iterable[R],
        size: int,
        after: str | None,
        before: str | None,
    ) -> tuple[list[R], str | None, str | None]:
        """Answer at most *size* rows beside a position, and where the neighbours begin."""
        pairs = self.keyed(order, rows)
        text = before if after is None else after
        anchor = None if text is None else slices.decode(order, text, self.specs)
        start, stop = 0, size
        if anchor is not None:
            edge = self._edge(order, pairs, anchor, after=after is not None)
            start = edge if after is not None else max(0, edge - size)
            stop = edge + size if after is not None else edge
        chosen = [row for _, row in pairs[start:stop]]
        next_, previous = slices.assemble(
            order,
            chosen,
            [self.position(order, row) for row in chosen],
            more_after=stop < len(pairs),
            more_before=start > 0,
            anchor=anchor,
        )
        return chosen, next_, previous

    def position(self, order: Sequence[Order], row: R) -> tuple[Any, ...]:
        """Answer the primitives that *row* is sorted by."""
        values, specs = self.values(row), self.specs
        return tuple(specs[by.field].primitive(values[by.field]) for by in order)

    def key(self, order: Sequence[Order], position: Sequence[Any]) -> Key:
        """Answer what a row at *position* is sorted by in Python."""
        key: list[Any] = []
        for by, primitive in zip(order, position, strict=True):
            if primitive is None:
                key += (1, 0)  # missing values come last in both directions
                continue
            value = sortable(self.specs[by.field].kind, primitive)
            key += (0, Descending(value) if by.descending else value)
        return tuple(key)

    def _edge(
        self, order: Sequence[Order], pairs: list[tuple[Key, R]], anchor: Cursor, *, after: bool
    ) -> int:
        """Answer how many rows lie before the place that *anchor* names."""
        edge = self.key(order, anchor.values)
        # a row at exactly this position lies on the far side of it when it is included
        if anchor.inclusive is after:
            return sum(key < edge for key, _ in pairs)
        return sum(key < edge or key == edge for key, _ in pairs)


class Descending:
    """Sort the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self.value == other.value)

    def __lt__(self, other: "Descending") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]
