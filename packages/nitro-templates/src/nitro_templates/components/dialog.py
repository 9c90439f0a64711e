"""Dialogs and drawers: what is asked or shown over the page until it is closed."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from nitro_templates.html import Child, Element, Tag

from .closing import CloseButton
from .options import Attributes, classes, one_of

__all__ = ["Dialog", "DialogSize", "Drawer", "Side"]

DialogSize: TypeAlias = Literal["small", "medium", "large"]
Side: TypeAlias = Literal["start", "end", "bottom"]

_dialog, _div, _h2 = Tag("dialog"), Tag("div"), Tag("h2")


def Dialog(  # noqa: N802 - used like a tag
    *children: Child,
    id: str,
    title: Child = None,
    buttons: Child = None,
    size: DialogSize = "medium",
    **attributes: object,
) -> Element:
    """Answer a dialog that is closed until ``Button("…", opens=id)`` is pressed.

    While it is open nothing else of the page can be reached, Escape closes it, and the focus
    goes back to where it came from. *buttons* stand at its end. Without *title* it needs
    ``aria_label``. A patch leaves it open or closed as it is.
    """
    one_of("The size of a dialog", size, get_args(DialogSize))
    given: Attributes = dict(attributes)
    cls = classes(given, "nitro-modal", None if size == "medium" else size)
    return _written(children, id, title, buttons, {"cls": cls, **given})


def Drawer(  # noqa: N802 - used like a tag
    *children: Child,
    id: str,
    title: Child = None,
    buttons: Child = None,
    side: Side = "end",
    **attributes: object,
) -> Element:
    """Answer a dialog at the *side* of the window; "start" is where lines begin.

    It is opened and closed as a `Dialog`, and a click beside it closes it too.
    """
    one_of("The side of a drawer", side, get_args(Side))
    given: Attributes = {"closedby": "any", **attributes}
    cls = classes(given, "nitro-modal", "nitro-drawer")
    given.setdefault("data_side", side)
    return _written(children, id, title, buttons, {"cls": cls, **given})


def _written(
    children: tuple[Child, ...], id: str, title: Child, buttons: Child, given: Attributes
) -> Element:
    if title is None and not (given.get("aria_label") or given.get("aria_labelledby")):
        msg = f'The dialog {id!r} has no name. Give it title="…", or aria_label="…"'
        raise ValueError(msg)
    if title is not None:
        given.setdefault("aria_labelledby", f"{id}-title")
    given.setdefault("data_preserve_attr", "open")
    return _dialog(
        None if title is None else _h2(title, id=f"{id}-title", cls="nitro-modal-title"),
        _div(children, cls="nitro-modal-body"),
        None if buttons is None else _div(buttons, cls="nitro-modal-buttons"),
        # last, so that opening focuses what is asked for
        CloseButton(closes=id),
        id=id,
        **given,
    )
