"""The button in the corner that closes what it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_templates.component import Component
from nitro_templates.i18n import gettext as _

from .button import Button

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.html import Element

__all__ = ["CloseButton"]


class CloseButton(Component):
    """A cross, read out in the reader's language; *scripted* ones are hidden without scripts."""

    __slots__ = ("_attributes", "_closes", "_scripted")

    def __init__(
        self, *, closes: str | None = None, scripted: bool = False, **attributes: Any
    ) -> None:
        self._closes = closes
        self._scripted = scripted
        self._attributes = attributes

    def build(self, context: RenderContext) -> Element:
        """Write the button."""
        return Button(
            icon="x",
            label=_("Close"),
            kind="quiet",
            type="button",
            closes=self._closes,
            cls=["nitro-x", "nitro-scripted" if self._scripted else None],
            **self._attributes,
        )

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none."""
        return ()
