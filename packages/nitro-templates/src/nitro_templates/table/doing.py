"""What can be done in a table besides looking: selecting rows, editing cells, taking it along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nitro_templates.asking import ask_url
from nitro_templates.datastar import js
from nitro_templates.export import KINDS
from nitro_templates.export.values import text_in
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside

from . import editing, selection
from .actions import FINAL, Offered

if TYPE_CHECKING:
    from nitro_templates.context import Links, RenderContext

_div, _a, _button = Tag("div"), Tag("a"), Tag("button")
_RUN = js("@post(evt.detail.url, nitro.run(el, evt.detail.link))")


@dataclass(frozen=True, slots=True)
class Doing:
    """What a caller may do in one table; a part of what the view's HTML depends on."""

    table: str
    slug: str
    bulk: tuple[Offered, ...] = ()
    exports: tuple[str, ...] = ()
    editable: tuple[str, ...] = ()
    runs: bool = False
    """Whether a row has an action that is done by one click."""
    undo: bool = True

    def heading(self) -> str:
        """Write the heading of what `row_start` writes."""
        return selection.heading() if self.bulk else ""

    def row_start(self, id: str, title: str) -> str:
        """Write the cells before those of the columns."""
        return selection.box(self.table, id, title) if self.bulk else ""

    def cell(
        self, html: str, *, field: str, label: str, id: str, row_id: str, title: str, links: Links
    ) -> str:
        """Write what is in a cell that can be edited, *html* being what it shows."""
        return editing.link(
            html,
            field=field,
            id=id,
            link_id=f"{row_id}-{field}-cell",
            href=links.edit(self.slug, id) + ("" if self.undo else FINAL),
            label=_(
                "Edit {field} of {thing}: {value}",
                field=inside(label),
                thing=title,
                value=text_in(html),
            ),
        )

    def tools(self, context: RenderContext) -> Element | None:
        """Answer what stands in the toolbar: the files that the table can be had as."""
        if not self.exports:
            return None
        menu = f"{self.table}-exports"
        links = [
            _a(
                KINDS[kind].label,
                href=ask_url(context, "export", self.table, kind),
                data_nitro_export=f"{self.table}:{kind}",
            )
            for kind in self.exports
        ]
        return Fragment(
            _button(_("Export"), type="button", cls="nitro-button", popovertarget=menu),
            _div(links, popover=True, id=menu, cls="nitro-menu"),
        )

    def machinery(self, context: RenderContext) -> Element | None:
        """Answer what stands above the rows, outside of what live patches replace."""
        bar = selection.bar(self.table, self.slug, self.bulk, context, undo=self.undo)
        return Fragment(
            bar if self.bulk else None,
            editing.place(self.table) if self.editable else None,
            _div(id=f"{self.table}-run", hidden=True, on_nitro_run=_RUN) if self.runs else None,
        )
