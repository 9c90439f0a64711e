"""What every store promises, asked of all of them."""

import asyncio
import copy
import pickle
import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator

from nitro_entities import (
    Entity,
    EntityExists,
    EntityNotFound,
    Indexed,
    InvalidCursor,
    InvalidQuery,
    MemoryRepo,
    RedisRepo,
    Secret,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    UnitOfWork,
    col,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    name: str
    weight: float = 0.0


PLAIN_STORES = [
    (MemoryRepo, "memory"),
    (SQLModelBackend, "sqlite"),
    (SQLModelBackend, "postgresql"),
]


class MemoryCity(Entity):
    name: str
    population: int = Field(default=0, ge=0)
    mayor: str | None = None
    founded: date | None = None
    tags: list[str] = []


class SQLCity(Entity):
    name: str
    population: int = Field(default=0, ge=0)
    mayor: str | None = None
    founded: date | None = None
    tags: list[str] = []
    _persistence_backend_class = SQLModelBackend


class RedisCity(Entity):
    name: str
    population: int = Field(default=0, ge=0)
    mayor: str | None = None
    founded: date | None = None
    tags: list[str] = []
    _persistence_backend_class = RedisRepo


class IndexedCity(Entity):
    name: Indexed[str]
    population: Indexed[int] = Field(default=0, ge=0)
    mayor: Indexed[str | None] = None
    founded: Indexed[date | None] = None
    tags: list[str] = []
    _persistence_backend_class = RedisRepo


class ModelCity(SQLEntity):
    name: str
    population: int = Field(default=0, ge=0)
    mayor: str | None = None
    founded: date | None = None
    tags: list[str] = []


@pytest.fixture(
    params=[
        (MemoryCity, "memory"),
        (SQLCity, "sqlite"),
        (ModelCity, "sqlite"),
        (SQLCity, "postgresql"),
        (ModelCity, "postgresql"),
        (RedisCity, "redis"),
        (IndexedCity, "redis"),
    ],
    ids=lambda param: f"{param[0].__name__}-{param[1]}",
)
def city(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> Any:
    cls, database = request.param
    use_database(database)
    return cls


def test_what_is_saved_can_be_got_as_a_copy(city: Any) -> None:
    bern = city(name="Bern", tags=["old"])
    bern.save()

    found = city.get(bern.id)

    assert found == bern
    assert found is not bern
    assert found.tags is not bern.tags


def test_an_id_that_nobody_has(city: Any) -> None:
    assert city.get_or_none("nobody") is None
    assert not city.exists("nobody")
    with pytest.raises(EntityNotFound, match=r"No .*City with id 'nobody'") as caught:
        city.get("nobody")
    assert isinstance(caught.value, LookupError)
    assert caught.value.id == "nobody"


def test_ids_sort_by_the_time_of_their_making(city: Any) -> None:
    made = [city.create(name=str(n)) for n in range(50)]

    assert [c.name for c in city.all()] == [str(n) for n in range(50)]
    assert city.first().id == made[0].id


def test_several_are_got_in_the_order_asked_for(city: Any) -> None:
    a, b, c = (city.create(name=name) for name in "abc")

    found = city.get_many([c.id, "nobody", a.id])

    assert [x.name for x in found] == ["c", "a"]
    assert city.count() == 3
    assert city.exists(b.id)


def test_only_what_changed_is_dirty(city: Any) -> None:
    bern = city(name="Bern")
    assert bern.is_new
    assert bern.changed == {"id", "name", "population", "mayor", "founded", "tags"}

    bern.save()
    assert bern.changed == frozenset()
    assert not bern.is_new

    bern.population = 5
    bern.tags.append("wet")
    assert bern.changed == {"population", "tags"}

    bern.population = 0
    assert bern.changed == {"tags"}


def test_a_change_in_place_is_saved(city: Any) -> None:
    bern = city.create(name="Bern")
    bern.tags.append("wet")
    bern.save()

    assert city.get(bern.id).tags == ["wet"]


def test_a_stale_save_is_refused_and_tells_both_sides(city: Any) -> None:
    mine = city.create(name="Bern")
    theirs = city.get(mine.id)
    theirs.name = "Berne"
    theirs.save()
    mine.name = "Berna"

    with pytest.raises(StaleEntity) as caught:
        mine.save()

    assert caught.value.mine == {"name": "Berna"}
    assert caught.value.theirs == {"name": "Berne"}
    assert city.get(mine.id).name == "Berne"
    mine.refresh()
    assert mine.name == "Berne"
    mine.name = "Berna"
    mine.save()
    assert city.get(mine.id).name == "Berna"


def test_a_save_over_a_deleted_one_is_refused(city: Any) -> None:
    mine = city.create(name="Bern")
    city.get(mine.id).delete()
    mine.name = "x"

    with pytest.raises(StaleEntity) as caught:
        mine.save()

    assert caught.value.gone
    with pytest.raises(EntityNotFound):
        mine.refresh()


def test_a_stale_delete_is_refused(city: Any) -> None:
    mine = city.create(name="Bern")
    theirs = city.get(mine.id)
    theirs.name = "x"
    theirs.save()

    with pytest.raises(StaleEntity):
        mine.delete()

    mine.refresh().delete()
    mine.delete()
    assert city.count() == 0


def test_a_new_entity_cannot_take_an_id_that_is_taken(city: Any) -> None:
    city.create(id="bern", name="Bern")

    with pytest.raises(EntityExists, match="already"):
        city.create(id="bern", name="Berne")

    assert city.get("bern").name == "Bern"


def test_a_value_that_is_refused_leaves_the_old_one(city: Any) -> None:
    bern = city.create(name="Bern", population=5)

    with pytest.raises(ValidationError):
        bern.population = -1
    with pytest.raises(ValidationError):
        bern.name = None
    with pytest.raises(ValidationError) as caught:
        bern.update(population=-1, name=None, mayor="x")

    assert {e["loc"] for e in caught.value.errors()} == {("population",), ("name",)}
    assert (bern.population, bern.name, bern.mayor) == (5, "Bern", None)
    assert bern.changed == frozenset()
    with pytest.raises(ValidationError):
        city(name="x", population=-1)
    with pytest.raises(ValidationError):
        city(name="x", unknown=1)
    with pytest.raises(AttributeError, match="no field 'unknown'"):
        bern.update(unknown=1)
    bern.update(population="6", mayor="y")
    assert (bern.population, bern.mayor) == (6, "y")


def test_sums_are_made_in_the_store(city: Any) -> None:
    bern = city.create(name="Bern", population=5)
    other = city.get(bern.id)
    bern.name = "unsaved"

    other.incr(population=2)
    bern.incr(population=3)

    assert bern.population == 10
    assert bern.name == "unsaved"
    assert city.get(bern.id).population == 10
    assert city.get(bern.id).name == "Bern"
    with pytest.raises(ValidationError):
        bern.incr(population=-100)
    assert city.get(bern.id).population == 10
    with pytest.raises(StaleEntity):
        bern.save()  # it was loaded before somebody else's sum


def test_a_sum_of_ones_own_leaves_the_entity_fresh(city: Any) -> None:
    bern = city.create(name="Bern")
    bern.incr(population=3)
    bern.name = "Berne"
    bern.save()

    assert city.get(bern.id).name == "Berne"


@pytest.mark.parametrize("text", ["bär", "BÄR", "bÄrS"])
def test_search_knows_no_case(city: Any, text: str) -> None:
    city.create(name="Bärstadt")
    city.create(name="Bern", mayor="Der Bärsch")
    city.create(name="barstadt")

    assert city.where().search(text).count() == 2
    assert city.where().search(text, "name").count() == 1


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Straße", "STRASSE", True),
        ("STRASSE", "straße", True),
        ("Straße", "ras", True),
        ("Kelvin", "kel", True),
        ("ﬁnal", "fi", True),
        ("ﬁnal", "final", True),
        ("İzmir", "i", True),
        ("100%", "0%", True),
        ("100", "0%", False),
        ("a_b", "_", True),
        ("ab", "_", False),
        ("a\\b", "\\", True),
        ("O'Neil", "o'n", True),
        ("Ärger", "ar", False),
        ("ΑΘΗΝΑ", "αθή", False),
        ("ΑΘΗΝΑ", "αθη", True),
        ("東京", "京", True),
        ("München", "nch", True),
        ("München", "xyz", False),
    ],
)
def test_search_is_casefolded_and_literal(city: Any, name: str, text: str, found: bool) -> None:
    city.create(name=name)

    assert city.where().search(text, "name").exists() is found
    assert (text.casefold() in name.casefold()) is found


