"""Alerts: something to know about the page or a part of it, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from nitro_templates.html import Child, Element, Tag

from .closing import CloseButton
from .icon import Icon
from .options import Attributes, Tone, classes, icon_of, one_of

if TYPE_CHECKING:
    from typing import Literal

__all__ = ["Alert"]

_div, _p = Tag("div"), Tag("p")


def Alert(  # noqa: N802 - used like a tag
    *children: Child,
    kind: Tone = "info",
    title: Child = None,
    icon: str | Literal[False] | None = None,
    urgent: bool = False,
    closable: bool = False,
    **attributes: object,
) -> Element:
    """Answer a box with a message and an icon for its *kind*.

    With *urgent* it is read out at once when it appears (``role="alert"``); leave that to what is
    patched into a page and cannot wait. A *closable* one can be put away, and no patch brings it
    back. For what passes, there is `Toast`.
    """
    one_of("The kind of an alert", kind, get_args(Tone))
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-alert", kind)
    given.setdefault("role", "alert" if urgent else None)
    if closable:
        given.setdefault("data_preserve_attr", "hidden")
    return _div(
        None if icon is False else Icon(icon or icon_of(kind)),
        _div(
            None if title is None else _p(title, cls="nitro-alert-title"),
            children,
            cls="nitro-alert-text",
        ),
        CloseButton(scripted=True, data_nitro_dismiss=True) if closable else None,
        cls=cls,
        **given,
    )
