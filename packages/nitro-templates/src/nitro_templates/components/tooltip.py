"""Tooltips: a short text about something, while it has the pointer or the focus."""

from __future__ import annotations

from nitro_templates.html import Child, Element, Tag

from .options import Attributes, classes, id_of

__all__ = ["Tooltip"]

_span = Tag("span")


def Tooltip(  # noqa: N802 - used like a tag
    about: Child, *children: Child, id: str | None = None, **attributes: object
) -> Element:
    """Answer *about* with a text beside it: ``Tooltip(Button("Merge"), "Joins both lists")``.

    It shows without scripts, while *about* has the focus or the pointer, and stays while the
    pointer is on the text; Escape puts it away. What is in *about* has to be something that takes
    the focus, or people without a mouse never see it. The text is read out as its description.
    """
    base = id or id_of("tip", about, *children)
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-tip")
    return _span(
        _described(about, base),
        _span(children, id=base, role="tooltip", cls="nitro-tip-text"),
        cls=cls,
        **given,
    )


def _described(about: Child, id: str) -> Child:
    """Say in the opening tag of *about* what describes it."""
    if not isinstance(about, Element) or not about.parts:
        return about
    first, *others = about.parts
    if not isinstance(first, str) or "aria-describedby=" in first.partition(">")[0]:
        return about
    opening, bracket, after = first.partition(">")
    parts = (f'{opening} aria-describedby="{id}"{bracket}{after}', *others)
    if about.static is not None:
        return Element(str(parts[0]), (), about.close)
    return Element(None, parts, about.close)
