"""The HTML of a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nitro_templates.escape import Safe
from nitro_templates.fields.cells import cell
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.relations.cells import prepare
from nitro_templates.table.buttons import icon

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.table.actions import Offered
    from nitro_templates.table.columns import BoundColumn

    from .definition import Definition

_dl, _div, _dt, _dd, _a = Tag("dl"), Tag("div"), Tag("dt"), Tag("dd"), Tag("a")


def write_values(columns: Sequence[BoundColumn], thing: Any) -> Element | None:
    """Write the list of names and values; nothing without columns."""
    if not columns:
        return None
    titles = prepare(columns, [thing])
    values = [(column.label, titles.get(column.name, column.shown)(thing)) for column in columns]
    return _dl([_div(_dt(label), _dd(Safe(cell(value)))) for label, value in values])


def write_value(column: BoundColumn, thing: Any) -> Safe:
    """Write what *column* shows of *thing*."""
    get = prepare([column], [thing]).get(column.name, column.shown)
    return Safe(cell(get(thing)))


def write_actions(
    definition: Definition, offered: Sequence[Offered], context: RenderContext
) -> Element | None:
    """Write links to what may be done: they open the page that asks, or the dialog.

    The name read aloud includes the thing ("Edit Paris"), as in the row of a table.
    """
    source, thing = definition.source, definition.thing
    slug, id = source.slug, source.id_of(thing)
    if not offered or slug is None or id is None:
        return None
    title = source.title_of(thing)
    return _div(
        [
            _a(
                Safe(icon(item.icon)),
                item.label,
                href=item.href(context.links, slug, id),
                data_nitro_dialog=not item.direct,
                data_nitro_run=item.direct,
                aria_label=_("{action} {thing}", action=item.label, thing=title),
                cls="danger" if item.danger else None,
            )
            for item in offered
        ],
        cls="nitro-actions",
    )
