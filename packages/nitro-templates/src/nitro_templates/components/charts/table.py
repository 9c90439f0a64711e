"""The numbers of a chart, for whoever reads or hears them rather than sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.fields.formats import EMPTY, text_of
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

if TYPE_CHECKING:
    from .chart import Format
    from .data import Data

__all__ = ["numbers"]

_details, _summary, _div = Tag("details"), Tag("summary"), Tag("div")
_table, _thead, _tbody = Tag("table"), Tag("thead"), Tag("tbody")
_tr, _th, _td = Tag("tr"), Tag("th"), Tag("td")


def numbers(data: Data, format: Format) -> Element:
    """Answer a table of all numbers, folded away; patches leave it open."""
    heads = [_th(one.name, scope="col", cls="number") for one in data.series]
    rows = [
        _tr(
            _th(text_of(label), scope="row"),
            [_td(_written(one.values[at], format), cls="number") for one in data.series],
        )
        for at, label in enumerate(data.labels)
    ]
    return _details(
        _summary(_("The numbers")),
        _div(
            _table(
                _thead(_tr(_td(), heads)),
                _tbody(rows),
                cls="nitro-chart-numbers",
            ),
            cls="nitro-scroll",
            tabindex=0,
            role="group",
            aria_label=_("The numbers"),
        ),
        cls="nitro-chart-data",
        data_preserve_attr="open",
    )


def _written(value: float | None, format: Format) -> str:
    return EMPTY if value is None else format(value)
