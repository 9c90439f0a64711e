"""Cards of stored things: actions by policy, live views, grids, details, customising."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import action
from nitro_templates import Card, Cards, Column, Detail, Element, Page, Safe, Table, ui
from nitro_templates.context import RenderContext, rendering
from nitro_templates.tags import P, Strong


@pytest.fixture(autouse=True)
def _fresh_entities() -> Iterator[None]:
    entities.state.reset()
    yield
    entities.state.reset()


class Isle(Entity):
    name: str
    people: int = 0
    note: Annotated[str, ui(hidden_in="card")] = ""

    @action
    def settle(self, by: int = 1) -> None:
        self.people += by

    @action
    @classmethod
    def discover(cls, name: str) -> None: ...


class Bay(Entity):
    name: str
    isle_id: str


def isle(name: str = "Skye", **values: Any) -> Isle:
    return Isle(name=name, **values).save()


def test_a_card_offers_what_may_be_done_to_its_thing() -> None:
    skye = isle()

    html = str(Card.from_entity(skye).with_actions(["edit", "delete", Isle.settle]))

    assert f'href="/isles/{skye.id}/edit" data-nitro-dialog aria-label="Edit Skye"' in html
    assert 'aria-label="Delete Skye" class="danger"' in html
    assert f'href="/isles/{skye.id}/settle"' in html


def test_the_policy_is_asked_about_the_thing_itself() -> None:
    skye, mull = isle(), isle("Mull")
    asked: list[tuple[str, object]] = []

    def can(operation: str, target: object) -> bool:
        asked.append((operation, target))
        return target is mull

    with rendering(RenderContext(can=can)):
        refused = str(Card.from_entity(skye).with_actions(["edit"]))
        allowed = str(Card.from_entity(mull).with_actions(["edit"]))

    assert "nitro-actions" not in refused
    assert "Edit Mull" in allowed
    assert asked == [("update", skye), ("update", mull)]


@pytest.mark.parametrize("name", ["create", "discover"])
def test_what_is_not_done_to_one_thing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Card.from_entity(isle()).with_actions([name])


def test_a_card_is_live_when_that_is_asked_for() -> None:
    skye = isle()

    assert Card.from_entity(skye).views(RenderContext()) == []
    (view,) = Card.from_entity(skye).reactive().views(RenderContext())
    assert view.topics == {f"Isle:{skye.id}"}


def test_a_live_card_shows_its_thing_as_it_is_now() -> None:
    skye = isle(people=3)
    (view,) = Card.from_entity(skye).reactive().views(RenderContext())
    before = Isle.get(skye.id)
    before.people = 44
    before.save()

    assert "<dd>44</dd>" in view.render()
    assert f'id="isles-card-{skye.id}"' in view.render()


def test_a_live_card_says_when_its_thing_is_gone() -> None:
    skye = isle()
    card = Card.from_entity(skye).with_actions(["edit"]).reactive()
    (view,) = card.views(RenderContext())
    skye.delete()

    html = view.render()

    assert f'id="isles-card-{skye.id}" class="nitro-card gone"' in html
    assert "This isle was deleted" in html
    assert "<a " not in html


def test_cards_that_show_the_same_are_rendered_once() -> None:
    skye = isle()

    def view(card: Card) -> object:
        return card.reactive().views(RenderContext())[0].key

    one = Card.from_entity(skye).columns("name")

    assert view(one) == view(Card.from_entity(Isle.get(skye.id)).columns("name"))
    assert view(one) != view(one.columns("people"))
    assert view(one) != view(one.with_actions(["edit"]))
    assert view(one) != view(one.parts(body=lambda thing: thing.name))
    assert view(one) != view(Bold.from_entity(skye).columns("name"))


def test_ids_that_differ_in_signs_give_different_elements() -> None:
    ids = {
        re.findall(r'<article id="([A-Za-z0-9_-]+)"', str(Card.from_entity(isle(id=id))))[0]
        for id in ("a b", "a-b", "a/b")
    }

    assert len(ids) == 3


def test_metadata_of_a_field_hides_it_from_cards() -> None:
    skye = isle(note="secret harbour")

    assert "secret harbour" not in str(Card.from_entity(skye))
    assert "secret harbour" in str(Table.from_entity(Isle))


def test_calls_choose_what_a_card_shows() -> None:
    card = Card.from_entity(isle(people=4))

    html = str(card.columns("people", Column("double", lambda one: one.people * 2)))

    assert "<dt>People</dt><dd>4</dd>" in html
    assert "<dt>Double</dt><dd>8</dd>" in html


def test_a_function_writes_one_part() -> None:
    card = Card.from_entity(isle("<Skye>"))
    bold = card.parts(title=lambda one: Strong(one.name), footer=lambda one: P("end"))

    assert "<h3><strong>&lt;Skye&gt;</strong></h3>" in str(bold)
    assert "<p>end</p></article>" in str(bold)
    assert "<strong>" not in str(card)
    assert "<dl>" not in str(card.parts(body=lambda one: "nothing"))


class Bold(Card):
    def title(self, thing: Any) -> Element:
        return Strong(thing.name)


def test_a_subclass_writes_one_part() -> None:
    assert "<h3><strong>Skye</strong></h3>" in str(Bold.from_entity(isle()))


def test_hostile_values_stay_values_on_a_card(hostile: str) -> None:
    one = isle(hostile)

    html = str(Card.from_entity(one).with_actions(["edit"]))

    assert "<script" not in html
    assert "<img" not in html
    assert html.count("<article") == html.count("</article>") == 1


def test_an_entity_answers_the_same_card() -> None:
    skye = isle()

    assert type(skye.to_card()) is Card
    assert str(skye.to_card()) == str(Card.from_entity(skye))


def test_a_detail_brings_the_heading_of_its_page() -> None:
    skye = isle()
    Bay(name="Loch Bay", isle_id=skye.id).save()
    bays = Table.from_entity(Bay.where(isle_id=skye.id))
    page = Page(Detail.from_entity(skye).related("Bays", bays), title="Skye")

    html = str(page)

    assert html.count("<h1>Skye</h1>") == 1
    assert '<section class="nitro-related"><h2>Bays</h2>' in html
    assert "Loch Bay" in html


def test_a_detail_and_what_is_related_are_live_apart() -> None:
    skye = isle()
    detail = Detail.from_entity(skye).related("Bays", Table.from_entity(Bay))

    own, bays = detail.views(RenderContext())

    assert own.topics == {f"Isle:{skye.id}"}
    assert "Bay" in bays.topics
    assert "Bays" not in own.render()
    assert detail.reactive(False).views(RenderContext())[0].key == bays.key


def test_many_things_are_cards_in_one_question() -> None:
    for number in range(3):
        isle(f"Isle {number}", people=number)
    cards = Cards.from_entity(Isle.where()).columns("people").with_actions(["edit"])

    html = str(cards.sorted_by("-people"))

    assert html.index("Isle 2") < html.index("Isle 1") < html.index("Isle 0")
    assert html.count("<article") == 3
    assert html.count('aria-label="Edit Isle') == 3


def test_cards_have_pages() -> None:
    for number in range(5):
        isle(f"Isle {number}", people=number)
    cards = Cards.from_entity(Isle).sorted_by("people").pages(2)

    def written(query: dict[str, list[str]]) -> str:
        with rendering(RenderContext(query=query)):
            return str(cards)

    first = written({"q": ["x"]})
    after = re.findall(r'rel="next" href="\?q=x&(?:amp|#38);after=([^"]+)"', first)[0]
    second = written({"after": [after]})

    assert "Isle 1" in first
    assert "Isle 2" not in first
    assert "Isle 2" in second
    assert 'rel="prev"' in second
    assert "Isle 0" in written({"after": ["rubbish"]})


def test_cards_are_one_live_view_for_all() -> None:
    isle()
    cards = Cards.from_entity(Isle)

    (view,) = cards.views(RenderContext())
    isle("Mull")

    assert view.topics == {"Isle"}
    assert view.key == cards.views(RenderContext())[0].key
    assert "Mull" in view.render()
    assert cards.reactive(False).views(RenderContext()) == ()


def test_cards_say_when_there_are_none() -> None:
    assert "No isles yet." in str(Cards.from_entity(Isle))
    assert "Nothing here" in str(Cards.from_entity(Isle).when_empty("Nothing here"))


def test_cards_are_customised_as_one_card_is() -> None:
    isle()
    cards = Cards.from_entity(Isle)

    assert "<strong>Skye</strong>" in str(cards.shown_as(Bold))
    assert "<i>x</i>" in str(cards.parts(footer=lambda one: Safe("<i>x</i>")))
    assert 'id="mine-cards"' in str(cards.named("mine"))
    assert "<dl" not in str(cards.columns())


@pytest.mark.parametrize("name", ["", "a b", "<"])
def test_a_name_that_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        Cards.from_entity(Isle).named(name)


def test_what_cannot_be_is_refused_at_once() -> None:
    cards = Cards.from_entity(Isle)

    with pytest.raises(LookupError, match="nope"):
        cards.sorted_by("-nope")
    with pytest.raises(ValueError, match="1 to 200"):
        cards.pages(0)
    with pytest.raises(LookupError, match="nope"):
        cards.columns("nope")
