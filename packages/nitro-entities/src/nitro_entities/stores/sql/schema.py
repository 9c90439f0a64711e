"""Tables that appear by themselves, and what is said when one does not fit."""

from collections.abc import Iterable

from sqlalchemy import Dialect, Table
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from nitro_entities.errors import SchemaMismatch
from nitro_entities.stores.sql.table import VERSION


def create_statements(table: Table, dialect: Dialect) -> list[str]:
    """Answer the statements that make *table* and its indexes."""
    statements: list[DDLElement] = [CreateTable(table, if_not_exists=True)]
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    statements += [CreateIndex(index, if_not_exists=True) for index in indexes]
    return [str(statement.compile(dialect=dialect)).strip() for statement in statements]


def with_needed(table: Table) -> list[Table]:
    """List *table* after the tables that its foreign keys point to."""
    found: list[Table] = []
    seen: set[Table] = set()

    def add(one: Table) -> None:
        if one in seen:
            return
        seen.add(one)
        for other in referred_to(one):
            add(other)
        found.append(one)

    add(table)
    return found


def referred_to(table: Table) -> list[Table]:
    """List the other tables that the foreign keys of *table* point to, by name."""
    others = {key.column.table for key in table.foreign_keys} - {table}
    return sorted(others, key=lambda other: other.name)


def depth(table: Table, above: tuple[Table, ...] = ()) -> int:
    """Answer how many tables stand between *table* and one that refers to nothing."""
    others = [other for other in referred_to(table) if other not in above]
    return max((1 + depth(other, (*above, table)) for other in others), default=0)


def check(table: Table, present: Iterable[str]) -> None:
    """Make sure that an existing table has what the class needs. Raises SchemaMismatch.

    A table without our version column was made by somebody else, and is used as it is.
    """
    columns = set(present)
    wanted = [column.name for column in table.columns if column.name != VERSION]
    lacking = [name for name in wanted if name not in columns]
    if lacking:
        msg = (
            f"Table {table.name!r} has no column {', '.join(map(repr, lacking))}. Add it with "
            f"a migration (nitro db migrate) or ALTER TABLE, or remove the table to have it "
            f"made anew"
        )
        raise SchemaMismatch(msg)
