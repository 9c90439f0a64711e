"""HTML as immutable values, escaped while they are built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from nitro_templates.attributes import write_attributes
from nitro_templates.children import raw_text, shown_text, trusted
from nitro_templates.component import Component
from nitro_templates.escape import Safe, escape, escape_exact
from nitro_templates.holes import LINES, Hole, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from nitro_templates.context import LiveView, RenderContext

__all__ = ["Child", "Element", "Fragment", "LinesTag", "RawTextTag", "Tag", "add_children"]

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

    __slots__ = ("_parts", "close", "static")

    do_not_call_in_templates: ClassVar[bool] = True
    """Templates of Django call what can be called, and an element takes children then."""

    def __init__(self, text: str | None, parts: tuple[Part, ...] = (), close: str = "") -> None:
        # Not for users: *text* (or *parts*, if there are components, and *text* is None
        # then) is trusted HTML that ends with *close*. Build elements with tags.
        self.static = text
        self.close = close
        if text is None:
            self._parts = parts

    @property
    def parts(self) -> tuple[Part, ...]:
        """Finished HTML and the components between, in order."""
        return self._parts if self.static is None else (self.static,)

    def __call__(self, *children: Child) -> Element:
        """Answer a new element with *children* added at the end."""
        close = self.close
        if not close:
            msg = f"{self!r} is a void element or no single element and takes no children"
            raise TypeError(msg)
        parts: list[Part] = list(self.parts)
        parts[-1] = before = str(parts[-1])[: -len(close)]
        if close in _RAW_TEXT_ENDS:
            parts.append(raw_text(close[2:-1], children))
        elif close in _LINES_ENDS and len(parts) == 1 and _end_of_opening(before) == len(before):
            add_lines(parts, children)
        else:
            add_children(parts, children)
        return joined([*parts, close], close)

    def views(self, context: RenderContext) -> Sequence[LiveView]:
        """Answer the live views of all components inside, in page order."""
        if self.static is not None:
            return []
        return [
            view
            for part in self._parts
            if isinstance(part, Component)
            for view in part.views(context)
        ]

    def on_a_page(self) -> Element:
        """Answer this element with components that do not share names in the page's URL."""
        taken: set[str] = set()
        parts = [p if isinstance(p, str) else p.beside(taken) for p in self.parts]
        return Element(self.static, tuple(parts), self.close) if self.static is None else self

    def __html__(self) -> str:
        """Answer the HTML; components are rendered in the current context."""
        if self.static is not None:
            return self.static
        return "".join(
            [part if type(part) is str else part.__html__() for part in self._parts]  # type: ignore[union-attr]
        )

    def __html_format__(self, spec: str) -> Safe:
        """Answer the HTML for ``Markup("…{}…").format(…)`` of markupsafe."""
        if spec:
            msg = f"{type(self).__name__} takes no format, and was given {spec!r}"
            raise ValueError(msg)
        return Safe(self.__html__())

    def __str__(self) -> str:
        return self.__html__() if self.static is None else self.static

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


_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*", re.ASCII)
_new = object.__new__


class Tag:
    """Makes elements of one name: ``Div("text", cls="box")``.

    Attributes are written in the order they are given. See `attributes` for names.
    Make one for an element of your own: ``UserCard = Tag("user-card")``.
    """

    __slots__ = ("_bare", "_close", "_open", "name")

    def __new__(cls, name: str, *, void: bool = False) -> Tag:  # noqa: D102
        made: Tag = _new(_SPECIAL.get(name.lower(), cls) if cls is Tag else cls)
        return made

    def __init__(self, name: str, *, void: bool = False) -> None:
        if not _TAG_NAME.fullmatch(name):
            msg = f"{name!r} is not the name of an element"
            raise ValueError(msg)
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
            if type(child) is str:
                text += escape_exact(child)
            elif type(child) is Element and (inner := child.static) is not None:
                text += inner
            elif type(child) is int or type(child) is float:
                text += str(child)
            elif child is not None and type(child) is not bool:
                return self._with_holes(text, children)
        # what Element(text + close, (), close) does, in half the time
        made = _new(Element)
        made.static = text + close
        made.close = close
        return made

    def _with_holes(self, text: str, children: tuple[Child, ...]) -> Element:
        # The slow way for everything that is not plain text or a finished element.
        # It starts again from the opening tag, since *text* has children by now.
        parts: list[Part] = [text[: _end_of_opening(text)]]
        add_children(parts, children)
        parts.append(self._close)
        return joined(parts, self._close)


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


class LinesTag(Tag):
    """``Pre`` and ``Textarea``, of whose text the browser drops a line break at the start."""

    __slots__ = ()

    def __call__(self, *children: Child, **attributes: object) -> Element:
        """Answer the element; the text is shown as it is, whatever it starts with."""
        parts: list[Part] = [write_attributes(self._open, attributes) + ">"]
        add_lines(parts, children)
        parts.append(self._close)
        return joined(parts, self._close)


_SPECIAL: dict[str, type[Tag]] = {
    "script": RawTextTag,
    "style": RawTextTag,
    "pre": LinesTag,
    "textarea": LinesTag,
}
_RAW_TEXT_ENDS = frozenset({"</script>", "</style>"})
_LINES_ENDS = frozenset({"</pre>", "</textarea>"})


def add_lines(parts: list[Part], children: Sequence[Child]) -> None:
    """Append *children*, behind a line break to be dropped where they start with one."""
    added: list[Part] = []
    add_children(added, children)
    inside = joined(added, "").parts
    if _starts_with_hole(children):
        parts.append(LINES)
    elif inside and isinstance(inside[0], str) and inside[0].startswith(("\n", "\r")):
        parts.append("\n")
    parts.extend(inside)


def _starts_with_hole(children: Sequence[Child]) -> bool:
    first = children[0] if children else None
    if type(first) is list or type(first) is tuple:
        return _starts_with_hole(first)  # pyright: ignore[reportUnknownArgumentType]
    return type(first) is Hole


def Fragment(*children: Child) -> Element:  # noqa: N802 - used like a tag
    """Answer the children side by side, without an element around them."""
    parts: list[Part] = [""]
    add_children(parts, children)
    return joined(parts, "")


def add_children(parts: list[Part], children: Iterable[Child]) -> None:
    """Append each of *children* to *parts* as HTML, components as they are."""
    for child in children:
        kind = type(child)
        if type(child) is str:
            parts.append(escape_exact(child))
        elif type(child) is Hole:
            parts.append(mark(child) or "")
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
            parts.append(trusted(child))
        else:
            parts.append(escape(shown_text(child)))


def joined(parts: list[Part], close: str) -> Element:
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
