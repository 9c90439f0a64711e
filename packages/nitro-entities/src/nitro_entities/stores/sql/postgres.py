"""PostgreSQL through psycopg 3: a pool of connections, prepared statements, text by code point."""

import logging
import os
import select
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from threading import Event, RLock
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import TextLoader
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Numeric,
    Table,
    Text,
    and_,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import URL
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from nitro_entities import changes
from nitro_entities.config import durable_changes, settings
from nitro_entities.errors import (
    EntityError,
    InvalidQuery,
    SchemaMismatch,
    StoreBusy,
    StoreUnusable,
)
from nitro_entities.fields import Kind, search_fields
from nitro_entities.search import Needle
from nitro_entities.stores.sql import migrated, postgres_text
from nitro_entities.stores.sql.change_log import PostgresLog
from nitro_entities.stores.sql.database import (
    Database,
    Facts,
    Spelling,
    SQLTransaction,
    Violation,
)
from nitro_entities.stores.sql.notify import Listener, introduction
from nitro_entities.stores.sql.pool import Pool
from nitro_entities.stores.sql.postgres_text import PostgresTextIndex
from nitro_entities.stores.sql.table import VERSION
from nitro_entities.stores.sql.text_index import Run

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.fields import FieldSpec
    from nitro_entities.outbox import Message
    from nitro_entities.verbs import Verbs

_log = logging.getLogger("nitro_entities")

_LOCK_SECONDS = 5.0
_STATEMENT_SECONDS = 30.0
_CONNECT_SECONDS = "10"
_SCHEMA_LOCK = 0x6E6974726F  # "nitro": for pg_advisory_xact_lock

_BUSY = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)
_UNUSABLE = (
    errors.InsufficientPrivilege,
    errors.ReadOnlySqlTransaction,
    errors.InsufficientResources,
    errors.SystemError,
)
_LACKING = (errors.UndefinedTable, errors.UndefinedColumn)

