"""Charts of what changes from label to label: lines, and the areas below them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import ClassVar

from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Fragment, Tag

from .chart import COLOURS, Chart, Format, legend
from .data import Data, Series, Values
from .plot import frame, inner, labels, place
from .scale import Scale, percent, scale_for
from .stacking import stacked

__all__ = ["AreaChart", "LineChart"]

_DOTS = 60
_path, _circle, _title = Tag("path"), Tag("circle"), Tag("title")
Point = tuple[float, float]


class LineChart(Chart):
    """One line for each series, broken where there is a gap.

    ``LineChart({"Jan": 3, "Feb": 5}, title="Orders")``. Labels that are dates, moments or rising
    numbers stand as far apart as they are. The values begin at zero if *from_zero*.
    """

    __slots__ = ("_from_zero",)

    kind: ClassVar[str] = "line"

    def __init__(
        self,
        values: Values | Callable[[], Values],
        *,
        title: str,
        from_zero: bool = False,
        follows: object = (),
        format: Format | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(values, title=title, follows=follows, format=format, id=id)
        self._from_zero = from_zero

    def draw(self, data: Data) -> Child:
        """Draw the lines, and a dot for each number where there are not too many."""
        scale = scale_for(data.known, from_zero=self._from_zero)
        across, on_a_scale = _across(data)
        lines = [
            _path(d=_along(points), cls=["nitro-line", f"series-{number % COLOURS}"])
            for number, one in enumerate(data.series)
            for points in _pieces(across, one, scale)
        ]
        dots = self._dots(data, data.series, across, scale)
        return self._framed(data, Fragment(inner(lines), dots), scale, on_a_scale=on_a_scale)

    def _framed(self, data: Data, picture: Element, scale: Scale, *, on_a_scale: bool) -> Element:
        below = labels(data.labels, on_a_scale=on_a_scale)
        box = frame(picture, scale, below, self.said(data), self._format)
        return Fragment(_legend(data), box)

    def _dots(
        self, data: Data, tops: tuple[Series, ...], across: list[float], scale: Scale
    ) -> Iterator[Element]:
        alone = len(data.labels) <= _DOTS
        for number, (one, top) in enumerate(zip(data.series, tops, strict=True)):
            for at, (value, height) in enumerate(zip(one.values, top.values, strict=True)):
                if value is None or height is None or not (alone or _is_alone(one, at)):
                    continue
                said = f"{text_of(data.labels[at])}: {self._format(value)}"
                yield _circle(
                    _title(said if len(data.series) == 1 else f"{one.name}, {said}"),
                    cx=percent(across[at]),
                    cy=percent(1 - scale.share(height)),
                    r=4,
                    cls=["nitro-point", f"series-{number % COLOURS}"],
                )


class AreaChart(LineChart):
    """Areas between lines and zero; with *stacked* each series stands on those before it."""

    __slots__ = ("_stacked",)

    kind: ClassVar[str] = "area"

    def __init__(
        self,
        values: Values | Callable[[], Values],
        *,
        title: str,
        stacked: bool = False,
        follows: object = (),
        format: Format | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(
            values, title=title, from_zero=True, follows=follows, format=format, id=id
        )
        self._stacked = stacked

    def draw(self, data: Data) -> Child:
        """Draw the areas, those in front last."""
        layers = stacked(data) if self._stacked else [(None, one) for one in data.series]
        tops = tuple(top for _, top in layers)
        scale = scale_for([v for top in tops for v in top.known], from_zero=True)
        across, on_a_scale = _across(data)
        shapes = [
            shape
            for number, (base, top) in enumerate(layers)
            for shape in _area(across, base, top, scale, f"series-{number % COLOURS}")
        ]
        dots = self._dots(data, tops, across, scale)
        return self._framed(data, Fragment(inner(shapes), dots), scale, on_a_scale=on_a_scale)


def _legend(data: Data) -> Element | None:
    return legend(one.name for one in data.series) if len(data.series) > 1 else None


def _across(data: Data) -> tuple[list[float], bool]:
    """Answer where each label stands, as shares of the width, and whether to scale."""
    places = data.on_a_scale()
    if places is None:
        count = len(data.labels)
        return [(number + 0.5) / count for number in range(count)], False
    low, high = places[0], places[-1]
    return [(place - low) / (high - low) for place in places], True


def _pieces(across: list[float], series: Series, scale: Scale) -> Iterator[list[Point]]:
    """Yield the points of a line between its gaps."""
    points = zip(across, series.values, strict=True)
    for known, run in groupby(points, key=lambda point: point[1] is not None):
        if known:
            yield [(x, scale.share(y)) for x, y in run if y is not None]


def _along(points: list[Point]) -> str:
    return "M" + "L".join(place(x, y) for x, y in points)


def _area(
    across: list[float], base: Series | None, top: Series, scale: Scale, cls: str
) -> Iterator[Element]:
    zero = scale.share(0.0)
    floor = dict(zip(across, base.values, strict=True)) if base is not None else {}
    for points in _pieces(across, top, scale):
        back: list[Point] = []
        for x, _ in reversed(points):
            below = floor.get(x)
            back.append((x, zero if below is None else scale.share(below)))
        yield _path(d=f"{_along([*points, *back])}Z", cls=["nitro-area", cls])
        yield _path(d=_along(points), cls=["nitro-line", cls])


def _is_alone(series: Series, at: int) -> bool:
    """Tell whether a number has gaps on both sides, so that no line shows it."""
    around = (series.values[n] for n in (at - 1, at + 1) if 0 <= n < len(series.values))
    return all(value is None for value in around)
