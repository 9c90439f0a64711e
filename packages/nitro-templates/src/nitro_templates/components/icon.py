"""Icons: drawings of one set, written into the page."""

from __future__ import annotations

import json
import logging
from difflib import get_close_matches
from importlib.resources import files

from nitro_templates import icon_set
from nitro_templates.escape import Safe
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.state import state

from .options import Attributes, classes

__all__ = ["Icon", "has_icon", "icon_names", "register_icon"]

log = logging.getLogger("nitro_templates")

_svg, _span = Tag("svg"), Tag("span")
# What our own blocks show where the set is missing: something to click has to be seen.
_SIGNS = {
    "check": "\u2713", "chevron-down": "\u25be", "chevron-left": "\u2039",
    "chevron-right": "\u203a", "circle-alert": "!", "circle-check": "\u2713", "ellipsis": "\u22ef",
    "info": "i", "menu": "\u2630", "monitor": "\u25d0", "moon": "\u263e", "sun": "\u2600",
    "triangle-alert": "!", "x": "\u00d7",
}  # fmt: skip


class _Shapes(dict[str, str]):
    """What stands inside of ``<svg>``, by the name of the icon."""

    def __init__(self) -> None:
        source = files("nitro_templates") / "static" / icon_set.FILE
        self.missing = not source.is_file()
        if self.missing:
            log.warning(
                "The icons are missing from this installation. Install nitro-templates again "
                "with a network to have them; until then icons are plain signs, or blank"
            )
        else:
            self.update(json.loads(source.read_bytes()))


class _Own(dict[str, str]):
    """The icons of the application."""


def Icon(  # noqa: N802 - used like a tag
    name: str,
    *,
    label: str | None = None,
    size: str | int | None = None,
    flip: bool = False,
    **attributes: object,
) -> Element:
    """Answer the icon called *name* in the set of Lucide (lucide.dev), or registered by you.

    It is as large as the text around it unless *size* says otherwise, in pixels or any unit.
    Without *label* it is decoration: nothing of it is read out. One that points along the line,
    such as an arrow, says ``flip=True`` and points the other way where lines begin on the right.

    LookupError names similar icons when there is none of that name.
    """
    shapes = _shapes_of(name)
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-icon", "nitro-flip" if flip else None)
    said = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    if shapes is None:
        return _span(_SIGNS.get(name, ""), cls=cls, **said, **given)
    length = "1em" if size is None else size
    return _svg(
        Safe(shapes),
        cls=cls,
        viewBox="0 0 24 24",
        width=length,
        height=length,
        fill="none",
        stroke="currentColor",
        stroke_width=2,
        stroke_linecap="round",
        stroke_linejoin="round",
        **said,
        **given,
    )


def register_icon(name: str, *shapes: Element) -> None:
    """Let *name* be an icon of your own, 24 by 24: ``register_icon("hut", Path(d=…))``."""
    drawn = Fragment(*shapes).static
    if drawn is None:
        msg = f"The icon {name!r} has components in it. Draw it with tags such as Path and Circle"
        raise TypeError(msg)
    state.part(_Own)[name] = drawn


def icon_names() -> list[str]:
    """Answer the names of all icons there are."""
    return sorted({*state.part(_Own), *state.part(_Shapes)})


def has_icon(name: str) -> bool:
    """Say whether there is an icon called *name*."""
    return name in state.part(_Own) or name in state.part(_Shapes)


def _shapes_of(name: str) -> str | None:
    own = state.part(_Own).get(name)
    if own is not None:
        return own
    shapes = state.part(_Shapes)
    found = shapes.get(name)
    if found is None and not shapes.missing:
        near = ", ".join(get_close_matches(name, icon_names(), 5)) or "none"
        msg = f"No icon is called {name!r}. Similar ones: {near}. All of them are on lucide.dev"
        raise LookupError(msg)
    return found
