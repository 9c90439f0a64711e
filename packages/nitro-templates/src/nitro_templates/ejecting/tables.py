"""The table of a class as code: its columns, each with the function of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nitro_templates.fields.view import FieldView

from .cells import reason_of
from .code import Arg, Call, Code, call, literal, returned

__all__ = ["write_table"]


def write_table(name: str, fields: Sequence[FieldView], cells: Mapping[str, str]) -> str:
    """Write the subclass of `Table`; *cells* are the functions by field."""
    columns = [Arg("", _column(field, cells), reason_of(field)) for field in fields]
    return f'''class {name}Table(Table):
    """The table: which columns, in which order, and what stands in them."""

    @classmethod
    def from_entity(cls, subject: object) -> Self:
        """Show all of the class, or what a query finds."""
        table = super().from_entity(subject)
{returned(Call("table.columns", tuple(columns)), 8)}'''


def _column(field: FieldView, cells: Mapping[str, str]) -> Call:
    cell = cells.get(field.name)
    more: dict[str, Code] = {"numeric": "True"} if field.numeric else {}
    shown = [literal(field.name), *([] if cell is None else [cell])]
    return call("Column", *shown, label=literal(field.label), **more)
