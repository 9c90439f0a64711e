"""Charts of the parts of a whole."""

from __future__ import annotations

from typing import ClassVar

from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.i18n import gettext as _

from .chart import COLOURS, Chart
from .data import Data

__all__ = ["DonutChart"]

_div, _svg, _circle, _title, _text = (
    Tag("div"),
    Tag("svg"),
    Tag("circle"),
    Tag("title"),
    Tag("text"),
)
_ul, _li, _span = Tag("ul"), Tag("li"), Tag("span")
_RADIUS = 40


class DonutChart(Chart):
    """A ring, of which each number has its share: ``DonutChart({"Paid": 7, "Open": 3}, …)``.

    The sum stands in the middle. What comes after the fifth of more than six becomes "Others".
    """

    __slots__ = ()

    kind: ClassVar[str] = "donut"

    def draw(self, data: Data) -> Child:
        """Draw the ring and what its colours mean."""
        if len(data.series) != 1:
            msg = f"A DonutChart shows one series, and was given {len(data.series)}"
            raise ValueError(msg)
        if min(data.known) < 0:
            msg = f"A part of a whole cannot be below zero, as {min(data.known):g} is"
            raise ValueError(msg)
        parts = _parts(data)
        total = sum(value for _label, value in parts)
        ring = _svg(
            list(self._ring(parts, total)),
            _text(self._format(total), x=50, y=50, cls="nitro-donut-sum"),
            viewBox="0 0 100 100",
            cls="nitro-donut",
            role="img",
            aria_label=self.said(data),
        )
        return _div(ring, self._legend(parts, total), cls="nitro-donut-box")

    def _ring(self, parts: list[tuple[str, float]], total: float) -> list[Element]:
        begun, ring = 0.0, [_circle(cx=50, cy=50, r=_RADIUS, cls="nitro-donut-empty")]
        for number, (label, value) in enumerate(parts):
            share = 100 * value / total if total else 0.0
            if share:
                ring.append(
                    _circle(
                        _title(f"{label}: {self._format(value)}"),
                        cx=50,
                        cy=50,
                        r=_RADIUS,
                        pathLength=100,
                        stroke_dasharray=f"{share:.4g} {100 - share:.4g}",
                        stroke_dashoffset=f"{-begun:.5g}",
                        cls=["nitro-slice", f"series-{number % COLOURS}"],
                    )
                )
            begun += share
        return ring

    def _legend(self, parts: list[tuple[str, float]], total: float) -> Element:
        return _ul(
            [
                _li(
                    _span(cls=["nitro-swatch", f"series-{number % COLOURS}"]),
                    label,
                    Fragment(" ", _span(_percent(value, total), cls="nitro-share")),
                )
                for number, (label, value) in enumerate(parts)
            ],
            cls="nitro-chart-legend",
            aria_hidden="true",
        )


def _parts(data: Data) -> list[tuple[str, float]]:
    values = data.series[0].values
    parts = [
        (text_of(label), value or 0.0) for label, value in zip(data.labels, values, strict=True)
    ]
    if len(parts) <= COLOURS:
        return parts
    kept = parts[: COLOURS - 1]
    return [*kept, (_("Others"), sum(value for _label, value in parts[COLOURS - 1 :]))]


def _percent(value: float, total: float) -> str:
    share = 100 * value / total if total else 0.0
    return f"{text_of(round(share, 1) if 0 < share < 1 else round(share))} %"
