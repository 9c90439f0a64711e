"""The servers and files that data is in, asked by their drivers."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from nitro.doctor.finding import Finding, error, ok, warning
from nitro.sources import without_password

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ask_postgres", "ask_redis", "ask_sqlite", "file_of"]

PATIENCE = 3
"""Seconds to wait for a server."""
SKEW = 2.0
"""Seconds that two clocks may differ: times of other workers are compared with one's own."""


def file_of(url: str) -> Path | None:
    """Return the file of SQLite that *url* names, None for other databases."""
    if not url.startswith("sqlite"):
        return None
    path = url.partition("://")[2].removeprefix("/").partition("?")[0]
    return Path(path) if path and path != ":memory:" else None


def ask_sqlite(url: str) -> Iterator[Finding]:
    """Look whether the file can be used; nothing is made."""
    file = file_of(url)
    if file is None:
        yield warning("SQLite in memory: gone when the process ends", "sqlite:///data.db")
        return
    if not file.exists():
        place = next((one for one in file.absolute().parents if one.exists()), Path("/"))
        if os.access(place, os.W_OK):
            yield ok(f"{file} will be made by the first save")
        else:
            yield error(
                f"{file} is not there, and {place} may not be written to", f"chmod {place}"
            )
        return
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        remedy = f"chmod u+w {file.parent} {file}"
        yield error(f"{file} and its folder have to be writable: SQLite keeps a journal", remedy)
        return
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as exc:
        yield error(f"{file}: {exc}", "Restore it from a backup, or set NITRO_DATABASE_URL")
        return
    finally:
        connection.close()
    yield ok(f"SQLite, {file}")


def ask_postgres(url: str, variable: str) -> Iterator[Finding]:
    """Ask the server that *variable* names for its version and its time."""
    if find_spec("psycopg") is None:
        return  # the check of extras has said so
    psycopg: Any = import_module("psycopg")
    plain = _without(f"postgresql://{url.partition('://')[2]}", "prefix", "keep")
    try:
        with psycopg.connect(plain, connect_timeout=PATIENCE) as connection:
            row = connection.execute("SELECT clock_timestamp(), version()").fetchone()
    except psycopg.Error as exc:
        said = without_password(str(exc)).strip().splitlines()[0]
        remedy = f"Start it, or set {variable}"
        yield error(f"PostgreSQL does not answer at {_place(url)}: {said}", remedy)
        return
    yield ok(f"{str(row[1]).partition(' (')[0].partition(' on ')[0]} at {_place(url)}")
    yield from _skew(row[0], _place(url))


def ask_redis(url: str, variable: str) -> Iterator[Finding]:
    """Ask the server that *variable* names for its version and its time."""
    if find_spec("redis") is None:
        return  # the check of extras has said so
    redis: Any = import_module("redis")
    plain = _without(url, "prefix", "keep")
    client = redis.Redis.from_url(
        plain, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=None
    )
    try:
        seconds, micros = client.time()
        found = client.info("server")["redis_version"]
    except redis.RedisError as exc:
        remedy = f"Start it (redis-server), or set {variable}"
        yield error(
            f"Redis does not answer at {_place(url)}: {without_password(str(exc))}", remedy
        )
        return
    finally:
        client.close()
    yield ok(f"Redis {found} at {_place(url)}")
    yield from _skew(datetime.fromtimestamp(seconds + micros / 1e6, UTC), _place(url))


def _skew(there: datetime, place: str) -> Iterator[Finding]:
    apart = abs((datetime.now(UTC) - there).total_seconds())
    if apart > SKEW:
        remedy = "timedatectl set-ntp true, on both machines"
        yield warning(f"the clocks here and at {place} are {apart:.0f} s apart", remedy)


def _without(url: str, *names: str) -> str:
    """Return *url* without the parts of its query that are meant for us."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in names]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _place(url: str) -> str:
    parts = urlsplit(url)
    return (
        f"{parts.hostname or 'this machine'}{f':{parts.port}' if parts.port else ''}{parts.path}"
    )
