"""Short messages in a corner of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from nitro_templates.component import Component
from nitro_templates.html import Element, Fragment, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.html import Child

__all__ = ["KINDS", "Kind", "Toast", "kind_of"]

Kind: TypeAlias = Literal["success", "info", "warning", "error"]

KINDS = {"success": "\u2713", "info": "i", "warning": "!", "error": "!"}
"""Each kind, and the sign that tells it apart without colours."""

_SPOKEN = {"warning": later("Warning: "), "error": later("Error: ")}
_div, _span, _button = Tag("div"), Tag("span"), Tag("button")


def kind_of(kind: str) -> str:
    """Answer *kind*; ValueError names the kinds there are."""
    if kind not in KINDS:
        msg = f"No kind of toast is called {kind!r}. Kinds: {', '.join(KINDS)}"
        raise ValueError(msg)
    return kind


class Toast(Component):
    """A short message, closed by a button, by Escape, or by itself.

    Append it to ``#nitro-toasts``, or give it to `Page.toasting`. Warnings and errors are
    read out at once and stay until they are closed; others go after *seconds*, 6 unless said
    otherwise, but never under the pointer or the focus. With ``seconds=0`` it stays.
    """

    __slots__ = ("_content", "_kind", "_seconds")

    def __init__(
        self, *content: Child, kind: Kind = "success", seconds: float | None = None
    ) -> None:
        self._content = Fragment(*content)
        self._kind = kind_of(kind)
        urgent = kind in _SPOKEN
        self._seconds = seconds if seconds is not None else 0 if urgent else 6

    def build(self, context: RenderContext) -> Element:
        """Write the message, what kind it is, and the button that closes it."""
        kind = self._kind
        spoken = _SPOKEN.get(kind)
        return _div(
            _span(KINDS[kind], cls="nitro-sign", aria_hidden="true"),
            _div(
                _span(_(spoken), cls="nitro-hidden") if spoken else None,
                self._content,
                cls="nitro-toast-text",
            ),
            _button(
                _span("\u00d7", aria_hidden="true"),
                type="button",
                cls="nitro-toast-close",
                aria_label=_("Close message"),
            ),
            cls=["nitro-toast", kind],
            role="alert" if spoken else None,
            data_seconds=f"{self._seconds:g}",
        )
