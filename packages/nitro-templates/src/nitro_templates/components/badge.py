"""Badges: a word about the state of something."""

from __future__ import annotations

from typing import get_args

from nitro_templates.html import Child, Element, Tag

from .icon import Icon
from .options import Attributes, Tone, classes, one_of

__all__ = ["Badge"]

_span = Tag("span")


def Badge(  # noqa: N802 - used like a tag
    *children: Child,
    kind: Tone = "neutral",
    icon: str | None = None,
    dot: bool = False,
    **attributes: object,
) -> Element:
    """Answer a short word in a coloured box: ``Badge("Paid", kind="success")``.

    The colour says nothing that the word does not say. *dot* puts a point before it.
    """
    one_of("The kind of a badge", kind, get_args(Tone))
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-badge", None if kind == "neutral" else kind)
    mark = _span(cls="nitro-dot", aria_hidden="true") if dot else None
    return _span(mark, Icon(icon) if icon else None, children, cls=cls, **given)
