"""A page whose whole document comes out of a template, of whatever engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from nitro_templates import shell
from nitro_templates.context import RenderContext, current_context
from nitro_templates.escape import Safe
from nitro_templates.html import Element
from nitro_templates.i18n.views import in_language
from nitro_templates.page import Page, Theme
from nitro_templates.parts import components_in, written_whole
from nitro_templates.tags import Fragment

if TYPE_CHECKING:
    from nitro_templates.html import Child
    from nitro_templates.layout import Layout

__all__ = ["TemplatePage"]


class TemplatePage(Page):
    """A page that is live like any other, written by ``render(values)``: return it from a handler.

    *render* must escape what it is given, but for what has ``__html__``. Those of *values* that
    are components (in lists and mappings too) follow changes, as on any other page; what the
    template makes itself does not. The template needs the head, start and end of `PageParts`.
    """

    __slots__ = ("_render", "_values")

    def __init__(
        self,
        render: Callable[[dict[str, Any]], str],
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
            *components_in(values.values()),
            title=title,
            description=description,
            head=head,
            lang=lang,
            theme=theme,
            icon=icon,
            topics=topics,
            live=live,
        )
        self._render = render
        self._values = values

    def within(self, layout: Layout | None) -> TemplatePage:
        """Refuse: the template itself says what stands around its content."""
        msg = f"{self!r} has its frame in its template"
        raise TypeError(msg)

    def views(self, context: RenderContext) -> Sequence[Any]:
        """Answer the live views of the components among the values."""
        context = self.read_by(context)
        return in_language(self.content.views(context), context.reader)

    def build(self, context: RenderContext) -> Element:
        """Render the template."""
        return Fragment(Safe(written_whole(self, lambda: self._render(self._values))))

    def for_dialog(self, context: RenderContext | None = None) -> Element:
        """Answer the way to the page: nobody knows which part of it would be the dialog's."""
        return shell.go_to((context or current_context()).url)
