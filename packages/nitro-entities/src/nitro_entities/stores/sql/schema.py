"""Tables that appear by themselves, and what is said when one does not fit."""

from collections.abc import Iterable

from sqlalchemy import Dialect, Table
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from nitro_entities.errors import SchemaMismatch
from nitro_entities.stores.sql.table import VERSION


def create_statements(table: Table, dialect: Dialect) -> list[str]:
    """Answer the statements that make *table* and its indexes."""
    statements: list[DDLElement] = [CreateTable(table, if_not_exists=True)]
    statements += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
    return [str(statement.compile(dialect=dialect)).strip() for statement in statements]


def with_needed(table: Table) -> list[Table]:
    """List *table* after the tables that its foreign keys point to."""
    found: list[Table] = []

    def add(one: Table) -> None:
        if one in found:
            return
        found.append(one)
        for key in one.foreign_keys:
            add(key.column.table)

    add(table)
    return found[::-1]


def check(table: Table, present: Iterable[str]) -> bool:
    """Say whether an existing table counts versions. Raises SchemaMismatch.

    A table without our version column was made by somebody else, and is used as it is.
    """
    columns = set(present)
    lacking = [name for name in table.c.keys() if name not in columns and name != VERSION]  # noqa: SIM118
    if lacking:
        msg = (
            f"Table {table.name!r} has no column {', '.join(map(repr, lacking))}. Add it with "
            f"ALTER TABLE, or remove the table to have it made anew"
        )
        raise SchemaMismatch(msg)
    return VERSION in columns
