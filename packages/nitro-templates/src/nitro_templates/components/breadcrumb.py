"""The way to a page from the start of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.component import Component
from nitro_templates.html import Child, Element, Tag
from nitro_templates.i18n import gettext as _

from .icon import Icon

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["Breadcrumb"]

_nav, _ol, _li, _a, _span = Tag("nav"), Tag("ol"), Tag("li"), Tag("a"), Tag("span")


class Breadcrumb(Component):
    """Links to what a page is a part of: ``Breadcrumb(("Shop", "/"), ("Lamps", "/l"), "L 7")``.

    Each is a text and an address; the last one is the page itself and may be a text alone.
    """

    __slots__ = ("_items", "_label")

    def __init__(self, *items: tuple[Child, str] | str, label: str | None = None) -> None:
        self._items = items
        self._label = label

    def build(self, context: RenderContext) -> Element:
        """Write the list of links, the last one marked as the page."""
        steps = [
            _step(item, n == 0, n == len(self._items) - 1) for n, item in enumerate(self._items)
        ]
        return _nav(_ol(steps), aria_label=self._label or _("Breadcrumb"), cls="nitro-crumbs")

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none: links do not change by themselves."""
        return ()


def _step(item: tuple[Child, str] | str, first: bool, last: bool) -> Element:
    between = None if first else Icon("chevron-right", flip=True)
    here = "page" if last else None
    if isinstance(item, str):
        return _li(between, _span(item, aria_current=here))
    text, href = item
    return _li(between, _a(text, href=href, aria_current=here))
