"""The parts of a page, for templates that write the document themselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from nitro_templates import components, shell
from nitro_templates.attributes import write_attributes
from nitro_templates.component import Component
from nitro_templates.context import current_context
from nitro_templates.escape import Safe
from nitro_templates.head import has_files, machinery
from nitro_templates.html import Element
from nitro_templates.i18n import current_reader
from nitro_templates.i18n import gettext as _
from nitro_templates.layout import Navigation
from nitro_templates.state import state
from nitro_templates.tags import A, Fragment, Meta

if TYPE_CHECKING:
    from nitro_templates.page import Page

__all__ = ["PageParts", "being_rendered", "components_in", "written_whole"]

_page: ContextVar[Page | None] = ContextVar("nitro_template_page", default=None)
_place: ContextVar[Safe | None] = ContextVar("nitro_template_head", default=None)
"""What stands in the head for styles and scripts until it is known what the page needs."""


class PageParts:
    """The parts of a page, for a template that writes the document itself.

    Without a `TemplatePage` around they are those of a page that is not live.
    """

    @property
    def title(self) -> str:
        """The title of the page."""
        page = _page.get()
        return "" if page is None else page.title

    @property
    def html(self) -> Safe:
        """The attributes of ``<html>``: language and theme."""
        page, context = _page.get(), current_context()
        theme = (page and page.theme) or context.theme or state.theme
        attributes = {
            "lang": (page and page.lang) or context.lang or state.default_lang,
            "dir": current_reader().dir,
            "data_theme": None if theme == "system" else theme,
        }
        return Safe(write_attributes("", attributes).strip())

    @property
    def head(self) -> Element:
        """What belongs into ``<head>``: styles, scripts, icon, and the page's own parts."""
        page = _page.get()
        if page is None:
            return machinery(current_context())
        return Fragment(
            Meta(name="description", content=page.description) if page.description else None,
            _place.get() or machinery(current_context(), icon=page.icon),
            page.head,
        )

    @property
    def start(self) -> Element:
        """What belongs at the start of ``<body>``: the link to ``#nitro-main``, what is kept."""
        kept = current_context().kept
        return Fragment(
            None if kept is None else shell.kept(kept()),
            A(_("Skip to content"), href="#nitro-main", cls="nitro-skip"),
        )

    @property
    def end(self) -> Element:
        """What belongs at the end of ``<body>``: messages, the dialog, the live stream."""
        page, context = _page.get(), current_context()
        toasts = (*(() if page is None else page.toasts), *shell.offers(context))
        if not has_files(context):
            return shell.messages(*toasts) if toasts else Fragment()
        return Fragment(
            shell.messages(*toasts),
            shell.dialog() if context.live else None,
            shell.live(context) if page is not None and page.has_stream(context) else None,
        )

    @property
    def nonce(self) -> str:
        """The nonce of the request's Content-Security-Policy, for scripts of your own."""
        return current_context().nonce or ""

    @property
    def url(self) -> str:
        """The path and query of the page."""
        return current_context().url

    @property
    def caller(self) -> str | None:
        """The name of who asks, None for somebody unknown."""
        return current_context().caller_name

    @property
    def components(self) -> Blocks:
        """The building blocks: ``{{ nitro.components.Badge("New", kind="info") }}``.

        In Jinja they take what stands between ``{% call nitro.components.Alert() %}`` and
        ``{% endcall %}`` too.
        """
        return Blocks()

    def navigation(self, *items: tuple[str, str], label: str = "Main") -> Navigation:
        """Answer links, the current one marked: ``{{ nitro.navigation(("Cities", "/")) }}``."""
        return Navigation(*items, label=label)


class Blocks:
    """The building blocks, as templates call them."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in dir(components):
            raise AttributeError(name)
        make = getattr(components, name)

        def block(*children: object, caller: Callable[[], str] | None = None, **given: Any) -> Any:
            if caller is None:
                return make(*children, **given)
            # what stands in a call block has to be text
            return Safe(str(make(*children, Safe(caller()), **given)))

        return block


@contextmanager
def being_rendered(page: Page) -> Generator[None]:
    """Let the parts be those of *page* inside the ``with`` block."""
    token = _page.set(page)
    try:
        yield
    finally:
        _page.reset(token)


def written_whole(page: Page, render: Callable[[], str]) -> str:
    """Answer what *render* writes, with the styles and scripts in the head that it needs."""
    # nobody can have typed it
    place = Safe(f"<!--{secrets.token_hex(16)}-->")
    token = _place.set(place)
    try:
        with being_rendered(page):
            text = render()
    finally:
        _place.reset(token)
    before, found, after = text.partition(str(place))
    if not found:
        return text
    return f"{before}{machinery(current_context(), icon=page.icon, body=text)}{after}"


def components_in(values: Iterable[object]) -> Iterator[Component | Element]:
    """Yield the components and elements among *values*, in lists and mappings too."""
    for value in values:
        if isinstance(value, Component | Element):
            yield value
        elif isinstance(value, list | tuple):
            yield from components_in(cast("Sequence[object]", value))
        elif isinstance(value, Mapping):
            yield from components_in(cast("Mapping[object, object]", value).values())