def test_conditions_mean_the_same(city: Any) -> None:
    city.create(name="a", population=1, mayor="x")
    city.create(name="b", population=2, mayor=None)
    city.create(name="c", population=3, mayor="y")
    name, population, mayor = (col(city, f) for f in ("name", "population", "mayor"))

    def names(*conditions: Any, **equals: Any) -> str:
        return "".join(c.name for c in city.where(*conditions, **equals).order_by("name"))

    assert names(population > 1) == "bc"
    assert names(population >= 1, population < 3) == "ab"
    assert names(population <= 1) == "a"
    assert names(mayor != "x") == "bc"
    assert names(mayor == None) == "b"  # noqa: E711
    assert names(mayor.is_null()) == "b"
    assert names(mayor != None) == "ac"  # noqa: E711
    assert names(~(mayor == "x")) == "bc"
    assert names(~(mayor > "x")) == "ab"
    assert names((name == "a") | (mayor == "y")) == "ac"
    assert names((name == "a") & (mayor == "y")) == ""
    assert names(name.in_(["a", "c", "q"])) == "ac"
    assert names(name.in_([])) == ""
    assert names(~name.in_([])) == "abc"
    assert names(mayor.in_(["x", None])) == "ab"
    assert names(name.contains("a")) == "a"
    assert names(name.contains("A")) == ""
    assert names(name.icontains("A")) == "a"
    assert names(name.startswith("b")) == "b"
    assert names(mayor="y") == "c"
    assert names(mayor=None) == "b"
    assert names(population="2") == "b"
    assert names(city.population > 1, city.name == "b") == "b"


