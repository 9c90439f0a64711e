"""SQLite: one connection that writes, several that read, for each database and process."""

import json
import logging
import os
import sqlite3
import time
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    LargeBinary,
    String,
    Table,
    and_,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL

from nitro_entities import changes
from nitro_entities.config import durable_changes, settings
from nitro_entities.errors import StoreBusy, StoreUnusable
from nitro_entities.fields import Kind, search_fields
from nitro_entities.search import Needle, found
from nitro_entities.stores.locks import FairLock
from nitro_entities.stores.sql import migrated, sqlite_text, sqlite_trigrams
from nitro_entities.stores.sql.change_log import SQLiteLog
from nitro_entities.stores.sql.database import (
    Database,
    Facts,
    Spelling,
    SQLTransaction,
    Violation,
)
from nitro_entities.stores.sql.sqlite_text import SQLiteTextIndex
from nitro_entities.stores.sql.sqlite_trigrams import State
from nitro_entities.stores.sql.table import VERSION

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.fields import FieldSpec
    from nitro_entities.outbox import Message
    from nitro_entities.verbs import Verbs

_log = logging.getLogger("nitro_entities")

DECIMAL = "nitro_decimal"
ICONTAINS = "nitro_icontains"

_MOST_IDLE_READERS = 32

# SQLite connections must not be used, nor closed, in a forked child: kept here, they are neither
_abandoned: list[object] = []
_UNUSABLE = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_FULL",
             "SQLITE_IOERR", "SQLITE_READONLY")  # fmt: skip

_KEYS = """
SELECT max(name) FROM pragma_table_info(?) WHERE pk HAVING count(*) = 1
UNION
SELECT max(part.name) FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS part
WHERE i."unique" AND NOT i.partial GROUP BY i.name HAVING count(*) = 1
"""

_databases: "weakref.WeakSet[SQLiteDatabase]" = weakref.WeakSet()


