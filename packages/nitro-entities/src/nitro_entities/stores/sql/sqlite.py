"""SQLite: one connection that writes, several that read, for each database and process."""

import os
import sqlite3
import time
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL

from nitro_entities import changes
from nitro_entities.classes import key
from nitro_entities.config import settings
from nitro_entities.errors import AmbiguousClass, SchemaMismatch, StoreBusy, StoreUnusable
from nitro_entities.search import found
from nitro_entities.stores.locks import FairLock
from nitro_entities.stores.sql import schema
from nitro_entities.stores.sql.statements import DECIMAL, ICONTAINS

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.verbs import Verbs

_MOST_IDLE_READERS = 32

# SQLite connections must not be used, nor closed, in a forked child: kept here, they are neither
_abandoned: list[object] = []
_databases: "weakref.WeakSet[SQLiteDatabase]" = weakref.WeakSet()


class SQLiteDatabase:
    """One database file of this process.

    All our writes go through one connection, in turn: so its ``PRAGMA data_version`` changes
    exactly when somebody else wrote.
    """

    durable = True

    def __init__(self, url: URL) -> None:
        self.url = url
        self.path = url.database or ":memory:"
        self.in_memory = self.path == ":memory:" or "mode=memory" in self.path
        self.dialect: Dialect = sqlite.dialect(paramstyle="qmark")
        self.busy_timeout = settings().busy_timeout
        self.classes: dict[str, type[Verbs]] = {}  # by table
        self.lock = FairLock()
        self._schema_lock = RLock()
        self._versioned: dict[str, bool] = {}
        self._writer: sqlite3.Connection | None = None
        self._idle: deque[sqlite3.Connection] = deque()
        self._seen_version: int | None = None
        self._file: tuple[int, int] | None = None
        _databases.add(self)
        self._feed = changes.feed()
        self._feed.watched.append(self)

    def __repr__(self) -> str:
        return f"<SQLite {self.path}>"

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        if self in self._feed.watched:
            self._feed.watched.remove(self)
        self.hold()
        try:
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        finally:
            self.lock.release()

    def forget_connections(self) -> None:
        """Leave the connections of the parent process alone, after a fork."""
        _abandoned.append((self._writer, self._idle))
        self._writer, self._idle = None, deque()
        self.lock, self._schema_lock = FairLock(), RLock()
        self._seen_version = None

    def hold(self) -> None:
        """Wait until nobody else in this process writes. Raises StoreBusy."""
        if not self.lock.acquire(timeout=self.busy_timeout):
            msg = (
                f"A unit of work kept {self} for more than {self.busy_timeout} s. "
                f"Commit earlier, or raise it with configure(busy_timeout=…)"
            )
            raise StoreBusy(msg)

    @property
    def writer(self) -> sqlite3.Connection:
        """Answer the writing connection; the caller holds the lock. Raises StoreUnusable."""
        if self._writer is None:
            self._writer = self._open_writer()
            self._file = self._present_file()
        elif self._file != self._present_file():
            raise self._taken_away()
        return self._writer

    def fetch(self, sql: str, parameters: Sequence[Any], tx: Any = None) -> list[Any]:
        """Answer all rows."""
        if tx is not None:
            return tx.connection.execute(sql, parameters).fetchall()  # type: ignore[no-any-return]
        if self.in_memory:
            self.hold()
            try:
                return self.writer.execute(sql, parameters).fetchall()
            finally:
                self.lock.release()
        connection = self._reader()
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as exc:
            raise busy_or(exc, self) from None
        finally:
            if len(self._idle) < _MOST_IDLE_READERS:
                self._idle.append(connection)
            else:
                connection.close()

    def begin(self) -> "SQLiteTransaction":
        """Wait for the database and start a transaction. Raises StoreBusy."""
        self.hold()
        try:
            self.writer.execute("BEGIN IMMEDIATE")
        except BaseException as exc:
            self.lock.release()
            if isinstance(exc, sqlite3.OperationalError):
                raise busy_or(exc, self) from None
            raise
        return SQLiteTransaction(self)

    def ensure(self, cls: "type[Verbs]", table: Table, tx: "SQLiteTransaction | None") -> bool:
        """Make the table if it is not there; say whether it counts versions.

        Raises SchemaMismatch, and AmbiguousClass when another class has the table.
        """
        with self._schema_lock:
            self._claim(cls, table.name)
            if table.name not in self._versioned:
                versioned = self._make(table, tx)
                if tx is not None:  # a rollback takes a new table with it
                    return versioned
                self._versioned[table.name] = versioned
            return self._versioned[table.name]

    def poll(self) -> None:
        """Publish an unknown change of every class if another connection has committed."""
        if self.in_memory or not self.lock.acquire(timeout=0):
            return  # whoever writes now is us; the next look will tell
        try:
            if not Path(self.path).exists():
                return
            version: int = self.writer.execute("PRAGMA data_version").fetchone()[0]
            seen, self._seen_version = self._seen_version, version
            if seen is None or seen == version:
                return
            batch = tuple(changes.unknown(cls) for cls in tuple(self.classes.values()))
            if batch:
                changes.feed().publish(batch)
        finally:
            self.lock.release()
        changes.feed().deliver()

    def _claim(self, cls: "type[Verbs]", table: str) -> None:
        other = self.classes.get(table)
        if other is not None and other is not cls:
            if key(other) != key(cls) and "<locals>" not in key(other) + key(cls):
                msg = (
                    f"{key(other)} and {key(cls)} would share the table {table!r}. "
                    f"Set __tablename__ on one of them"
                )
                raise AmbiguousClass(msg)
            self._versioned.pop(table, None)  # another class may want other columns
        self.classes[table] = cls

    def _make(self, table: Table, tx: "SQLiteTransaction | None") -> bool:
        present = self._columns(table.name, tx)
        if not present:
            own = self.begin() if tx is None else tx
            try:
                for one in schema.with_needed(table):
                    for statement in schema.create_statements(one, self.dialect):
                        own.connection.execute(statement)
            except BaseException:
                if tx is None:
                    own.rollback()
                raise
            if tx is None:
                own.commit(())
            present = self._columns(table.name, tx)
        try:
            return schema.check(table, present)
        except SchemaMismatch as exc:
            exc.add_note(f"Database: {self.path}")
            raise

    def _columns(self, table: str, tx: "SQLiteTransaction | None") -> list[str]:
        rows = self.fetch("SELECT name FROM pragma_table_info(?)", (table,), tx)
        return [name for (name,) in rows]

    def _present_file(self) -> tuple[int, int] | None:
        """Say which file the path leads to: SQLite would write on into one that was removed."""
        if self.in_memory:
            return None
        try:
            found = os.stat(self.path)
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def _taken_away(self) -> StoreUnusable:
        return StoreUnusable(
            f"The file {self.path} was removed or replaced while it was in use, so that what is "
            f"written would be lost. Put it back, or restart the application"
        )

    def _open_writer(self) -> sqlite3.Connection:
        try:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect()
        except (OSError, sqlite3.Error) as exc:
            raise self._unusable(exc) from exc
        try:
            self._prepare(connection)
        except sqlite3.Error as exc:
            connection.close()
            if isinstance(exc, sqlite3.OperationalError):
                busy = busy_or(exc, self)
                if busy is not exc:
                    raise busy from None
            raise self._unusable(exc) from exc
        return connection

    def _unusable(self, exc: Exception) -> StoreUnusable:
        return StoreUnusable(
            f"Cannot use the database file {self.path}: {exc}. NITRO_DATABASE_URL, or "
            f"configure(database_url=…), names a file that this process may write, such as "
            f"sqlite:///data.db"
        )

    def _prepare(self, connection: sqlite3.Connection) -> None:
        _switch_to_wal(connection, self.busy_timeout)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        if self._seen_version is None:
            self._seen_version = connection.execute("PRAGMA data_version").fetchone()[0]

    def _reader(self) -> sqlite3.Connection:
        with suppress(IndexError):
            return self._idle.pop()
        return self._open_reader()

    def _open_reader(self) -> sqlite3.Connection:
        if self._writer is None:  # the writer makes the file and switches it to WAL
            self.hold()
            try:
                _ = self.writer
            finally:
                self.lock.release()
        elif self._file != self._present_file():  # SQLite would make an empty one
            raise self._taken_away()
        connection = self._connect()
        connection.execute("PRAGMA query_only=ON")
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self.busy_timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            uri=self.path.startswith("file:"),
        )
        connection.create_function(ICONTAINS, 2, found, deterministic=True)
        connection.create_collation(DECIMAL, _compare_decimals)
        return connection


