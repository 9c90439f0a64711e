"""Tabs and accordions."""

from nitro.components import Accordion, Badge, Panel, Tab, Tabs
from nitro_templates import P
from nitro_templates.html import Child

from .section import Section

section = Section("Tabs and accordions", "panels-top-left", "One part of many in sight.")


@section.shows("Tabs", "Arrow keys choose. Without scripts all parts are there, under headings.")
def tabs() -> Child:
    return Tabs(
        Tab("Overview", P("A lamp for the desk."), icon="info"),
        Tab("Orders", P("Three are waiting."), badge=Badge(3)),
        Tab("History", P("Ann changed the price.")),
        label="Lamp 7",
    )


@section.shows("Accordion", "The browser's own details; nothing of it needs a script.")
def accordion() -> Child:
    return Accordion(
        Panel("When is it sent?", P("Tomorrow."), open=True),
        Panel("Can I send it back?", P("For thirty days.")),
        Panel("Is it repaired?", P("For ten years.")),
        level=3,
    )


@section.shows("One at a time", "Opening one closes the others.")
def one_at_a_time() -> Child:
    return Accordion(
        Panel("Address", P("Main Street 1, Ulm"), icon="map-pin"),
        Panel("Payment", P("By invoice"), icon="credit-card"),
        Panel("Delivery", P("By bicycle"), icon="bike"),
        one=True,
    )
