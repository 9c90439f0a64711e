"""What all charts are: a title, a picture, and the numbers; live, if they follow something."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeAlias, cast

from nitro_templates.component import Component
from nitro_templates.components.options import id_of
from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import ngettext
from nitro_templates.identity import identity
from nitro_templates.sources import source_of

from .data import Data, Values, read_data
from .table import numbers

if TYPE_CHECKING:
    from nitro_templates.context import LiveView, RenderContext

__all__ = ["COLOURS", "Chart", "Format", "legend"]

Format: TypeAlias = "Callable[[float], str]"

COLOURS = 6
"""So many series have a colour of their own; then the colours begin anew."""

_figure, _figcaption, _p = Tag("figure"), Tag("figcaption"), Tag("p")
_ul, _li, _span = Tag("ul"), Tag("li"), Tag("span")


class Chart(Component):
    """Numbers as a picture.

    *values* are numbers by label, or such by the name of a series; or a function that answers
    them. With a function and *follows*, an entity class, a query or several of these, the chart
    is live: it is drawn anew when one of them changes. *format* writes a number for people. Two
    charts of one kind and title on a page need an *id* each.
    """

    __slots__ = ("_follows", "_format", "_id", "_title", "_values")

    kind: ClassVar[str]
    """What names the kind in classes and ids."""

    def __init__(
        self,
        values: Values | Callable[[], Values],
        *,
        title: str,
        follows: object = (),
        format: Format | None = None,
        id: str | None = None,
    ) -> None:
        self._follows = _several(follows)
        if self._follows and not callable(values):
            msg = (
                f"{type(self).__name__}(…, follows=…) needs a function that answers the numbers "
                "as of now, and was given the numbers themselves"
            )
            raise TypeError(msg)
        self._values = values
        self._title = title
        self._format = format or text_of_number
        self._id = id or id_of(f"{self.kind}-chart", title)

    def build(self, context: RenderContext) -> Element:
        """Draw the numbers as of now."""
        values = self._values() if callable(self._values) else self._values
        data = read_data(values, self._title)
        if not data.known:
            inside: Child = _p(_("There are no numbers yet."), cls="nitro-empty")
        else:
            inside = (self.draw(data), numbers(data, self._format))
        return _figure(
            _figcaption(self._title, id=f"{self._id}-title"),
            inside,
            id=self._id,
            cls=["nitro-chart", f"nitro-{self.kind}-chart"],
            aria_labelledby=f"{self._id}-title",
        )

    @abstractmethod
    def draw(self, data: Data) -> Child:
        """Answer the picture of *data*, in which there is a number."""

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the chart itself, if it follows something."""
        if not self._follows:
            return ()
        topics = frozenset[str]().union(*(source_of(one).topics for one in self._follows))
        options = tuple(getattr(self, name) for name in type(self).__slots__)
        drawn = (type(self), self._id, self._title, options)
        values = identity(cast("Callable[[], Values]", self._values))
        key = ("nitro-chart", drawn, values, identity(self._format), context.reader)
        return (_ChartView(key, topics, partial(self._render, context)),)

    def said(self, data: Data) -> str:
        """Say in a sentence what there is to see."""
        low, high = self._format(min(data.known)), self._format(max(data.known))
        return ngettext(
            "{title}: {count} value from {low} to {high}",
            "{title}: {count} values from {low} to {high}",
            len(data.known),
            title=self._title,
            low=low,
            high=high,
        )

    def _render(self, context: RenderContext) -> str:
        return str(self.build(context))


@dataclass(frozen=True, slots=True)
class _ChartView:
    """A chart on a live page."""

    key: Hashable
    topics: frozenset[str]
    render: Callable[[], str]


def _several(follows: object) -> tuple[object, ...]:
    if isinstance(follows, list | tuple):
        return tuple(cast("Sequence[object]", follows))
    return (follows,)


def text_of_number(number: float) -> str:
    """Write *number* for the reader, without a point where it is whole."""
    return text_of(int(number) if number.is_integer() else number)


def legend(names: Iterable[str]) -> Element:
    """Answer which colour means what."""
    return _ul(
        [
            _li(_span(cls=["nitro-swatch", f"series-{number % COLOURS}"]), name)
            for number, name in enumerate(names)
        ],
        cls="nitro-chart-legend",
        aria_hidden="true",  # the table names its columns
    )
