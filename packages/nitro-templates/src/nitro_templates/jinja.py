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

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import Environment, Template
from jinja2.ext import Extension

from nitro_templates import shell
from nitro_templates.component import Component
from nitro_templates.context import RenderContext, current_context
from nitro_templates.escape import Safe
from nitro_templates.html import Element
from nitro_templates.page import Theme
from nitro_templates.parts import PageParts, being_rendered, components_in
from nitro_templates.tags import Fragment
from nitro_templates.template_page import TemplatePage

if TYPE_CHECKING:
    from nitro_templates.html import Child
    from nitro_templates.layout import Layout

__all__ = ["JinjaPage", "JinjaPart", "NitroExtension", "PageParts"]

Values: TypeAlias = Mapping[str, Any]


class NitroExtension(Extension):
    """Adds ``nitro`` to every template of an environment."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["nitro"] = PageParts()


class JinjaPart(Component):
    """A template as a part of a page that is written in Python: ``Page(JinjaPart(template, …))``.

    Components among *values* are live where they stand.
    """

    __slots__ = ("_inside", "_template", "_values")

    def __init__(self, template: Template, /, **values: Any) -> None:
        self._template = _escaping(template)
        self._values = values
        self._inside = Fragment(*components_in(values.values()))

    def build(self, context: RenderContext) -> Element:
        """Render the template."""
        return Fragment(Safe(self._template.render(self._values)))

    def views(self, context: RenderContext) -> Sequence[Any]:
        """Answer the live views of the components among the values."""
        return self._inside.views(context)


class JinjaPage(TemplatePage):
    """A page whose whole document is a template: return it from a handler.

    *values* are what the template sees. Those of them that are components (in lists and
    mappings too) follow changes, as on any other page; what the template makes itself does not.
    The template needs ``nitro.head``, ``nitro.start`` and ``nitro.end``. The dialog shows its
    block ``content``; without such a block it opens as a page of its own.
    """

    __slots__ = ("_template",)

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
            _escaping(template).render,
            title=title,
            description=description,
            head=head,
            lang=lang,
            theme=theme,
            icon=icon,
            topics=topics,
            live=live,
            **values,
        )
        self._template = template

    def within(self, layout: Layout | None) -> JinjaPage:
        """Refuse: the template itself says what stands around its content."""
        msg = f"{self!r} has its frame in the template {self._template.name!r}"
        raise TypeError(msg)

    def for_dialog(self, context: RenderContext | None = None) -> Element:
        """Answer the block ``content`` as it stands in the dialog, else the way to the page."""
        context = context or current_context()
        block = self._template.blocks.get("content")
        if block is None:
            return shell.go_to(context.url)
        live = shell.dialog_live(context) if self.has_stream(context) else None
        with being_rendered(self):
            text = "".join(block(self._template.new_context(self._values)))
        return shell.dialog_content(Safe(text), live, title=self.title)


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
