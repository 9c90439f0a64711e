"""How values get into the places of a compiled component.

For each component a function is written and compiled, as `dataclasses` does: one f-string with
the finished HTML and the places in it. Only HTML that the component itself made, names of
attributes and numbers of places get into its text; values are its arguments.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from nitro_templates.attributes import ESCAPES
from nitro_templates.component import Component
from nitro_templates.escape import Safe, escape_exact
from nitro_templates.holes import Argument, Attribute, Hole, Slot, evaluate
from nitro_templates.html import Element, Part, add_children

__all__ = ["Fill", "Place", "Unprepared", "Writer", "write_fill"]

Writer: TypeAlias = "Callable[[Any], str]"
Fill: TypeAlias = "Callable[..., str]"


class Unprepared(Exception):
    """This value is of a type that has not been tried yet, or is built the ordinary way."""


class Place:
    """Where a value goes, and how values of the types are written that have been tried."""

    __slots__ = ("first", "lines", "slot", "writers")

    def __init__(self, slot: Slot, *, lines: bool) -> None:
        self.slot = slot
        self.lines = lines  # the first text of a <pre>
        self.first: type = object  # the type that is looked for first
        self.writers: dict[type, Writer] = {}

    def __call__(self, value: object) -> str:
        """Write *value*."""
        write = self.writers.get(type(value))
        if write is None:
            raise Unprepared
        return write(value)

    def learn(self, kind: type, write: Writer) -> None:
        """Write values of type *kind* with *write* from now on."""
        self.writers[kind] = write
        if kind is str or self.first is object:
            self.first = kind

    @property
    def escapes(self) -> Callable[[str], str] | None:
        """What to do with exact text where that is all there is to do."""
        attribute = self.slot.attribute
        if attribute is not None:
            return ESCAPES.get(attribute[2])
        return None if self.lines else escape_exact

    def writer(self, kind: type[object]) -> Writer | None:
        """Answer what writes values of type *kind* here, None if nothing can."""
        write = _child(kind)
        if kind is Hole or issubclass(kind, (Component, Iterator)):
            return None  # belongs to a page, or can be read only once
        if self.slot.attribute is not None:
            return _attribute(self.slot.attribute)
        return _lines(write) if self.lines else write


def write_fill(
    texts: Sequence[str], places: Sequence[Place], arguments: int, *, guarded: bool
) -> Fill:
    """Answer the function that fills *places* between *texts*.

    With *guarded*, text in attributes is written without asking what it is. Anything but
    text there raises `Unprepared`, and the function without guards has to be taken.
    """
    names: dict[str, Any] = {"Unprepared": Unprepared, "evaluate": evaluate}
    given = "".join(f"a{number}, " for number in range(arguments))
    lines = [f"def fill({given}):"]
    pieces = [repr(texts[0])]
    for index, (place, text) in enumerate(zip(places, texts[1:], strict=True)):
        names[f"w{index}"], names[f"e{index}"] = place, place.escapes
        names[f"s{index}"] = place.slot.source
        lines.append(f" v{index} = {_read(place.slot.source) or f'evaluate(s{index}, ({given}))'}")
        guard, piece = _piece(place, index, guarded=guarded)
        lines += guard
        pieces += (piece, repr(text))
    lines.append(f" return ({' '.join(pieces)})")
    exec(compile("\n".join(lines), "<a compiled component>", "exec"), names)
    fill: Fill = names["fill"]
    return fill


def _piece(place: Place, index: int, *, guarded: bool) -> tuple[list[str], str]:
    """Answer lines to go before, and what writes the value: one or more string literals."""
    attribute, kind = place.slot.attribute, place.first
    if attribute is None and kind is str and place.escapes is not None:
        return [], f"f'{{e{index}(v{index}) if type(v{index}) is str else w{index}(v{index})}}'"
    if attribute is None and kind in (int, float) and not place.lines:
        name = kind.__name__
        return [], f"f'{{v{index} if type(v{index}) is {name} else w{index}(v{index})}}'"
    if attribute is not None and kind is str and place.escapes is not None and guarded:
        start = f'{attribute[0]}="'
        guard = f" if type(v{index}) is not str: raise Unprepared"
        return [guard], f"{start!r} f'{{e{index}(v{index})}}\"'"
    return [], f"f'{{w{index}(v{index})}}'"


def _read(source: object) -> str:
    """Answer the expression that reads *source*, "" if it takes more than names and keys."""
    if not isinstance(source, Argument):
        return ""
    steps = [_step(kind, step) for kind, step in source.steps]
    return f"a{source.index}{''.join(steps)}" if all(steps) else ""


def _step(kind: str, step: Any) -> str:
    if kind == "key":
        return f"[{step!r}]" if type(step) in (int, str) else ""
    return f".{step}" if step.isidentifier() and not keyword.iskeyword(step) else ""


def _attribute(attribute: Attribute) -> Writer:
    start, plain, write = attribute
    if plain:
        return lambda value: (
            f'{start}="{escape_exact(value)}"'
            if type(value) is str
            else ""
            if value is None
            else write(start, value)
        )
    return lambda value: "" if value is None else write(start, value)


def _child(kind: type) -> Writer:
    if kind is list or kind is tuple:
        return _write_list
    return _WRITERS.get(kind, _write_other)


def _lines(write: Writer) -> Writer:
    def lines(value: Any) -> str:
        text = write(value)
        if not text:  # what comes next is the first text then
            raise Unprepared
        return f"\n{text}" if text.startswith(("\n", "\r")) else text

    return lines


def _nothing(_value: object) -> str:
    return ""


def _write_element(value: Element) -> str:
    if value.static is None:
        raise Unprepared
    return value.static


def _write_list(value: Sequence[object]) -> str:
    texts: list[str] = []
    for item in value:
        kind = type(item)
        if kind not in _WRITERS and kind is not list and kind is not tuple:
            raise Unprepared
        texts.append(_child(kind)(item))
    return "".join(texts)


def _write_other(value: object) -> str:
    parts: list[Part] = []
    add_children(parts, [value])
    if not all(isinstance(part, str) for part in parts):
        raise Unprepared
    return "".join([str(part) for part in parts])


_WRITERS: dict[type, Writer] = {
    str: escape_exact,
    int: str,
    float: str,
    bool: _nothing,
    type(None): _nothing,
    Element: _write_element,
    Safe: str.__str__,
}