class SQLiteTransaction:
    """A transaction on the writing connection."""

    def __init__(self, database: SQLiteDatabase) -> None:
        self.database = database
        self.connection = database.writer
        self._marks = 0

    def savepoint(self) -> str:
        """Mark the present state."""
        self._marks += 1
        mark = f"nitro_{self._marks}"
        self.connection.execute(f"SAVEPOINT {mark}")
        return mark

    def rollback_to(self, mark: str, /) -> None:
        """Undo what came after *mark*."""
        self.connection.execute(f"ROLLBACK TO {mark}")
        self.connection.execute(f"RELEASE {mark}")

    def release(self, mark: str, /) -> None:
        """Keep what came after *mark*."""
        self.connection.execute(f"RELEASE {mark}")

    def commit(self, batch: "Sequence[Change]", /) -> None:
        """Make everything visible and free the database."""
        try:
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise busy_or(exc, self.database) from None
        if batch:
            changes.feed().publish(batch)
        self.database.lock.release()

    def rollback(self) -> None:
        """Undo everything and free the database."""
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        finally:
            self.database.lock.release()


def busy_or(exc: sqlite3.OperationalError, database: SQLiteDatabase) -> Exception:
    """Answer StoreBusy if another process keeps the file, else *exc* itself."""
    if exc.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"Another process kept {database} too long: {exc}")
    return exc


def _switch_to_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch to WAL; SQLite does not wait for others by itself here."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _compare_decimals(left: str, right: str) -> int:
    from decimal import Decimal

    a, b = Decimal(left), Decimal(right)
    return (a > b) - (a < b)


def _after_fork() -> None:
    for database in tuple(_databases):
        database.forget_connections()


os.register_at_fork(after_in_child=_after_fork)
