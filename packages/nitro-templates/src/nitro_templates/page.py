"""A whole HTML document around some content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn

from nitro_templates import assets, shell
from nitro_templates.component import Component
from nitro_templates.escape import Safe
from nitro_templates.state import state
from nitro_templates.tags import (
    H1,
    A,
    Body,
    Fragment,
    Head,
    Html,
    Link,
    Main,
    Meta,
    Script,
    Style,
    Title,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.html import Child, Element

__all__ = ["Page"]

_DOCTYPE = Safe("<!doctype html>")


NOT_DATA = (
    "A Page was about to be sent as JSON, because this application does not know Nitro. "
    "Call nitro.install(app) where the application is made"
)


def _refuse(_page: object) -> NoReturn:
    raise TypeError(NOT_DATA)


class Page(Component):
    """A page: return it from a handler.

    *title* is the document's title and, unless *heading* says otherwise or the content
    brings an ``<h1>``, its heading. *head* takes further elements for ``<head>``, *theme*
    pins ``"light"`` or ``"dark"``, *topics* are those whose published patches the page
    wants besides the changes that its tables show. With ``live=False`` it has no stream.
    """

    __slots__ = ("_heading", "content", "head", "lang", "live", "theme", "title", "topics")

    def __init__(
        self,
        *content: Child,
        title: str = "",
        head: Iterable[Child] = (),
        lang: str | None = None,
        theme: Literal["light", "dark"] | None = None,
        topics: Iterable[str] = (),
        live: bool = True,
        heading: bool | None = None,
    ) -> None:
        self.content: Element = Fragment(*content)
        self.title = title
        self.head: Element = Fragment(*head)
        self.lang = lang
        self.theme = theme
        self.topics: frozenset[str] = frozenset([topics] if isinstance(topics, str) else topics)
        self.live = live
        self._heading = heading

    def __repr__(self) -> str:
        return f"<Page {self.title!r}>"

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

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live views on the page, in page order."""
        return self.content.views(context)

    def has_stream(self, context: RenderContext) -> bool:
        """Say whether the page keeps a stream open."""
        return context.live and self.live and bool(self.topics or self.views(context))

    def build(self, context: RenderContext) -> Element:
        """Answer the document."""
        return Fragment(
            _DOCTYPE,
            Html(
                Head(
                    Meta(charset="utf-8"),
                    Meta(name="viewport", content="width=device-width, initial-scale=1"),
                    Title(self.title),
                    shell.token(context.token()) if context.live and context.token else None,
                    _own_files(context),
                    self.head,
                ),
                Body(
                    None if context.kept is None else shell.kept(context.kept()),
                    A("Skip to content", href="#nitro-main", cls="nitro-skip"),
                    Main(self._with_heading(), id="nitro-main", tabindex=-1),
                    self._machinery(context),
                ),
                lang=self.lang or context.lang,
                data_theme=self.theme,
            ),
        )

    def for_dialog(self) -> Element:
        """Answer the page's content as it stands in the shared dialog."""
        return shell.dialog_content(self.content, title=self.title)

    def _with_heading(self) -> Element:
        wanted = self._heading
        if wanted is None:
            static = (part for part in self.content.parts if isinstance(part, str))
            wanted = not any("<h1" in part for part in static)
        return Fragment(H1(self.title) if wanted and self.title else None, self.content)

    def _machinery(self, context: RenderContext) -> Element | None:
        if not _has_files(context):
            return None
        return Fragment(
            shell.messages(),
            shell.dialog() if context.live else None,
            shell.live(context.cursor) if self.has_stream(context) else None,
        )


def _has_files(context: RenderContext) -> bool:
    """Say whether somebody serves our files: an adapter, or the application itself."""
    return context.live or state.asset_base is not None


def _own_files(context: RenderContext) -> Element:
    css = assets.asset("nitro.css")
    if not _has_files(context):
        return Style(Safe(css.body.decode("utf-8")), nonce=context.nonce)
    return Fragment(
        Link(rel="icon", href=assets.asset("icon.svg").url, type="image/svg+xml"),
        Link(rel="stylesheet", href=css.url),
        # Datastar's expressions use window.nitro, so ours comes first: modules run in order.
        Script(type="module", src=assets.asset("nitro.js").url, nonce=context.nonce),
        _datastar(context),
    )


def _datastar(context: RenderContext) -> Element:
    try:
        script = assets.datastar_script()
    except LookupError as exc:
        return Fragment(Meta(name="nitro-missing", content=str(exc)))
    return Script(
        type="module",
        src=script.url,
        integrity=script.integrity,
        crossorigin="anonymous" if script.integrity else None,
        nonce=context.nonce,
    )
