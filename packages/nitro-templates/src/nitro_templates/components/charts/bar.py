"""Charts of numbers side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Fragment, Tag

from .chart import COLOURS, Chart, Format, legend
from .data import Data, Values
from .plot import frame, labels
from .scale import Scale, percent, scale_for
from .stacking import stacked

__all__ = ["BarChart"]

_rect, _title = Tag("rect"), Tag("title")
_FILLED = 0.72
"""The share of the room of a label that its bars take."""


class BarChart(Chart):
    """A bar for each number, from zero.

    ``BarChart({"Lisbon": 3, "Oslo": 5}, title="Orders")``. Several series stand side by side, or
    with *stacked* on each other. *lying* bars go along the lines of text, with room for long
    labels.
    """

    __slots__ = ("_lying", "_stacked")

    kind: ClassVar[str] = "bar"

    def __init__(
        self,
        values: Values | Callable[[], Values],
        *,
        title: str,
        stacked: bool = False,
        lying: bool = False,
        follows: object = (),
        format: Format | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(values, title=title, follows=follows, format=format, id=id)
        self._stacked = stacked
        self._lying = lying

    def draw(self, data: Data) -> Child:
        """Draw the bars."""
        layers = stacked(data) if self._stacked else [(None, one) for one in data.series]
        known = [value for _, top in layers for value in top.known]
        scale = scale_for(known, from_zero=True)
        below = labels(data.labels, on_a_scale=False)
        bars = Fragment(self._bars(data, scale))
        box = frame(bars, scale, below, self.said(data), self._format, lying=self._lying)
        many = len(data.series) > 1
        return Fragment(legend(one.name for one in data.series) if many else None, box)

    def _bars(self, data: Data, scale: Scale) -> Iterator[Element]:
        layers = stacked(data) if self._stacked else None
        room = 1 / len(data.labels)
        beside = 1 if layers else len(data.series)
        thick = room * _FILLED / beside
        for number, one in enumerate(data.series):
            shift = 0 if layers else number
            for at, value in enumerate(one.values):
                if value is None:
                    continue
                start = (layers[number][0].values[at] or 0.0) if layers else 0.0
                begin = at * room + room * (1 - _FILLED) / 2 + shift * thick
                said = f"{text_of(data.labels[at])}: {self._format(value)}"
                yield _rect(
                    _title(said if len(data.series) == 1 else f"{one.name}, {said}"),
                    **self._placed(begin, thick, scale.share(start), scale.share(start + value)),
                    cls=["nitro-bar", f"series-{number % COLOURS}"],
                )

    def _placed(self, begin: float, thick: float, start: float, end: float) -> dict[str, str]:
        low, high = min(start, end), max(start, end)
        along, across = percent(high - low), percent(thick)
        if self._lying:
            return {"x": percent(low), "width": along, "y": percent(begin), "height": across}
        return {"y": percent(1 - high), "height": along, "x": percent(begin), "width": across}
