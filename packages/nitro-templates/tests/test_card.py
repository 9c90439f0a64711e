import pytest
from pydantic import BaseModel

from nitro_templates.card import Card
from nitro_templates.table import Column


class City(BaseModel):
    name: str
    people: int | None = None


def test_a_card_shows_names_and_escaped_values() -> None:
    html = str(Card.from_entity(City(name="<Ulm>", people=126000)))

    assert "<h3>&lt;Ulm&gt;</h3>" in html
    assert "<dt>People</dt><dd>126,000</dd>" in html


def test_an_empty_value_is_named_for_screen_readers() -> None:
    assert 'aria-label="empty"' in str(Card.from_entity(City(name="Ulm")))


def test_columns_choose_and_compute() -> None:
    card = Card.from_entity(City(name="Ulm", people=3))

    html = str(card.columns("people", Column("twice", lambda city: city.people * 2)))

    assert "<dt>Twice</dt><dd>6</dd>" in html
    assert "<dt>Name</dt>" not in html


def test_a_class_has_no_values_to_show() -> None:
    with pytest.raises(TypeError, match="City"):
        Card.from_entity(City)