def test_what_cannot_be_asked_is_refused_in_words(city: Any) -> None:
    with pytest.raises(InvalidQuery, match="no field 'nmae'"):
        city.where(nmae="x")
    with pytest.raises(InvalidQuery, match="neither compared nor sorted"):
        city.where(tags=["x"])
    with pytest.raises(InvalidQuery, match="no field 'nmae'"):
        city.where().order_by("-nmae")
    with pytest.raises(InvalidQuery, match="cannot be compared with 'many'"):
        city.where(population="many")
    with pytest.raises(InvalidQuery, match="works on text"):
        city.where(col(city, "population").contains("x"))
    with pytest.raises(InvalidQuery, match="is not a condition"):
        city.where("name")
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(col(city, "population") > 1)
    with pytest.raises(InvalidQuery, match="has no field"):
        col(city, "nmae")
    with pytest.raises(InvalidQuery):
        city.where().slice(0)
    with pytest.raises(InvalidQuery):
        city.where().limit(-1)


def test_orders_limits_and_counts(city: Any) -> None:
    for name, mayor in [("a", None), ("B", "x"), ("é", "y"), ("b", "x")]:
        city.create(name=name, mayor=mayor)

    def names(*keys: Any) -> str:
        return "".join(c.name for c in city.where().order_by(*keys))

    assert names("name") == "Babé"
    assert names("-name") == "ébaB"
    assert names("mayor", "name") == "Bbéa"
    assert names("-mayor", "name") == "éBba"
    assert names(col(city, "mayor").desc(), "-name") == "ébBa"
    assert city.where().order_by("name").first().name == "B"
    assert len(city.where().limit(2).list()) == 2
    assert city.where().limit(0).list() == []
    assert city.where().count() == 4
    assert city.where().count(cap=2) == 3
    assert city.where().count(cap=10) == 4
    assert city.where().limit(3).count() == 3
    assert city.where().exists()
    assert not city.where(name="q").exists()


def test_dates_compare_and_sort(city: Any) -> None:
    for year in (2001, 999, 1500):
        city.create(name=str(year), founded=date(year, 1, 1))
    city.create(name="?")

    assert [c.name for c in city.where().order_by("founded")] == ["999", "1500", "2001", "?"]
    assert city.where(col(city, "founded") > date(1000, 1, 1)).count() == 2
    assert city.where(founded="1500-01-01").count() == 1


def test_slices_go_there_and_back(city: Any) -> None:
    for n in range(5):
        city.create(name=str(n))
    query = city.where().order_by("-name")

    one = query.slice(2)
    two = query.slice(2, after=one.next)
    three = query.slice(2, after=two.next)
    back = query.slice(2, before=three.previous)

    assert [[c.name for c in s.items] for s in (one, two, three)] == [
        ["4", "3"],
        ["2", "1"],
        ["0"],
    ]
    assert one.previous is None
    assert three.next is None
    assert back == two
    assert query.slice(2, before=back.previous) == one


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "W10", "WzFd", "A" * 5000, "é", "eyJhIjoxfQ"])
def test_a_made_up_position_is_refused(city: Any, cursor: str) -> None:
    with pytest.raises(InvalidCursor) as caught:
        city.where().order_by("name").slice(2, after=cursor)
    assert isinstance(caught.value, ValueError)


