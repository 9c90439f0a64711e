"""Queries with more values and more conditions than a statement or Python takes side by side."""

import contextlib
import functools
import operator
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime

from nitro_entities import Entity, InvalidQuery, MemoryRepo, RedisRepo, SQLEntity, SQLModelBackend
from nitro_entities.conditions import Condition, col
from nitro_entities.stores.sql.sqlite import SQLiteSpelling
from nitro_entities.testing.shapes import Colour, Grade

STORES = ["memory", "sqlite", "postgresql", "redis"]
SERVERS = ["sqlite", "postgresql"]
MANY = 70_000  # PostgreSQL takes 65,535 values, SQLite often less


class Many(Entity):
    text: str = ""
    number: int = 0
    price: float = 0.0
    amount: Decimal = Decimal(0)
    day: date = date(2024, 1, 1)
    moment: AwareDatetime = datetime(2024, 1, 1, tzinfo=UTC)
    span: timedelta = timedelta(0)
    key: UUID = UUID(int=0)
    raw: bytes = b""
    colour: Colour = Colour.RED
    grade: Grade = Grade.LOW
    note: str | None = None


class Several(SQLEntity):
    number: int = 0


def kept_in(name: str, use_database: Callable[[str], None]) -> Any:
    use_database(name)
    backend = {"memory": MemoryRepo, "redis": RedisRepo}.get(name, SQLModelBackend)
    return type("Many", (Many,), {"__module__": __name__, "_persistence_backend_class": backend})


@pytest.mark.parametrize("store", STORES)
def test_in_takes_any_number_of_texts_and_whole_numbers(
    store: str, use_database: Callable[[str], None]
) -> None:
    cls = kept_in(store, use_database)
    odd = ['"', "\\", "{a,b}", "é", "NULL", "", "'", "\U0001f600", " ", "null"]
    for place, text in enumerate(odd):
        cls.create(id=text or "empty", text=text, number=-place)
    cls.create(id="other", text="other", number=5)

    texts = [*map(str, range(MANY)), *odd]
    numbers = [*range(10, MANY), *range(-9, 1)]

    assert cls.where(col(cls, "text").in_(texts)).count() == len(odd)
    assert cls.where(~col(cls, "text").in_(texts)).list()[0].id == "other"
    assert cls.where(col(cls, "number").in_(numbers)).count() == len(odd)
    assert [one.id for one in cls.where(col(cls, "id").in_(texts)).order_by("-id").limit(1)]


@pytest.mark.parametrize("store", SERVERS)
@pytest.mark.parametrize(
    ("name", "stored", "others"),
    [
        ("amount", Decimal("1.50"), [Decimal(n) for n in range(2, 2000)] + [Decimal("1.5")]),
        ("day", date(2024, 1, 2), [date(2024, 1, 2) + timedelta(n) for n in range(2000)]),
        (
            "moment",
            datetime(2024, 1, 2, tzinfo=UTC),
            [datetime(2024, 1, 2, tzinfo=UTC) + timedelta(n) for n in range(2000)],
        ),
        ("span", timedelta(5), [timedelta(n) for n in range(1, 2000)]),
        ("key", UUID(int=9), [UUID(int=n) for n in range(1, 2000)]),
        ("raw", b"\x07\\", [b"\x07\\", *(b"\x07%d" % n for n in range(2000))]),
        ("price", 0.1 + 0.2, [0.1 + 0.2, *(n / 7 for n in range(1, 2000))]),
        ("colour", Colour.BLUE, [Colour.BLUE] * 2000),
        ("grade", Grade.TOP, [Grade.TOP] * 2000),
    ],
)
def test_long_lists_compare_as_short_ones_do(
    store: str, name: str, stored: Any, others: Any, use_database: Callable[[str], None]
) -> None:
    cls = kept_in(store, use_database)
    cls.create(id="in", **{name: stored})
    cls.create(id="out")

    assert [one.id for one in cls.where(col(cls, name).in_(others))] == ["in"]


