"""`Card`: one thing with the values of its fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from nitro_templates.component import Component
from nitro_templates.expecting import expect, is_a, one_by_one, takes
from nitro_templates.form.live import Followed
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.relations.cells import prepare, topics_of
from nitro_templates.sources import source_of
from nitro_templates.table.actions import Wanted, for_reader, offer
from nitro_templates.table.columns import Column, bind
from nitro_templates.table.making import column_for_reader

from .definition import Definition, Part
from .view import CardView
from .write import write_actions, write_value, write_values

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.escape import Safe
    from nitro_templates.html import Child
    from nitro_templates.sources import RowSource, Source
    from nitro_templates.table.actions import Offered

_article, _p = Tag("article"), Tag("p")


class Card(Component):
    """The fields of one entity as a list of names and values.

    Each call below answers a new card. A part can be written by a function (`parts`) or by a
    subclass that overrides `title`, `body` or `footer`.
    """

    heading: ClassVar[Callable[..., Element]] = Tag("h3")
    """The tag around the title."""
    css_class: ClassVar[str] = "nitro-card"
    live_at_first: ClassVar[bool] = False

    _definition: Definition

    @classmethod
    def from_entity(cls, entity: object) -> Self:
        """Show *entity*; TypeError for a class, which has no values to show."""
        if isinstance(entity, type):
            msg = f"{cls.__name__}.from_entity() got the class {entity.__name__}. "
            raise TypeError(msg + "Give one of its objects")
        return cls._of(source_of(entity), entity)

    @classmethod
    def of_class(cls, source: Source) -> Self:
        """Make the pattern of the cards of many things, see `Cards`."""
        return cls._of(source, None)

    @classmethod
    def _of(cls, source: Source, thing: Any) -> Self:
        shown = tuple(
            field for field in source.fields if "card" not in field.hidden_in and not field.secret
        )
        card = cls()
        columns = bind([field.name for field in shown], shown)
        card._definition = Definition(source, thing, columns, live=cls.live_at_first)
        return card

    def columns(self, *columns: str | Column) -> Self:
        """Show these: names of declared fields, or `Column`s of your own."""
        one_by_one("columns()", columns, str, Column, wanted="names of fields and Column(…)")
        return self._with(columns=bind(columns, self._definition.source.fields))

    def with_actions(self, actions: Sequence[Wanted]) -> Self:
        """Offer "edit", "delete" and declared actions, by name or as the method.

        Each is shown to callers who may do it to this one. ValueError for what is not done to
        one thing, such as "create".
        """
        offered = offer(actions, cast("RowSource", self._definition.source))
        for item in offered:
            if not item.per_row:
                msg = f"{item.name!r} is not done to one {self._definition.source.label.lower()}"
                raise ValueError(msg)
        return self._with(actions=offered)

    def reactive(self, live: bool = True) -> Self:
        """Follow changes of this one by others, and say so when it is deleted."""
        expect(is_a(bool)(live), "reactive()", "True or False", live)
        return self._with(live=live)

    def parts(
        self, *, title: Part | None = None, body: Part | None = None, footer: Part | None = None
    ) -> Self:
        """Write these parts with functions: each gets the thing and answers what to show."""
        given = {"title": title, "body": body, "footer": footer}
        wanted = {name: part for name, part in given.items() if part is not None}
        for name, part in wanted.items():
            fits = takes(1)(part)
            expect(fits, f"parts({name}=…)", "a function of the thing that is shown", part)
        return self._with(parts={**self._definition.parts, **wanted})

    def title(self, thing: Any) -> Child:
        """Answer what stands in the heading."""
        return self._definition.source.title_of(thing)

    def body(self, thing: Any) -> Child:
        """Answer what stands below the title: names and values."""
        return write_values(self._definition.columns, thing)

    def written(self, name: str, thing: Any) -> Safe:
        """Answer what stands for the field *name*: the title of what it refers to, say."""
        definition = self._definition
        own = [column for column in definition.columns if column.name == name]
        columns = own or bind([name], definition.source.fields)
        return write_value(columns[0], thing)

    def footer(self, thing: Any) -> Child:
        """Answer what stands below the values; nothing by default."""
        return None

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on besides the values of the thing and the request."""
        return (type(self), self._definition.key)

    @property
    def topics(self) -> frozenset[str]:
        """What changes the titles of what the columns refer to."""
        return topics_of(column.reference for column in self._definition.columns)

    def offered(self, target: object, context: RenderContext) -> tuple[Offered, ...]:
        """Keep the actions that the caller may do to *target*."""
        actions = self._definition.actions
        may = (item for item in actions if context.can(item.operation, target))
        return for_reader(may, cast("RowSource", self._definition.source))

    def build(self, context: RenderContext) -> Element:
        """Write the card."""
        definition = self._definition
        return self.write(definition, self.offered(definition.thing, context), context)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the card itself if it follows changes, and what is live inside."""
        own = self._view(context)
        return [*([] if own is None else [own]), *self.build(context).views(context)]

    def write(
        self, definition: Definition, offered: Sequence[Offered], context: RenderContext
    ) -> Element:
        """Write the card of the thing in *definition*, with these actions."""
        return Fragment(self.write_all([definition.thing], offered, context))

    def write_all(
        self, things: Sequence[Any], offered: Sequence[Offered], context: RenderContext
    ) -> list[Element]:
        """Write the cards of *things*; what they refer to is read for all at once."""
        definition = self._definition
        read = prepare(definition.columns, things, links=context.links)
        columns = tuple(
            # read now, so nothing is left to be read for each of them
            replace(one, get=read[one.name], reference=None, reader=None, files=False)
            if one.name in read
            else one
            for one in map(column_for_reader, definition.columns)
        )
        card = self._with(columns=columns)
        return [
            card._write(replace(card._definition, thing=thing), offered, context)
            for thing in things
        ]

    def _write(
        self, definition: Definition, offered: Sequence[Offered], context: RenderContext
    ) -> Element:
        thing = definition.thing
        return _article(
            type(self).heading(self._part("title", thing)),
            self._part("body", thing),
            self._part("footer", thing),
            write_actions(definition, offered, context),
            id=definition.id,
            cls=self.css_class,
        )

    def write_gone(self, definition: Definition, by: str | None) -> Element:
        """Write what stands in the place of a thing that is not there any more."""
        label = inside(definition.source.label)
        said = _("This {thing} was deleted.", thing=label)
        if by:
            said = _("This {thing} was deleted by {name}.", thing=label, name=by)
        return _article(
            type(self).heading(self._part("title", definition.thing)),
            _p(said),
            id=definition.id,
            cls=[self.css_class, "gone"],
        )

    def _part(self, name: str, thing: Any) -> Child:
        written: Mapping[str, Part] = self._definition.parts
        write = written.get(name) or cast("Part", getattr(self, name))
        return cast("Child", write(thing))

    def _view(self, context: RenderContext) -> CardView | None:
        definition = self._definition
        source = definition.source
        if not definition.live or definition.id is None or not isinstance(source, Followed):
            return None
        if not source.topics_of(definition.thing):
            return None
        return CardView(self, definition, self.offered(definition.thing, context), context)

    def _with(self, **changes: object) -> Self:
        card = copy(self)
        card._definition = replace(self._definition, **changes)  # type: ignore[arg-type]
        return card