def test_a_position_of_another_order_is_refused(city: Any) -> None:
    for n in range(5):
        city.create(name=str(n))
    position = city.where().order_by("name").slice(2).next

    with pytest.raises(InvalidCursor):
        city.where().order_by("population").slice(2, after=position)
    with pytest.raises(InvalidCursor):
        city.where().order_by("-name").slice(2, after=position)


def test_an_empty_slice_leads_back(city: Any) -> None:
    made = [city.create(name=str(n)) for n in range(4)]
    position = city.where().slice(2).next
    for entity in made[2:]:
        entity.delete()

    empty = city.where().slice(2, after=position)

    assert empty.items == []
    assert empty.next is None
    assert [c.name for c in city.where().slice(2, before=empty.previous).items] == ["0", "1"]


def test_the_twins_can_be_awaited(city: Any) -> None:
    async def story() -> None:
        bern = await city.acreate(name="Bern")
        bern.name = "Berne"
        await bern.asave()
        assert (await city.aget(bern.id)).name == "Berne"
        assert await city.aget_or_none("x") is None
        assert len(await city.aall()) == await city.acount() == 1
        assert len(await city.aget_many([bern.id])) == 1
        assert await city.aexists(bern.id)
        assert (await city.afirst()).id == bern.id
        await bern.aincr(population=2)
        await bern.arefresh()
        assert bern.population == 2
        query = city.where(name="Berne")
        assert [c.name async for c in query] == ["Berne"]
        assert len(await query.alist()) == await query.acount() == 1
        assert await query.aexists()
        assert (await query.aslice(2)).next is None
        await bern.adelete()
        assert await query.afirst() is None

    asyncio.run(story())


def test_increments_of_eight_threads_all_count(city: Any) -> None:
    start = city.create(name="Bern")
    rounds = 15

    def work() -> None:
        for _ in range(rounds):
            while True:
                mine = city.get(start.id)
                mine.population += 1
                try:
                    mine.save()
                except StaleEntity:
                    continue
                break

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert city.get(start.id).population == 8 * rounds


def test_copies_and_pickles_remember_where_they_came_from(city: Any) -> None:
    bern = city.create(name="Bern")

    twins = [bern.model_copy(), copy.copy(bern), copy.deepcopy(bern)]
    twins.append(pickle.loads(pickle.dumps(bern)))

    for number, twin in enumerate(twins):
        assert twin == bern
        assert not twin.is_new
        fresh = city.get(bern.id)
        twin.name = str(number)
        if number == 0:
            twin.save()
            continue
        with pytest.raises(StaleEntity):
            twin.save()
        assert fresh.name == "0"


def _everything() -> dict[str, Any]:
    return {
        "when": datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2))),
        "naive": datetime(2020, 1, 2, 3, 4, 5),
        "day": date(1, 1, 1),
        "hour": time(1, 2, 3, 4),
        "span": timedelta(days=-3, microseconds=7),
        "money": Decimal("0.10000000000000000000000000001"),
        "number": 0.1 + 0.2,
        "big": 2**63 - 1,
        "flag": True,
        "raw": b"\x00\xff",
        "key": UUID(int=7),
        "colour": Colour.BLUE,
        "choice": "b",
        "parts": [Part(name="x", weight=1.5)],
        "table": {"a": [1, 2], "b": []},
        "pair": (1, "x"),
        "text": "a\n<script>'\"; \U0001f600",
        "password": SecretStr("hush"),
        "token": "t0k3n",
    }


@pytest.mark.parametrize(
    ("base", "database"),
    [
        (MemoryRepo, "memory"),
        (SQLModelBackend, "sqlite"),
        (SQLEntity, "sqlite"),
        (SQLModelBackend, "postgresql"),
        (SQLEntity, "postgresql"),
    ],
)
def test_no_type_loses_anything(
    base: Any, database: str, use_database: Callable[[str], None]
) -> None:
    use_database(database)
    if base is SQLEntity:

        class Rich(SQLEntity):
            when: datetime
            naive: datetime
            day: date
            hour: time
            span: timedelta
            money: Decimal
            number: float
            big: int
            flag: bool
            raw: bytes
            key: UUID
            colour: Colour
            choice: Literal["a", "b"]
            parts: list[Part]
            table: dict[str, list[int]]
            pair: tuple[int, str]
            text: str
            password: SecretStr
            token: Secret[str]
    else:

        class Rich(Entity):  # type: ignore[no-redef]
            when: datetime
            naive: datetime
            day: date
            hour: time
            span: timedelta
            money: Decimal
            number: float
            big: int
            flag: bool
            raw: bytes
            key: UUID
            colour: Colour
            choice: Literal["a", "b"]
            parts: list[Part]
            table: dict[str, list[int]]
            pair: tuple[int, str]
            text: str
            password: SecretStr
            token: Secret[str]
            _persistence_backend_class = base

    values = _everything()
    rich = Rich(**values)
    rich.save()

    found: Any = Rich.get(rich.id)

    for name, value in values.items():
        assert getattr(found, name) == value, name
        assert type(getattr(found, name)) is type(value), name
    assert found.changed == frozenset()
    assert found == rich
    assert "t0k3n" not in repr(found) + found.model_dump_json() + str(found.signals)
    assert "hush" not in repr(found) + found.model_dump_json() + str(found.signals)
    assert "password" not in found.signals
    assert found.signals["colour"] == "blue"
    for name in ("when", "day", "span", "money", "key", "colour", "big", "number", "hour"):
        assert Rich.where(**{name: values[name]}).count() == 1, name
        assert Rich.where().order_by(name).slice(1).items == [found]


