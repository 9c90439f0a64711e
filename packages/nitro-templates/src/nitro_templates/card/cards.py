"""`Cards`: many things, each as a card."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

from nitro_templates.component import Component
from nitro_templates.escape import Safe
from nitro_templates.expecting import expect, is_a, one_by_one
from nitro_templates.html import Element, Fragment
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.i18n.labels import own as own_text
from nitro_templates.sources import row_source_of

from .card import Card
from .definition import fit_for_id
from .grid import CardsView, Place

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.sources import RowSource
    from nitro_templates.table.actions import Wanted
    from nitro_templates.table.columns import Column

    from .definition import Part

_MOST = 200


class Cards(Component):
    """All of an entity class, or what a query finds, each thing as a card, live by default.

    `columns`, `with_actions` and `parts` say what is on each, as they do on a `Card`; `shown_as`
    takes a subclass of `Card`. For many things it is one question to the store where as many
    cards would be many.
    """

    def __init__(self, source: RowSource, card: Card) -> None:
        # not for users, who begin with `from_entity`
        self._source = source
        self._card = card
        self._size = 24
        self._order: tuple[str, ...] = ()
        self._live = True
        self._name: str | None = None
        self._empty: str | None = None

    @classmethod
    def from_entity(cls, subject: object) -> Self:
        """Show all of an entity class, or what a query finds.

        TypeError when *subject* is something that cannot be listed.
        """
        source = row_source_of(subject)
        return cls(source, Card.of_class(source))

    def columns(self, *columns: str | Column) -> Self:
        """Show these on each card; without any it is a list of titles."""
        return self._with(_card=self._card.columns(*columns))

    def with_actions(self, actions: Sequence[Wanted]) -> Self:
        """Offer "edit", "delete" and declared actions on each card, to callers who may."""
        return self._with(_card=self._card.with_actions(actions))

    def parts(
        self, *, title: Part | None = None, body: Part | None = None, footer: Part | None = None
    ) -> Self:
        """Write these parts of each card with functions of the thing."""
        return self._with(_card=self._card.parts(title=title, body=body, footer=footer))

    def shown_as(self, card: type[Card]) -> Self:
        """Make each card with this subclass of `Card`."""
        made = card.__new__(card)
        made.__dict__.update(self._card.__dict__)
        return self._with(_card=made)

    def sorted_by(self, *fields: str) -> Self:
        """Order by these fields, "-" in front for descending."""
        one_by_one("sorted_by()", fields, str, wanted="names of fields such as '-population'")
        known = {field.name for field in self._source.fields if field.sortable}
        for field in fields:
            if field.removeprefix("-") not in known:
                msg = f"No field {field!r} to sort by. There are: {', '.join(sorted(known))}"
                raise LookupError(msg)
        return self._with(_order=fields)

    def pages(self, size: int) -> Self:
        """Show *size* cards on a page; 24 when nothing is said."""
        expect(is_a(int)(size), "pages()", "a whole number", size)
        if not 1 <= size <= _MOST:
            msg = f"pages({size}): a page has 1 to {_MOST} cards"
            raise ValueError(msg)
        return self._with(_size=size)

    def reactive(self, live: bool = True) -> Self:
        """Follow changes made by others; on by default."""
        expect(is_a(bool)(live), "reactive()", "True or False", live)
        return self._with(_live=live)

    def named(self, name: str) -> Self:
        """Tell these cards from others of the same class on the page."""
        if not is_a(str)(name) or fit_for_id(name) != name or not name:
            msg = f"named({name!r}): use letters, digits, - and _"
            raise ValueError(msg)
        return self._with(_name=name)

    def when_empty(self, text: str) -> Self:
        """Say *text* while there are none."""
        return self._with(_empty=text)

    def build(self, context: RenderContext) -> Element:
        """Write the current page of cards."""
        return Fragment(Safe(self._view(context).render()))

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the grid, if it follows changes."""
        return (self._view(context),) if self._live else ()

    def _with(self, **changes: Any) -> Self:
        cards = copy(self)
        for name, value in changes.items():
            setattr(cards, name, value)
        return cards

    def _view(self, context: RenderContext) -> CardsView:
        name = self._name
        prefix = f"{name}-" if name else ""
        own = (f"{prefix}after", f"{prefix}before")
        after, before = (context.query.get(one, [""])[-1] or None for one in own)
        others = tuple(
            (key, value)
            for key, values in context.query.items()
            if key not in own and key != "datastar" and not key.startswith("_")
            for value in values
        )
        source = self._source
        return CardsView(
            id=f"{name or fit_for_id(source.slug or 'things')}-cards",
            source=source,
            card=self._card,
            size=self._size,
            order=self._order,
            place=Place(prefix, after, None if after else before, others),
            empty=own_text(self._empty)
            if self._empty
            else _("No {things} yet.", things=inside(source.plural)),
            context=context,
        )
