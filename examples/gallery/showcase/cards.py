"""Cards made from entities."""

from nitro import Card, Cards
from nitro_templates.html import Child

from .lamps import DeskLamp
from .section import Section

section = Section("Cards", "square-stack", "One thing, or a few of them, as boxes.")


@section.shows("A card")
def card() -> Child:
    return Card.from_entity(DeskLamp.get("lamp-1"))


@section.shows("With what can be done")
def with_actions() -> Child:
    card = Card.from_entity(DeskLamp.get("lamp-2"))
    return card.with_actions(["edit", DeskLamp.sell]).reactive()


@section.shows("Many", "As many beside each other as there is room for.", wide=True)
def many() -> Child:
    left = DeskLamp.where(DeskLamp.stock > 4)
    return Cards.from_entity(left).columns("price", "stock", "shade")