@pytest.mark.parametrize(("backend", "database"), PLAIN_STORES)
def test_decimals_sort_by_value(
    backend: Any, database: str, use_database: Callable[[str], None]
) -> None:
    use_database(database)

    class Price(Entity):
        amount: Decimal
        _persistence_backend_class = backend

    for text in ("10", "9.5", "-1", "9.50", "100"):
        Price.create(amount=Decimal(text))

    found = [str(p.amount) for p in Price.where().order_by("amount")]

    assert found == ["-1", "9.5", "9.50", "10", "100"]
    assert Price.where(amount=Decimal("9.500")).count() == 2
    assert Price.where(col(Price, "amount") > 9).count() == 4
    first = Price.where().order_by("amount").slice(2)
    second = Price.where().order_by("amount").slice(2, after=first.next)
    assert [str(p.amount) for p in second.items] == ["9.50", "10"]


@pytest.mark.parametrize(("backend", "database"), PLAIN_STORES)
def test_what_no_store_takes_is_refused(
    backend: Any, database: str, use_database: Callable[[str], None]
) -> None:
    use_database(database)

    class Measure(Entity):
        value: float = 0.0
        big: int = 0
        _persistence_backend_class = backend

    with pytest.raises(ValueError, match="nan"):
        Measure(value=float("nan")).save()
    with pytest.raises(ValueError, match="too big"):
        Measure(big=2**63).save()
    assert Measure.count() == 0


@pytest.mark.parametrize("root", [Entity, SQLEntity])
def test_validators_of_the_whole_model_leave_the_old_value_too(root: Any) -> None:
    class Span(root):  # type: ignore[misc]
        low: int = 0
        high: int = 10

        @field_validator("low")
        @classmethod
        def _even(cls, value: int) -> int:
            if value % 2:
                msg = "odd"
                raise ValueError(msg)
            return value

        @model_validator(mode="after")
        def _ordered(self) -> Any:
            if self.low > self.high:
                msg = "low is above high"
                raise ValueError(msg)
            return self

    span = Span()
    bad: Any
    for bad in (1, 12, "x"):
        with pytest.raises(ValidationError):
            span.low = bad
    assert (span.low, span.high) == (0, 10)
    with pytest.raises(ValidationError):
        span.update(low=20, high=12)
    span.update(low=20, high=30)
    assert (span.low, span.high) == (20, 30)
    span.save()
    assert Span.get(span.id).high == 30


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_id_may_have_another_type(database: str, use_database: Callable[[str], None]) -> None:
    use_database(database)

    class Numbered(Entity):
        id: int  # type: ignore[assignment]
        name: str = ""
        _persistence_backend_class = SQLModelBackend

    Numbered(id=7, name="seven").save()

    assert Numbered.get(7).name == "seven"
    assert Numbered.get("7").name == "seven"
    assert Numbered.get_or_none("seven") is None
    assert Numbered.where().slice(5).items[0].id == 7


def test_an_id_cannot_be_reassigned_unseen(city: Any) -> None:
    bern = city.create(id="a", name="Bern")
    bern.id = "b"

    with pytest.raises(ValueError, match="id"):
        bern.save()


def test_an_entity_in_a_unit_is_one_object(city: Any) -> None:
    bern = city.create(name="Bern")

    with UnitOfWork():
        one = city.get(bern.id)
        assert city.get(bern.id) is one
        assert city.where(name="Bern").first() is one
        assert city.where().slice(1).items[0] is one
        assert city.get_many([bern.id])[0] is one
