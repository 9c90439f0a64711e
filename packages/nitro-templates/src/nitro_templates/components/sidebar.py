"""A layout with the navigation beside the page; on a phone it is a drawer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_templates.component import Component
from nitro_templates.expecting import pairs
from nitro_templates.html import Child, Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.layout import marked, place_of

from .closing import CloseButton
from .icon import Icon
from .options import id_of

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["Sidebar"]

Links: TypeAlias = "Iterable[tuple[Child, Any]]"
"""A text and an address, or the title of a group and its own texts and addresses."""

Group: TypeAlias = "tuple[tuple[Child, str | Group], ...]"

_header, _footer, _div, _a = Tag("header"), Tag("footer"), Tag("div"), Tag("a")
_button, _span, _nav, _ul, _li = Tag("button"), Tag("span"), Tag("nav"), Tag("ul"), Tag("li")

_ID = "nitro-sidebar"


class _MenuButton(Component):
    """Opens the drawer on a phone; browsers do that without scripts."""

    __slots__ = ()

    def build(self, context: RenderContext) -> Element:
        return _button(
            Icon("menu"),
            _span(_("Menu"), cls="nitro-hidden"),
            type="button",
            popovertarget=_ID,
            cls="nitro-button quiet nitro-icon-only nitro-sidebar-open",
        )


class Sidebar:
    """A layout: a header, the navigation beside the page, and below it a footer.

    ``Page(…).within(Sidebar("Atlas", [("Cities", "/"), ("Reports", [("Sales", "/sales")])]))``, or
    for every page ``configure(layout=Sidebar(…))``. Where there is no room beside the page the
    navigation is a drawer, opened by a button in the header, without scripts too. The name leads
    to *home*. *beside* stands at the end of the header, *below* under the navigation.
    """

    __slots__ = ("_below", "_beside", "_footer", "_home", "_links", "_name")

    def __init__(
        self,
        name: Child,
        links: Links = (),
        *,
        home: str | None = None,
        beside: Child = None,
        below: Child = None,
        footer: Child = None,
    ) -> None:
        self._name = Fragment(name)
        self._links = _listed(links)
        self._home = home
        self._beside = beside
        self._below = below
        self._footer = footer

    def __call__(self, content: Element, context: RenderContext) -> Element:
        """Put the layout around *content*."""
        home = self._home or f"{context.root}/"
        top = (
            _MenuButton(),
            _a(self._name, href=home, cls="nitro-brand"),
            None if self._beside is None else _div(self._beside, cls="nitro-beside"),
        )
        return _div(
            _header(_div(top), cls="nitro-header"),
            _div(
                CloseButton(popovertarget=_ID, popovertargetaction="hide"),
                _Links(self._links),
                None if self._below is None else _div(self._below, cls="nitro-below"),
                id=_ID,
                popover="auto",
                cls="nitro-sidebar",
            ),
            _div(
                content,
                None if self._footer is None else _footer(_div(self._footer), cls="nitro-footer"),
                cls="nitro-content",
            ),
            cls="nitro-shell",
        )


class _Links(Component):
    """The list of links, in groups, the current one marked."""

    __slots__ = ("_links",)

    def __init__(self, links: Group) -> None:
        self._links = links

    def build(self, context: RenderContext) -> Element:
        here = place_of(context)
        # the nearest one: the start of an application is a part of all addresses
        near = max((to for to in _addresses(self._links) if marked(to, here)), key=len, default="")
        listed = _list(self._links, near, marked(near, here))
        return _nav(listed, aria_label=_("Main"), cls="nitro-side-nav")

    def views(self, context: RenderContext) -> tuple[()]:
        return ()


def _listed(links: Links) -> Group:
    # kept as what can be read again and again
    return tuple(
        (text, there if isinstance(there, str) else _listed(there))
        for text, there in pairs("Sidebar(links=…)", links)
    )


def _addresses(links: Group) -> Iterator[str]:
    for _text, there in links:
        if isinstance(there, str):
            yield there
        else:
            yield from _addresses(there)


def _list(links: Group, near: str, mark: str | None, label: Child = None) -> Element:
    title = None if label is None else id_of("group", label)
    return _ul(
        [
            _li(_a(text, href=there, aria_current=mark if there == near else None))
            if isinstance(there, str)
            else _li(
                _span(text, id=id_of("group", text), cls="nitro-side-title"),
                _list(there, near, mark, text),
            )
            for text, there in links
        ],
        aria_labelledby=title,
    )
