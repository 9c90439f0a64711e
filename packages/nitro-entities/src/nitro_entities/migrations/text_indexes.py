"""The text indexes that `__search__` asks for: brought after migrations, written down in none."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.exc import DBAPIError

from nitro_entities.fields import search_fields
from nitro_entities.migrations.tables import kept_tables
from nitro_entities.stores.sql import postgres_text, sqlite_text
from nitro_entities.stores.sql.sqlite_trigrams import Layout, State, has_trigrams
from nitro_entities.stores.sql.table import VERSION, columns_of
from nitro_entities.stores.sql.text_index import Run

_log = logging.getLogger("nitro_entities")


def bring(connection: Connection) -> None:
    """Make the indexes that are missing or out of date, and remove what no class asks for."""

    def run(sql: str, values: Sequence[Any]) -> list[Any]:
        found = connection.exec_driver_sql(sql, tuple(values))
        return list(found.fetchall()) if found.returns_rows else []

    wanted = list(_wanted(connection))
    if connection.dialect.name == "sqlite":
        if has_trigrams():
            _bring_to_sqlite(wanted, run)
    else:
        _bring_to_postgres(connection, wanted, run)


def _wanted(connection: Connection) -> Iterator[tuple[type[Any], Table]]:
    """List what has an index; tables that others made, or that lack a column, have none."""
    inspector = inspect(connection)
    for cls, table in kept_tables():
        if search_fields(cls) and inspector.has_table(table.name):
            present = {column["name"] for column in inspector.get_columns(table.name)}
            if present.issuperset((VERSION, *columns_of(cls, table, search_fields(cls)))):
                yield cls, table


def _bring_to_sqlite(wanted: list[tuple[type[Any], Table]], run: Run) -> None:
    names = {table.name for _, table in wanted}
    for name in sqlite_text.indexed_tables(run):
        if name not in names:
            Layout(name, "id", ("id",)).remove(run)
    for cls, table in wanted:
        layout = sqlite_text.layout_of(cls, table)
        if layout.state(run) is not State.WHOLE:
            layout.begin(run)
            last = layout.fill(run)
            while last is not None:
                last = layout.fill(run, last)
            layout.finish(run)


def _bring_to_postgres(
    connection: Connection, wanted: list[tuple[type[Any], Table]], run: Run
) -> None:
    names = {postgres_text.index_name(table.name) for _, table in wanted}
    for name in postgres_text.present(run):
        if name not in names:
            postgres_text.remove(run, name)
    for cls, table in wanted:
        layout = postgres_text.layout_of(cls, table)
        if not layout.has(run):
            try:
                with connection.begin_nested():
                    layout.make(run)
            except DBAPIError as exc:
                _log.warning(postgres_text.WITHOUT, table.name, str(exc.orig).splitlines()[0])
