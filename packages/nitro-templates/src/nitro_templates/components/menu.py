"""Menus: a button, and what can be done with it."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from nitro_templates.html import Child, Element, Fragment, Tag

from .button import Button, ButtonKind, ButtonSize
from .icon import Icon
from .options import Attributes, classes, id_of, one_of

__all__ = ["ItemKind", "Menu", "MenuItem"]

ItemKind: TypeAlias = Literal["plain", "danger"]

_a, _button, _div, _span = Tag("a"), Tag("button"), Tag("div"), Tag("span")


def MenuItem(  # noqa: N802 - used like a tag
    *children: Child,
    href: str | None = None,
    icon: str | None = None,
    kind: ItemKind = "plain",
    checked: bool | None = None,
    opens: str | None = None,
    disabled: bool = False,
    **attributes: object,
) -> Element:
    """Answer an item of a `Menu`: a link with *href*, else a button.

    *opens* is the id of a `Dialog` or `Drawer`. *checked* says whether the item is on: it is a
    check box then.
    """
    one_of("The kind of an item", kind, get_args(ItemKind))
    given: Attributes = dict(attributes)
    given["cls"] = classes(given, "danger" if kind == "danger" else None) or None
    given["role"] = "menuitem" if checked is None else "menuitemcheckbox"
    given["aria_checked"] = checked
    given["aria_disabled"] = "true" if disabled else None
    tick = None if checked is None else _span(Icon("check"), cls="nitro-tick")
    inside = (tick, Icon(icon) if icon else None, children)
    if href is not None:
        return _a(inside, href=None if disabled else href, **given)
    if opens is not None:
        given |= {"command": "show-modal", "commandfor": opens}
    # not `disabled`, which the arrow keys could not reach
    return _button(inside, type="button", **given)


def Menu(  # noqa: N802 - used like a tag
    *items: Child,
    label: Child,
    icon: str | None = None,
    icon_only: bool = False,
    kind: ButtonKind = "plain",
    size: ButtonSize = "medium",
    id: str | None = None,
    **attributes: object,
) -> Element:
    """Answer a button called *label* that opens a list of `MenuItem`; ``Hr()`` divides it.

    With *icon_only* the label is read out and not seen. Attributes go to the button. Arrow keys,
    Home, End and letters move in the list, Escape closes it. Two menus with the same label and
    items on a page need ids of their own.
    """
    base = id or id_of("menu", label, *items)
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-menu-button")
    said = _div(label, cls="nitro-hidden") if icon_only else label
    wanted = icon or ("ellipsis" if icon_only else None)
    return Fragment(
        Button(
            said,
            kind=kind,
            size=size,
            icon=wanted,
            icon_end=None if icon_only else "chevron-down",
            type="button",
            id=f"{base}-button",
            popovertarget=base,
            aria_haspopup="menu",
            cls=[cls, "nitro-icon-only" if icon_only else None],
            **given,
        ),
        _div(
            items,
            id=base,
            popover="auto",
            role="menu",
            aria_labelledby=f"{base}-button",
            cls="nitro-menu",
        ),
    )
