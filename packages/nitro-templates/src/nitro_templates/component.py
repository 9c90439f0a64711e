"""Parts of a page that are built when the page is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from nitro_templates.context import current_context
from nitro_templates.escape import Safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from nitro_templates.context import LiveView, RenderContext
    from nitro_templates.html import Element

__all__ = ["Component"]


class Component:
    """Something that becomes an `Element` when the page around it is rendered.

    Subclass it and write `build`. As a child of an element it stays a hole until the
    element is turned into text, so it sees the request's `RenderContext`.
    """

    __slots__ = ()

    do_not_call_in_templates: ClassVar[bool] = True
    """Templates of Django call what can be called; a form or a table would lose its meaning."""

    def build(self, context: RenderContext) -> Element:
        """Answer the element for *context*; called once per rendering."""
        msg = f"{type(self).__name__} has no build(context) method"
        raise NotImplementedError(msg)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live views inside, by default those of what `build` answers.

        Override it where that is known without building.
        """
        return self.build(context).views(context)

    def beside(self, taken: set[str]) -> Component:
        """Answer this component as it stands on a page where *taken* names are in the URL.

        What it takes itself it adds to them. Most take none, and answer themselves.
        """
        return self

    def __html__(self) -> str:
        """Render in the current context."""
        return self.build(current_context()).__html__()

    def __html_format__(self, spec: str) -> Safe:
        """Answer the HTML for ``Markup("…{}…").format(…)`` of markupsafe."""
        if spec:
            msg = f"{type(self).__name__} takes no format, and was given {spec!r}"
            raise ValueError(msg)
        return Safe(self.__html__())

    def __str__(self) -> str:
        return self.__html__()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let FastAPI take the class as a return annotation."""
        from nitro_templates.schema import html_schema

        return html_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe it as a string of HTML."""
        return {"type": "string", "format": "html"}
