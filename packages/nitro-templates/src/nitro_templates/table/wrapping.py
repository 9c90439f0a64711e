"""What is put around the content of a cell: the link of its row, the way to edit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nitro_templates.attributes import safe_url
from nitro_templates.escape import Safe, escape
from nitro_templates.fields.cells import cell

from .columns import BoundColumn
from .doing import Doing
from .writing import Cell

if TYPE_CHECKING:
    from .view import TableView

Wrap = Callable[[Any, str], str]
"""Answers the HTML around that of the cell of a thing."""


def wrapped(view: TableView, cells: Sequence[Cell]) -> Sequence[Cell]:
    """Answer *cells*, those of *view* that need it with something around their content."""
    wraps = [_wrap_of(view, index, column) for index, column in enumerate(view.columns)]
    if not any(wraps):
        return cells
    return tuple(
        one if wrap is None else (one[0], _through(one[1], wrap), one[2])
        for one, wrap in zip(cells, wraps, strict=True)
    )


def _wrap_of(view: TableView, index: int, column: BoundColumn) -> Wrap | None:
    doing, href = view.doing, view.definition.href
    if doing is not None and column.name in doing.editable:
        return lambda thing, html: _editable(view, doing, column, thing, html)
    if index == 0 and href is not None:
        return lambda thing, html: f'<a href="{escape(safe_url(href(thing)))}">{html}</a>'
    return None


def _through(get: Callable[[Any], object], wrap: Wrap) -> Callable[[Any], object]:
    return lambda thing: Safe(wrap(thing, cell(get(thing))))


def _editable(view: TableView, doing: Doing, column: BoundColumn, thing: Any, html: str) -> str:
    id = view.source.id_of(thing) or ""
    return doing.cell(
        html,
        field=column.name,
        label=column.label,
        id=id,
        row_id=f"{view.id}-{id}",
        title=view.source.title_of(thing),
        links=view.links,
    )
