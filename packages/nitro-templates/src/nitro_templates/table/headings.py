"""The headings of a table: what a column is called, and the links that sort by it."""

from __future__ import annotations

from collections.abc import Sequence

from nitro_templates.escape import escape_exact
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later

from .columns import BoundColumn
from .state import MOST_KEYS, ViewState

_PLACES = {
    "ascending": (
        later("first in the order, ascending"),
        later("second in the order, ascending"),
        later("third in the order, ascending"),
        later("fourth in the order, ascending"),
    ),
    "descending": (
        later("first in the order, descending"),
        later("second in the order, descending"),
        later("third in the order, descending"),
        later("fourth in the order, descending"),
    ),
}


def write_heading(table: str, column: BoundColumn, state: ViewState, order: Sequence[str]) -> str:
    """Write one heading; *order* is what the rows are sorted by.

    A click sorts by this column alone, with the shift key by this one too.
    """
    label = escape_exact(column.label)
    if not column.sortable:
        return f'<th scope="col"{column.css_class}>{label}</th>'
    place = _place(column.name, order)
    down = place is not None and order[place].startswith("-")
    alone = "-" + column.name if place is not None and not down else column.name
    href = escape_exact(state.sorted_by([alone]).link())
    more = escape_exact(state.sorted_by(added(column.name, order)).link())
    adding = f' data-nitro-add="{more}"' if order else ""
    # by its id a patch knows the link again, and the focus stays
    id = f"{escape_exact(table)}-sort-{escape_exact(column.name)}"
    return (
        f'<th scope="col"{column.css_class}{_sorted(place, down=down)}>'
        f'<a id="{id}" href="{href}" data-nitro-view{adding}>'
        f"{label}{_spoken(place, down=down, several=len(order) > 1)}</a></th>"
    )


def added(name: str, order: Sequence[str]) -> tuple[str, ...]:
    """Answer *order* with *name* added at the end, turned round, or taken out."""
    place = _place(name, order)
    if place is None:
        return (*order[: MOST_KEYS - 1], name)
    turned = () if order[place].startswith("-") else (f"-{name}",)
    return (*order[:place], *turned, *order[place + 1 :])


def _place(name: str, order: Sequence[str]) -> int | None:
    names = [key.removeprefix("-") for key in order]
    return names.index(name) if name in names else None


def _sorted(place: int | None, *, down: bool) -> str:
    if place is None:
        return ""
    way = "descending" if down else "ascending"
    aria = f' aria-sort="{way}"' if place == 0 else ""  # readers expect one such column
    return f'{aria} data-sorted="{way}"'


def _spoken(place: int | None, *, down: bool, several: bool) -> str:
    if place is None or not several:
        return ""
    way = "descending" if down else "ascending"
    return (
        f'<span class="nitro-order" aria-hidden="true">{place + 1}</span>'
        f'<span class="nitro-hidden">, {escape_exact(_(_PLACES[way][place]))}</span>'
    )
