"""One cell that is edited in its place: a form with one field, over the cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nitro_templates.datastar import js
from nitro_templates.escape import escape_exact
from nitro_templates.form import Form
from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.i18n.labels import own

if TYPE_CHECKING:
    from nitro_templates.sources import RowSource

_div, _button = Tag("div"), Tag("button")
_OPEN = js("@get(evt.detail.url, nitro.cell())")


def checked(fields: Sequence[str], source: RowSource) -> tuple[str, ...]:
    """Answer *fields*. LookupError names those that can be edited."""
    known = [f.name for f in source.fields if "form" not in f.hidden_in and f.editable]
    for name in fields:
        if name not in known:
            msg = f"editable({name!r}): {source.label} has no such field to edit. "
            msg += f"There are: {', '.join(known)}"
            raise LookupError(msg)
    return tuple(dict.fromkeys(fields))


def place(table: str, *content: Child, label: str | None = None, saved: bool = False) -> Element:
    """Answer where the editor of a cell stands, outside of what live patches replace."""
    return _div(
        *content,
        id=f"{table}-cell",
        cls="nitro-cell",
        role="group" if content else None,
        aria_label=label,
        data_nitro_key=table,
        data_nitro_saved=saved,
        on_nitro_cell=_OPEN,
    )


def editor(table: str, source: RowSource, thing: Any, name: str, *, undo: bool = True) -> Element:
    """Answer the editor of the field *name* of *thing*: sealed and checked like the full form."""
    field = next(field for field in source.fields if field.name == name)
    label = inside(own(field.label))
    form = Form.from_entity(thing).only(name).submit(_("Save")).keyed(f"{table}-cell-form")
    form = form.with_undo(undo)
    return place(
        table,
        form,
        _button(
            _("Cancel"), type="button", cls="nitro-button", tabindex=-1, data_nitro_cell_close=True
        ),
        label=_("Edit {field} of {thing}", field=label, thing=source.title_of(thing)),
    )


def link(html: str, *, field: str, id: str, link_id: str, href: str, label: str) -> str:
    """Wrap the finished *html* of a cell: a link to the form, which scripts open in place."""
    return (
        f'<a class="nitro-edit" id="{escape_exact(link_id)}" href="{escape_exact(href)}" '
        f'data-nitro-cell="{escape_exact(field)}:{escape_exact(id)}" '
        f'aria-label="{escape_exact(label)}">{html}</a>'
    )
