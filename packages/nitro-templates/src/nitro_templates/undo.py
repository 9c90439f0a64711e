"""The button that takes back what was just done: in a toast, or on a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from nitro_templates.datastar import js
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped
from nitro_templates.toasts import Toast

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.toasts import Kind

__all__ = ["MINUTES", "PARAMETER", "UndoOffer", "question", "undo_button", "undo_toast"]

PARAMETER = "_undo"
"""The parameter of a URL that carries a sealed offer to the page that shows it."""
MINUTES = 10
_SECONDS = 60
"""How long the toast stays: long enough to be read, found by keyboard, and thought about."""
# as every form that scripts send
_SUBMIT = js("@post(nitro.action(el), nitro.form(el))")
_FIELD = "_nitro"
_form, _button, _input = Tag("form"), Tag("button"), Tag("input", void=True)


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What was done, in words, and the sealed ticket by which it is taken back."""

    text: str
    sealed: str

    def on(self, url: str) -> str:
        """Write *url* so that its page makes the offer."""
        before, mark, fragment = url.partition("#")
        joined = "&" if "?" in before else "?"
        return f"{before}{joined}{PARAMETER}={quote(self.sealed)}{mark}{fragment}"


def undo_button(offer: UndoOffer, context: RenderContext, *, hidden: bool = False) -> Element:
    """Answer a form with one button, which works without scripts too."""
    return _form(
        _input(type="hidden", name=_FIELD, value=offer.sealed),
        _button(_("Undo"), type="submit", cls="nitro-button"),
        method="post",
        action=context.links.undo(),
        cls="nitro-undo",
        hidden=hidden,
        on_submit=_SUBMIT if context.live else None,
    )


def undo_toast(offer: UndoOffer, context: RenderContext, *, kind: Kind = "success") -> Toast:
    """Answer the message about what was done, with the button."""
    seconds = None if kind == "warning" else _SECONDS
    return Toast(offer.text, undo_button(offer, context), kind=kind, seconds=seconds)


def question(most: int, number: int = 1) -> str:
    """Say whether what is about to be done to *number* things can be taken back."""
    if not most:
        return _("This cannot be undone.")
    if number > most:
        said = _("This cannot be undone: that is possible for {most} at most.", most=grouped(most))
        return said
    return _("You can undo it for {minutes} minutes.", minutes=MINUTES)
