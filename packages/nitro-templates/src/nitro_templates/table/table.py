"""`Table`: the plain tag, and the table of a class of entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from nitro_templates.component import Component
from nitro_templates.escape import Safe
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.sources import RowSource, row_source_of

from .actions import Offered, Wanted, allowed, offer
from .columns import BoundColumn, Column, bind
from .live import TableView
from .state import ViewState, read_state

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext

_MOST_ROWS = 500
_table, _div, _form, _input = Tag("table"), Tag("div"), Tag("form"), Tag("input", void=True)
_button, _a, _h2 = Tag("button"), Tag("a"), Tag("h2")


@dataclass(frozen=True, slots=True)
class Definition:
    """What one table was told to show."""

    source: RowSource
    columns: tuple[BoundColumn, ...]
    actions: tuple[Offered, ...] = ()
    search_in: tuple[str, ...] = ()
    size: int = 20
    live: bool = True
    name: str | None = None
    caption: str | None = None
    empty: str | None = None

    @property
    def id(self) -> str:
        """The element id."""
        return self.name or self.source.slug or "rows"


class Table(Component):
    """Rows of entities with sort links, search, pages and actions, live by default.

    `Table.from_entity(City)` or `Table.from_entity(City.where(…))`; each call below
    answers a new table. Search, order and page live in the URL. Called directly,
    `Table(Tr(…))`, it is the plain tag.
    """

    _definition: Definition | None = None

    def __init__(self, *children: Child, **attributes: object) -> None:
        self._plain = _table(*children, **attributes)

    @classmethod
    def from_entity(cls, subject: object) -> Self:
        """Show all of an entity class, or what a query finds.

        TypeError when *subject* is something that cannot be listed.
        """
        source = row_source_of(subject)
        table = cls()
        table._definition = Definition(source, bind(None, source.fields))
        return table

    def columns(self, *columns: str | Column) -> Self:
        """Show these columns: names of declared fields, or `Column`s of your own."""
        source = self._defined.source
        return self._with(columns=bind(columns, source.fields))

    def with_actions(self, actions: Sequence[Wanted]) -> Self:
        """Offer "create", "edit", "delete" and declared actions, by name or as the method.

        Each is shown to callers who may do it.
        """
        return self._with(actions=offer(actions, self._defined.source))

    def with_search(self, *fields: str) -> Self:
        """Offer a search box over *fields*, by default over all texts."""
        known = {f.name: f for f in self._defined.source.fields}
        for name in fields:
            if name not in known:
                msg = f"No field {name!r} to search in. Known fields: {', '.join(known)}"
                raise LookupError(msg)
        texts = tuple(name for name, field in known.items() if field.searchable)
        return self._with(search_in=fields or texts)

    def pages(self, size: int) -> Self:
        """Show *size* rows on a page; 20 when nothing is said."""
        if not 1 <= size <= _MOST_ROWS:
            msg = f"pages({size}): a page has 1 to {_MOST_ROWS} rows"
            raise ValueError(msg)
        return self._with(size=size)

    def reactive(self, live: bool = True) -> Self:
        """Follow changes made by others; on by default."""
        return self._with(live=live)

    def named(self, name: str) -> Self:
        """Tell this table from another one of the same class on the page.

        *name* becomes its element id and the prefix of its URL parameters.
        """
        if not name.replace("-", "").replace("_", "").isalnum():
            msg = f"named({name!r}): use letters, digits, - and _"
            raise ValueError(msg)
        return self._with(name=name)

    def caption(self, text: str) -> Self:
        """Call the table *text* instead of the plural of its class."""
        return self._with(caption=text)

    def when_empty(self, text: str) -> Self:
        """Say *text* while there are no rows."""
        return self._with(empty=text)

    def __call__(self, *children: Child) -> Element:
        """Add *children* to the plain tag."""
        return self._plain(*children)

    def build(self, context: RenderContext) -> Element:
        """Write the toolbar and the current page of rows."""
        if self._definition is None:
            return self._plain
        view = self._view(context, self._definition)
        caption = self._definition.caption
        return _div(
            _h2(caption, cls="nitro-caption") if caption else None,
            self._toolbar(context, view),
            Safe(view.render()),
            id=view.id,
            cls="nitro-table-box",
        )

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live part, if the table follows changes."""
        definition = self._definition
        if definition is None:
            return self._plain.views(context)
        return (self._view(context, definition),) if definition.live else ()

    @property
    def _defined(self) -> Definition:
        if self._definition is None:
            msg = "This is the plain <table>. Start with Table.from_entity(…)"
            raise TypeError(msg)
        return self._definition

    def _with(self, **changes: object) -> Self:
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__dict__)
        copy._definition = replace(self._defined, **changes)  # type: ignore[arg-type]
        return copy

    def _view(self, context: RenderContext, definition: Definition) -> TableView:
        source = definition.source
        return TableView(
            id=definition.id,
            source=source,
            columns=definition.columns,
            actions=allowed(definition.actions, source, context),
            search_in=definition.search_in,
            size=definition.size,
            state=self._state(context, definition),
            links=context.links,
            caption=definition.caption or source.plural,
            empty=definition.empty or f"No {source.plural.lower()} yet.",
        )

    def _state(self, context: RenderContext, definition: Definition) -> ViewState:
        return read_state(
            context.query,
            name=definition.name,
            sortable=[column.name for column in definition.columns if column.sortable],
            search=bool(definition.search_in),
        )

    def _toolbar(self, context: RenderContext, view: TableView) -> Element | None:
        search = self._search_form(view) if view.search_in else None
        slug = view.source.slug
        new = [
            _a(
                action.label,
                href=context.links.new(slug),
                data_nitro_dialog=True,
                cls="nitro-button primary",
            )
            for action in view.actions
            if slug is not None and action.name == "create"
        ]
        if search is None and not new:
            return None
        return Fragment(_div(search, new, cls="nitro-toolbar"))

    def _search_form(self, view: TableView) -> Element:
        label = f"Search {view.source.plural.lower()}"
        box = _input(
            type="search",
            name=view.state.name("q"),
            value=view.state.search,
            id=f"{view.id}-q",
            aria_label=label,
            placeholder="Search",
            autocomplete="off",
        )
        return _form(
            box,
            _button("Search", type="submit"),
            id=f"{view.id}-search",
            method="get",
            role="search",
            cls="nitro-search",
            # the parameters that a new search lets go
            data_nitro_view=f"{view.state.name('after')} {view.state.name('before')}",
        )
