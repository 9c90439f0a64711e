"""The part of a table that follows the store: messages, count, rows and page links."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nitro_templates.escape import escape, escape_exact
from nitro_templates.i18n import current_reader, inside, reading
from nitro_templates.i18n import gettext as _
from nitro_templates.identity import identity
from nitro_templates.relations.cells import prepare, topics_of
from nitro_templates.sources import Asked, Rows, RowSource

from . import buttons, status, wrapping
from .actions import Offered
from .columns import BoundColumn
from .definition import Definition
from .doing import Doing
from .headings import write_heading
from .pager import write_pager
from .pieces import InRows
from .rows import skeleton, with_titles, write_row
from .state import ViewState
from .titles import with_filter_titles
from .writing import Cell

if TYPE_CHECKING:
    from nitro_templates.context import Links

log = logging.getLogger("nitro_templates")


@dataclass(frozen=True, slots=True)
class TableView:
    """One state of one table, as everybody sees it who may do the same.

    Nothing in it belongs to a single caller: views of equal `key` are rendered once. To change
    a part, override one of the methods that begin with ``write_`` in a subclass, and name that
    as `view_class` of a subclass of `Table`.
    """

    definition: Definition
    columns: tuple[BoundColumn, ...]
    """Those that are shown."""
    actions: tuple[Offered, ...]
    state: ViewState
    links: Links
    doing: Doing | None = None
    linked: tuple[str, ...] = ()
    """The columns whose titles are links to what they refer to."""

    @property
    def id(self) -> str:
        """The element id of the table."""
        return self.definition.id

    @property
    def source(self) -> RowSource:
        """What lists the rows."""
        return self.definition.source

    @property
    def caption(self) -> str:
        """What the table is called."""
        return self.definition.caption or self.source.plural

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on, besides the rows themselves."""
        said = self.definition
        return (
            type(self),
            said.id,
            said.source.key,
            tuple((column.key, column.label) for column in self.columns),
            self.actions,
            self.state,
            self.links,
            self.doing,
            self.linked,
            (said.search_in, said.order, said.size, said.sizes, said.count),
            (said.caption, said.empty, said.slots.get("empty"), self.has_form),
            (identity(said.href), identity(said.row_class)),
        )

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale."""
        if not self.definition.live:
            return frozenset()
        return self.source.topics | topics_of(column.reference for column in self.columns)

    @property
    def asked(self) -> Asked:
        """Which rows are wanted, on all pages."""
        state, said = self.state, self.definition
        searched = said.search_in if state.search else ()
        return Asked(state.search, searched, state.where, state.order or said.order)

    @property
    def size(self) -> int:
        """How many rows a page has."""
        return self.state.size or self.definition.size

    def render(self) -> str:
        """Read one page and write it, in at most two statements and one for each relation."""
        with reading(current_reader()):  # found out once, not for each cell
            return self._whole()

    def _whole(self) -> str:
        try:
            view, rows = self._read()
            total = view._count(rows)
            written = view.write_rows(rows)
        except OSError:  # what stores raise that cannot be reached, or are too busy
            log.exception("The rows of the table %s cannot be read", self.id)
            return self._around(status.write_failed(self.source, self.state))
        text = self._around(
            view.write_status(rows, total),
            view.write_table("".join(written.values())) if written else view.write_nothing(),
            view.write_pager(rows),
        )
        return InRows.of(text, written)

    def _around(self, *parts: str) -> str:
        kept = "".join(
            f'<input type="hidden" form="{self.id}-search" name="{escape(name)}" '
            f'value="{escape(value)}">'
            # these belong to the form above, which is never sent again: in here they
            # follow when the order changes
            for name, value in self.state.kept()
        )
        prefix = self.state.prefix
        said = f' data-nitro-prefix="{escape(prefix)}"' if prefix else ""
        start = f'<div id="{self.id}-view" class="nitro-table-view"{said}>'
        return f"{start}{kept if self.has_form else ''}{''.join(parts)}</div>"

    @property
    def has_form(self) -> bool:
        """Whether there is a form above the rows that narrows them, or chooses columns."""
        said = self.definition
        return bool(said.search_in or said.filters or said.choosing)

    def _read(self) -> tuple[TableView, Rows]:
        state = self.state
        try:
            return self, self._slice(state)
        except ValueError:
            if not (state.after or state.before):
                raise
            gone = _("That page is no longer there. This is the first one.")
            view = replace(self, state=state.at_start(gone))
            return view, view._slice(view.state)

    def _slice(self, state: ViewState) -> Rows:
        return self.source.slice(
            self.asked, size=self.size, after=state.after, before=state.before
        )

    def _count(self, rows: Rows) -> int | None:
        state, said = self.state, self.definition.count
        if not (state.after or state.before or rows.next or rows.previous):
            return len(rows.items)
        if said == "none":
            return None
        return self.count(exact=state.exact or said == "exact")

    def count(self, *, exact: bool) -> int:
        """Count what is wanted, up to 10,001 unless the *exact* number is needed."""
        cap = None if exact else status.COUNT_CAP
        return self.source.count(replace(self.asked, order=()), cap=cap)

    def write_status(self, rows: Rows, total: int | None) -> str:
        """Write messages, the filters that are on, and how many rows there are."""
        exact = self.state.exact or self.definition.count == "exact"
        return (
            status.write_problems(self.state.problems)
            + status.write_chips(self.id, with_filter_titles(self.state, self.definition.filters))
            + self.write_total(total, shown=len(rows.items), exact=exact)
        )

    def write_total(self, total: int | None, *, shown: int, exact: bool) -> str:
        """Write how many rows there are."""
        return status.write_count(
            self.id, self.source, self.state, total, shown=shown, exact=exact
        )

    def write_rows(self, rows: Rows) -> dict[str, str]:
        """Write each row, by its element id."""
        cells = self._cells(rows)
        return {self.row_id(thing): self.write_row(thing, cells) for thing in rows.items}

    def row_id(self, thing: Any) -> str:
        """Answer the element id of the row of *thing*."""
        return f"{self.id}-{self.source.id_of(thing) or ''}"

    def write_table(self, body: str) -> str:
        """Write the headings, and *body* below them: the rows."""
        order = self.state.order or self.definition.order
        headings = [write_heading(self.id, column, self.state, order) for column in self.columns]
        if self.doing is not None:
            headings.insert(0, self.doing.heading())
        if self.row_actions:
            said = escape(_("Actions"))
            headings.append(f'<th scope="col" class="nitro-actions">{said}</th>')
        caption = f"{self.id}-caption"
        # on a phone the stylesheet says it, which knows no other language
        sort_by = escape(_("Sort by"))
        spoken = "" if current_reader().texts is None else f' data-sort-by="{sort_by}"'
        # can be focused, so that the arrow keys scroll what is too wide for the screen
        return (
            f'<div class="nitro-scroll" role="region" tabindex="0" aria-labelledby="{caption}">'
            '<table class="nitro-table">'
            f'<caption id="{caption}" class="nitro-hidden">{escape(self.caption)}</caption>'
            f"<thead><tr{spoken}>{''.join(headings)}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def write_row(self, thing: Any, cells: Sequence[Cell]) -> str:
        """Write one row."""
        source, doing, row_class = self.source, self.doing, self.definition.row_class
        id = source.id_of(thing) or ""
        row_id, acts = f"{self.id}-{id}", self.row_actions
        title = source.title_of(thing) if acts or doing is not None else ""
        ending = self._buttons(title, row_id, id, acts)
        made = write_row(thing, cells, row_id=row_id, buttons=ending)
        if doing is None and row_class is None:
            return made
        said = row_class(thing) if row_class is not None else None
        cls = f' class="{escape(said)}"' if said else ""
        opening = f'<tr id="{escape_exact(row_id)}"'
        start = "" if doing is None else doing.row_start(id, title)
        return f"{opening}{cls}>{start}{made[len(opening) + 1 :]}"

    def write_nothing(self) -> str:
        """Write what stands in place of no rows."""
        said = self.definition
        own = said.slots.get("empty")
        text = said.empty or _("No {things} yet.", things=inside(self.source.plural))
        empty = f'<p class="nitro-empty">{escape(text)}</p>' if own is None else str(own)
        return status.write_nothing(self.source, self.state, empty)

    def write_pager(self, rows: Rows) -> str:
        """Write the links to the neighbouring pages."""
        said = self.definition
        return write_pager(
            self.id, self.source.plural, self.state, rows, usual=said.size, sizes=said.sizes
        )

    @property
    def row_actions(self) -> tuple[Offered, ...]:
        """What can be done to one row."""
        return tuple(a for a in self.actions if a.per_row) if self.source.slug else ()

    def _buttons(self, title: str, row_id: str, id: str, actions: tuple[Offered, ...]) -> str:
        slug = self.source.slug
        if slug is None or not id or not actions:
            return ""
        return buttons.write(
            title, row_id=row_id, actions=actions, links=self.links, slug=slug, id=id
        )

    def _cells(self, rows: Rows) -> Sequence[Cell]:
        titles = prepare(self.columns, rows.items, links=self.links, linked=self.linked)
        plain = current_reader().local is None
        cells = with_titles(skeleton(self.columns, plain), self.columns, titles)
        return wrapping.wrapped(self, cells)
