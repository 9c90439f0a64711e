"""Links to the pages of something long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nitro_templates.component import Component
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .icon import Icon

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["Pagination"]

_nav, _ul, _li, _a, _span = Tag("nav"), Tag("ul"), Tag("li"), Tag("a"), Tag("span")


class Pagination(Component):
    """Links to *pages* pages, counted from 1, of which the one called *page* is open.

    They lead to this address with another ``page`` (or what *name* says) in it, or to where
    *link* says: ``Pagination(2, 9, link=lambda n: f"/news/{n}")``. *label* tells several apart.
    Tables have links of their own, which do not count.
    """

    __slots__ = ("_label", "_link", "_name", "_page", "_pages")

    def __init__(
        self,
        page: int,
        pages: int,
        *,
        link: Callable[[int], str] | None = None,
        name: str = "page",
        label: str | None = None,
    ) -> None:
        if pages < 0 or page < 1:
            msg = f"Pagination({page}, {pages}): pages are counted from 1"
            raise ValueError(msg)
        self._page = page
        self._pages = pages
        self._link = link
        self._name = name
        self._label = label

    def build(self, context: RenderContext) -> Element:
        """Write the links around the open page, and to the first and last."""
        here, last = self._page, self._pages
        return _nav(
            _ul(
                self._step(context, here - 1, "prev", _("Previous page"), "chevron-left"),
                [self._item(context, number) for number in numbers(here, last)],
                # where there is no room for the numbers
                _li(_span(_("{page} of {pages}", page=here, pages=last)), cls="nitro-of"),
                self._step(context, here + 1, "next", _("Next page"), "chevron-right"),
            ),
            aria_label=self._label or _("Pages"),
            cls="nitro-pages",
        )

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none: links do not change by themselves."""
        return ()

    def _item(self, context: RenderContext, number: int | None) -> Element:
        if number is None:
            return _li(_span("\u2026", aria_hidden="true"), cls="nitro-gap")
        return _li(
            _a(
                number,
                href=self._href(context, number),
                aria_label=_("Page {number}", number=number),
                aria_current="page" if number == self._page else None,
            ),
        )

    def _step(
        self, context: RenderContext, number: int, rel: str, label: str, icon: str
    ) -> Element:
        inside = Icon(icon, flip=True)
        if not 1 <= number <= self._pages:
            # still there, so that the others stay where they are
            off = _a(inside, role="link", aria_disabled="true", aria_label=label)
            return _li(off, cls="nitro-step")
        href = self._href(context, number)
        return _li(_a(inside, href=href, rel=rel, aria_label=label), cls="nitro-step")

    def _href(self, context: RenderContext, number: int) -> str:
        if self._link is not None:
            return self._link(number)
        query = {**context.query, self._name: [str(number)]}
        return f"{context.url.partition('?')[0]}?{urlencode(query, doseq=True)}"


def numbers(page: int, pages: int) -> Iterator[int | None]:
    """Yield the numbers to show, None for a gap: both ends, and one on each side of *page*."""
    # at an end as many as in the middle, so that the row keeps its length
    first = max(2, min(page - 1, pages - 4))
    last = min(pages - 1, max(page + 1, 5))
    if pages >= 1:
        yield 1
    if first > 2:
        yield 2 if first == 3 else None
    yield from range(first, last + 1)
    if last < pages - 1:
        yield pages - 1 if last == pages - 2 else None
    if pages > 1:
        yield pages
