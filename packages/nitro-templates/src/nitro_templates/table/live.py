"""The part of a table that follows the store: count, rows and page links."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nitro_templates.escape import escape_exact
from nitro_templates.sources import Rows, RowSource

from .actions import Offered
from .columns import BoundColumn
from .rows import skeleton, write_buttons, write_row
from .state import ViewState

if TYPE_CHECKING:
    from nitro_templates.context import Links

COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class TableView:
    """One state of one table, as everybody sees it who may do the same.

    Nothing in it belongs to a single caller: views of equal `key` are rendered once.
    """

    id: str
    source: RowSource
    columns: tuple[BoundColumn, ...]
    actions: tuple[Offered, ...]
    search_in: tuple[str, ...]
    size: int
    state: ViewState
    links: Links
    caption: str
    empty: str

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on, besides the rows themselves."""
        return (
            "nitro-table",
            self.id,
            self.source.key,
            tuple((column.key, column.label) for column in self.columns),
            self.actions,
            self.search_in,
            self.size,
            self.state,
            self.links,
            self.caption,
            self.empty,
        )

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale."""
        return self.source.topics

    def render(self) -> str:
        """Read one page and write it, in at most two statements."""
        state, rows = self._read()
        total = self._count(state, rows)
        return "".join(
            [
                f'<div id="{escape_exact(self.id)}-view" class="nitro-table-view">',
                self._kept(state),
                self._status(state, total),
                self._table(state, rows) if rows.items else self._nothing(state),
                self._pager(state, rows),
                "</div>",
            ]
        )

    def _read(self) -> tuple[ViewState, Rows]:
        try:
            return self.state, self._slice(self.state)
        except ValueError:
            if not (self.state.after or self.state.before):
                raise
            state = self.state.at_start("That page is no longer there. This is the first one.")
            return state, self._slice(state)

    def _slice(self, state: ViewState) -> Rows:
        return self.source.slice(
            size=self.size,
            order=state.sort,
            search=state.search,
            search_in=self.search_in,
            after=state.after,
            before=state.before,
        )

    def _count(self, state: ViewState, rows: Rows) -> int:
        alone = not (state.after or state.before or rows.next or rows.previous)
        if alone:
            return len(rows.items)
        return self.source.count(search=state.search, search_in=self.search_in, cap=COUNT_CAP)

    def _kept(self, state: ViewState) -> str:
        # These belong to the search form above, which is never sent again: in here
        # they follow when the order changes.
        kept = [*state.others]
        if state.sort:
            kept.append((state.name("sort"), state.sort))
        form = escape_exact(f"{self.id}-search")
        if not self.search_in:
            return ""
        return "".join(
            f'<input type="hidden" form="{form}" name="{escape_exact(name)}" '
            f'value="{escape_exact(value)}">'
            for name, value in kept
        )

    def _status(self, state: ViewState, total: int) -> str:
        problem = (
            f'<p class="nitro-notice" role="alert">{escape_exact(state.problem)}</p>'
            if state.problem
            else ""
        )
        number = f"{COUNT_CAP:,}+" if total > COUNT_CAP else f"{total:,}"
        noun = self.source.label if total == 1 else self.source.plural
        found = f" found for “{escape_exact(state.search)}”" if state.search else ""
        return (
            f'{problem}<p class="nitro-count" role="status">'
            f"{number} {escape_exact(noun.lower())}{found}</p>"
        )

    def _table(self, state: ViewState, rows: Rows) -> str:
        cells = skeleton(self.columns)
        body = "".join(
            [
                write_row(
                    thing,
                    cells,
                    row_id=f"{self.id}-{self.source.id_of(thing)}",
                    buttons=self._buttons(thing),
                )
                for thing in rows.items
            ]
        )
        headings = "".join([self._heading(column, state) for column in self.columns])
        actions = self._row_actions and '<th scope="col" class="nitro-actions">Actions</th>'
        caption = f"{escape_exact(self.id)}-caption"
        # can be focused, so that the arrow keys scroll what is too wide for the screen
        return (
            f'<div class="nitro-scroll" role="region" tabindex="0" aria-labelledby="{caption}">'
            '<table class="nitro-table">'
            f'<caption id="{caption}" class="nitro-hidden">{escape_exact(self.caption)}</caption>'
            f"<thead><tr>{headings}{actions or ''}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _heading(self, column: BoundColumn, state: ViewState) -> str:
        cls = column.css_class
        label = escape_exact(column.label)
        if not column.sortable:
            return f'<th scope="col"{cls}>{label}</th>'
        current = {column.name: "ascending", f"-{column.name}": "descending"}.get(state.sort or "")
        sort = f"-{column.name}" if current == "ascending" else column.name
        href = escape_exact(state.sorted_by(sort).link())
        aria = f' aria-sort="{current}"' if current else ""
        # by its id a patch knows the link again, and the focus stays
        id = escape_exact(f"{self.id}-sort-{column.name}")
        link = f'<a id="{id}" href="{href}" data-nitro-view>{label}</a>'
        return f'<th scope="col"{cls}{aria}>{link}</th>'

    @property
    def _row_actions(self) -> tuple[Offered, ...]:
        return tuple(a for a in self.actions if a.per_row) if self.source.slug else ()

    def _buttons(self, thing: Any) -> str:
        slug, id = self.source.slug, self.source.id_of(thing)
        if slug is None or id is None:
            return ""
        links = [
            (a.label, a.href(self.links, slug, id), a.name == "delete") for a in self._row_actions
        ]
        return write_buttons(self.source.title_of(thing), links)

    def _nothing(self, state: ViewState) -> str:
        if state.search:
            text = f"No {self.source.plural.lower()} match “{state.search}”."
            again = escape_exact(state.searching("").link())
            more = f' <a href="{again}" data-nitro-view>Show all</a>'
            return f'<p class="nitro-empty">{escape_exact(text)}{more}</p>'
        return f'<p class="nitro-empty">{escape_exact(self.empty)}</p>'

    def _pager(self, state: ViewState, rows: Rows) -> str:
        if not (rows.next or rows.previous):
            return ""
        previous = self._page_link("Previous", state.moved(before=rows.previous), rows.previous)
        following = self._page_link("Next", state.moved(after=rows.next), rows.next)
        label = escape_exact(f"Pages of {self.source.plural.lower()}")
        return f'<nav class="nitro-pager" aria-label="{label}">{previous}{following}</nav>'

    def _page_link(self, text: str, state: ViewState, cursor: str | None) -> str:
        rel = "prev" if text == "Previous" else "next"
        id = escape_exact(f"{self.id}-{rel}")
        if cursor is None:
            # still a link to the keyboard's focus, which would be lost at the last page
            return f'<a id="{id}" role="link" aria-disabled="true" tabindex="-1">{text}</a>'
        href = escape_exact(state.link())
        return f'<a id="{id}" rel="{rel}" href="{href}" data-nitro-view>{text}</a>'