_COLUMNS = """
SELECT a.attname::text,
       format_type(a.atttypid, NULL),
       a.attcollation = 0 OR c.collname IN ('C', 'POSIX', 'ucs_basic')
           OR (c.collname = 'default' AND d.datcollate IN ('C', 'POSIX')),
       coalesce(c.collisdeterministic, true) AND format_type(a.atttypid, NULL) <> 'citext'
FROM pg_attribute a
JOIN pg_database d ON d.datname = current_database()
LEFT JOIN pg_collation c ON c.oid = a.attcollation
WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_UNIQUE = """
SELECT c.relname::text, a.attname::text,
       i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = 1
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (number, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = to_regclass(quote_ident($1)) AND i.indisunique AND k.place <= i.indnkeyatts
ORDER BY c.relname, k.place
"""

# connections must be neither used nor closed in a forked child: kept here, they are neither
_abandoned: list[object] = []
_databases: "weakref.WeakSet[PostgresDatabase]" = weakref.WeakSet()


class PostgresSpelling(Spelling):
    """What PostgreSQL writes in its own way."""

    locks = True
    chooses_ids_by_returning = True
    rows_per_insert = 100
    most_values = 65_535

    def listed(self, column: Any, value: Any) -> ColumnElement[bool]:
        """Look into an array, which the database takes for one of what the column holds."""
        inside: ColumnElement[bool] = column == func.any(value)
        return inside

    def list_of(self, values: Sequence[Any]) -> str:
        """Answer the text of an array."""
        return f"{{{','.join(map(_element, values))}}}"

    def key(self, column: Any, spec: "FieldSpec", facts: Facts) -> Any:
        """Compare text by code point and decimals by value, where the column does otherwise."""
        type_ = facts.columns.get(column.name, "")
        if spec.kind is Kind.DECIMAL and type_ in ("text", "character varying"):
            return cast(column, Numeric)
        if column.name in facts.inexact:
            return cast(column, Text).collate("C")
        return column.collate("C") if column.name in facts.collated else column

    def same(self, column: Any, spec: "FieldSpec", facts: Facts) -> Any:
        """Leave text alone: it is equal by code point in almost every collation."""
        if spec.kind is Kind.DECIMAL or column.name in facts.inexact:
            return self.key(column, spec, facts)
        return column

    def contains(self, column: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Look for the text."""
        return func.strpos(column, next(values)) > literal_column("0")

    def contains_values(self, text: str) -> list[Any]:
        """Answer the text."""
        return [_storable(text)]

    def startswith(self, column: Any, key: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Compare the beginning."""
        smallest = key >= next(values)  # lets an index find the beginning
        return and_(smallest, func.starts_with(column, next(values)))

    def startswith_values(self, text: str) -> list[Any]:
        """Answer the smallest text and the text."""
        return [_storable(text), _storable(text)]

    def search(self, column: Any, needle: Needle, values: Iterator[Any]) -> ColumnElement[bool]:
        """Fold in the column what could take part in a match, and look for the folded needle."""
        translated = func.translate(column, next(values), next(values))
        number = _padded(len(_folding_for(needle.folded).several))
        folded = _Replaced(translated, *(next(values) for _ in range(2 * number)))
        return func.strpos(folded, next(values)) > literal_column("0")

    def search_values(self, needle: Needle) -> list[Any]:
        """Answer which characters to fold, into what, and the needle."""
        folding = _folding_for(needle.folded)
        several = [text for pair in folding.several for text in pair]
        missing = _padded(len(folding.several)) - len(folding.several)
        nothing = ["", ""] * missing  # to replace nothing changes nothing
        return [folding.single, folding.into, *several, *nothing, _storable(needle.folded)]

    def search_shape(self, needle: Needle) -> object:
        """Answer how many characters fold into several."""
        return _padded(len(_folding_for(needle.folded).several))


class _Replaced(FunctionElement[str]):
    """The first of several texts, with the second replaced by the third, and so on."""

    inherit_cache = True
    type = Text()


@compiles(_Replaced)
def _write_replaced(element: _Replaced, compiler: Any, **options: Any) -> str:
    # in a loop: SQLAlchemy would go down a level for each, and Python has only so many
    written, *pairs = [compiler.process(clause, **options) for clause in element.clauses]
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        written = f"replace({written}, {old}, {new})"
    return str(written)


class Folding:
    """The characters whose folding could take part in a match of one needle.

    *single* are turned into *into* one by one, *several* are replaced by more than one.
    """

    def __init__(self, folded: str) -> None:
        used = set(folded)
        single = {char: fold for char, fold in _foldings() if fold in used}
        together = {c: f for c, f in _foldings() if len(f) > 1 and _overlap(folded, f)}
        if len(folded) == 1:  # what is folded besides does not matter
            single |= dict.fromkeys(together, folded)
            together = {}
        alike: dict[str, str] = {}
        for char, fold in together.items():
            if alike.setdefault(fold, char) != char:
                single[char] = alike[fold]
        self.single = "".join(single)
        self.into = "".join(single.values())
        self.several = [(char, fold) for fold, char in alike.items()]


@cache
def _foldings() -> tuple[tuple[str, str], ...]:
    """List the characters that casefold changes, and into what."""
    pairs = ((chr(code), chr(code).casefold()) for code in range(0x20000))
    return tuple((char, fold) for char, fold in pairs if char != fold)


@lru_cache(maxsize=256)
def _folding_for(folded: str) -> Folding:
    return Folding(folded)


def _overlap(folded: str, fold: str) -> bool:
    """Say whether a match of *folded* could use a character out of *fold*."""
    if folded in fold or fold in folded:
        return True
    return any(
        folded.startswith(fold[cut:]) or folded.endswith(fold[:cut]) for cut in range(1, len(fold))
    )


def _padded(count: int) -> int:
    """Answer a power of two, so that there are few statements."""
    return 1 << (count - 1).bit_length() if count else 0


def _element(value: Any) -> str:
    """Answer how *value* stands in the text of an array."""
    text = "\\x" + value.hex() if isinstance(value, bytes) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _storable(text: str) -> str | None:
    """Answer *text*, or None, which is found nowhere, if PostgreSQL could not keep it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return None if "\0" in text else text


class _Number(Dumper):
    """Send numbers as text of unknown type: the database takes them for what it needs there."""

    oid = 0

    def dump(self, obj: Any) -> Buffer | None:
        """Answer the digits."""
        return repr(obj).encode()


class _Moment(Loader):
    """Answer a moment as the same text that we store."""

    def load(self, data: Buffer) -> str:
        """Spell it in the ISO format, with microseconds, in UTC."""
        text = bytes(data).decode()
        try:
            found = datetime.fromisoformat(text)
        except ValueError:  # before our era, or infinity
            return text
        if found.tzinfo is not None:
            found = found.astimezone(UTC)
        return found.isoformat(timespec="microseconds")


class _Outlived(Exception):
    """A connection had to be given up; with another one it may go well."""


class _Link:
    """One connection with the cursor that runs everything on it."""

    __slots__ = ("_poll", "cursor", "execute", "raw", "turn")

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self.raw = raw
        self.turn: changes.Turn | None = None
        self.cursor: Any = psycopg.RawCursor(raw)
        self.execute: Any = self.cursor.execute
        poller = select.poll()
        poller.register(raw.fileno(), select.POLLIN)
        self._poll = poller.poll

    def ask(self, sql: str, parameters: Sequence[Any], /) -> list[Any]:
        """Answer rows by a cursor of their own: several threads of a unit may ask at once."""
        cursor: Any = psycopg.RawCursor(self.raw)
        rows: list[Any] = cursor.execute(sql, parameters).fetchall()
        return rows

    def executemany(self, sql: str, parameters: Sequence[Sequence[Any]], /) -> Any:
        """Run one statement with several sets of values, sent without waiting for answers."""
        self.cursor.executemany(sql, parameters)
        return self.cursor

    def is_lost(self) -> bool:
        """Say whether the server has something to say unasked: as a rule, that it goes."""
        return bool(self._poll(0))

    def close(self) -> None:
        """Close the connection."""
        with suppress(psycopg.Error):
            self.raw.close()

    @property
    def status(self) -> pq.TransactionStatus:
        """Answer what state the connection is in; UNKNOWN if it is broken."""
        return pq.TransactionStatus(self.raw.pgconn.transaction_status)


class PostgresDatabase(Database):
    """One PostgreSQL database, with the connections of this process to it."""

    spelling = PostgresSpelling()
    error = psycopg.Error

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.dialect: Dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
        self.busy_timeout = settings().busy_timeout
        self._size = settings().pool_size
        self._arguments = self._connection_arguments(url)
        self._pool = self._new_pool()
        self._feed = changes.feed()
        self._turns = changes.Turns(self._feed)
        self._log = PostgresLog(self.classes, self._feed) if durable_changes() else None
        self.log = self._log
        self._feed.watched.append(self)
        _databases.add(self)

    def __repr__(self) -> str:
        # never the URL, it may hold a password
        host = self._arguments.get("host", "localhost")
        port = self._arguments.get("port", "5432")
        return f"<PostgreSQL {self._arguments.get('dbname', '')} on {host}:{port}>"

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        if self in self._feed.watched:
            self._feed.watched.remove(self)
        self._pool.close()

    def watch(self, stop: Event) -> None:
        """Tell what other processes write, until *stop* is set."""
        Listener(self.connect, self.classes, self._feed, self._log).watch(stop)

    def forget_connections(self) -> None:
        """Leave the connections of the parent process alone, after a fork."""
        _abandoned.append(self._pool)
        self._pool = self._new_pool()
        self._schema_lock = RLock()
        self._turns = changes.Turns(self._feed)
        if self._log is not None:
            self._log.start_in_child()

    def connect(self) -> "psycopg.Connection[Any]":
        """Open a connection outside the pool. Raises StoreUnusable."""
        try:
            options = f"{self._arguments['options']} {introduction(recorded=self.log is not None)}"
            arguments: dict[str, Any] = {**self._arguments, "options": options}
            raw: psycopg.Connection[Any] = psycopg.connect(**arguments, autocommit=True)
        except psycopg.Error as exc:
            raise self._unusable(exc) from None
        raw.prepare_threshold = 1
        raw.prepared_max = 512
        known = raw.adapters
        known.register_dumper(int, _Number)
        known.register_dumper(float, _Number)
        for name in ("uuid", "date", "time", "timetz", "numeric", "json", "jsonb"):
            known.register_loader(name, TextLoader)
        for name in ("timestamp", "timestamptz"):
            known.register_loader(name, _Moment)
        return raw

    def take(self, entity: "Verbs") -> _Link:
        """Answer a connection for one write. Raises StoreBusy, StoreUnusable."""
        if self._log is not None:
            return self._begin()
        link = self._pool.take()
        link.turn = self._turns.take((type(entity), entity.id))  # the write is its own commit
        return link

    def done(self, connection: _Link, batch: "Sequence[Change]") -> None:
        """Commit, if the write was not committed at once, and queue its changes."""
        turn = connection.turn
        if turn is not None:
            self._turns.end(turn, batch)
        else:
            self._commit(connection, batch)

    def give(self, connection: _Link) -> None:
        """Take back what `take` answered."""
        turn, connection.turn = connection.turn, None
        if turn is not None:
            self._turns.end(turn)
        elif connection.status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            with suppress(psycopg.Error):  # a lost connection has nothing to undo
                connection.execute("ROLLBACK")
        if connection.status is pq.TransactionStatus.IDLE:
            self._pool.give(connection)
        else:
            self._pool.discard(connection)

    def fetch(
        self, sql: str, parameters: Sequence[Any], tx: SQLTransaction | None = None
    ) -> list[Any]:
        """Answer all rows; when the connection turns out to be lost, ask on a new one."""
        if tx is not None:
            link: Any = tx.connection
            try:
                found: list[Any] = link.ask(sql, parameters)
                return found
            except psycopg.Error as exc:
                raise self.explained(exc) from None
        try:
            return self._fetch(sql, parameters)
        except _Outlived:
            return self._fetch(sql, parameters, last=True)

    def _fetch(self, sql: str, parameters: Sequence[Any], *, last: bool = False) -> list[Any]:
        link = self._pool.take()
        try:
            rows: list[Any] = link.execute(sql, parameters).fetchall()
        except BaseException as exc:
            outdated = isinstance(exc, psycopg.Error) and _is_outdated(exc)
            if outdated:
                self._pool.discard(link)
            else:
                self.give(link)
            if not isinstance(exc, psycopg.Error):
                raise
            if (outdated or _is_lost(link)) and not last:
                raise _Outlived from None
            raise self.explained(exc) from None
        self.give(link)
        return rows

    def chosen_id(self, cursor: "psycopg.Cursor[Any]") -> int:
        """Answer what was returned."""
        found: Any = cursor.fetchone()
        id: int = found[0]
        return id

    def begin(self) -> SQLTransaction:
        """Start a transaction on a connection of its own. Raises StoreBusy, StoreUnusable."""
        return SQLTransaction(self, self._begin())

    def _begin(self) -> _Link:
        for last in (False, True):
            link = self._pool.take()
            try:
                link.execute("BEGIN")
            except BaseException as exc:
                self._pool.discard(link)
                if not isinstance(exc, psycopg.Error):
                    raise
                if last:
                    raise self.explained(exc) from None
            else:
                break
        return link

    def commit(
        self, tx: SQLTransaction, batch: "Sequence[Change]", outbox: "Sequence[Message]"
    ) -> None:
        """Make everything visible and free the connection."""
        link: Any = tx.connection
        if link.status is pq.TransactionStatus.INERROR:
            raise self._aborted()
        try:
            self.outbox.write(tx, outbox)
        except psycopg.Error as exc:
            raise self.explained(exc) from None
        self._commit(link, batch)
        self.give(link)

    def _commit(self, link: _Link, batch: "Sequence[Change]") -> None:
        log = self._log if batch else None
        turn: changes.Turn | None = None
        try:
            mark = None if log is None else log.record(link, batch)
            turn = self._turns.take()
            if link.execute("COMMIT").statusmessage != "COMMIT":
                raise self._aborted()
            if log is None:
                self._turns.end(turn, batch)
        except psycopg.Error as exc:
            raise self.explained(exc) from None
        finally:
            if turn is not None:
                self._turns.end(turn)
        if log is not None and mark is not None:
            log.publish(link, batch, mark)

    def rollback(self, tx: SQLTransaction) -> None:
        """Undo everything and free the connection."""
        link: Any = tx.connection
        self.give(link)

    def violation(self, exc: Exception, facts: Facts) -> Violation | None:
        """Answer the columns of the constraint that *exc* names."""
        if not isinstance(exc, (psycopg.IntegrityError, psycopg.DataError)):
            return None
        # the details of the message would show values, which may be secret
        reason = exc.diag.message_primary or type(exc).__name__
        if isinstance(exc, psycopg.DataError):
            return Violation((), f"{_in_words(exc)} ({exc.sqlstate})")
        name = exc.diag.constraint_name or ""
        taken = isinstance(exc, (errors.UniqueViolation, errors.ExclusionViolation))
        return Violation(facts.unique.get(name, ()) if taken else (), reason)

    def explained(self, exc: Exception) -> Exception:
        """Answer in our words what says that the database is busy, unusable or different."""
        if isinstance(exc, _BUSY):
            return StoreBusy(f"Somebody else kept {self} too long: {_first_line(exc)}")
        if isinstance(exc, errors.InFailedSqlTransaction):
            return self._aborted()
        if isinstance(exc, _LACKING):
            return SchemaMismatch(f"{self} lacks what a class needs: {_first_line(exc)}")
        if isinstance(exc, psycopg.DataError):
            return InvalidQuery(f"{_in_words(exc)} ({exc.sqlstate}), in {self}")
        if isinstance(exc, (psycopg.OperationalError, *_UNUSABLE)):
            return self._unusable(exc)
        return exc

    def look_up(self, table: str, tx: SQLTransaction | None) -> Facts | None:
        """Ask the catalog for columns, collations and unique indexes."""
        rows = self.fetch(_COLUMNS, (table,), tx)
        if not rows:
            return None
        unique: dict[str, tuple[str, ...]] = {}
        keys: set[str] = set()
        for index, column, alone in self.fetch(_UNIQUE, (table,), tx):
            unique[index] = (*unique.get(index, ()), column)
            if alone:
                keys.add(column)
        return Facts(
            {name: type_ for name, type_, _, _ in rows},
            versioned=VERSION in [row[0] for row in rows],
            collated=frozenset(row[0] for row in rows if not row[2]),
            inexact=frozenset(row[0] for row in rows if not row[3]),
            unique=unique,
            keys=frozenset(keys),
        )

    def _with_index(
        self, cls: "type[Verbs]", table: Table, facts: Facts, tx: SQLTransaction | None
    ) -> Facts:
        """Make the text index, remove it when the class does not ask for it any more."""
        fields = search_fields(cls)
        layout = postgres_text.layout_of(cls, table)
        run: Run = lambda sql, values: self.fetch(sql, values, tx)  # noqa: E731
        is_right = layout.has(run) if fields else not layout.is_there(run)
        if not is_right:
            if not facts.versioned:
                _log.warning(
                    "Nitro has not made the table %r, and adds no index to it: searches of %s go "
                    "without one", table.name, cls.__name__,
                )  # fmt: skip
                return facts
            if migrated.leaves_it_to_migrations(is_migrated=self._is_migrated(tx)):
                _log.warning(
                    "The text index of %s is not as __search__ says, so searches go without it. "
                    "Run: nitro db upgrade", cls.__name__,
                )  # fmt: skip
                return facts
            if not self._bring_index(layout, fields, tx):
                return facts
        return replace(facts, index=PostgresTextIndex(fields, layout)) if fields else facts

    def _bring_index(
        self, layout: postgres_text.Layout, fields: tuple[str, ...], tx: SQLTransaction | None
    ) -> bool:
        """Make the index or remove it; say whether that could be done."""
        own = self.begin() if tx is None else tx
        link: Any = own.connection

        def run(sql: str, values: Sequence[Any]) -> list[Any]:
            cursor = link.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []

        done = False
        try:
            self.lock_schema(own)
            own.made.add(layout.table)  # a rollback takes the index with it
            with own.together():
                if not fields:
                    layout.remove(run)
                elif not layout.has(run):
                    layout.make(run)
            done = True
        except psycopg.Error as exc:
            if _is_lost(link):
                raise self.explained(exc) from None
            _log.warning(postgres_text.WITHOUT, layout.table, _first_line(exc))
        finally:
            if tx is None:
                own.commit(()) if done else own.rollback()
        return done

    def lock_schema(self, tx: SQLTransaction) -> None:
        """Wait until no other process makes tables."""
        tx.connection.execute(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def _new_pool(self) -> Pool[_Link]:
        return Pool(
            lambda: _Link(self.connect()),
            most=self._size,
            seconds=self.busy_timeout,
            name=repr(self),
        )

    def _connection_arguments(self, url: URL) -> dict[str, Any]:
        text = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            arguments: dict[str, Any] = conninfo_to_dict(text)
        except psycopg.Error:
            # neither shown nor chained: the message may quote the password
            msg = (
                "PostgreSQL does not understand the database URL. Write it as "
                "postgresql://user:password@host:5432/name, with special characters as %xx"
            )
            raise EntityError(msg) from None
        lock = 1000 * min(_LOCK_SECONDS, self.busy_timeout)
        ours = (
            f"-c lock_timeout={lock:.0f} -c statement_timeout={1000 * _STATEMENT_SECONDS:.0f} "
            f"-c timezone=UTC -c datestyle=ISO"
        )
        said = arguments.get("options") or ""
        return {
            "connect_timeout": _CONNECT_SECONDS,
            "fallback_application_name": "nitro",
            "client_encoding": "utf8",
            **arguments,
            "options": f"{ours} {said}".strip(),
        }

    def _aborted(self) -> EntityError:
        return EntityError(
            "An earlier statement of this unit of work failed, so the database undoes all of it. "
            "Let the error end the unit, or try what may fail in a nested UnitOfWork"
        )

    def _unusable(self, exc: Exception) -> StoreUnusable:
        return StoreUnusable(
            f"Cannot use {self}: {_first_line(exc)}. NITRO_DATABASE_URL, or "
            f"configure(database_url=…), names a database that this process can use"
        )


def _is_lost(link: _Link) -> bool:
    return link.status is pq.TransactionStatus.UNKNOWN


def _is_outdated(exc: psycopg.Error) -> bool:
    """Say whether a prepared statement is older than a change of its table."""
    return isinstance(exc, errors.FeatureNotSupported) and "cached plan" in str(exc)


def _first_line(exc: Exception) -> str:
    return (str(exc).strip().splitlines() or [type(exc).__name__])[0]


def _in_words(exc: psycopg.DataError) -> str:
    """Say what is wrong with a value without showing it."""
    name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(exc).__name__).strip()
    return f"a column of the table cannot hold the value of its field: {name}"


def _after_fork() -> None:
    for database in tuple(_databases):
        database.forget_connections()


os.register_at_fork(after_in_child=_after_fork)
