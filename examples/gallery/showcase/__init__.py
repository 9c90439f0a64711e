"""The sections of the gallery, in the order of its navigation."""

from . import (
    buttons,
    cards,
    charts,
    forms,
    messages,
    numbers,
    overlays,
    tables,
    tabs,
    waiting,
    ways,
)
from .section import Section

SECTIONS: list[Section] = [
    buttons.section,
    messages.section,
    overlays.section,
    tabs.section,
    ways.section,
    numbers.section,
    waiting.section,
    charts.section,
    forms.section,
    tables.section,
    cards.section,
]
