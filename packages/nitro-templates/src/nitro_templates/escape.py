"""Turn text into HTML text: the one escaping function of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HasHtml", "Safe", "escape"]


@runtime_checkable
class HasHtml(Protocol):
    """Anything that knows itself as HTML: our elements, Jinja's Markup, FastHTML's FT."""

    def __html__(self) -> str:
        """Answer finished, trusted HTML."""
        ...


class Safe(str):
    """HTML that the author vouches for: the only way past the escaping.

    ``Safe("<b>bold</b>")`` as a child is put in as it stands. Never build one from
    what a user typed. In an attribute it is escaped like any other text, because
    trusted markup is not a trusted attribute value.
    """

    __slots__ = ()

    def __html__(self) -> str:
        """Answer the text unchanged."""
        return str(self)

    def __html_format__(self, spec: str) -> Safe:
        """Answer the text for ``Markup("…{}…").format(…)`` of markupsafe."""
        return Safe(format(str(self), spec))


def _escape_slowly(text: str, /) -> str:
    if not any(mark in text for mark in "&<>\"'"):
        return text
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
    )


def _fastest() -> Callable[[str], str]:
    try:
        from markupsafe._speedups import _escape_inner  # pyright: ignore
    except ImportError:
        return _escape_slowly
    # A private function of another package: used only while it does what ours does.
    sample = "&<>\"'a\u00fc"
    if _escape_inner(sample) != _escape_slowly(sample):
        return _escape_slowly
    return _escape_inner


escape_exact: Callable[[str], str] = _fastest()
"""Escape an exact ``str``; for a subclass call `escape` instead."""


def escape(text: str, /) -> str:
    """Answer *text* with ``& < > " '`` as character references.

    Fit for element content and for quoted attribute values. A `Safe` is escaped as
    well: whoever wants it unescaped puts it into an element.
    """
    # The C function wants an exact str and would trust a subclass's methods.
    return escape_exact(text if type(text) is str else str.__str__(text))
