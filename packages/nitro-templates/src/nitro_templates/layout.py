"""What stands around the content of a page: header, navigation, footer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from nitro_templates.component import Component
from nitro_templates.expecting import expect, pairs, takes
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.html import Child

__all__ = ["Frame", "Layout", "Navigation", "bare", "check_layout"]

Layout: TypeAlias = "Callable[[Element, RenderContext], Any]"
"""Puts something around the ``<main>`` of a page: what it answers becomes the body."""

_header, _footer, _div, _nav = Tag("header"), Tag("footer"), Tag("div"), Tag("nav")
_ul, _li, _a = Tag("ul"), Tag("li"), Tag("a")


def check_layout(option: str, layout: object, error: type[Exception] = TypeError) -> None:
    """Raise *error* for what is no layout, such as a class of layouts that was not called."""
    # called as a layout is, a class makes one more; but one of elements makes what is shown
    made = not isinstance(layout, type) or hasattr(layout, "__html__")
    wanted = "a layout such as Frame('Atlas'), a function of the <main> and the context"
    expect(layout is None or (made and takes(2)(layout)), option, wanted, layout, error)


def bare(content: Element, _context: RenderContext) -> Element:
    """Answer *content* with nothing around it."""
    return content


class Navigation(Component):
    """Links to the parts of an application, the current one marked ``aria-current``.

    Each item is a text and an address: ``Navigation(("Cities", "/"), ("Map", "/map"))``.
    *label* tells several navigations of one page apart.
    """

    __slots__ = ("_items", "_label")

    def __init__(self, *items: tuple[Child, str], label: str = later("Main")) -> None:
        self._items: tuple[tuple[Child, str], ...] = pairs("Navigation()", items)
        self._label = label

    def build(self, context: RenderContext) -> Element:
        """Write the list of links."""
        here = place_of(context)
        links = [
            _li(_a(text, href=href, aria_current=marked(href, here))) for text, href in self._items
        ]
        return _nav(_ul(links), aria_label=_(self._label), cls="nitro-nav")

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none: links do not change by themselves."""
        return ()


def place_of(context: RenderContext) -> str:
    """Answer the path of the page, as `marked` compares it."""
    return f"{unquote(context.root)}{context.path}".rstrip("/")


def marked(href: str, here: str) -> Literal["page", "true"] | None:
    """Say "page" for the link to *here*, and "true" for one to what *here* is a part of."""
    parts = urlsplit(href)
    there = unquote(parts.path).rstrip("/")
    if parts.netloc or not parts.path:
        return None
    if there == here:
        return "page"
    return "true" if there and here.startswith(f"{there}/") else None


class Frame:
    """A ready layout: the name of the application, its navigation, and a footer.

    ``Page(…).within(Frame("Atlas", [("Cities", "/")]))``, or for every page
    ``configure(layout=Frame(…))``. The name leads to *home*, by default the start of the
    application. *beside* stands at the end of the header.
    """

    __slots__ = ("_beside", "_footer", "_home", "_name", "_navigation")

    def __init__(
        self,
        name: Child,
        navigation: Iterable[tuple[Child, str]] = (),
        *,
        home: str | None = None,
        beside: Child = None,
        footer: Child = None,
    ) -> None:
        self._name = Fragment(name)
        self._navigation: tuple[tuple[Child, str], ...] = pairs("Frame(navigation=…)", navigation)
        self._home = home
        self._beside = beside
        self._footer = footer

    def __call__(self, content: Element, context: RenderContext) -> Element:
        """Put the frame around *content*."""
        inside = (
            _a(self._name, href=self._home or f"{context.root}/", cls="nitro-brand"),
            Navigation(*self._navigation) if self._navigation else None,
            _div(self._beside, cls="nitro-beside") if self._beside is not None else None,
        )
        return Fragment(
            _header(_div(inside), cls="nitro-header"),
            content,
            _footer(_div(self._footer), cls="nitro-footer") if self._footer is not None else None,
        )
