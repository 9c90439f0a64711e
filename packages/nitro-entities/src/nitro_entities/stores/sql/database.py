"""What a backend asks of a database, and what is the same for all of them."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Dialect, Table
from sqlalchemy.engine import URL

from nitro_entities import changes
from nitro_entities.classes import key
from nitro_entities.errors import AmbiguousClass, SchemaMismatch
from nitro_entities.search import Needle
from nitro_entities.stores.sql import migrated, schema
from nitro_entities.stores.sql.outbox import SQLOutbox
from nitro_entities.stores.sql.text_index import TextIndex

if TYPE_CHECKING:
    from nitro_entities.changes import Change, Recorded
    from nitro_entities.fields import FieldSpec
    from nitro_entities.outbox import Message
    from nitro_entities.stores.sql.change_log import ChangeLog
    from nitro_entities.verbs import Verbs


class Cursor(Protocol):
    """What a statement answered."""

    @property
    def rowcount(self) -> int:
        """Answer how many rows were changed."""
        ...

    def fetchone(self) -> Any:
        """Answer the next row."""
        ...

    def fetchall(self) -> list[Any]:
        """Answer all rows."""
        ...


class Connection(Protocol):
    """A connection that runs compiled statements."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any:
        """Run one statement and answer its Cursor."""
        ...

    def executemany(self, sql: str, parameters: Sequence[Sequence[Any]], /) -> Any:
        """Run one statement with each of several sets of values."""
        ...


class Violation(NamedTuple):
    """Why a database refused a row; *columns* are those whose values are taken, if any are."""

    columns: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Facts:
    """What a table in the database is like, whoever made it."""

    columns: dict[str, str]  # types by name, in lower case
    versioned: bool = False
    collated: frozenset[str] = frozenset()  # columns that do not sort by code point
    inexact: frozenset[str] = frozenset()  # columns in which different texts may be equal
    unique: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    keys: frozenset[str] = frozenset()  # columns in which no two rows can have the same value
    index: TextIndex | None = None


