"""Stats: one number that matters, and where it goes."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from nitro_templates.html import Child, Element, Tag

from .icon import Icon
from .options import Attributes, classes, one_of

__all__ = ["Stat", "Trend"]

Trend: TypeAlias = Literal["up", "down", "flat"]

_ICONS = {"up": "trending-up", "down": "trending-down", "flat": "minus"}
_div, _dl, _dt, _dd = Tag("div"), Tag("dl"), Tag("dt"), Tag("dd")


def Stat(  # noqa: N802 - used like a tag
    label: Child,
    value: Child,
    *,
    change: Child = None,
    trend: Trend | None = None,
    good: bool | None = None,
    help: Child = None,
    icon: str | None = None,
    **attributes: object,
) -> Element:
    """Answer a number with its name: ``Stat("Orders", 128, change="+12 %", trend="up")``.

    *change* says in words or numbers what *trend* shows. What goes up is *good* unless said
    otherwise. Put several into a ``Div(cls="nitro-stats")``. For live numbers give it an ``id``.
    """
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-stat")
    tone = None
    if trend is not None:
        one_of("The trend of a stat", trend, get_args(Trend))
        fine = good if good is not None else trend == "up"
        tone = None if trend == "flat" and good is None else "good" if fine else "bad"
    moved = None if trend is None else Icon(_ICONS[trend], flip=True)
    return _dl(
        _div(
            _dt(Icon(icon) if icon else None, label),
            _dd(value, cls="nitro-stat-value"),
            None if change is None else _dd(moved, change, cls=["nitro-stat-change", tone]),
            None if help is None else _dd(help, cls="nitro-stat-help"),
        ),
        cls=cls,
        **given,
    )
