"""The actions of one row: links to a form or a question, or links that do it at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nitro_templates.components.icon import Icon, has_icon
from nitro_templates.escape import escape_exact
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later

if TYPE_CHECKING:
    from nitro_templates.context import Links

    from .actions import Offered

IN_SIGHT = 3
"""How many stay in the row when there are more than one more; the rest is in a menu."""
_SPOKEN = later("{action} {thing}")
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
    name, row, pattern = escape_exact(title), escape_exact(row_id), _(_SPOKEN)
    plain = pattern is _SPOKEN
    anchors: list[str] = []
    for action in actions:
        label = escape_exact(action.label)
        aria = f"{label} {name}"
        if not plain:
            aria = escape_exact(pattern).format(action=label, thing=name)
        href = action.href(links, slug, id)
        anchors.append(_anchor(action, label, aria, f"{row}-{action.name}", href))
    if len(anchors) <= IN_SIGHT + 1:
        return f'<td class="nitro-actions">{"".join(anchors)}</td>'
    more = escape_exact(_("More actions for {thing}", thing=title))
    return (
        f'<td class="nitro-actions">{"".join(anchors[:IN_SIGHT])}'
        f'<button type="button" class="nitro-more" popovertarget="{row}-menu" '
        f'aria-label="{more}">⋯</button>'
        f'<div popover id="{row}-menu" class="nitro-menu">{"".join(anchors[IN_SIGHT:])}</div></td>'
    )


def _anchor(action: Offered, label: str, aria: str, id: str, href: str) -> str:
    how = "data-nitro-run" if action.direct else "data-nitro-dialog"
    danger = ' class="danger"' if action.danger else ""
    return (
        f'<a href="{escape_exact(href)}" {how} id="{id}" '
        f'aria-label="{aria}"{danger}>'
        f"{icon(action.icon)}{label}</a>"
    )


def icon(said: str | None) -> str:
    """Write an icon: a sign such as "✚" as it is, one of our set, or a class for your own CSS."""
    if not said:
        return ""
    if _NAME.fullmatch(said):
        drawn = Icon(said) if has_icon(said) else ""
        return f'<span class="nitro-icon nitro-icon-{said}" aria-hidden="true">{drawn}</span>'
    return f'<span class="nitro-icon" aria-hidden="true">{escape_exact(said)}</span>'
