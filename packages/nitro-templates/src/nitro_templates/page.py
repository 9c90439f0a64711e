"""A whole HTML document around some content."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, get_args

from nitro_templates import shell
from nitro_templates.component import Component
from nitro_templates.context import current_context, rendering
from nitro_templates.escape import Safe
from nitro_templates.expecting import Taken, expect, expect_all, is_a, is_some
from nitro_templates.head import has_files, machinery
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.reader import is_tag
from nitro_templates.i18n.views import in_language
from nitro_templates.layout import bare, check_layout
from nitro_templates.state import state
from nitro_templates.tags import H1, A, Body, Fragment, Head, Html, Main, Meta, Title
from nitro_templates.toasts import Toast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.html import Child, Element
    from nitro_templates.layout import Layout
    from nitro_templates.toasts import Kind

__all__ = ["Page", "Theme"]

_DOCTYPE = Safe("<!doctype html>")

Theme = Literal["light", "dark", "system"]

_TAKEN: Taken = {
    "theme": ("Page(theme=…)", get_args(Theme).__contains__, "'light', 'dark' or 'system'"),
    "live": ("Page(live=…)", is_a(bool), "True or False"),
    "heading": ("Page(heading=…)", is_a(bool), "True or False"),
    "icon": ("Page(icon=…)", is_a(str), "the address of a picture"),
}

NOT_DATA = (
    "A Page was about to be sent as JSON, because this application does not know Nitro. "
    "Call nitro.install(app) where the application is made"
)


def _refuse(_page: object) -> NoReturn:
    raise TypeError(NOT_DATA)


class Page(Component):
    """A page: return it from a handler.

    *title* is the document's title and, unless *heading* says otherwise or the content
    brings an ``<h1>``, its heading. *description* and *icon* (an address) go into the head,
    *head* takes further elements for it. *theme* pins ``"light"`` or ``"dark"``, with
    ``"system"`` the reader's own setting counts. *topics* are those whose published patches
    the page wants besides the changes that its tables show. With ``live=False`` it has no stream.

    What stands around the content is said by `within`, by `layout` in a subclass, or for all
    pages by ``configure(layout=…)``.
    """

    __slots__ = (
        "_heading", "_layout", "content", "description", "head", "icon", "lang",
        "live", "theme", "title", "toasts", "topics",
    )  # fmt: skip

    def __init__(
        self,
        *content: Child,
        title: str = "",
        description: str = "",
        head: Iterable[Child] = (),
        lang: str | None = None,
        theme: Theme | None = None,
        icon: str | None = None,
        topics: Iterable[str] = (),
        live: bool = True,
        heading: bool | None = None,
    ) -> None:
        expect_all({"theme": theme, "live": live, "heading": heading, "icon": icon}, _TAKEN)
        expect(lang is None or is_tag(lang), "Page(lang=…)", "a language such as 'de'", lang)
        expect(is_some(str)(topics), "Page(topics=…)", "texts", topics)
        expect(not isinstance(head, str | type), "Page(head=…)", "a list of elements", head)
        self.content: Element = Fragment(*content).on_a_page()
        self.title = title
        self.description = description
        self.head: Element = Fragment(*head)
        self.lang = lang
        self.theme = theme
        self.icon = icon
        self.topics: frozenset[str] = frozenset([topics] if isinstance(topics, str) else topics)
        self.live = live
        self._heading = heading
        self._layout: Layout | None = None
        self.toasts: tuple[Toast, ...] = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title!r}>"

    def __iter__(self) -> Iterator[NoReturn]:
        # what a framework does that takes a page for data
        raise TypeError(NOT_DATA)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let FastAPI take the class as a return annotation, and not a page for data."""
        from nitro_templates.schema import html_schema

        return html_schema(cls, write=_refuse)

    def within(self, layout: Layout | None) -> Self:
        """Answer the page inside of *layout*, a function of its ``<main>`` and the context.

        What that answers becomes the body, so the ``<main>`` has to be in it. None is nothing
        around it, whatever is configured.
        """
        check_layout("within()", layout)
        page = copy(self)
        page._layout = layout or bare
        return page

    def toasting(self, *toasts: Toast | str, kind: Kind = "success") -> Self:
        """Answer the page with messages that are shown when it opens; texts are of this *kind*."""
        page = copy(self)
        made = (one if isinstance(one, Toast) else Toast(one, kind=kind) for one in toasts)
        page.toasts = (*self.toasts, *made)
        return page

    def still(self) -> Self:
        """Answer the page without a stream."""
        page = copy(self)
        page.live = False
        return page

    def layout(self, content: Element, context: RenderContext) -> Child:
        """Put what belongs around *content*, the page's ``<main>``: override it in a subclass.

        The dialog shows the content alone.
        """
        layout = self._layout or state.layout
        return content if layout is None else layout(content, context)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live views on the page and around it, in page order."""
        context = self.read_by(context)
        return in_language(self._whole(context).views(context), context.reader)

    def read_by(self, context: RenderContext) -> RenderContext:
        """Answer *context* with the page's own language, if it has one."""
        if self.lang is None or self.lang == context.page_lang:
            return context
        return replace(context, lang=self.lang, page_lang=self.lang)

    def __html__(self) -> str:
        """Render in the current context, in the language of the page."""
        with rendering(self.read_by(current_context())) as context:
            return self.build(context).__html__()

    def has_stream(self, context: RenderContext) -> bool:
        """Say whether the content of the page keeps a stream open."""
        return self._has_stream(self.content, context)

    def build(self, context: RenderContext) -> Element:
        """Answer the document."""
        theme = self.theme or context.theme or state.theme
        whole = self._whole(context)
        body = Safe(
            Body(
                None if context.kept is None else shell.kept(context.kept()),
                A(_("Skip to content"), href="#nitro-main", cls="nitro-skip"),
                whole,
                self._machinery(context, whole),
            )
        )
        return Fragment(
            _DOCTYPE,
            Html(
                Head(
                    Meta(charset="utf-8"),
                    Meta(name="viewport", content="width=device-width, initial-scale=1"),
                    Title(self.title),
                    Meta(name="description", content=self.description)
                    if self.description
                    else None,
                    machinery(context, icon=self.icon, body=body),
                    self.head,
                ),
                body,
                lang=self.lang or context.lang or state.default_lang,
                dir=self.read_by(context).reader.dir,
                data_theme=None if theme == "system" else theme,
            ),
        )

    def for_dialog(self, context: RenderContext | None = None) -> Element:
        """Answer the page's content as it stands in the shared dialog."""
        context = context or current_context()
        live = shell.dialog_live(context) if self.has_stream(context) else None
        return shell.dialog_content(self.content, live, title=self.title)

    def _whole(self, context: RenderContext) -> Element:
        main = Main(self._with_heading(), id="nitro-main", tabindex=-1)
        return Fragment(self.layout(main, context))

    def _has_stream(self, shown: Element, context: RenderContext) -> bool:
        return context.live and self.live and bool(self.topics or shown.views(context))

    def _with_heading(self) -> Element:
        wanted = self._heading
        if wanted is None:
            wanted = not any(
                "<h1" in part if isinstance(part, str) else getattr(part, "brings_heading", False)
                for part in self.content.parts
            )
        return Fragment(H1(self.title) if wanted and self.title else None, self.content)

    def _machinery(self, context: RenderContext, whole: Element) -> Element | None:
        toasts = (*self.toasts, *shell.offers(context))
        if not has_files(context):
            return shell.messages(*toasts) if toasts else None
        return Fragment(
            shell.messages(*toasts),
            shell.dialog() if context.live else None,
            shell.live(context) if self._has_stream(whole, context) else None,
        )
