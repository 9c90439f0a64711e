"""The choice between light, dark, and what the reader's system says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.component import Component
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .icon import Icon

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["ThemeSwitch"]

_fieldset, _legend, _label = Tag("fieldset"), Tag("legend"), Tag("label")
_input, _span = Tag("input", void=True), Tag("span")


class ThemeSwitch(Component):
    """Three buttons: light, dark, as the system has it.

    The choice is remembered in a cookie that only says so, and so the next page comes in it from
    its first byte. Pages that have a *theme* of their own keep it. Without scripts it is hidden.
    Two on a page need a *name* each.
    """

    __slots__ = ("_name",)

    def __init__(self, *, name: str = "nitro-theme") -> None:
        self._name = name

    def build(self, context: RenderContext) -> Element:
        """Write a radio button for each, the remembered one checked."""
        chosen = context.theme or "system"
        kinds = [("light", _("Light"), "sun"), ("dark", _("Dark"), "moon")]
        kinds += [("system", _("System"), "monitor")]
        return _fieldset(
            _legend(_("Theme"), cls="nitro-hidden"),
            [
                _label(
                    _input(
                        type="radio",
                        name=self._name,
                        value=value,
                        checked=value == chosen,
                        autocomplete="off",
                        data_preserve_attr="checked",
                    ),
                    Icon(icon),
                    _span(text, cls="nitro-hidden"),
                    title=text,
                )
                for value, text, icon in kinds
            ],
            cls="nitro-theme nitro-scripted",
        )

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none."""
        return ()
