"""Jinja2 templates with our parts in them, and as whole live pages.

Components, elements and `Safe` are put into a template as they are: ``{{ table }}``. The
extension adds one name, ``nitro``, with the parts of a page::

    env = jinja2.Environment(autoescape=True, extensions=["nitro_templates.jinja.NitroExtension"])

    <!doctype html>
    <html {{ nitro.html }}>
      <head><title>{{ nitro.title }}</title>{{ nitro.head }}</head>
      <body>
        {{ nitro.start }}
        <main id="nitro-main" tabindex="-1">{{ cities }}</main>
        {{ nitro.end }}
      </body>
    </html>

A route that returns ``JinjaPage(env.get_template("cities.html"), title="Cities", cities=table)``
is live like any other `Page`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from jinja2 import Environment, Template
from jinja2.ext import Extension

from nitro_templates import shell
from nitro_templates.attributes import write_attributes
from nitro_templates.component import Component
from nitro_templates.context import RenderContext, current_context
from nitro_templates.escape import Safe
from nitro_templates.head import has_files, machinery
from nitro_templates.html import Element
from nitro_templates.layout import Navigation
from nitro_templates.page import Page, Theme
from nitro_templates.state import state
from nitro_templates.tags import A, Fragment, Meta

if TYPE_CHECKING:
    from nitro_templates.html import Child
    from nitro_templates.layout import Layout

__all__ = ["JinjaPage", "JinjaPart", "NitroExtension", "PageParts"]

Values: TypeAlias = Mapping[str, Any]

_page: ContextVar[JinjaPage | None] = ContextVar("nitro_jinja_page", default=None)


class NitroExtension(Extension):
    """Adds ``nitro`` to every template of an environment."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["nitro"] = PageParts()


class PageParts:
    """The parts of a page, for a template that writes the document itself.

    Without a `JinjaPage` around they are those of a page that is not live.
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
        theme = (page and page.theme) or state.theme
        attributes = {
            "lang": (page and page.lang) or state.lang or context.lang,
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
            machinery(current_context(), icon=page.icon),
            page.head,
        )

    @property
    def start(self) -> Element:
        """What belongs at the start of ``<body>``: the link to ``#nitro-main``, what is kept."""
        kept = current_context().kept
        return Fragment(
            None if kept is None else shell.kept(kept()),
            A("Skip to content", href="#nitro-main", cls="nitro-skip"),
        )

    @property
    def end(self) -> Element:
        """What belongs at the end of ``<body>``: messages, the dialog, the live stream."""
        page, context = _page.get(), current_context()
        toasts = () if page is None else page.toasts
        if not has_files(context):
            return shell.messages(*toasts) if toasts else Fragment()
        return Fragment(
            shell.messages(*toasts),
            shell.dialog() if context.live else None,
            shell.live(context.cursor) if page is not None and page.has_stream(context) else None,
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

    def navigation(self, *items: tuple[str, str], label: str = "Main") -> Navigation:
        """Answer links, the current one marked: ``{{ nitro.navigation(("Cities", "/")) }}``."""
        return Navigation(*items, label=label)


class JinjaPart(Component):
    """A template as a part of a page that is written in Python: ``Page(JinjaPart(template, …))``.

    Components among *values* are live where they stand.
    """

    __slots__ = ("_inside", "_template", "_values")

    def __init__(self, template: Template, /, **values: Any) -> None:
        self._template = _escaping(template)
        self._values = values
        self._inside = Fragment(*_components(values.values()))

    def build(self, context: RenderContext) -> Element:
        """Render the template."""
        return Fragment(Safe(self._template.render(self._values)))

    def views(self, context: RenderContext) -> Sequence[Any]:
        """Answer the live views of the components among the values."""
        return self._inside.views(context)


class JinjaPage(Page):
    """A page whose whole document is a template: return it from a handler.

    *values* are what the template sees. Those of them that are components (in lists and
    mappings too) follow changes, as on any other page; what the template makes itself does not.
    The template needs ``nitro.head``, ``nitro.start`` and ``nitro.end``. The dialog shows its
    block ``content``; without such a block it opens as a page of its own.
    """

    __slots__ = ("_template", "_values")

    def __init__(
        self,
        template: Template,
        /,
        *,
        title: str = "",
        description: str = "",
        head: Iterable[Child] = (),
        lang: str | None = None,
        theme: Theme | None = None,
        icon: str | None = None,
        topics: Iterable[str] = (),
        live: bool = True,
        **values: Any,
    ) -> None:
        super().__init__(
            # never written: it is where the components of the page are looked for
            *_components(values.values()),
            title=title,
            description=description,
            head=head,
            lang=lang,
            theme=theme,
            icon=icon,
            topics=topics,
            live=live,
        )
        self._template = _escaping(template)
        self._values = values

    def within(self, layout: Layout | None) -> JinjaPage:
        """Refuse: the template itself says what stands around its content."""
        msg = f"{self!r} has its frame in the template {self._template.name!r}"
        raise TypeError(msg)

    def views(self, context: RenderContext) -> Sequence[Any]:
        """Answer the live views of the components among the values."""
        return self.content.views(context)

    def build(self, context: RenderContext) -> Element:
        """Render the template."""
        with _being_rendered(self):
            return Fragment(Safe(self._template.render(self._values)))

    def for_dialog(self, context: RenderContext | None = None) -> Element:
        """Answer the block ``content`` as it stands in the dialog, else the way to the page."""
        context = context or current_context()
        block = self._template.blocks.get("content")
        if block is None:
            return shell.go_to(context.url)
        live = shell.dialog_live(context.cursor) if self.has_stream(context) else None
        with _being_rendered(self):
            text = "".join(block(self._template.new_context(self._values)))
        return shell.dialog_content(Safe(text), live, title=self.title)


@contextmanager
def _being_rendered(page: JinjaPage) -> Iterator[None]:
    token = _page.set(page)
    try:
        yield
    finally:
        _page.reset(token)


def _escaping(template: Template) -> Template:
    """Answer *template* if its environment escapes values; ValueError if it does not."""
    wanted = template.environment.autoescape
    if not (wanted(template.name) if callable(wanted) else wanted):
        msg = (
            f"The template {template.name!r} does not escape what it is given. Make its "
            "environment with autoescape=True"
        )
        raise ValueError(msg)
    return template


def _components(values: Iterable[object]) -> Iterator[Component | Element]:
    for value in values:
        if isinstance(value, Component | Element):
            yield value
        elif isinstance(value, list | tuple):
            yield from _components(cast("Sequence[object]", value))
        elif isinstance(value, Mapping):
            yield from _components(cast("Mapping[object, object]", value).values())
