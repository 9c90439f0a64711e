"""The columns of a table: which value a cell shows, under which heading."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

from nitro_templates.fields.describe import FieldView, humanise
from nitro_templates.fields.formats import field_text
from nitro_templates.i18n import later
from nitro_templates.identity import identity

_WHOLE = frozenset({"date", "datetime", "time"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of your own: `Column("margin", lambda product: product.price - product.cost)`.

    *value* gets the thing of the row and returns a value or something with `__html__`;
    without it the attribute called *name* is shown. Columns that are no declared field
    are not sortable.
    """

    name: str
    value: Callable[[Any], object] | None = None
    label: str | None = None
    numeric: bool = False
    hidden: bool = False
    """Not shown before somebody chooses it (see `Table.with_column_choice`)."""


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """A column as one table shows it."""

    name: str
    label: str
    get: Callable[[Any], object]
    numeric: bool
    sortable: bool
    key: Hashable
    reference: FieldView | None = None
    """The field that it shows by the titles of what it refers to, if it is such a field."""
    reader: FieldView | None = None
    """The field that says how its values read, if others of their type read otherwise."""
    files: bool = False
    """Whether its values are stored files."""
    whole: bool = False
    """Whether its values, such as times and ids, are hard to read over two lines."""
    hidden: bool = False

    @property
    def shown(self) -> Callable[[Any], object]:
        """Gets what people read; *get* gets the value itself."""
        get, reader = self.get, self.reader
        return get if reader is None else lambda thing: field_text(reader, get(thing))

    @property
    def css_class(self) -> str:
        """The class attribute of its cells, with a space in front; nothing for most."""
        name = "number" if self.numeric else "whole" if self.whole else ""
        return f' class="{name}"' if name else ""


def bind(
    columns: Sequence[str | Column] | None, fields: Sequence[FieldView]
) -> tuple[BoundColumn, ...]:
    """Match *columns*, or by default all *fields* meant for tables, with the declared fields.

    LookupError names a column that is not declared, with the ones that are.
    """
    known = {field.name: field for field in fields}
    relations = {field.relation: field for field in fields if field.relation is not None}
    if columns is None:
        return tuple(_of_field(f, None) for f in fields if "table" not in f.hidden_in)
    bound: list[BoundColumn] = []
    for column in columns:
        wanted = Column(column) if isinstance(column, str) else column
        field = known.get(wanted.name)
        if field is None and wanted.value is None:
            field = relations.get(wanted.name)
        if field is not None:
            bound.append(_of_field(field, wanted))
        elif wanted.value is not None:
            bound.append(_of_function(wanted, wanted.value))
        elif wanted.name == "id":  # every row has one, though forms do not ask for it
            bound.append(_of_id(wanted))
        else:
            msg = f"No field {wanted.name!r} to show. Known fields: {', '.join(known)}"
            raise LookupError(msg)
    return tuple(bound)


def _of_field(field: FieldView, said: Column | None) -> BoundColumn:
    get = said.value if said is not None and said.value is not None else _getter(field.name)
    plain = said is None or said.value is None
    reference = field if plain and field.reference is not None else None
    return BoundColumn(
        name=field.name,
        label=(said.label if said is not None else None) or field.label,
        get=get,
        numeric=field.numeric or (said is not None and said.numeric),
        sortable=field.sortable,
        hidden=said is not None and said.hidden,
        whole=reference is None
        and (field.widget in _WHOLE or field.name == "id" or field.name.endswith("_id")),
        reference=reference,
        files=plain and field.stored,
        reader=field if plain and field.read_by_field else None,
        key=(
            field.name,
            said and said.label,
            said and said.numeric,
            identity(None if said is None else said.value),
        ),
    )


def _of_id(column: Column) -> BoundColumn:
    return BoundColumn(
        "id",
        column.label or later("Id"),
        _getter("id"),
        numeric=False,
        sortable=False,
        key=("id", column.label),
        whole=True,
        hidden=column.hidden,
    )


def _of_function(column: Column, value: Callable[[Any], object]) -> BoundColumn:
    return BoundColumn(
        name=column.name,
        label=column.label or humanise(column.name),
        get=value,
        numeric=column.numeric,
        sortable=False,
        hidden=column.hidden,
        key=(column.name, column.label, column.numeric, identity(value)),
    )


@lru_cache(maxsize=1024)
def _getter(name: str) -> Callable[[Any], object]:
    # two of one name are not equal, and what is compiled for the columns is kept by them
    return attrgetter(name)


def with_cell(
    columns: Sequence[BoundColumn], name: str, value: Callable[[Any], object]
) -> tuple[BoundColumn, ...]:
    """Answer *columns*, that called *name* showing what *value* answers.

    LookupError names a column that is not there, with those that are.
    """
    if all(column.name != name for column in columns):
        known = ", ".join(column.name for column in columns)
        msg = f"No column {name!r} to change. Columns: {known}"
        raise LookupError(msg)
    return tuple(
        replace(
            column,
            get=value,
            key=(column.key, identity(value)),
            reference=None,
            reader=None,
            files=False,
        )
        if column.name == name
        else column
        for column in columns
    )
