"""What may stand inside an element, as HTML text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from nitro_templates.escape import HasHtml, Safe

__all__ = ["raw_text", "shown_text", "trusted"]


def trusted(child: object) -> str:
    """Answer the HTML of something that has ``__html__``."""
    assert isinstance(child, HasHtml)
    html = cast("object", child.__html__())
    if not isinstance(html, str):
        msg = f"{type(child).__name__}.__html__() answered {type(html).__name__}, not str"
        raise TypeError(msg)
    return str.__str__(html)


_UNPRINTABLE = (bytes, bytearray, Mapping, set, frozenset)


def shown_text(child: object) -> str:
    """Answer the text that *child* reads as; raises TypeError for what is no text."""
    if isinstance(child, str):
        return str.__str__(child)
    if isinstance(child, (int, float)):
        return str(child)
    kind = type(child)
    if isinstance(child, _UNPRINTABLE) or callable(child) or kind.__str__ is object.__str__:
        msg = (
            f"{kind.__name__} cannot stand in HTML. Give text, a number, an element, "
            f"something with __html__, or a list of these: str(...) it if that is meant"
        )
        raise TypeError(msg)
    return str(child)


def raw_text(tag: str, children: Iterable[object]) -> str:
    """Answer the content of a ``<script>`` or ``<style>``.

    Raises TypeError for plain text (escaping cannot make it safe there) and
    ValueError for `Safe` text that would end the element.
    """
    text = ""
    for child in children:
        if child is None or isinstance(child, bool):
            continue
        if not isinstance(child, Safe):
            msg = (
                f"<{tag}> was given {type(child).__name__}: text is not escaped in there. "
                f"Vouch for constant text with Safe(...), and hand data over in data-* attributes"
            )
            raise TypeError(msg)
        text += str.__str__(child)
    if f"</{tag}" in text.lower() or "<!--" in text:
        msg = f"Text in <{tag}> must not contain </{tag} or <!--"
        raise ValueError(msg)
    return text
