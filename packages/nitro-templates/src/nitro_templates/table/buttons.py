"""The actions of one row: links to a form or a question, or links that do it at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nitro_templates.escape import escape_exact

if TYPE_CHECKING:
    from nitro_templates.context import Links

    from .actions import Offered

IN_SIGHT = 3
"""How many stay in the row when there are more than one more; the rest is in a menu."""
_NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)


def write(
    title: str, *, row_id: str, actions: Sequence[Offered], links: Links, slug: str, id: str
) -> str:
    """Write the cell with the actions of a row.

    The name read aloud includes the row ("Edit Paris"), because out of its row a plain
    "Edit" says nothing. Without scripts each is a link to a page that asks.
    """
    if not actions:
        return ""
    name, row = escape_exact(title), escape_exact(row_id)
    anchors = [
        _anchor(action, name, f"{row}-{action.name}", action.href(links, slug, id))
        for action in actions
    ]
    if len(anchors) <= IN_SIGHT + 1:
        return f'<td class="nitro-actions">{"".join(anchors)}</td>'
    return (
        f'<td class="nitro-actions">{"".join(anchors[:IN_SIGHT])}'
        f'<button type="button" class="nitro-more" popovertarget="{row}-menu" '
        f'aria-label="More actions for {name}">⋯</button>'
        f'<div popover id="{row}-menu" class="nitro-menu">{"".join(anchors[IN_SIGHT:])}</div></td>'
    )


def _anchor(action: Offered, name: str, id: str, href: str) -> str:
    how = "data-nitro-run" if action.direct else "data-nitro-dialog"
    danger = ' class="danger"' if action.danger else ""
    return (
        f'<a href="{escape_exact(href)}" {how} id="{id}" '
        f'aria-label="{escape_exact(action.label)} {name}"{danger}>'
        f"{icon(action.icon)}{escape_exact(action.label)}</a>"
    )


@lru_cache(maxsize=256)  # bounded, and a pure function of a text: nothing to reset
def icon(said: str | None) -> str:
    """Write an icon: a sign such as "✚" as it is, a name as a class for your own CSS."""
    if not said:
        return ""
    if _NAME.fullmatch(said):
        return f'<span class="nitro-icon nitro-icon-{said}" aria-hidden="true"></span>'
    return f'<span class="nitro-icon" aria-hidden="true">{escape_exact(said)}</span>'
