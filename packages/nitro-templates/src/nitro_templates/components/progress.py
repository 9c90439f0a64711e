"""Progress: how far something has come."""

from __future__ import annotations

from nitro_templates.html import Child, Element, Tag

from .options import Attributes, classes

__all__ = ["Progress"]

_label, _span, _progress = Tag("label"), Tag("span"), Tag("progress")


def Progress(  # noqa: N802 - used like a tag
    *children: Child,
    value: float | None = None,
    max: float = 1,
    label: Child = None,
    shown: Child = None,
    **attributes: object,
) -> Element:
    """Answer a bar that is filled to *value* of *max*; without *value* nobody knows how far.

    *label* stands above it, *shown* ("3 of 12") at the end of that line. Without a label it
    needs ``aria_label``.
    """
    given: Attributes = dict(attributes)
    if label is None and not (given.get("aria_label") or given.get("aria_labelledby")):
        msg = 'A progress needs a name. Give it label="…", or aria_label="…"'
        raise ValueError(msg)
    cls = classes(given, "nitro-progress")
    bar = _progress(children, value=value, max=max, cls=cls, **given)
    if label is None:
        return bar
    return _label(
        _span(_span(label), None if shown is None else _span(shown), cls="nitro-progress-text"),
        bar,
        cls="nitro-progress-box",
    )
