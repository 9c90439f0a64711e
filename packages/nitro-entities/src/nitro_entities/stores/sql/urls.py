"""Which databases are open, by URL."""

import threading

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from nitro_entities.errors import EntityError
from nitro_entities.state import state
from nitro_entities.stores.sql.database import Database
from nitro_entities.stores.sql.sqlite import SQLiteDatabase

_EXAMPLES = "sqlite:///data.db or postgresql://user:password@host/name"


class Databases(dict[str, Database]):
    """The open databases by URL."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def close(self) -> None:
        """Close them all."""
        for database in self.values():
            database.close()


def database_at(url: str) -> Database:
    """Answer the database at *url*, opened at its first use."""
    known = state.part(Databases)
    with known.lock:
        if url not in known:
            known[url] = _open(url)
        return known[url]


def _open(url: str) -> Database:
    try:
        parsed = make_url(_spelt_as_usual(url))
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        # not shown: it may hold a password
        msg = (
            f"The database URL is none. Set NITRO_DATABASE_URL, or configure(database_url=…), "
            f"to one such as {_EXAMPLES}"
        )
        raise EntityError(msg) from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        return SQLiteDatabase(parsed)
    if name == "postgresql":
        return _open_postgres(parsed)
    msg = f"No store for {name!r} databases yet. Use a URL such as {_EXAMPLES}"
    raise EntityError(msg)


def _open_postgres(url: URL) -> Database:
    if url.get_driver_name() not in ("psycopg", "psycopg2"):  # the latter is SQLAlchemy's default
        msg = (
            f"PostgreSQL is used through psycopg 3, not {url.get_driver_name()!r}. "
            f"Begin the URL with postgresql:// or postgresql+psycopg://"
        )
        raise EntityError(msg)
    try:
        from nitro_entities.stores.sql.postgres import PostgresDatabase
    except ImportError as exc:
        if exc.name is None or not exc.name.startswith("psycopg"):
            raise
        msg = (
            "PostgreSQL needs a driver that is not installed: "
            "pip install 'nitro-entities[postgres]'"
        )
        raise ImportError(msg, name=exc.name) from exc
    return PostgresDatabase(url)


def _spelt_as_usual(url: str) -> str:
    """Answer *url* with the name that SQLAlchemy knows: hosts also say postgres://."""
    return "postgresql://" + url[11:] if url.startswith("postgres://") else url
