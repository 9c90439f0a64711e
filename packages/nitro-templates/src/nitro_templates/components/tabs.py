"""Tabs: one of several parts is seen at a time."""

from __future__ import annotations

from dataclasses import dataclass

from nitro_templates.html import Child, Element, Fragment, Tag

from .icon import Icon
from .options import Attributes, all_are, classes, id_of

__all__ = ["Tab", "Tabs"]

_div, _button, _h3 = Tag("div"), Tag("button"), Tag("h3")


@dataclass(frozen=True, slots=True, init=False)
class Tab:
    """A part of `Tabs`, and what is written on its tab. *badge* stands behind that."""

    label: Child
    content: Element
    icon: str | None
    badge: Child

    def __init__(
        self, label: Child, *content: Child, icon: str | None = None, badge: Child = None
    ) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "content", Fragment(*content))
        object.__setattr__(self, "icon", icon)
        object.__setattr__(self, "badge", badge)


def Tabs(  # noqa: N802 - used like a tag
    *tabs: Tab,
    id: str | None = None,
    label: str | None = None,
    chosen: int = 0,
    **attributes: object,
) -> Element:
    """Answer tabs of which one is open; without scripts all are, under headings.

    Which one is open is the reader's choice, and no patch takes it back. *label* says what they
    are tabs of. Two with the same labels on a page need ids of their own.
    """
    all_are(Tab, tabs, "Tabs", " (that of nitro.components; nitro.Tab is for forms)")
    if not 0 <= chosen < len(tabs):
        msg = f"Tabs(…, chosen={chosen}) has {len(tabs)} tabs, counted from 0"
        raise ValueError(msg)
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-tabs")
    base = id or id_of("tabs", *(tab.label for tab in tabs))
    buttons = [_tab(f"{base}-{n}", tab, n == chosen) for n, tab in enumerate(tabs)]
    panels = [_panel(f"{base}-{n}", tab, n == chosen) for n, tab in enumerate(tabs)]
    row = _div(buttons, role="tablist", cls="nitro-tablist", aria_label=label)
    return _div(row, panels, id=base, cls=cls, **given)


def _tab(id: str, tab: Tab, chosen: bool) -> Element:
    return _button(
        Icon(tab.icon) if tab.icon else None,
        tab.label,
        tab.badge,
        type="button",
        role="tab",
        id=id,
        aria_controls=f"{id}-panel",
        aria_selected=chosen,
        tabindex=None if chosen else -1,
        data_preserve_attr="aria-selected tabindex",
    )


def _panel(id: str, tab: Tab, chosen: bool) -> Element:
    return _div(
        _h3(tab.label, cls="nitro-panel-title"),
        tab.content,
        id=f"{id}-panel",
        role="tabpanel",
        tabindex=0,
        aria_labelledby=id,
        cls="nitro-tabpanel",
        data_nitro_off=not chosen,
        data_preserve_attr="data-nitro-off",
    )
