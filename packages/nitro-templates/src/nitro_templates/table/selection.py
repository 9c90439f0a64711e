"""The boxes by which rows are selected, and the bar with what can be done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nitro_templates.escape import escape_exact
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _

from .actions import Offered
from .bulk import ALL, ASK, IDS, sealed
from .progress import waiting

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

MOST_IDS = 900
"""How many can be selected one by one: a request has a thousand fields at most."""
_form, _button, _span, _label = Tag("form"), Tag("button"), Tag("span"), Tag("label")
_input, _noscript = Tag("input", void=True), Tag("noscript")


def heading() -> str:
    """Write the heading of the column of boxes: one that selects the page."""
    said = escape_exact(_("Select all on this page"))
    return (
        '<th scope="col" class="nitro-select"><label><input type="checkbox" '
        "data-nitro-select-page "
        f'aria-label="{said}"></label></th>'
    )


def box(table: str, id: str, title: str) -> str:
    """Write the box of one row, which belongs to the bar above the table."""
    said = escape_exact(_("Select {thing}", thing=title))
    return (
        f'<td class="nitro-select"><label><input type="checkbox" form="{table}-bulk" '
        f'name="{IDS}" value="{escape_exact(id)}" data-nitro-select autocomplete="off" '
        f'aria-label="{said}"></label></td>'
    )


def bar(
    table: str, slug: str, offered: Sequence[Offered], context: RenderContext, *, undo: bool = True
) -> Element:
    """Answer the bar. Without scripts it is a form that leads to a page that asks."""
    return Fragment(
        _form(
            sealed(slug, ASK, table, context, undo=undo),
            _span(cls="nitro-selected", role="status"),
            [_action(item, slug, context) for item in offered],
            _button(_("Select all"), type="button", data_nitro_select_all=True, hidden=True),
            _button(_("Clear"), type="button", data_nitro_select_none=True, cls="nitro-scripted"),
            _noscript(
                _label(_input(type="checkbox", name=ALL, value="1"), " ", _("All that match")),
            ),
            id=f"{table}-bulk",
            method="post",
            cls="nitro-bulk",
            data_nitro_bar=table,
            data_most=str(MOST_IDS),
        ),
        waiting(table),
    )


def _action(item: Offered, slug: str, context: RenderContext) -> Element:
    return _button(
        item.label,
        type="submit",
        formaction=context.links.bulk(slug, item.name),
        data_nitro_bulk_action=item.name,
        cls="nitro-button danger" if item.danger else "nitro-button",
    )
