"""Skeletons: the shape of what is still on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from nitro_templates.component import Component
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .options import one_of

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

__all__ = ["Shape", "Skeleton"]

Shape: TypeAlias = Literal["text", "card", "row", "block"]

_div, _span = Tag("div"), Tag("span")


class Skeleton(Component):
    """Grey lines where something will be, until a patch brings it.

    "text" are *lines* of text, "card" a box with a few, "row" a picture with two lines beside it,
    "block" one area. What is read out is *label*, by default "Loading…".
    """

    __slots__ = ("_attributes", "_label", "_lines", "_shape")

    def __init__(
        self,
        shape: Shape = "text",
        *,
        lines: int = 3,
        label: str | None = None,
        **attributes: object,
    ) -> None:
        self._shape = one_of("The shape of a skeleton", shape, get_args(Shape))
        self._lines = 2 if shape == "row" else 0 if shape == "block" else lines
        self._label = label
        self._attributes = attributes

    def build(self, context: RenderContext) -> Element:
        """Write the lines, hidden from who listens, and the word for them."""
        return _div(
            _span(self._label or _("Loading…"), cls="nitro-hidden"),
            _div([_span() for _line in range(self._lines)], aria_hidden="true"),
            cls="nitro-skeleton",
            data_shape=self._shape,
            role="status",
            **self._attributes,
        )

    def views(self, context: RenderContext) -> tuple[()]:
        """Answer none."""
        return ()
