import re
from collections.abc import Iterator
from typing import Annotated

import pytest
from pydantic import Field

from nitro_entities import Entity, Secret
from nitro_entities import state as entities
from nitro_events import action
from nitro_templates import Card, Form, Table
from nitro_templates.context import RenderContext, rendering
from nitro_templates.sources import row_source_of, source_of
from nitro_templates.with_entities import connect, views


@pytest.fixture(autouse=True)
def _fresh_entities() -> Iterator[None]:
    entities.state.reset()
    yield
    entities.state.reset()


class Hamlet(Entity):
    name: str = Field(description="As on the map")
    people: int = 0
    token: Secret[str] = "hidden"

    @action(label="Grow it", confirm="Sure?")
    def grow(self, by: Annotated[int, Field(gt=0)]) -> None:
        self.people += by

    @action
    @classmethod
    def found(cls, name: str) -> None: ...


def ids(html: str) -> list[str]:
    return re.findall(r'<tr id="hamlets-([^"]+)"', html)


def test_a_source_knows_names_fields_and_actions() -> None:
    source = source_of(Hamlet)

    assert (source.slug, source.label, source.plural) == ("hamlets", "Hamlet", "Hamlets")
    assert [field.name for field in source.fields] == ["name", "people"]
    assert source.topics == {"Hamlet"}
    assert source.actions["grow"].label == "Grow it"
    assert source.actions["grow"].confirm == "Sure?"
    assert not source.actions["found"].bound


def test_a_new_id_is_made_as_the_class_makes_it() -> None:
    first, second = source_of(Hamlet).new_id(), source_of(Hamlet).new_id()

    assert first
    assert first != second


def test_secrets_are_in_no_view() -> None:
    hamlet = Hamlet(name="Ulm").save()

    for view in (Form.from_entity(hamlet), Card.from_entity(hamlet), Table.from_entity(Hamlet)):
        html = str(view)
        assert "Ulm" in html
        assert "token" not in html
        assert "hidden</" not in html


def test_a_table_shows_sorts_searches_and_pages_the_stored_rows() -> None:
    for number in range(30):
        Hamlet(name=f"Town {number:02}", people=number).save()
    table = Table.from_entity(Hamlet).with_search("name").pages(20)

    def written(query: dict[str, list[str]]) -> str:
        with rendering(RenderContext(query=query)):
            return str(table)

    first = written({"sort": ["-people"]})
    following = re.findall(r'rel="next" href="[^"]*after=([^"&]+)"', first)[0]
    second = written({"sort": ["-people"], "after": [following]})

    assert first.index("Town 29") < first.index("Town 28")
    assert "30 hamlets" in first
    assert len(ids(first)) == 20
    assert len(ids(second)) == 10
    assert not set(ids(first)) & set(ids(second))
    assert "1 hamlet found" in written({"q": ["town 07"]})
    assert "no longer there" in written({"after": ["rubbish"]})


def test_twenty_rows_of_eight_columns_fit_into_forty_kilobytes() -> None:
    class Wide(Entity):
        a: str = "some words"
        b: str = "some words"
        c: str = "some words"
        d: str = "some words"
        e: int = 123456
        f: float = 1234.5
        g: bool = True
        h: str | None = None

    for _ in range(25):
        Wide().save()

    html = str(Table.from_entity(Wide).with_actions(["create", "edit", "delete"]).with_search())

    assert html.count("<tr") == 21
    assert len(html.encode()) < 20_000


def test_a_table_of_a_query_shows_what_it_finds() -> None:
    Hamlet(name="Ulm", people=5).save()
    Hamlet(name="Bonn", people=50).save()

    html = str(Table.from_entity(Hamlet.where(people=50)))

    assert "Bonn" in html
    assert "Ulm" not in html


def test_equal_queries_have_equal_keys() -> None:
    key = row_source_of(Hamlet.where(people=5)).key

    assert key == row_source_of(Hamlet.where(people=5)).key
    assert key != row_source_of(Hamlet.where(people=6)).key
    assert key != row_source_of(Hamlet).key


def test_entities_show_themselves() -> None:
    connect()
    hamlet = Hamlet(name="<Ulm>", people=7).save()

    assert "&lt;Ulm&gt;" in str(hamlet.to_card())
    assert 'value="&lt;Ulm&gt;"' in str(hamlet.to_form())
    row = str(hamlet.to_row())
    assert row.startswith(f'<tr id="hamlets-{hamlet.id}">')
    assert "&lt;Ulm&gt;" in row
    assert str(views.card(hamlet)) == str(Card.from_entity(hamlet))
