"""What stands below the rows: links to the neighbouring pages, and how many rows a page has."""

from __future__ import annotations

from collections.abc import Sequence

from nitro_templates.escape import escape_exact
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.sources import Rows

from .state import ViewState


def write_pager(
    table: str, plural: str, state: ViewState, rows: Rows, *, usual: int, sizes: Sequence[int]
) -> str:
    """Write nothing where all rows fit on the page."""
    if not (rows.next or rows.previous or state.size):
        return ""
    id = escape_exact(table)
    previous = _page_link(id, "prev", state.moved(before=rows.previous), rows.previous)
    following = _page_link(id, "next", state.moved(after=rows.next), rows.next)
    label = escape_exact(_("Pages of {things}", things=inside(plural)))
    choice = _sizes(id, state, usual, sizes)
    return f'<nav class="nitro-pager" aria-label="{label}">{choice}{previous}{following}</nav>'


def _page_link(table: str, rel: str, state: ViewState, cursor: str | None) -> str:
    text = escape_exact(_("Previous") if rel == "prev" else _("Next"))
    if cursor is None:
        # still a link to the keyboard's focus, which would be lost at the last page
        return f'<a id="{table}-{rel}" role="link" aria-disabled="true" tabindex="-1">{text}</a>'
    href = escape_exact(state.link())
    return f'<a id="{table}-{rel}" rel="{rel}" href="{href}" data-nitro-view>{text}</a>'


def _said(size: int) -> str:
    return _("{number} rows on a page", number=size)


def _sizes(table: str, state: ViewState, usual: int, sizes: Sequence[int]) -> str:
    offered = sorted({usual, *sizes})
    if len(offered) < 2:
        return ""
    now = state.size or usual
    here = ' aria-current="true"'
    links = "".join(
        f'<a id="{table}-size-{size}" data-nitro-view '
        f'href="{escape_exact(state.sized(None if size == usual else size).link())}" '
        f'aria-label="{escape_exact(_said(size))}"'
        f"{here if size == now else ''}>{size}</a>"
        for size in offered
    )
    rows = escape_exact(_("Rows"))
    return f'<span class="nitro-sizes"><span aria-hidden="true">{rows}</span>{links}</span>'
