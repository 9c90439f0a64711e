"""HTML as immutable values, escaped while they are built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from nitro_templates.attributes import write_attributes
from nitro_templates.component import Component
from nitro_templates.escape import HasHtml, Safe, escape, escape_exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from nitro_templates.context import LiveView, RenderContext

__all__ = ["Child", "Element", "Fragment", "Tag", "raw_text"]

Part: TypeAlias = "str | Component"
Child: TypeAlias = "object"
"""Text, a number, an element, a component, anything with ``__html__``, a list or
generator of these; None and booleans leave no trace."""


class Element:
    """A piece of HTML, final from the moment it is built.

    What is static is one string already; components inside are holes that are filled
    when the element is turned into text with ``str()``. Calling an element answers a
    new one with more children: ``Div(cls="box")("text")``.
    """

    __slots__ = ("_close", "_parts", "static")

    def __init__(self, text: str | None, parts: tuple[Part, ...] = (), close: str = "") -> None:
        # Not for users: *text* (or *parts*, if there are holes, and *text* is None then)
        # is trusted HTML that ends with *close*. Build elements with tags.
        self.static = text
        self._parts = parts
        self._close = close

    @property
    def parts(self) -> tuple[Part, ...]:
        """Finished HTML and the components between, in order."""
        return self._parts if self.static is None else (self.static,)

    def __call__(self, *children: Child) -> Element:
        """Answer a new element with *children* added at the end."""
        close = self._close
        if not close:
            msg = f"{self!r} is a void element or no single element and takes no children"
            raise TypeError(msg)
        if close in RAW_TEXT_ENDS:
            opening: list[Part] = list(self.parts)
            opening[-1] = str(opening[-1])[: -len(close)]
            opening.append(raw_text(RAW_TEXT_ENDS[close], children))
            return _joined([*opening, close], close)
        parts: list[Part] = list(self.parts)
        parts[-1] = str(parts[-1])[: -len(close)]
        add_children(parts, children)
        parts.append(close)
        return _joined(parts, close)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live views of all components inside, in page order."""
        return [
            view
            for part in self._parts
            if isinstance(part, Component)
            for view in part.views(context)
        ]

    def __html__(self) -> str:
        """Answer the HTML; components are rendered in the current context."""
        if self.static is not None:
            return self.static
        return "".join(
            [part if type(part) is str else part.__html__() for part in self._parts]  # type: ignore[union-attr]
        )

    def __str__(self) -> str:
        return self.__html__()

    def __repr__(self) -> str:
        text = "".join(p if isinstance(p, str) else f"{{{type(p).__name__}}}" for p in self.parts)
        return f"<Element {text if len(text) <= 80 else text[:77] + '...'}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return NotImplemented
        return self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

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


class Tag:
    """Makes elements of one name: ``Div("text", cls="box")``.

    Attributes are written in the order they are given. See `attributes` for names.
    """

    __slots__ = ("_bare", "_close", "_open", "name")

    def __init__(self, name: str, *, void: bool = False) -> None:
        self.name = name
        self._open = f"<{name}"
        self._bare = f"<{name}>"
        self._close = "" if void else f"</{name}>"

    def __repr__(self) -> str:
        return f"<Tag {self.name}>"

    def __call__(self, *children: Child, **attributes: object) -> Element:
        """Answer the element; plain text is escaped, wherever it stands."""
        text = write_attributes(self._open, attributes) + ">" if attributes else self._bare
        close = self._close
        if not close:
            if children:
                msg = f"<{self.name}> is a void element and takes no children"
                raise TypeError(msg)
            return Element(text)
        for child in children:
            kind = type(child)
            if kind is str:
                text += escape_exact(cast("str", child))
            elif kind is Element and (inner := cast("Element", child).static) is not None:
                text += inner
            elif child is None or kind is bool:
                continue
            else:
                return self._with_holes(text, children)
        return Element(text + close, (), close)

    def _with_holes(self, text: str, children: tuple[Child, ...]) -> Element:
        # The slow way for everything that is not plain text or a finished element.
        # It starts again from the opening tag, since *text* has children by now.
        opening = text[: _end_of_opening(text)]
        parts: list[Part] = [opening]
        add_children(parts, children)
        parts.append(self._close)
        return _joined(parts, self._close)


def _end_of_opening(text: str) -> int:
    # Attribute values hold no ">": the first one ends the opening tag.
    return text.index(">") + 1


class RawTextTag(Tag):
    """``Script`` and ``Style``, whose content the browser does not unescape."""

    __slots__ = ()

    def __call__(self, *children: Child, **attributes: object) -> Element:
        """Answer the element; only `Safe` content (or none) is taken."""
        opening = write_attributes(self._open, attributes) + ">"
        return Element(opening + raw_text(self.name, children) + self._close, (), self._close)


RAW_TEXT_ENDS = {"</script>": "script", "</style>": "style"}


def raw_text(tag: str, children: Iterable[Child]) -> str:
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


def Fragment(*children: Child) -> Element:  # noqa: N802 - used like a tag
    """Answer the children side by side, without an element around them."""
    parts: list[Part] = [""]
    add_children(parts, children)
    return _joined(parts, "")


def add_children(parts: list[Part], children: Iterable[Child]) -> None:
    """Append each of *children* to *parts* as HTML, components as they are."""
    for child in children:
        kind = type(child)
        if kind is str:
            parts.append(escape_exact(cast("str", child)))
        elif isinstance(child, Element):
            parts.extend(child.parts)
        elif child is None or kind is bool:
            continue
        elif kind is int or kind is float:
            parts.append(str(child))
        elif isinstance(child, Component):
            parts.append(child)
        elif isinstance(child, (list, tuple, Iterator)):
            add_children(parts, child)  # pyright: ignore[reportUnknownArgumentType]
        elif hasattr(kind, "__html__"):
            parts.append(_trusted(child))
        else:
            parts.append(escape(_as_text(child)))


def _trusted(child: object) -> str:
    assert isinstance(child, HasHtml)
    html = cast("object", child.__html__())
    if not isinstance(html, str):
        msg = f"{type(child).__name__}.__html__() answered {type(html).__name__}, not str"
        raise TypeError(msg)
    return str.__str__(html)


_UNPRINTABLE = (bytes, bytearray, Mapping, set, frozenset)


def _as_text(child: object) -> str:
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


def _joined(parts: list[Part], close: str) -> Element:
    """Collapse neighbouring strings; one string if there is no hole."""
    if all(isinstance(part, str) for part in parts):
        return Element("".join(parts), (), close)  # type: ignore[arg-type]
    merged: list[Part] = []
    run: list[str] = []
    for part in parts:
        if isinstance(part, str):
            run.append(part)
            continue
        if run:
            merged.append("".join(run))
            run = []
        merged.append(part)
    if run:
        merged.append("".join(run))
    return Element(None, tuple(merged), close)
