"""A function for the rows of a table, written and compiled once for its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from keyword import iskeyword
from operator import attrgetter
from typing import Any, TypeAlias

from nitro_templates.escape import escape_exact
from nitro_templates.fields.cells import cell
from nitro_templates.fields.formats import LONGEST
from nitro_templates.i18n.texts import GROUPED_FROM

__all__ = ["Cell", "Cells", "Get"]

Get: TypeAlias = "Callable[[Any], object]"
Cell: TypeAlias = "tuple[str, Get, str]"

# What most cells hold is written without asking `cell`, to the same text.
_TEXT = f'e(VALUE) if type(VALUE) is str and 0 < len(VALUE) <= {LONGEST} and "/" not in VALUE'
_IN_BOUNDS = f"-{GROUPED_FROM} < VALUE < {GROUPED_FROM}"
_NUMBER = f"VALUE if (type(VALUE) is float or type(VALUE) is int) and {_IN_BOUNDS}"

_BUILT_IN = ["float", "int", "len", "str", "type"]


class Cells(tuple[Cell, ...]):
    """Opening tag, getter and closing tag of each cell of a row, and what writes them."""

    fill: Callable[[Any, str, str], str]
    """Writes a row of a thing, the row's id (escaped) and the finished cells at its end."""

    @classmethod
    def of(cls, cells: Sequence[Cell], *, plain: bool = True) -> Cells:
        """Answer *cells* with their function; *plain*: numbers are written as everywhere."""
        made = cls(cells)
        made.fill = _write_fill(made, plain)
        return made


def _write_fill(cells: Sequence[Cell], plain_numbers: bool) -> Callable[[Any, str, str], str]:
    # As in `dataclasses`, the text of the function is only our own: labels are quoted.
    names: dict[str, Any] = {"e": escape_exact, "cell": cell}
    # names of the function itself are found faster than those around it
    own = ", ".join(f"{name}={name}" for name in ["e", "cell", *_BUILT_IN])
    lines = [f"def fill(thing, row_id, buttons, {own}):"]
    pieces = ["""f'<tr id="{row_id}">'"""]
    for index, (opening, get, closing) in enumerate(cells):
        names[f"get{index}"] = get
        lines.append(f" v{index} = {_attribute_of(get) or f'get{index}(thing)'}")
        plain = _NUMBER if plain_numbers and ' class="number"' in opening else _TEXT
        plain = plain.replace("VALUE", f"v{index}")
        pieces += (repr(opening), f"f'{{{plain} else cell(v{index})}}'", repr(closing))
    lines.append(f" return ({' '.join(pieces)} f'{{buttons}}</tr>')")
    exec(compile("\n".join(lines), "<rows of a table>", "exec"), names)
    fill: Callable[[Any, str, str], str] = names["fill"]
    return fill


def _attribute_of(get: Get) -> str:
    """Answer how the attribute is read that *get* gets, "" if it does more than that."""
    if not isinstance(get, attrgetter):
        return ""
    name = str(get.__reduce__()[1][0])
    fit = name.isidentifier() and not iskeyword(name) and not name.startswith("__")
    return f"thing.{name}" if fit else ""
