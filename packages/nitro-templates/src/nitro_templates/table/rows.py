"""The body of a table, written from a skeleton that is made once per definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from nitro_templates.escape import escape_exact
from nitro_templates.fields.cells import cell

from .columns import BoundColumn
from .writing import Cell, Cells, Get


@lru_cache(maxsize=256)  # bounded, and a pure function of immutable values: nothing to reset
def skeleton(columns: tuple[BoundColumn, ...], plain: bool = True) -> Cells:
    """Write what all rows have in common: opening tag, getter and closing tag of each cell.

    *plain* says that numbers are written as everywhere.
    """
    cells = [_cell_of(column, first=index == 0) for index, column in enumerate(columns)]
    return Cells.of(cells, plain=plain)


def _cell_of(column: BoundColumn, *, first: bool) -> Cell:
    tag = "th" if first else "td"
    scope = ' scope="row"' if first else ""
    label = escape_exact(column.label)
    return f'<{tag}{scope}{column.css_class} data-label="{label}">', column.shown, f"</{tag}>"


def with_titles(
    cells: Sequence[Cell], columns: Sequence[BoundColumn], titles: Mapping[str, Get]
) -> Sequence[Cell]:
    """Answer *cells* with what was read for all rows at once, by name of its column."""
    if not titles:
        return cells
    return tuple(
        (opening, titles.get(column.name, get), closing)
        for (opening, get, closing), column in zip(cells, columns, strict=True)
    )


def write_row(thing: Any, cells: Sequence[Cell], *, row_id: str, buttons: str = "") -> str:
    """Write one `<tr>`; *buttons* is the finished cell with the actions."""
    if type(cells) is Cells:
        return cells.fill(thing, escape_exact(row_id), buttons)
    parts = [f'<tr id="{escape_exact(row_id)}">']
    for opening, get, closing in cells:
        parts += (opening, cell(get(thing)), closing)
    parts += (buttons, "</tr>")
    return "".join(parts)
