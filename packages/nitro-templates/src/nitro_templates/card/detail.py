"""`Detail`: a whole page's worth of one thing."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, ClassVar, Self

from nitro_templates.html import Element, Fragment, Tag

from .card import Card

if TYPE_CHECKING:
    from collections.abc import Callable

    from nitro_templates.context import RenderContext
    from nitro_templates.html import Child

_section, _h2 = Tag("section"), Tag("h2")


class Detail(Card):
    """One thing as the content of a page: heading, actions, fields, and what belongs to it.

    It follows changes of the thing unless ``reactive(False)`` is said, and brings the page's
    ``<h1>``: ``Page(Detail.from_entity(city).with_actions(["edit"]), title=city.name)``.
    """

    heading: ClassVar[Callable[..., Element]] = Tag("h1")
    css_class: ClassVar[str] = "nitro-detail"
    live_at_first: ClassVar[bool] = True
    brings_heading: ClassVar[bool] = True
    """Tells the page around it not to write a heading of its own."""

    _related: tuple[tuple[str, Element], ...] = ()

    def related(self, label: str, *content: Child) -> Self:
        """Show *content* below under a heading: the table of what belongs to the thing."""
        detail = copy(self)
        detail._related = (*self._related, (label, Fragment(*content)))
        return detail

    def build(self, context: RenderContext) -> Element:
        """Write the thing and what is related to it."""
        return Fragment(super().build(context), self._below())

    def _below(self) -> Element:
        return Fragment(
            [
                _section(_h2(label), content, cls="nitro-related")
                for label, content in self._related
            ]
        )
