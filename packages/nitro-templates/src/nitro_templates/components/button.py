"""Buttons, and links that look like them."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from nitro_templates.html import Child, Element, Tag

from .icon import Icon
from .options import Attributes, classes, one_of

__all__ = ["Button", "ButtonKind", "ButtonSize"]

ButtonKind: TypeAlias = Literal["plain", "primary", "danger", "quiet"]
ButtonSize: TypeAlias = Literal["small", "medium", "large"]

_a, _button = Tag("a"), Tag("button")


def Button(  # noqa: N802 - used like a tag
    *children: Child,
    kind: ButtonKind = "plain",
    size: ButtonSize = "medium",
    icon: str | None = None,
    icon_end: str | None = None,
    label: str | None = None,
    href: str | None = None,
    opens: str | None = None,
    closes: str | None = None,
    busy: bool = False,
    disabled: bool = False,
    **attributes: object,
) -> Element:
    """Answer a button, or with *href* a link that looks like one.

    *label* is what is read out; a button that shows an icon alone needs it. *opens* and *closes*
    are the id of a `Dialog` or `Drawer`. While *busy* it turns a wheel and says so. Like the
    tag it sends the form around it, unless *opens*, *closes* or ``type="button"`` say otherwise.
    """
    if label is None and not children:
        msg = 'A button needs a text. One that is an icon alone: Button(icon="x", label="Close")'
        raise ValueError(msg)
    one_of("The kind of a button", kind, get_args(ButtonKind))
    one_of("The size of a button", size, get_args(ButtonSize))
    given: Attributes = dict(attributes)
    given["cls"] = classes(
        given,
        "nitro-button",
        None if kind == "plain" else kind,
        None if size == "medium" else size,
        None if children else "nitro-icon-only",
    )
    given |= {"aria_label": label, "aria_busy": "true" if busy else None}
    inside = (
        Icon(icon) if icon else None,
        children,
        Icon(icon_end, flip=icon_end.endswith(("-left", "-right"))) if icon_end else None,
    )
    if href is not None:
        # a link without an address cannot be followed, and is still read out as one
        off = {"role": "link", "aria_disabled": "true"} if disabled else {"href": href}
        return _a(inside, **off, **given)
    if opens is not None or closes is not None:
        given["type"] = "button"
        given["command"] = "close" if opens is None else "show-modal"
        given["commandfor"] = closes if opens is None else opens
    return _button(inside, disabled=disabled, **given)