def test_none_in_a_long_list_matches_what_is_missing(database: object) -> None:
    cls = kept_in("sqlite", lambda name: None)
    cls.create(id="missing")
    cls.create(id="present", note="x")

    assert [one.id for one in cls.where(col(cls, "note").in_([None, *map(str, range(2000))]))] == [
        "missing"
    ]


@pytest.mark.parametrize("store", SERVERS)
def test_more_values_than_a_statement_takes_are_refused_with_the_remedy(
    store: str, use_database: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = kept_in(store, use_database)
    monkeypatch.setattr(type(cls.repository().store.spelling), "most_values", 99)
    hundred = functools.reduce(operator.and_, [col(cls, "number") != n for n in range(100)])

    with pytest.raises(InvalidQuery, match=r"100 values, and .* takes 99\. Ask in portions"):
        cls.where(hundred).count()


def test_sqlite_takes_as_many_values_as_we_say() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        most = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)

    assert SQLiteSpelling.most_values <= most


def joined(cls: Any, how: Callable[[Any, Any], Any]) -> Condition:
    found: Condition = functools.reduce(how, [col(cls, "number") != n for n in range(1, 1500)])
    return found


@pytest.mark.parametrize("store", STORES)
def test_a_thousand_conditions_can_be_joined(
    store: str, use_database: Callable[[str], None]
) -> None:
    cls = kept_in(store, use_database)
    cls.create(id="in")
    cls.create(id="out", number=7)

    every = joined(cls, operator.and_)

    assert [one.id for one in cls.where(every)] == ["in"]
    assert [one.id for one in cls.where(~every)] == ["out"]
    assert cls.where(joined(cls, operator.or_)).count() == 2
    assert [one.id for one in cls.where(every | (col(cls, "number") == 0)).limit(5)] == ["in"]


def test_a_thousand_expressions_of_sqlalchemy_can_be_joined(database: object) -> None:
    Several.create(id="in")
    Several.create(id="out", number=7)

    every: Any = functools.reduce(operator.and_, [Several.number != n for n in range(1, 1500)])

    assert [one.id for one in Several.where(every)] == ["in"]


def test_a_query_can_be_narrowed_a_thousand_times(database: object) -> None:
    cls = kept_in("sqlite", lambda name: None)
    cls.create(id="in")
    query = cls.where()
    for number in range(1, 1100):
        query = query.where(col(cls, "number") != number)

    assert [one.id for one in query] == ["in"]


@pytest.mark.parametrize("store", STORES)
def test_conditions_nested_as_deep_as_may_be_are_answered(
    store: str, use_database: Callable[[str], None]
) -> None:
    cls = kept_in(store, use_database)
    cls.create(id="in", number=5)
    cls.create(id="out", number=7)
    nested = col(cls, "number") == 5
    for _ in range(16):
        nested = ~(nested | (col(cls, "number") == 9))
    others = col(cls, "number") == 5
    for number in range(8, 24):
        others = (others | (col(cls, "number") == number)) & (col(cls, "number") < 7)

    assert [one.id for one in cls.where(nested)] == ["in"]
    assert [one.id for one in cls.where(others)] == ["in"]


def test_conditions_nested_deeper_are_refused_with_the_remedy() -> None:
    nested: Any = col(Many, "number") == 5
    mapped: Any = Several.number == 5
    for number in range(200):
        mapped = (mapped | (Several.number == number)) & (Several.number == 5)

    with pytest.raises(InvalidQuery, match="in_"):
        for number in range(200):
            nested = (nested | (col(Many, "number") == number)) & (col(Many, "number") == 5)
    with pytest.raises(InvalidQuery, match="in_"):
        Several.where(mapped)


def test_what_is_turned_around_twice_is_itself() -> None:
    nested: Any = col(Many, "number") == 5

    assert ~~nested == nested
    assert functools.reduce(lambda part, _: ~part, range(5000), nested) == nested