class SQLiteSpelling(Spelling):
    """What SQLite writes in its own way. Text sorts by code point already."""

    def key(self, column: Any, spec: "FieldSpec", facts: Facts) -> Any:
        """Compare decimals, which are text here, by value."""
        if spec.kind is Kind.DECIMAL:
            return cast(column, String).collate(DECIMAL)
        return column

    def can_list(self, spec: "FieldSpec") -> bool:
        """Say whether JSON carries the values exactly."""
        return spec.kind not in (Kind.NUMBER, Kind.BYTES, Kind.BOOLEAN)

    def listed(self, column: Any, value: Any) -> ColumnElement[bool]:
        """Look into a JSON array."""
        values = func.json_each(value).table_valued("value")
        inside: ColumnElement[bool] = column.in_(select(values.c.value))
        return inside

    def list_of(self, values: Sequence[Any]) -> str:
        """Answer a JSON array."""
        return json.dumps(values, ensure_ascii=False)

    def contains(self, column: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Look for the text: LIKE would disregard case."""
        return func.instr(column, next(values)) > literal_column("0")

    def contains_values(self, text: str) -> list[Any]:
        """Answer the text."""
        return [text]

    def startswith(self, column: Any, key: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Compare the beginning."""
        smallest = key >= next(values)  # lets an index find the beginning
        start, length = next(values), next(values)
        return and_(smallest, func.substr(column, literal_column("1"), length) == start)

    def startswith_values(self, text: str) -> list[Any]:
        """Answer the smallest text, the text and its length."""
        return [text, text, len(text)]

    def search(self, column: Any, needle: Needle, values: Iterator[Any]) -> ColumnElement[bool]:
        """Let LIKE decide wherever it can, and call a function for the other rows only."""
        function = getattr(func, ICONTAINS)
        not_ascii = func.length(column) != func.length(cast(column, LargeBinary))
        if needle.pattern is None:
            folded = function(next(values), column) == literal_column("1")
            return folded if needle.folded.isascii() else and_(not_ascii, folded)
        like = column.like(next(values), escape="\\")
        if not needle.special:
            found_by_like: ColumnElement[bool] = like
            return found_by_like
        special = [func.instr(column, next(values)) > literal_column("0") for _ in needle.special]
        folded = function(next(values), column) == literal_column("1")
        return or_(like, and_(not_ascii, or_(false(), *special), folded))

    def search_values(self, needle: Needle) -> list[Any]:
        """Answer the pattern, the special characters and the needle, where they are asked for."""
        if needle.pattern is None:
            return [needle.folded]
        if not needle.special:
            return [needle.pattern]
        return [needle.pattern, *needle.special, needle.folded]


class SQLiteDatabase(Database):
    """One database file of this process.

    All our writes go through one connection, in turn: so its ``PRAGMA data_version`` changes
    exactly when somebody else wrote.
    """

    spelling = SQLiteSpelling()
    error = sqlite3.Error

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.path = url.database or ":memory:"
        self.in_memory = self.path == ":memory:" or "mode=memory" in self.path
        self.dialect: Dialect = sqlite.dialect(paramstyle="qmark")
        self.busy_timeout = settings().busy_timeout
        self.lock = FairLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: deque[sqlite3.Connection] = deque()
        self._seen_version: int | None = None
        self._file: tuple[int, int] | None = None
        self._active: SQLTransaction | None = None
        self._ending = Lock()  # who takes the active transaction out is the one who ends it
        _databases.add(self)
        self._feed = changes.feed()
        self._feed.watched.append(self)
        if durable_changes() and not self.in_memory:
            self.log = SQLiteLog(self.classes, self._feed)

    def __repr__(self) -> str:
        return f"<SQLite {self.path}>"

    def close(self) -> None:
        """Close all connections; the next use opens new ones. An open transaction is undone."""
        if self in self._feed.watched:
            self._feed.watched.remove(self)
        self._give_up()
        self.hold()
        try:
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        finally:
            self.lock.release()

    def _give_up(self) -> None:
        """Undo the transaction that a unit of work has open, which may never end."""
        with self._ending:
            tx, self._active = self._active, None
            if tx is None:
                return
            tx.undone = tx.given_up = True
        connection: Any = tx.connection
        with suppress(sqlite3.Error):
            # what another thread writes right after the rollback would be a commit of its own
            connection.execute("PRAGMA query_only=ON")
            connection.execute("ROLLBACK")
        connection.close()
        self._writer = None
        self.lock.release()

    def forget_connections(self) -> None:
        """Leave the connections of the parent process alone, after a fork."""
        _abandoned.append((self._writer, self._idle))
        self._writer, self._idle, self._active = None, deque(), None
        self.lock, self._schema_lock, self._ending = FairLock(), RLock(), Lock()
        if self.log is not None:
            self.log.start_in_child()
        self._seen_version = -1  # whatever it is now, others may have written since the fork

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

    def take(self, entity: "Verbs") -> sqlite3.Connection:
        """Wait for the writing connection. Raises StoreBusy, StoreUnusable."""
        connection = self._take_writer()
        if self.log is not None:
            try:
                # what comes next is the write: it takes the file as it would without BEGIN
                connection.execute("BEGIN")
            except BaseException:
                self.lock.release()
                raise
        return connection

    def done(self, connection: sqlite3.Connection, batch: "Sequence[Change]") -> None:
        """Commit, if the write was not committed at once, and queue its changes."""
        log = self.log
        if log is None:
            self._feed.publish(batch)
            return
        try:
            mark = log.record(connection, batch)
            connection.execute("COMMIT")
        except sqlite3.Error as exc:
            raise self.explained(exc) from None
        log.publish(connection, batch, mark)

    def give(self, connection: sqlite3.Connection) -> None:
        """Let the next one write."""
        try:
            if self.log is not None and connection.in_transaction:
                connection.execute("ROLLBACK")
        finally:
            self.lock.release()

    def _take_writer(self) -> sqlite3.Connection:
        self.hold()
        try:
            return self.writer
        except BaseException:
            self.lock.release()
            raise

    def _begin(self) -> sqlite3.Connection:
        connection = self._take_writer()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except BaseException as exc:
            self.lock.release()
            if isinstance(exc, sqlite3.Error):
                raise self.explained(exc) from None
            raise
        return connection

    def fetch(
        self, sql: str, parameters: Sequence[Any], tx: SQLTransaction | None = None
    ) -> list[Any]:
        """Answer all rows."""
        if tx is not None or self.in_memory:
            return self._fetch_from_writer(sql, parameters, tx)
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open_reader()
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as exc:
            raise self.explained(exc) from None
        finally:
            if len(self._idle) < _MOST_IDLE_READERS:
                self._idle.append(connection)
            else:
                connection.close()

    def _fetch_from_writer(
        self, sql: str, parameters: Sequence[Any], tx: SQLTransaction | None
    ) -> list[Any]:
        connection: Any = self._take_writer() if tx is None else tx.connection
        try:
            return connection.execute(sql, parameters).fetchall()  # type: ignore[no-any-return]
        except sqlite3.Error as exc:
            raise self.explained(exc) from None
        finally:
            if tx is None:
                self.lock.release()

    def chosen_id(self, cursor: sqlite3.Cursor) -> int:
        """Answer the number of the row."""
        return cursor.lastrowid or 0

    def begin(self) -> SQLTransaction:
        """Wait for the database and start a transaction. Raises StoreBusy."""
        self._active = SQLTransaction(self, self._begin())
        return self._active

    def has_undone(self, tx: SQLTransaction) -> bool:
        """Say whether SQLite undid *tx*, as when the disk is full; what follows is undone too."""
        connection: Any = tx.connection
        if not tx.undone and not connection.in_transaction:
            tx.undone = True
            connection.execute("BEGIN")  # or each statement from now on would be its own commit
        return tx.undone

    def commit(
        self, tx: SQLTransaction, batch: "Sequence[Change]", outbox: "Sequence[Message]"
    ) -> None:
        """Make everything visible and free the database."""
        if self.has_undone(tx):
            if tx.given_up:
                raise self._closed()
            msg = (
                f"{self} undid what this unit of work had written, because an earlier statement "
                f"failed. Let the error end the unit, and run it again when the cause is gone"
            )
            raise StoreUnusable(msg)
        connection, log = tx.connection, self.log
        try:
            self.outbox.write(tx, outbox)
            mark = log.record(connection, batch) if batch and log is not None else None
            with self._ending:
                if tx.given_up:
                    raise self._closed()
                self._active = None
            connection.execute("COMMIT")
        except sqlite3.Error as exc:
            raise self.explained(exc) from None
        if mark is not None and log is not None:
            log.publish(connection, batch, mark)
        elif batch:
            self._feed.publish(batch)
        self.lock.release()

    def rollback(self, tx: SQLTransaction) -> None:
        """Undo everything and free the database."""
        with self._ending:
            if tx.given_up:
                return
            self._active = None
        connection: Any = tx.connection
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        finally:
            self.lock.release()

    def violation(self, exc: Exception, facts: Facts) -> Violation | None:
        """Read the columns out of the message: "UNIQUE constraint failed: city.name"."""
        if not isinstance(exc, sqlite3.IntegrityError):
            return None
        reason, start = str(exc), "UNIQUE constraint failed: "
        if not reason.startswith(start):
            return Violation((), reason)
        named = reason.removeprefix(start)
        index = named.removeprefix("index ").strip("'")
        if named.startswith("index "):
            return Violation(facts.unique.get(index, ()), reason)
        return Violation(tuple(part.rpartition(".")[2] for part in named.split(", ")), reason)

    def explained(self, exc: Exception) -> Exception:
        """Answer StoreBusy if another process keeps the file, else *exc* itself."""
        if self._active is not None:
            self.has_undone(self._active)
        name = getattr(exc, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StoreBusy(f"Another process kept {self} too long: {exc}")
        if name.startswith(_UNUSABLE):
            return self._unusable(exc)
        if isinstance(exc, sqlite3.ProgrammingError) and "closed database" in str(exc):
            return self._closed()
        return exc

    def look_up(self, table: str, tx: SQLTransaction | None) -> Facts | None:
        """Ask the database for the columns."""
        rows = self.fetch("SELECT name, lower(type) FROM pragma_table_info(?)", (table,), tx)
        if not rows:
            return None
        columns = dict(rows)
        keys = frozenset(name for (name,) in self.fetch(_KEYS, (table, table), tx))
        return Facts(columns, VERSION in columns, keys=keys)

    def _with_index(
        self, cls: "type[Verbs]", table: Table, facts: Facts, tx: SQLTransaction | None
    ) -> Facts:
        """Make the text index, remove it when the class does not ask for it any more."""
        fields = search_fields(cls)
        layout = sqlite_text.layout_of(cls, table)
        state = layout.state(lambda sql, values: self.fetch(sql, values, tx))
        wanted = State.WHOLE if fields else State.NONE
        if state is not wanted:
            if not facts.versioned:
                _log.warning(
                    "Nitro has not made the table %r, and sets no triggers on it: searches of %s "
                    "go without an index", table.name, cls.__name__,
                )  # fmt: skip
                return facts
            if migrated.leaves_it_to_migrations(is_migrated=self._is_migrated(tx)):
                _log.warning(
                    "The text index of %s is not as __search__ says, so searches go without it. "
                    "Run: nitro db upgrade", cls.__name__,
                )  # fmt: skip
                return facts
            if not sqlite_trigrams.has_trigrams():
                _log.warning(
                    "Searches of %s go without an index: SQLite %s has no FTS5 with trigrams, "
                    "which came with 3.34", cls.__name__, sqlite3.sqlite_version,
                )  # fmt: skip
                return facts
            sqlite_text.bring(self, layout, wanted, tx)
        return replace(facts, index=SQLiteTextIndex(fields, layout)) if fields else facts

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
            explained = self.log is not None and self.log.catch_up(self.writer)
            batch = tuple(changes.unknown(cls) for cls in tuple(self.classes.values()))
            if batch and not explained:
                self._feed.publish(batch)
        finally:
            self.lock.release()
            self._feed.deliver()

    def _present_file(self) -> tuple[int, int] | None:
        """Say which file the path leads to: SQLite would write on into one that was removed."""
        if self.in_memory:
            return None
        try:
            found = os.stat(self.path)
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def _closed(self) -> StoreUnusable:
        return StoreUnusable(
            f"{self} was closed, as by state.reset(), before this unit of work had ended, so that "
            f"what it had written is undone. Run it again"
        )

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
            explained = self.explained(exc)
            if explained is exc:
                raise self._unusable(exc) from exc
            raise explained from None
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
