"""Entities in tables: what neutral conditions become, and rows of a query only."""

import enum
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime

pytest.importorskip("nitro_entities")

from nitro_entities import Entity, Secret
from nitro_entities.errors import StoreUnusable
from nitro_templates import Table, ui
from nitro_templates.asking import Ask, Download
from nitro_templates.context import RenderContext, rendering
from nitro_templates.sources import All, AnyOf, Asked, Test
from nitro_templates.with_entities import EntitySource


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Ferry(Entity):
    name: str
    price: Decimal = Decimal(0)
    length: int | None = None
    built: date | None = None
    seen: AwareDatetime | None = None
    colour: Colour = Colour.RED
    sold: bool = False
    key: Secret[str] = ""


@pytest.fixture(autouse=True)
def boats() -> None:
    Ferry.where().delete()
    Ferry.create(id="a", name="Ann 100%", price=Decimal("1.10"), length=5)
    Ferry.create(id="b", name="ben_", price=Decimal("2.20"), built=date(2020, 5, 1), sold=True)
    seen = datetime(2024, 5, 1, 12, tzinfo=UTC)
    Ferry.create(id="c", name="Café", price=Decimal("10"), length=9, colour="blue", seen=seen)


def found(where: object, subject: Any = Ferry) -> str:
    query = subject if subject is not Ferry else None
    rows = EntitySource(Ferry, query).slice(
        Asked(where=where, order=("id",)),  # type: ignore[arg-type]
        size=20,
        after=None,
        before=None,
    )
    return "".join(boat.id for boat in rows.items)


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        (Test("price", "ge", "2.2"), "bc"),
        (Test("price", "lt", "2"), "a"),
        (Test("price", "ne", "1.1"), "bc"),
        (Test("length", "eq", "5"), "a"),
        (Test("length", "null", True), "b"),
        (Test("length", "null", False), "ac"),
        (Test("built", "le", "2020-05-01"), "b"),
        (Test("seen", "ge", "2024-05-01T11:00Z"), "c"),
        (Test("colour", "eq", "blue"), "c"),
        (Test("colour", "in", ("blue", "red")), "abc"),
        (Test("sold", "eq", "true"), "b"),
        (Test("sold", "eq", "false"), "ac"),
        (Test("name", "contains", "É"), "c"),
        (Test("name", "contains", "%"), "a"),
        (Test("name", "contains", "_"), "b"),
        (Test("name", "startswith", "b"), "b"),
        (AnyOf((Test("length", "eq", "5"), Test("sold", "eq", "true"))), "ab"),
        (All((Test("price", "ge", "2"), AnyOf((Test("length", "ge", "1"),)))), "c"),
    ],
    ids=range(18),
)
def test_conditions_mean_the_same_with_values_as_they_were_typed(where: object, ids: str) -> None:
    assert found(where) == ids


@pytest.mark.parametrize(
    "where",
    [
        Test("price", "ge", "cheap"),
        Test("length", "eq", "5.5"),
        Test("built", "ge", "yesterday"),
        Test("colour", "eq", "green"),
        Test("length", "contains", "5"),
        Test("nothing", "eq", "x"),
        Test("key", "eq", "x"),
        Test("length", "eq", "9" * 400),
    ],
    ids=range(8),
)
def test_what_a_field_cannot_be_is_a_value_error_that_names_it(where: Test) -> None:
    with pytest.raises(ValueError, match=where.field):
        EntitySource(Ferry).check(where)


def test_an_operator_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"'like'.*contains"):
        Test("name", "like", "x")


def test_streams_come_in_batches_and_in_order() -> None:
    asked = Asked(order=("-price",))

    batches = list(EntitySource(Ferry).stream(asked, batch=2))

    assert [[boat.id for boat in batch] for batch in batches] == [["c", "b"], ["a"]]


def test_things_are_read_by_id_within_the_query_only() -> None:
    whole, some = EntitySource(Ferry), EntitySource(Ferry, Ferry.where(sold=False))

    assert [boat.id for boat in whole.get_many(["c", "nobody", "a"])] == ["c", "a"]
    assert [boat.id for boat in some.get_many(["b", "a"])] == ["a"]
    assert some.get_many([]) == []


def test_counts_can_have_a_cap() -> None:
    source = EntitySource(Ferry)

    assert source.count(Asked(search="n", search_in=("name",), order=("name",)), cap=1) == 2
    assert source.count(Asked(), cap=None) == 3


def test_a_table_filters_entities_by_all_types() -> None:
    table = Table.from_entity(Ferry).with_filters()
    query = {
        "f-price-min": ["1"],
        "f-colour": ["blue", "red"],
        "f-seen-min": ["2024-05-01T10:00"],
        "where": ["all(name.has.caf,any(sold.is.false,length.empty))"],
        "f-key": ["x"],
    }

    with rendering(RenderContext(query=query)):
        html = str(table)

    assert 'data-label="Name">Café<' in html
    assert "1 ferry<" in html
    assert html.count('role="alert"') == 1
    assert 'name="f-key' not in html


def test_a_store_that_cannot_be_used_is_told_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "no connection"
        raise StoreUnusable(msg)

    monkeypatch.setattr(EntitySource, "slice", refuse)

    assert "The ferries cannot be read at the moment." in str(Table.from_entity(Ferry))


class Harbour(Entity):
    name: str


class Ship(Entity):
    name: str
    harbour_id: Annotated[str | None, ui(relation=Harbour)] = None


def test_relations_are_filtered_by_key_and_read_by_title() -> None:
    Harbour.where().delete()
    Ship.where().delete()
    for number in range(25):
        Harbour.create(id=f"h{number}", name=f"Port <{number}>")
    Ship.create(name="Ann", harbour_id="h1")
    Ship.create(name="Ben", harbour_id="h2")
    Ship.create(name="Cyd")
    table = Table.from_entity(Ship).with_filters()
    context = RenderContext(query={"f-harbour_id": ["h1"]})

    with rendering(context):
        html = str(table)
    asked = table.answer(Ask("options", "ships", ("f-harbour_id",), {"_q": ["<7"]}), context)

    assert "Harbour: Port &lt;1&gt;</span>" in html
    assert 'role="combobox"' in html
    assert html.count("<tr id=") == 1
    assert isinstance(asked, Download)
    assert b"Port <7>" in b"".join(asked.chunks)
    with rendering(RenderContext(query={"where": ["all(harbour_id.not.h2,harbour_id.filled)"]})):
        html = str(table)
    assert "<span>Harbour is not Port &lt;2&gt;</span>" in html
    assert html.count("<tr id=") == 1
