"""Arguments of a component while it is compiled: places in the HTML that have no value yet."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LINES",
    "Argument",
    "Attribute",
    "Hole",
    "Sheet",
    "Slot",
    "evaluate",
    "mark",
]

Attribute: TypeAlias = "tuple[str, bool, Callable[[str, object], str]]"
"""How an attribute is written: its start, whether text is only escaped, the writer."""
LINES = "\ue002"
"""Stands before a mark where a line break at the start of the value has to be written twice."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands for an argument, or for what is reached from it by ``.name`` and ``[key]``."""

    index: int
    label: str
    steps: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        steps = [f".{step}" if kind == "name" else f"[{step!r}]" for kind, step in self.steps]
        return self.label + "".join(steps)


@dataclass(frozen=True, slots=True)
class Sum:
    """Two values of which at least one is a hole, put together by ``+``."""

    left: object
    right: object


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes: an attribute, or (None) among the children of an element."""

    source: object
    attribute: Attribute | None = None


@dataclass(eq=False, slots=True)
class Sheet:
    """What one compilation has found so far."""

    slots: list[Slot] = field(default_factory=list[Slot])
    unused: set[Argument] = field(default_factory=set[Argument])
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))  # nobody can have typed it

    def mark(self, slot: Slot) -> str:
        """Answer the text that stands in the HTML for what goes into *slot*."""
        self.slots.append(slot)
        self.use(slot.source)
        return f"\ue000{self.nonce}:{len(self.slots) - 1}\ue001"

    @property
    def marks(self) -> re.Pattern[str]:
        """Finds the marks; groups are `LINES`, if it stands before, and the number of the slot."""
        return re.compile(f"({LINES}?)\ue000{self.nonce}:([0-9]+)\ue001")

    def use(self, source: object) -> None:
        """Note that the holes in *source* are shown."""
        if type(source) is Hole:
            source = source.nitro_source
        if type(source) is Argument:
            self.unused.discard(source)
        elif type(source) is Sum:
            self.use(source.left)
            self.use(source.right)
        elif isinstance(source, Mapping):
            for value in cast("Mapping[object, object]", source).values():
                self.use(value)
        elif isinstance(source, (list, tuple)):
            for value in cast("Sequence[object]", source):
                self.use(value)


def _refuse(self: Hole, *_args: object) -> NoReturn:
    source = self.nitro_source
    name = source if type(source) is Argument else "a sum of arguments"
    msg = (
        f"A compiled component looked at {name}: it may only place its "
        f"arguments, in elements and attributes, because it runs once for all values. Work the "
        f"value out before and pass it in, or leave the decorator away"
    )
    raise TypeError(msg)


class Hole:
    """A value that is not known yet. It may be placed, and nothing may be asked of it."""

    __slots__ = ("nitro_sheet", "nitro_source")
    __class__ = property(_refuse)  # pyright: ignore # what isinstance asks for

    nitro_sheet: Sheet
    nitro_source: Argument | Sum

    def __init__(self, sheet: Sheet, source: Argument | Sum) -> None:
        self.nitro_sheet = sheet
        self.nitro_source = source

    def __getattr__(self, name: str) -> Hole:
        if name.startswith("_"):
            _refuse(self)
        return self.nitro_step("name", name)

    def __getitem__(self, key: object) -> Hole:
        return self.nitro_step("key", key)

    def __add__(self, other: object) -> Hole:
        return Hole(self.nitro_sheet, Sum(self, other))

    def __radd__(self, other: object) -> Hole:
        return Hole(self.nitro_sheet, Sum(other, self))

    def nitro_step(self, kind: str, step: object) -> Hole:
        """Answer the hole for what is reached from this one."""
        source = self.nitro_source
        if type(source) is not Argument or (kind == "key" and type(step) not in (str, int)):
            _refuse(self)
        self.nitro_sheet.use(source)
        reached = Argument(source.index, source.label, (*source.steps, (kind, step)))
        self.nitro_sheet.unused.add(reached)
        return Hole(self.nitro_sheet, reached)


# Set from here, because to a type checker a class with such methods is no ordinary one.
_QUESTIONS = (
    "bool len iter next reversed contains str repr format bytes hash eq ne lt le gt ge index int "
    "float complex round abs neg pos invert sub rsub mul rmul mod rmod truediv rtruediv floordiv "
    "rfloordiv pow and rand or ror xor call enter exit await aiter fspath"
)
for _question in _QUESTIONS.split():
    setattr(Hole, f"__{_question}__", _refuse)


def hole_in(value: object) -> Hole | None:
    """Answer a hole that *value* is or holds."""
    if type(value) is Hole:
        return value
    inner: Sequence[object] = ()
    if isinstance(value, Mapping):
        inner = list(cast("Mapping[object, object]", value).values())
    elif isinstance(value, (list, tuple)):
        inner = cast("Sequence[object]", value)
    return next((hole for hole in map(hole_in, inner) if hole is not None), None)


def mark(value: object, attribute: Attribute | None = None) -> str | None:
    """Answer what stands in the HTML for *value*, None if there is no hole in it."""
    hole = hole_in(value)
    if hole is None:
        return None
    source = hole.nitro_source if type(value) is Hole else value
    return hole.nitro_sheet.mark(Slot(source, attribute))


def evaluate(source: object, values: Sequence[Any]) -> Any:
    """Answer what *source* is when the arguments have these *values*."""
    if type(source) is Hole:
        source = source.nitro_source
    if type(source) is Argument:
        return _reach(values[source.index], source.steps)
    if type(source) is Sum:
        return evaluate(source.left, values) + evaluate(source.right, values)
    if isinstance(source, Mapping):
        named = cast("Mapping[object, object]", source)
        return {name: evaluate(value, values) for name, value in named.items()}
    if isinstance(source, (list, tuple)):
        return [evaluate(value, values) for value in cast("Sequence[object]", source)]
    return source


def _reach(value: Any, steps: Sequence[tuple[str, Any]]) -> Any:
    for kind, step in steps:
        value = getattr(value, step) if kind == "name" else value[step]
    return value
