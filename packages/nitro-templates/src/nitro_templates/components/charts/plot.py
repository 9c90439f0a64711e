"""The frame around lines and bars: round numbers beside, labels below.

Nothing has a style of its own, so that a strict Content-Security-Policy lets it be: what depends
on the numbers are attributes of SVG in percent, which stretch with the page while texts, lines
and dots keep their size. Texts are HTML: from right to left the stylesheet mirrors the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nitro_templates.fields.formats import text_of
from nitro_templates.html import Child, Element, Tag

from .scale import Scale, percent

__all__ = ["WIDE", "frame", "inner", "labels", "place"]

WIDE = 1000
"""The inner coordinates of paths, which cannot be in percent."""
_SOME = 13
_FEW = 7

_div, _span, _svg = Tag("div"), Tag("span"), Tag("svg")
_line = Tag("line")


def frame(
    picture: Child,
    scale: Scale,
    below: Child,
    said: str,
    format: Callable[[float], str],
    *,
    lying: bool = False,
) -> Element:
    """Put the axes around *picture*; *lying* turns them, for bars along the lines of text."""
    ticks = [_span(format(tick), dir="auto") for tick in scale.ticks]
    values = _div(ticks if lying else ticks[::-1], cls="nitro-chart-values")
    return _div(
        values,
        _svg(
            _grid(scale, lying=lying),
            picture,
            cls="nitro-chart-plot",
            role="img",
            aria_label=said,
        ),
        below,
        cls=["nitro-chart-box", "lying" if lying else None],
    )


def labels(given: Sequence[object], *, on_a_scale: bool) -> Element:
    """Answer the labels of the other axis: each below its place, or some at equal distances."""
    if on_a_scale:
        return _div(
            [_span(text_of(label), dir="auto") for label in _spread(given)],
            cls=["nitro-chart-labels", "ends"],
            aria_hidden="true",
        )
    every = -(-len(given) // _SOME)
    return _div(
        [
            _span(text_of(label) if number % every == 0 else None, dir="auto")
            for number, label in enumerate(given)
        ],
        cls=["nitro-chart-labels", "many" if len(given) >= _FEW else None],
        aria_hidden="true",
    )


def inner(*shapes: Child) -> Element:
    """Answer the stretched picture in which paths are drawn."""
    return _svg(
        shapes,
        viewBox=f"0 0 {WIDE} {WIDE}",
        preserveAspectRatio="none",
        width="100%",
        height="100%",
        aria_hidden="true",
    )


def place(x: float, y: float) -> str:
    """Write a point of a path, from shares of the width and of the height from below."""
    return f"{x * WIDE:.1f} {(1 - y) * WIDE:.1f}"


def _grid(scale: Scale, *, lying: bool) -> Iterable[Element]:
    for tick in scale.ticks:
        at = percent(scale.share(tick) if lying else 1 - scale.share(tick))
        ends = {"x1": at, "x2": at, "y1": "0", "y2": "100%"}
        if not lying:
            ends = {"x1": "0", "x2": "100%", "y1": at, "y2": at}
        yield _line(cls=["nitro-grid", "zero" if tick == 0 else None], **ends)


def _spread(given: Sequence[Any]) -> list[object]:
    """Answer the first label, what lies in the middle of the scale, and the last."""
    first, last = given[0], given[-1]
    return [first, first + (last - first) / 2, last]
