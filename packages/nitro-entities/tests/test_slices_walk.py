"""A property of slices: walking over them is walking over the sorted list."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nitro_entities import Entity, SQLModelBackend
from nitro_entities.slices import Slice


class MemoryRow(Entity):
    a: int | None = None
    b: str | None = None
    c: int = 0


class SQLRow(Entity):
    a: int | None = None
    b: str | None = None
    c: int = 0
    _persistence_backend_class = SQLModelBackend


small = st.integers(0, 2)
rows = st.lists(
    st.tuples(st.none() | small, st.none() | st.sampled_from(["", "a", "B", "é"]), small),
    max_size=14,
)
orders = st.lists(
    st.sampled_from(["a", "-a", "b", "-b", "c", "-c"]),
    max_size=3,
    unique_by=lambda key: key.lstrip("-"),
)


def expected(found: list[Any], order: list[str]) -> list[Any]:
    descending = order[-1].startswith("-") if order else False
    result = sorted(found, key=lambda r: r.id, reverse=descending)
    for key in reversed(order):
        name = key.lstrip("-")
        present = [r for r in result if getattr(r, name) is not None]
        present.sort(key=lambda r: getattr(r, name), reverse=False)
        if key.startswith("-"):  # stable also when descending
            present = [
                r
                for value in sorted({getattr(r, name) for r in present}, reverse=True)
                for r in present
                if getattr(r, name) == value
            ]
        result = present + [r for r in result if getattr(r, name) is None]
    return result


def walk(query: Any, size: int) -> tuple[list[Any], Slice[Any]]:
    found, part = [], query.slice(size)
    assert part.previous is None
    while True:
        assert len(part.items) <= size
        found += part.items
        if part.next is None:
            return found, part
        part = query.slice(size, after=part.next)
        assert part.previous is not None


def walk_back(query: Any, size: int, last: Slice[Any]) -> list[Any]:
    found, part = list(last.items), last
    while part.previous is not None:
        part = query.slice(size, before=part.previous)
        assert part.items
        assert part.next is not None
        found = part.items + found
    return found


@pytest.mark.parametrize(
    ("row", "database"),
    [(MemoryRow, "memory"), (SQLRow, "sqlite"), (SQLRow, "postgresql")],
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=rows, order=orders, size=st.integers(1, 5), more=rows)
def test_walking_there_and_back_is_the_sorted_list(
    row: Any,
    database: str,
    use_database: Callable[[str], None],
    values: Any,
    order: list[str],
    size: int,
    more: Any,
) -> None:
    use_database(database)
    for old in row.all():
        old.delete()
    for a, b, c in values:
        row.create(a=a, b=b, c=c)
    query = row.where().order_by(*order)
    everything = expected(row.all(), order)

    found, last = walk(query, size)

    assert found == everything
    assert query.list() == everything
    assert walk_back(query, size, last) == everything

    # what is inserted meanwhile neither repeats nor hides what was there
    part, seen = query.slice(size), []
    for a, b, c in more:
        seen += part.items
        row.create(a=a, b=b, c=c)
        if part.next is None:
            part = Slice([], None, None)
            break
        part = query.slice(size, after=part.next)
    else:
        seen += part.items
        while part.next is not None:
            part = query.slice(size, after=part.next)
            seen += part.items
    ids = [r.id for r in seen]
    assert len(ids) == len(set(ids))
    assert ids == [r.id for r in expected(row.all(), order) if r.id in set(ids)]
    if part.next is None and part.items:
        assert {r.id for r in everything} <= set(ids)
