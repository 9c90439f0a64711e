"""The rows of a form in the places that its layout gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own as own_text

from . import layout
from .definition import Definition
from .rows import Row

_div, _p, _h3, _span, _button = Tag("div"), Tag("p"), Tag("h3"), Tag("span"), Tag("button")
_fieldset, _legend = Tag("fieldset"), Tag("legend")


def placed(definition: Definition, rows: list[Row], draw: Callable[[Row], Child]) -> list[Child]:
    """Answer what stands in the form: the layout, then the fields that it does not name."""
    places = _Places(definition.key, {row.field.name: row for row in rows}, definition.drawn, draw)
    named = [places.write(part) for part in definition.layout]
    return [*named, *map(places.one, list(places.rows))]


@dataclass(slots=True)
class _Places:
    """Takes each row once. What has nothing in it is not written: some fields may be left out."""

    key: str
    rows: dict[str, Row]
    drawn: Mapping[str, Callable[[Row], Child]]
    draw: Callable[[Row], Child]
    numbers: Iterator[int] = field(default_factory=count)

    def write(self, part: layout.Part) -> Child:
        """Write one part of the layout, None if there is nothing in it."""
        if isinstance(part, str):
            return self.one(part)
        if isinstance(part, layout.Row):
            return self._row(part)
        if isinstance(part, layout.Section):
            return self._section(part)
        return self._tabs(part)

    def one(self, name: str) -> Child:
        """Write the row of the field *name*, by its own function if it has one."""
        row = self.rows.pop(name, None)
        if row is None:
            return None
        own = self.drawn.get(name)
        if own is None:
            return self.draw(row)
        return _div(own(row.bare()), id=f"{row.id}-row", cls="nitro-own", **row.marks)

    def _inside(self, parts: tuple[layout.Part, ...]) -> list[Child]:
        return [child for part in parts if (child := self.write(part)) is not None]

    def _row(self, row: layout.Row) -> Element | None:
        inside = self._inside(row.fields)
        return _div(inside, cls="nitro-row") if inside else None

    def _section(self, section: layout.Section) -> Element | None:
        number = next(self.numbers)
        inside = self._inside(section.parts)
        if not inside:
            return None
        help_id = f"{self.key}-section-{number}" if section.help else None
        return _fieldset(
            _legend(own_text(section.title)),
            _p(own_text(section.help), id=help_id, cls="nitro-help") if section.help else None,
            inside,
            cls="nitro-section",
            aria_describedby=help_id,
        )

    def _tabs(self, tabs: layout.Tabs) -> Element | None:
        id = f"{self.key}-tabs-{next(self.numbers)}"
        panels: list[tuple[str, list[Child], int]] = []
        for tab in tabs.tabs:
            names = [name for name in layout.names_in(tab.parts) if name in self.rows]
            troubles = sum(self.rows[name].troubled for name in names)
            inside = self._inside(tab.parts)
            if inside:
                panels.append((own_text(tab.label), inside, troubles))
        if not panels:
            return None
        opened = next((n for n, panel in enumerate(panels) if panel[2]), 0)
        buttons = [
            _tab(f"{id}-{n}", label, troubles, n == opened)
            for n, (label, _, troubles) in enumerate(panels)
        ]
        return _div(
            _div(buttons, role="tablist", cls="nitro-tablist"),
            [
                _panel(f"{id}-{n}", label, inside, n == opened)
                for n, (label, inside, _) in enumerate(panels)
            ],
            id=id,
            cls="nitro-tabs",
        )


def errors_text(number: int) -> str:
    """Say on a tab how many fields behind it have to be looked at."""
    return "" if number == 0 else _("{number} to look at", number=number)


def _tab(id: str, label: str, troubles: int, opened: bool) -> Element:
    # which one is open is the reader's choice: no patch takes it back
    return _button(
        label,
        _span(errors_text(troubles), cls="nitro-mark"),
        type="button",
        role="tab",
        id=id,
        aria_controls=f"{id}-panel",
        aria_selected=opened,
        tabindex=None if opened else -1,
        data_preserve_attr="aria-selected tabindex",
    )


def _panel(id: str, label: str, inside: list[Child], opened: bool) -> Element:
    return _div(
        _h3(label, cls="nitro-panel-title"),
        inside,
        id=f"{id}-panel",
        role="tabpanel",
        aria_labelledby=id,
        cls="nitro-tabpanel",
        data_nitro_off=not opened,
        data_preserve_attr="data-nitro-off",
    )
