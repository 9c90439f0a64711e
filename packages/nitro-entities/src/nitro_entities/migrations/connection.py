"""A connection on which migrations run: one at a time, all of them or nothing."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from nitro_entities.config import database_url, settings
from nitro_entities.migrations.errors import MigrationError
from nitro_entities.stores.sql.text_index import PREFIX

# any number will do, as long as nobody else takes it
_LOCK = 0x6E6974726F
_MADE_ANEW = re.compile(r'ALTER TABLE "?_alembic_tmp_.* RENAME TO ', re.DOTALL)


@contextmanager
def connected(*, writes: bool) -> Generator[Connection]:
    """Open the configured database; who *writes* waits for others who migrate it."""
    url = _url()
    engine = _engine(url, writes=writes)
    try:
        with engine.connect() as connection:
            if url.get_backend_name() != "postgresql":
                yield connection
                return
            if writes:
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
            # a migration that waits for a table makes everybody else wait behind it
            connection.exec_driver_sql(f"SET lock_timeout = '{settings().busy_timeout:g}s'")
            connection.commit()
            yield connection  # and closing it gives the lock back
    finally:
        engine.dispose()


def _url() -> URL:
    said = database_url()
    try:
        url = make_url("postgresql://" + said[11:] if said.startswith("postgres://") else said)
    except ArgumentError:
        msg = "The database URL is none. Set NITRO_DATABASE_URL to one such as sqlite:///data.db"
        raise MigrationError(msg) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    path = url.database or ":memory:"
    if url.get_backend_name() == "sqlite":
        if path == ":memory:" or "mode=memory" in path or "memory" in url.query.get("mode", ""):
            msg = "A database in memory is gone before a migration could be of use"
            raise MigrationError(msg)
        if not path.startswith("file:"):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
    return url


def _engine(url: URL, *, writes: bool) -> Engine:
    # values stay out of error texts: they may be secret
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    said = {"isolation_level": None, "timeout": settings().busy_timeout}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=said)

    # the driver would begin at the first INSERT, and commit each CREATE on its own
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    # a table that is made anew takes its old name back: whatever refers to that name, such as a
    # view, is right again only afterwards
    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        if _MADE_ANEW.match(sql):
            cursor.execute("PRAGMA legacy_alter_table=ON")

    @event.listens_for(engine, "after_cursor_execute")
    def after(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        if _MADE_ANEW.match(sql):
            cursor.execute("PRAGMA legacy_alter_table=OFF")

    return engine


@contextmanager
def careful(connection: Connection) -> Generator[None]:
    """Keep what SQLite loses when a table is copied and replaced: triggers, and references.

    Those of a text index stay lost, so that it is made anew.

    Runs inside the transaction. Raises MigrationError.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    triggers = _triggers(connection)
    dangling = _dangling(connection)
    yield
    left = _triggers(connection)
    tables = {name for (name,) in _rows(connection, "SELECT name FROM sqlite_master")}
    for name, (table, sql) in triggers.items():
        if name not in left and table in tables and not name.startswith(PREFIX):
            connection.exec_driver_sql(sql)
    broken = _dangling(connection) - dangling
    if broken:
        table, referred = sorted(broken)[0]
        msg = (
            f"Rows of {table!r} would refer to rows that {referred!r} has not got. "
            f"Correct or delete them first"
        )
        raise MigrationError(msg)


def _triggers(connection: Connection) -> dict[str, tuple[str, str]]:
    asked = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    return {name: (table, sql) for name, table, sql in _rows(connection, asked)}


def _dangling(connection: Connection) -> set[tuple[str, str]]:
    found = _rows(connection, "PRAGMA foreign_key_check")
    return {(table, referred) for table, _, referred, _ in found}


def _rows(connection: Connection, sql: str) -> list[Any]:
    return list(connection.exec_driver_sql(sql))
