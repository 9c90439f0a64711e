"""`Table`: the plain tag, and the table of a class of entities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from nitro_templates import export
from nitro_templates.asking import Ask, Download
from nitro_templates.component import Component
from nitro_templates.escape import Safe
from nitro_templates.expecting import expect, expect_all, is_a, one_by_one, takes
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.sources import row_source_of

from . import answers, checks, editing, exporting, importing, toolbar
from .actions import Wanted, offer, offer_for_many
from .columns import Column, bind, with_cell
from .definition import SIZES, Definition
from .filtering import Range, offer_filters
from .making import make_view
from .taken import TAKEN
from .view import TableView

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext

_table = Tag("table")


class Table(Component):
    """Rows of entities with sort links, search, filters, pages and actions, live by default.

    `Table.from_entity(City)` or `Table.from_entity(City.where(…))`; each call below
    answers a new table. What is shown lives in the URL. Called directly, `Table(Tr(…))`,
    it is the plain tag. A subclass may override `toolbar`, or name another `view_class`.
    """

    view_class: ClassVar[type[TableView]] = TableView
    """What writes the rows and what stands around them."""
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
        one_by_one("columns()", columns, str, Column, wanted="names of fields and Column(…)")
        return self._with(columns=bind(columns, self._defined.source.fields))

    def cell(self, name: str, value: Callable[[Any], object]) -> Self:
        """Show in the column *name* what *value* answers for the thing of a row."""
        expect(takes(1)(value), "cell()", "a function of the thing of a row", value)
        return self._with(columns=with_cell(self._defined.columns, name, value))

    def with_column_choice(self, choosing: bool = True) -> Self:
        """Let people choose which of the columns they see; `Column(hidden=True)` waits for it."""
        return self._with(choosing=choosing)

    def with_actions(self, actions: Sequence[Wanted]) -> Self:
        """Offer "create", "edit", "delete" and declared actions, by name or as the method.

        Each is shown to callers who may do it.
        """
        return self._with(actions=offer(actions, self._defined.source))

    def with_bulk(self, actions: Sequence[Wanted] = ("delete",)) -> Self:
        """Offer to do these to selected rows, or to all that match: "delete", declared actions."""
        return self._with(bulk=offer_for_many(actions, self._defined.source))

    def with_export(
        self, *kinds: str, names: bool = False, bom: bool = True, separator: str = ","
    ) -> Self:
        """Offer all that matches as a file: "csv", "xlsx" and "json", by default the first.

        *names*: fields as programs call them in place of labels. *bom* marks the text as UTF-8
        for Excel.
        """
        one_by_one("with_export()", kinds, str, wanted="'csv', 'xlsx' and 'json'")
        for option, value in {"names": names, "bom": bom}.items():
            expect(is_a(bool)(value), f"with_export({option}=…)", "True or False", value)
        expect(is_a(str)(separator), "with_export(separator=…)", "one character", separator)
        options = export.Options(names=names, bom=bom, separator=separator)
        return self._with(exports=exporting.checked(kinds, options), export=options)

    def editable(self, *fields: str) -> Self:
        """Let these fields be edited in their cells."""
        one_by_one("editable()", fields, str, wanted="names of fields")
        return self._with(editable=editing.checked(fields, self._defined.source))

    def with_import(
        self,
        *fields: str,
        key: str | None = None,
        rows: int = 20_000,
        size: int = 10 * 1024 * 1024,
    ) -> Self:
        """Take rows from CSV, XLSX and JSON files, by default for all fields that forms may set.

        *key* is the field by which it is known what is there already, or "id": whoever imports
        says whether that is changed or refused. Nothing is stored before they have seen what
        would be done, and then all of it or nothing. At most *rows* rows and *size* bytes. The
        policy is asked "import", and what it is asked for forms.
        """
        one_by_one("with_import()", fields, str, wanted="names of fields")
        for option, value in {"rows": rows, "size": size}.items():
            expect(is_a(int)(value), f"with_import({option}=…)", "a whole number", value)
        source = self._defined.source
        return self._with(importing=importing.importing(fields, key, rows, size, source))

    def with_saved_views(self, saving: bool = True) -> Self:
        """Let people keep what they see under a name, choose it again, share it with others.

        For callers that are logged in; the policy is asked "save_view" and "share_view".
        """
        return self._with(saving=saving)

    def with_undo(self, undo: bool = True) -> Self:
        """Offer to take back edits, deletions and what was done to many, as is usual; or do not.

        A class says so for all its forms and tables by ``__undo__ = False``.
        """
        return self._with(undo=undo)

    def with_search(self, *fields: str) -> Self:
        """Offer a search box over *fields*, by default over all texts."""
        one_by_one("with_search()", fields, str, wanted="names of fields")
        return self._with(search_in=checks.searched(fields, self._defined.source.fields))

    def with_filters(self, *fields: str | Range) -> Self:
        """Offer filters for these fields, by default for all that can have one."""
        one_by_one("with_filters()", fields, str, Range, wanted="names of fields and Range(…)")
        return self._with(filters=offer_filters(fields, self._defined.source.fields))

    def sorted_by(self, *keys: str) -> Self:
        """Sort like this before somebody chooses another order: "-population", "name"."""
        one_by_one("sorted_by()", keys, str, wanted="names of fields such as '-population'")
        return self._with(order=checks.ordered(keys, self._defined.source.fields))

    def pages(self, size: int, *, sizes: Sequence[int] = SIZES, count: str = "capped") -> Self:
        """Show *size* rows on a page, 20 when nothing is said; *sizes* can be chosen instead.

        *count* is "capped" (up to "10,000+"), "exact" or "none".
        """
        checks.pages(size, sizes, count)
        return self._with(size=size, sizes=tuple(sizes), count=count)

    def reactive(self, live: bool = True, *, every: str | None = None) -> Self:
        """Follow changes made by others, on by default; also look again *every* "5s".

        The latter is for what changes without being saved: a clock, another program's table.
        """
        return self._with(live=live, every=None if every is None else checks.seconds(every))

    def rows_link(self, href: Callable[[Any], str]) -> Self:
        """Make the first cell of each row a link to what *href* answers for its thing."""
        return self._with(href=href)

    def row_class(self, cls: Callable[[Any], str | None]) -> Self:
        """Give each row the class that *cls* answers for its thing, if any."""
        return self._with(row_class=cls)

    def slot(self, name: str, *content: Child) -> Self:
        """Put something of your own into the "toolbar", "above", "below", or for "empty".

        LookupError names the slots there are.
        """
        checks.slot(name)
        slots = {**self._defined.slots, name: Fragment(*content)}
        return self._with(slots=slots)

    def named(self, name: str) -> Self:
        """Tell this table from another one of the same class on the page.

        *name* becomes its element id and the prefix of its URL parameters. Without a name, the
        first table of a page has parameters without a prefix, others that of their class.
        """
        expect(is_a(str)(name), "named()", "a text such as 'old-cities'", name)
        if not name.replace("-", "").replace("_", "").isalnum():
            msg = f"named({name!r}): use letters, digits, - and _"
            raise ValueError(msg)
        return self._with(name=name)

    def beside(self, taken: set[str]) -> Self:
        """Answer this table with a prefix, if one on the page has URL parameters without."""
        definition = self._definition
        if definition is None or definition.name is not None:
            return self
        first = "" not in taken
        taken.add("")
        return self if first else self._with(prefixed=True)

    def caption(self, text: str) -> Self:
        """Call the table *text* instead of the plural of its class."""
        return self._with(caption=text)

    def when_empty(self, text: str) -> Self:
        """Say *text* while there are no rows."""
        return self._with(empty=text)

    def __call__(self, *children: Child) -> Element:
        """Add *children* to the plain tag."""
        return self._plain(*children)

    @property
    def key(self) -> str:
        """Its element id, by which it is asked for a part of it; nothing for the plain tag."""
        return "" if self._definition is None else self._definition.id

    def answer(self, ask: Ask, context: RenderContext) -> Element | Download | None:
        """Answer what is asked of it alone; None for what it does not know."""
        view = self.view(context)
        return answers.answer(ask, context, view)

    def build(self, context: RenderContext) -> Element:
        """Write the toolbar and the current page of rows."""
        if self._definition is None:
            return self._plain
        view = self.view(context)
        return toolbar.box(view, context, self.toolbar(context, view), Safe(view.render()))

    def toolbar(self, context: RenderContext, view: TableView) -> Element | None:
        """Answer what stands above the rows: search, filters, columns and buttons."""
        return toolbar.toolbar(view, context)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live part, if the table follows changes."""
        definition = self._definition
        if definition is None:
            return self._plain.views(context)
        follows = definition.live or definition.every is not None
        return (self.view(context),) if follows else ()

    def view(self, context: RenderContext) -> TableView:
        """Answer what the caller sees of it at the URL of the request."""
        return make_view(self.view_class, self._defined, context)

    @property
    def _defined(self) -> Definition:
        if self._definition is None:
            msg = "This is the plain <table>. Start with Table.from_entity(…)"
            raise TypeError(msg)
        return self._definition

    def _with(self, **changes: object) -> Self:
        expect_all(changes, TAKEN)
        copy = self.__class__.__new__(self.__class__)
        copy.__dict__.update(self.__dict__)
        copy._definition = replace(self._defined, **changes)  # type: ignore[arg-type]
        return copy
