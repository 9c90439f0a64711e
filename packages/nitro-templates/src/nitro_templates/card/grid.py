"""The part of a page that follows many things, each shown as a card."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import inside
from nitro_templates.sources import Asked, Rows, RowSource

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

    from .card import Card

_div, _nav, _a, _p = Tag("div"), Tag("nav"), Tag("a"), Tag("p")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands among the cards, as the URL says it."""

    prefix: str = ""
    after: str | None = None
    before: str | None = None
    others: tuple[tuple[str, str], ...] = ()
    """The parameters of other parts of the page, kept in every link."""

    def link(self, name: str, cursor: str) -> str:
        """Write the link to a neighbouring page."""
        return "?" + urlencode([*self.others, (f"{self.prefix}{name}", cursor)])


@dataclass(frozen=True, slots=True)
class CardsView:
    """One page of cards, as everybody sees it who may do the same."""

    id: str
    source: RowSource
    card: Card
    size: int
    order: tuple[str, ...]
    place: Place
    empty: str
    context: RenderContext

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on, besides the things themselves."""
        return (
            "nitro-cards",
            self.id,
            self.source.key,
            self.card.key,
            tuple(self.card.offered(self.source.model, self.context)),
            self.size,
            self.order,
            self.place,
            self.empty,
            self.context.links,
        )

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale."""
        return self.source.topics | self.card.topics

    def render(self) -> str:
        """Read one page and write it."""
        rows = self._read()
        if not rows.items:
            return str(_div(_p(self.empty, cls="nitro-empty"), id=self.id))
        offered = self.card.offered(self.source.model, self.context)
        cards = self.card.write_all(rows.items, offered, self.context)
        return str(_div(_div(cards, cls="nitro-cards"), self._pager(rows), id=self.id))

    def _read(self) -> Rows:
        place = self.place
        try:
            return self._slice(place)
        except ValueError:
            if not (place.after or place.before):
                raise
            # a place that is no longer there: the first page
            return self._slice(replace(place, after=None, before=None))

    def _slice(self, place: Place) -> Rows:
        asked = Asked(order=self.order)
        return self.source.slice(asked, size=self.size, after=place.after, before=place.before)

    def _pager(self, rows: Rows) -> Element | None:
        if not (rows.next or rows.previous):
            return None
        return _nav(
            self._link(_("Previous"), "prev", "before", rows.previous),
            self._link(_("Next"), "next", "after", rows.next),
            cls="nitro-pager",
            aria_label=_("Pages of {things}", things=inside(self.source.plural)),
        )

    def _link(self, text: str, rel: str, name: str, cursor: str | None) -> Element:
        id = f"{self.id}-{rel}"
        if cursor is None:
            # still a link to the keyboard's focus, which would be lost at the last page
            return _a(text, id=id, role="link", aria_disabled="true", tabindex=-1)
        return _a(text, id=id, rel=rel, href=self.place.link(name, cursor), data_nitro_view=True)