class Spelling(ABC):
    """What databases write differently. One small class for each kind of database."""

    locks = False
    """Whether a row can be selected FOR UPDATE."""

    chooses_ids_by_returning = False
    """Whether an insert without id answers the chosen one by RETURNING."""

    rows_per_insert = 0
    """How many rows one INSERT statement carries at most; 0 if executemany is as fast."""

    most_values = 32_766
    """How many values one statement takes."""

    def can_list(self, spec: "FieldSpec") -> bool:
        """Say whether any number of values of this field can be sent as one."""
        return True

    @abstractmethod
    def listed(self, column: Any, value: Any) -> ColumnElement[bool]:
        """Say that *column* is one of the values that `list_of` has put into *value*."""

    @abstractmethod
    def list_of(self, values: Sequence[Any]) -> str:
        """Answer *values* as one."""

    def key(self, column: Any, spec: "FieldSpec", facts: Facts) -> Any:
        """Answer *column* as it compares and sorts: text by code point, decimals by value."""
        return column

    def same(self, column: Any, spec: "FieldSpec", facts: Facts) -> Any:
        """Answer *column* as it is compared for equality, so that an index can find it."""
        return self.key(column, spec, facts)

    @abstractmethod
    def contains(self, column: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Say that *column* contains a text, with regard to case."""

    @abstractmethod
    def contains_values(self, text: str) -> list[Any]:
        """Answer the values that `contains` takes for *text*."""

    @abstractmethod
    def startswith(self, column: Any, key: Any, values: Iterator[Any]) -> ColumnElement[bool]:
        """Say that *column*, compared by *key*, begins with a text, with regard to case."""

    @abstractmethod
    def startswith_values(self, text: str) -> list[Any]:
        """Answer the values that `startswith` takes for *text*."""

    @abstractmethod
    def search(self, column: Any, needle: Needle, values: Iterator[Any]) -> ColumnElement[bool]:
        """Say that *column* contains *needle* without regard to case, in any script."""

    @abstractmethod
    def search_values(self, needle: Needle) -> list[Any]:
        """Answer the values that `search` takes for *needle*."""

    def search_shape(self, needle: Needle) -> object:
        """Answer what decides how the statement for *needle* is written."""
        return None


class SQLTransaction:
    """A transaction on one connection of a database."""

    def __init__(self, database: "Database", connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self.made: set[str] = set()  # tables that go with a rollback
        self.prepared: dict[type, Any] = {}  # statements for them, by entity class
        self.undone = False  # by the database itself
        self.given_up = False  # by whoever closed the database
        self._marks = 0

    def savepoint(self) -> str:
        """Mark the present state."""
        self._marks += 1
        mark = f"nitro_{self._marks}"
        self._execute(f"SAVEPOINT {mark}")
        return mark

    def rollback_to(self, mark: str, /) -> None:
        """Undo what came after *mark*."""
        self.made.clear()
        self.prepared.clear()
        if self.database.has_undone(self):
            return
        self._execute(f"ROLLBACK TO SAVEPOINT {mark}")
        self._execute(f"RELEASE SAVEPOINT {mark}")

    def release(self, mark: str, /) -> None:
        """Keep what came after *mark*."""
        if self.database.has_undone(self):
            return
        self._execute(f"RELEASE SAVEPOINT {mark}")

    @contextmanager
    def together(self) -> Generator[None]:
        """Undo what is written inside when an exception comes through."""
        mark = self.savepoint()
        try:
            yield
        except BaseException:
            self.rollback_to(mark)
            raise
        self.release(mark)

    def commit(self, batch: "Sequence[Change]", outbox: "Sequence[Message]" = (), /) -> None:
        """Make everything visible and free the database."""
        self.database.commit(self, batch, outbox)

    def rollback(self) -> None:
        """Undo everything and free the database."""
        self.database.rollback(self)

    def _execute(self, sql: str) -> None:
        try:
            self.connection.execute(sql)
        except self.database.error as exc:
            raise self.database.explained(exc) from None


class Database(ABC):
    """One database of this process: its connections, transactions and tables."""

    durable = True
    dialect: Dialect
    spelling: Spelling
    error: type[Exception]
    """What the driver raises."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.deliver = changes.feed().deliver  # to the subscribers, when nothing is held
        self.classes: dict[str, type[Verbs]] = {}  # by table
        self.log: ChangeLog | None = None
        self._own_tables: set[str] = set()
        self._schema_lock = threading.RLock()
        self._facts: dict[str, Facts] = {}

    @abstractmethod
    def close(self) -> None:
        """Close all connections; the next use opens new ones."""

    @abstractmethod
    def take(self, entity: "Verbs") -> Any:
        """Answer a Connection for one write of *entity* that `done` commits. Raises StoreBusy."""

    @abstractmethod
    def done(self, connection: Any, batch: "Sequence[Change]") -> None:
        """Commit what was written since `take`, if it is not yet, and queue its changes."""

    @abstractmethod
    def give(self, connection: Any) -> None:
        """Take back what `take` answered; what is not done is undone where it can be."""

    @abstractmethod
    def fetch(
        self, sql: str, parameters: Sequence[Any], tx: SQLTransaction | None = None
    ) -> list[Any]:
        """Answer all rows."""

    @abstractmethod
    def chosen_id(self, cursor: Any) -> int:
        """Answer the id that an insert without one got."""

    @abstractmethod
    def begin(self) -> SQLTransaction:
        """Start a transaction. Raises StoreBusy."""

    @abstractmethod
    def commit(
        self, tx: SQLTransaction, batch: "Sequence[Change]", outbox: "Sequence[Message]"
    ) -> None:
        """End *tx* with everything visible, and free what it holds."""

    @abstractmethod
    def rollback(self, tx: SQLTransaction) -> None:
        """End *tx* with nothing done, and free what it holds."""

    def has_undone(self, tx: SQLTransaction) -> bool:
        """Say whether the database undid *tx* by itself; then it cannot be committed."""
        return False

    @abstractmethod
    def violation(self, exc: Exception, facts: Facts) -> Violation | None:
        """Answer which constraint *exc* is about; None if about none."""

    @abstractmethod
    def explained(self, exc: Exception) -> Exception:
        """Answer *exc* in our words where it says that the store is busy or unusable."""

    @abstractmethod
    def look_up(self, table: str, tx: SQLTransaction | None) -> Facts | None:
        """Answer what the table in the database is like; None if there is none."""

    def lock_schema(self, tx: SQLTransaction) -> None:  # noqa: B027 - nothing is right for most
        """Keep other processes from making tables until *tx* ends, where two can write."""

    @cached_property
    def outbox(self) -> SQLOutbox:
        """Answer the messages that are kept here."""
        return SQLOutbox(self)

    def history(self, after: str | None, limit: int) -> "list[Recorded] | None":
        """Answer change records, None if none are kept."""
        if self.log is None:
            return None
        self.log.prepare(self, None)
        return self.log.history(self.fetch, after, limit)

    def ensure(
        self, cls: "type[Verbs]", table: Table, tx: SQLTransaction | None
    ) -> tuple[Facts, bool]:
        """Make the table if it is not there.

        Answers what it is like, and whether that outlives *tx*: a rollback takes a new table
        with it. Raises SchemaMismatch, and AmbiguousClass when another class has the table.
        """
        if self.log is not None:
            self.log.prepare(self, tx)
        with self._schema_lock:
            self._claim(cls, table.name)
            known = self._facts.get(table.name)
            if known is not None:
                return known, True
            facts = self._present_or_made(table, tx)
        # not under the lock: to put many rows into an index takes long
        facts = self._with_index(cls, table, facts, tx)
        if tx is not None and table.name in tx.made:
            return facts, False
        with self._schema_lock:
            if self.classes.get(table.name) is cls:
                self._facts[table.name] = facts
        return facts, True

    def ensure_own(self, table: Table, tx: SQLTransaction | None = None) -> None:
        """Make a table that belongs to no class, if it is not there."""
        if table.name in self._own_tables:
            return
        with self._schema_lock:
            if self.look_up(table.name, tx) is None:
                self._make(table, tx)
            if tx is None or table.name not in tx.made:
                self._own_tables.add(table.name)

    def _with_index(
        self, cls: "type[Verbs]", table: Table, facts: Facts, tx: SQLTransaction | None
    ) -> Facts:
        """Answer *facts* with the text index that `__search__` asks for, made if need be."""
        return facts

    def _is_migrated(self, tx: SQLTransaction | None) -> bool:
        return self.look_up(migrated.VERSION_TABLE, tx) is not None

    def _claim(self, cls: "type[Verbs]", table: str) -> None:
        other = self.classes.get(table)
        if other is not None and other is not cls:
            if key(other) != key(cls) and "<locals>" not in key(other) + key(cls):
                msg = (
                    f"{key(other)} and {key(cls)} would share the table {table!r}. "
                    f"Set __tablename__ on one of them"
                )
                raise AmbiguousClass(msg)
            self._facts.pop(table, None)  # another class may want other columns
        self.classes[table] = cls

    def _present_or_made(self, table: Table, tx: SQLTransaction | None) -> Facts:
        found = self.look_up(table.name, tx)
        if found is None:
            migrated.check_may_make(table.name, is_migrated=self._is_migrated(tx))
            self._make(table, tx)
            found = self.look_up(table.name, tx)
        try:
            schema.check(table, () if found is None else found.columns)
        except SchemaMismatch as exc:
            exc.add_note(f"Database: {self}")
            raise
        assert found is not None
        return found

    def _make(self, table: Table, tx: SQLTransaction | None) -> None:
        own = self.begin() if tx is None else tx
        try:
            self.lock_schema(own)
            for one in schema.with_needed(table):
                if self.look_up(one.name, own) is None:
                    for statement in schema.create_statements(one, self.dialect):
                        own.connection.execute(statement)
                    own.made.add(one.name)
        except BaseException as exc:
            if tx is None:
                own.rollback()
            if isinstance(exc, self.error):
                raise self.explained(exc) from None
            raise
        if tx is None:
            own.commit(())
