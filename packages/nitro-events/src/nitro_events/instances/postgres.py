"""The log in PostgreSQL: a table that is written under a lock, and NOTIFY to wake its readers.

Whoever writes holds an advisory lock until the commit, so ids are given in the order of commits
and grow by one: who has read up to an id has missed nothing before it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from nitro_events.instances.log import BATCH, Entry, Letter, Mark, Options, Standing
from nitro_events.instances.statements import (
    BEGIN,
    COLUMNS,
    CREATE,
    DURABLY,
    KNOWN,
    LOCK,
    PUT,
    STANDING,
    TRIM,
)
from nitro_events.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PostgresLog"]


class PostgresLog:
    """A table in one PostgreSQL database; made at first use."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, OSError)

    def __init__(self, url: str) -> None:
        options = Options.of(url)
        if not re.fullmatch("[a-z_][a-z0-9_]{0,40}", options.prefix):
            msg = (
                "prefix= of the events_url begins the name of a table, so it has small letters, "
                f"digits and _ only, got {options.prefix!r}"
            )
            raise SettingsError(msg)
        self._url = options.url
        self._table = f"{options.prefix}_live"
        self._keep = options.keep
        try:
            known = conninfo_to_dict(self._url)
        except psycopg.ProgrammingError:
            # neither the URL nor the error is shown: they may hold a password
            msg = "The events_url is none. Use one such as postgresql://user@host/database"
            raise SettingsError(msg) from None
        self._place = f"{known.get('host', '')}/{known.get('dbname', '')} {self._table}"

    def __repr__(self) -> str:
        return f"<PostgreSQL {self._place}>"

    def open(self) -> PostgresSession:
        """Connect, and make the table if there is none. Raises psycopg.Error."""
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            prepare_threshold=None,  # poolers in between know nothing of prepared statements
            connect_timeout=5,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=15_000,
            application_name="nitro events",
        )
        # what is seen under the lock must not be older than the lock
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        session = PostgresSession(connection, self._table, self._keep)
        try:
            session.prepare()
        except BaseException:
            session.close()
            raise
        return session


class PostgresSession:
    """One connection, see `nitro_events.instances.log.Session`."""

    def __init__(self, connection: psycopg.Connection[Any], table: str, keep: int) -> None:
        self._connection = connection
        self._table = table
        self._keep = keep
        self._untrimmed = keep
        self._listens = False

    def prepare(self) -> None:
        """Make the table, unless it is there; who may not make tables can still use it."""
        # a machine that vanishes in the middle must not hold the lock until TCP notices
        self._execute(
            "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'; "
            "SET client_min_messages = warning"
        )
        self._execute(DURABLY)
        if self._one("SELECT to_regclass(%s)", self._table)[0] is None:
            with self._connection.transaction():
                self._execute(LOCK, self._table)
                self._execute(CREATE)

    def append(self, sender: str, acknowledged: int, letters: Sequence[Letter]) -> None:
        """Add what is not there yet."""
        with self._pipeline(), self._connection.transaction():
            self._execute(LOCK, self._table)
            row = self._execute(KNOWN, sender).fetchone()
            newest, epoch, seen = row or (0, "", None)
            if row is None or (seen is not None and seen < acknowledged):
                newest, epoch = self._begin(newest)
            fresh = [letter for letter in letters if letter.number > (seen or 0)]
            if fresh:
                parts = (list(part) for part in zip(*fresh, strict=True))
                self._execute(PUT, newest, epoch, sender, *parts)
            self._execute("SELECT pg_notify(%s, '')", self._table)
        self._trim(len(fresh))

    def standing(self) -> Standing:
        """Return what there is, made if need be."""
        row = self._execute(STANDING).fetchone()
        if row is None:
            with self._connection.transaction():
                self._execute(LOCK, self._table)
                if self._execute(STANDING).fetchone() is None:
                    self._begin(0)
            return self.standing()
        oldest, begin, newest, epoch, sender, number = row
        return Standing(
            Mark(epoch, begin, begin, ""), oldest, _mark(newest, epoch, sender, number)
        )

    def span(self, position: int, limit: int | None = None) -> list[Entry]:
        """Return the entries at and after *position*."""
        said = f"SELECT {COLUMNS} FROM {{table}} WHERE id >= %s ORDER BY id LIMIT %s"
        return [_entry(*row) for row in self._execute(said, position, limit).fetchall()]

    def renew(self, epoch: str) -> None:
        """Begin a new epoch in place of *epoch*."""
        with self._connection.transaction():
            self._execute(LOCK, self._table)
            newest, known, _ = self._one(KNOWN, "")
            if known == epoch:
                self._begin(newest)
                self._execute("SELECT pg_notify(%s, '')", self._table)

    def read(self, after: int, wait: float) -> list[Entry]:
        """Return the next entries, waiting for them."""
        if not self._listens:
            self._execute("LISTEN {table}")
            self._listens = True
        found = self.span(after + 1, BATCH)
        if not found:
            for _ in self._connection.notifies(timeout=wait, stop_after=1):
                pass
            found = self.span(after + 1, BATCH)
        return found

    def wake(self) -> None:
        """End the waiting, from another thread."""
        with contextlib.suppress(OSError, psycopg.Error):
            # a copy of the number: closing it must not close the one that is being used
            number = os.dup(self._connection.fileno())
            with socket.socket(fileno=number) as opened:
                opened.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Disconnect."""
        with contextlib.suppress(psycopg.Error, OSError):
            self._connection.close()

    def _begin(self, newest: int) -> tuple[int, str]:
        # by the clock: a number that was given before the loss must not mean something else now
        epoch = secrets.token_hex(8)
        return self._one(BEGIN, newest + 1, epoch)[0], epoch

    def _trim(self, added: int) -> None:
        self._untrimmed += added
        if self._untrimmed >= max(self._keep // 10, 1):
            self._execute(TRIM, self._keep)
            self._untrimmed = 0

    def _pipeline(self) -> contextlib.AbstractContextManager[object]:
        if psycopg.Pipeline.is_supported():
            return self._connection.pipeline()
        return contextlib.nullcontext()  # an old libpq: more round trips

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self._execute(query, *values).fetchone()
        assert row is not None
        return row

    def _execute(self, query: str, *values: object) -> psycopg.Cursor[Any]:
        # the name was checked: nothing in it needs quoting
        said = query.replace("{table}", self._table)
        return self._connection.execute(said.encode(), values or None)


def _mark(id: int, epoch: str, sender: str, number: int) -> Mark:
    return Mark(epoch, id, id, f"{sender} {number}" if sender else "")


def _entry(
    id: int, epoch: str, sender: str, number: int, head: bytes, data: bytes, seal: bytes
) -> Entry:
    letter = Letter(number, head, data, seal) if sender else None
    return Entry(_mark(id, epoch, sender, number), sender, letter)
