"""Python as it is written down: one line where it fits, else one argument a line.

What comes out is as `ruff format` leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Arg", "Call", "Code", "Either", "arg", "call", "literal", "returned", "write"]

WIDTH = 88
STEP = 4


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: *before* is what stands in front of it, such as ``cls=`` or ``**``."""

    before: str
    code: Code
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call, or with an empty *name* a tuple."""

    name: str
    args: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """The first of two that is true."""

    first: Code
    second: Code


Code: TypeAlias = "str | Call | Either"


def call(name: str, *args: Code | Arg, **named: Code) -> Call:
    """Answer the call of *name*; keyword arguments come last."""
    given = [one if isinstance(one, Arg) else Arg("", one) for one in args]
    return Call(name, (*given, *(Arg(f"{key}=", code) for key, code in named.items())))


def arg(before: str, code: Code) -> Arg:
    """Answer an argument with *before* in front of it."""
    return Arg(before, code)


def literal(value: str) -> str:
    """Write a text: in double quotes, unless that takes more backslashes."""
    said = repr(value)
    if said.startswith('"'):
        return said
    inner = said[1:-1]
    if value.count('"') > value.count("'"):
        return said
    return '"' + inner.replace("\\'", "'").replace('"', '\\"') + '"'


def write(code: Code, indent: int, *, before: int = 0, after: int = 0) -> str:
    """Write *code* in a line that is indented so far.

    *before* and *after* are how many characters stand around it there.
    """
    flat = _flat(code)
    fits = indent + before + len(flat) + after <= WIDTH
    if isinstance(code, str) or (fits and not _has_comment(code)):
        return flat
    if isinstance(code, Either):
        first = write(code.first, indent, before=before)
        return f"{first}\n{' ' * indent}or {write(code.second, indent, before=3, after=after)}"
    lines = "".join(_lines(code, indent + STEP))
    return f"{code.name}(\n{lines}{' ' * indent})"


def returned(code: Code, indent: int) -> str:
    """Write a line that returns *code*."""
    return f"{' ' * indent}return {write(code, indent, before=7)}\n"


def _lines(code: Call, indent: int) -> Iterator[str]:
    space = " " * indent
    for one in code.args:
        if one.comment is not None:
            yield f"{space}# {one.comment}\n"
        inside = write(one.code, indent, before=len(one.before), after=1)
        yield f"{space}{one.before}{inside},\n"


def _flat(code: Code) -> str:
    if isinstance(code, str):
        return code
    if isinstance(code, Either):
        return f"{_flat(code.first)} or {_flat(code.second)}"
    return f"{code.name}({', '.join(one.before + _flat(one.code) for one in code.args)})"


def _has_comment(code: Code) -> bool:
    if isinstance(code, str):
        return False
    if isinstance(code, Either):
        return _has_comment(code.first) or _has_comment(code.second)
    return any(one.comment is not None or _has_comment(one.code) for one in code.args)
