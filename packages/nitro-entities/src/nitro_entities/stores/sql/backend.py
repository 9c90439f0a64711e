"""Entities of one class in a SQL database."""

import sqlite3
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from nitro_entities import changes, slices
from nitro_entities.changes import Change
from nitro_entities.conditions import In, Order
from nitro_entities.config import database_url
from nitro_entities.errors import ConstraintFailed, EntityError, EntityExists, StaleEntity
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.repository import Select
from nitro_entities.slices import Cursor, Slice
from nitro_entities.state import state
from nitro_entities.stores.sql.sqlite import SQLiteDatabase, SQLiteTransaction, busy_or
from nitro_entities.stores.sql.statements import Statements
from nitro_entities.stores.sql.table import Codec, table_of

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

_MOST_IDS = 500


class Databases(dict[str, SQLiteDatabase]):
    """The open databases by URL."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def close(self) -> None:
        """Close them all."""
        for database in self.values():
            database.close()


def database_at(url: str) -> SQLiteDatabase:
    """Answer the database at *url*, opened at its first use."""
    known = state.part(Databases)
    with known.lock:
        if url not in known:
            known[url] = _open(url)
        return known[url]


def _open(url: str) -> SQLiteDatabase:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # not shown: it may hold a password
        msg = (
            "The database URL is none. Set NITRO_DATABASE_URL, or configure(database_url=…), "
            "to one such as sqlite:///data.db"
        )
        raise EntityError(msg) from None
    name = parsed.get_backend_name()
    if name != "sqlite":
        msg = f"No store for {name!r} databases yet. Use a URL such as sqlite:///data.db"
        raise EntityError(msg)
    return SQLiteDatabase(parsed)


class SQLModelBackend(Generic[E]):
    """Keep the entities of one class in the configured database."""

    blocking = True

    def __init__(self, entity: type[E]) -> None:
        self.entity = entity
        self.table = table_of(entity)
        self._opened: tuple[SQLiteDatabase, Codec] | None = None
        self._ready: Statements | None = None

    @property
    def store(self) -> SQLiteDatabase:
        """Answer the database."""
        return self._open()[0]

    def prepare(self, tx: SQLiteTransaction | None = None) -> None:
        """Make the table if it is not there."""
        self._statements(tx)

    def get(self, id: object, tx: SQLiteTransaction | None = None) -> E | None:
        """Answer the entity with this id."""
        statements = self._ready or self._statements(tx)
        key = statements.codec.encode("id", id)
        rows = self.store.fetch(statements.get, (key,), tx)
        return self._load(rows[0]) if rows else None

    def get_many(self, ids: Sequence[object], tx: SQLiteTransaction | None = None) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        found: dict[object, E] = {}
        for start in range(0, len(ids), _MOST_IDS):
            some = In("id", tuple(ids[start : start + _MOST_IDS]))
            found.update((entity.id, entity) for entity in self.select(Select(some), tx))
        return [found[id] for id in dict.fromkeys(ids) if id in found]

    def select(self, query: Select, tx: SQLiteTransaction | None = None) -> list[E]:
        """Answer what matches, in order."""
        statements = self._ready or self._statements(tx)
        order = slices.full_order(query.order)
        compiled = statements.select(query.where, order, query.limit is not None)
        values = [*statements.values(query.where), query.limit]
        rows = self.store.fetch(compiled.sql, compiled.parameters(values), tx)
        load = self._load
        return [load(row) for row in rows]

    def count(
        self, query: Select, cap: int | None = None, tx: SQLiteTransaction | None = None
    ) -> int:
        """Count what matches; stop at *cap* + 1."""
        statements = self._ready or self._statements(tx)
        limits = [n for n in (query.limit, None if cap is None else cap + 1) if n is not None]
        compiled = statements.count(query.where, bool(limits))
        values = [*statements.values(query.where), *([min(limits)] if limits else [])]
        count: int = self.store.fetch(compiled.sql, compiled.parameters(values), tx)[0][0]
        return count

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: SQLiteTransaction | None = None,
    ) -> Slice[E]:
        """Answer at most *size* entities beside a position."""
        statements = self._ready or self._statements(tx)
        order = slices.full_order(query.order)
        text = before if after is None else after
        anchor = None if text is None else slices.decode(order, text, statements.codec.specs)
        backwards = before is not None
        rows = self._beside(query, order, anchor, size + 1, tx, backwards=backwards)
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        behind = self._behind(query, order, anchor, rows, tx, backwards=backwards)
        next_, previous = slices.assemble(
            order,
            rows,
            [self._position(order, row) for row in (rows[0], rows[-1])] if rows else [],
            more_after=behind if backwards else more,
            more_before=more if backwards else behind,
            anchor=anchor,
        )
        return Slice([self._load(row) for row in rows], next_, previous)

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded."""
        codec = self._open()[1]
        known = loaded(entity)
        if known is None:
            return frozenset(codec.names)
        places = codec.differences(codec.dump(entity), known.row)
        return frozenset(codec.names[place] for place in places)

    def save(self, entity: E, tx: SQLiteTransaction | None = None) -> Change | None:
        """Store what changed, in one statement."""
        statements = self._ready or self._statements(tx)
        row = statements.codec.dump(entity)
        known = loaded(entity)
        if known is None:
            places: tuple[int, ...] = ()
        else:
            places = tuple(statements.codec.differences(row, known.row))
            if not places:
                return None
        if tx is not None:
            return self._write(statements, tx.connection, entity, row, known, places)
        database = self.store
        database.hold()
        try:
            change = self._write(statements, database.writer, entity, row, known, places)
            changes.feed().publish((change,))
        finally:
            database.lock.release()
        changes.feed().deliver()
        return change

    def delete(self, entity: E, tx: SQLiteTransaction | None = None) -> Change | None:
        """Remove the row."""
        statements = self._ready or self._statements(tx)
        if tx is not None:
            return self._remove(statements, tx.connection, entity)
        database = self.store
        database.hold()
        try:
            change = self._remove(statements, database.writer, entity)
            if change is not None:
                changes.feed().publish((change,))
        finally:
            database.lock.release()
        changes.feed().deliver()
        return change

    def _open(self) -> tuple[SQLiteDatabase, Codec]:
        if self._opened is None:
            database = database_at(database_url())
            self._opened = database, Codec(self.entity, self.table, database.dialect)
        return self._opened

    def _statements(self, tx: SQLiteTransaction | None) -> Statements:
        """Answer the statements; the table is made when it is not there."""
        if self._ready is not None:
            return self._ready
        database, codec = self._open()
        versioned = database.ensure(self.entity, self.table, tx)
        made = Statements(self.table, codec, database.dialect, versioned=versioned)
        if tx is None:
            self._ready = made
        return made

    def _write(
        self,
        statements: Statements,
        connection: sqlite3.Connection,
        entity: E,
        row: list[Any],
        known: Loaded | None,
        places: tuple[int, ...],
    ) -> Change:
        try:
            if known is None:
                return self._insert(statements, connection, entity, row)
            return self._update(statements, connection, entity, row, known, places)
        except sqlite3.IntegrityError as exc:
            raise self._refused(entity, exc) from exc
        except sqlite3.OperationalError as exc:
            raise busy_or(exc, self.store) from None

    def _insert(
        self, statements: Statements, connection: sqlite3.Connection, entity: E, row: list[Any]
    ) -> Change:
        cursor = connection.execute(statements.insert, row)
        id = entity.__dict__["id"]
        if id is None:  # a whole number that the database chose
            id = entity.__dict__["id"] = cursor.lastrowid
            row[statements.codec.names.index("id")] = id
        version = 1 if statements.versioned else None
        set_loaded(entity, Loaded((*row, version), version))
        return changes.made(self.entity, id, version, frozenset(statements.codec.names), "create")

    def _update(
        self,
        statements: Statements,
        connection: sqlite3.Connection,
        entity: E,
        row: list[Any],
        known: Loaded,
        places: tuple[int, ...],
    ) -> Change:
        old: Any = known.row
        names = statements.codec.names
        place = names.index("id")
        where = old[place]
        if place in places:
            raise ConstraintFailed(self.entity, where, "the id of a stored entity stays as it is")
        parameters = [row[place] for place in places]
        parameters.append(where)
        if statements.versioned:
            parameters.append(known.version)
        parameters += [old[place] for place in places]
        if connection.execute(statements.update(places), parameters).rowcount != 1:
            raise self._stale(statements, connection, entity, where, places)
        version = None if known.version is None else known.version + 1
        set_loaded(entity, Loaded((*row, version), version))
        fields = frozenset(names[place] for place in places)
        return changes.made(self.entity, entity.__dict__["id"], version, fields, "update")

    def _remove(
        self, statements: Statements, connection: sqlite3.Connection, entity: E
    ) -> Change | None:
        known = loaded(entity)
        id = entity.__dict__["id"]
        try:
            if known is None:
                key = statements.codec.encode("id", id)
                cursor = connection.execute(statements.delete, (key,))
            else:
                row: Any = known.row
                key = row[statements.codec.names.index("id")]
                rest = (known.version,) if statements.versioned else tuple(row[:-1])
                cursor = connection.execute(statements.delete_loaded, (key, *rest))
        except sqlite3.IntegrityError as exc:
            raise self._refused(entity, exc) from exc
        except sqlite3.OperationalError as exc:
            raise busy_or(exc, self.store) from None
        if cursor.rowcount == 0 and connection.execute(statements.get, (key,)).fetchone():
            raise self._stale(statements, connection, entity, key, ())
        set_loaded(entity, None)
        if cursor.rowcount == 0:
            return None
        version = None if known is None else known.version
        return changes.made(self.entity, id, version, None, "delete")

    def _stale(
        self,
        statements: Statements,
        connection: sqlite3.Connection,
        entity: E,
        key: object,
        places: tuple[int, ...],
    ) -> StaleEntity:
        fields = [statements.codec.names[place] for place in places]
        mine = {name: entity.__dict__[name] for name in fields}
        row = connection.execute(statements.get, (key,)).fetchone()
        if row is None:
            return StaleEntity(self.entity, entity.__dict__["id"], mine=mine, gone=True)
        stored = self._load(row)
        theirs = {name: stored.__dict__[name] for name in fields}
        return StaleEntity(self.entity, entity.__dict__["id"], mine=mine, theirs=theirs)

    def _refused(self, entity: E, exc: sqlite3.IntegrityError) -> EntityError:
        id = entity.__dict__["id"]
        column = f"{self.table.name}.{self._open()[1].columns['id'].name}"
        taken = exc.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY"
        if taken or str(exc) == f"UNIQUE constraint failed: {column}":
            return EntityExists(self.entity, id)
        return ConstraintFailed(self.entity, id, str(exc))

    def _load(self, row: tuple[Any, ...]) -> E:
        codec = self._open()[1]
        entity: E = codec.load(row)
        set_loaded(entity, Loaded(row, row[-1]))
        return entity

    def _position(self, order: Sequence[Order], row: tuple[Any, ...]) -> tuple[Any, ...]:
        names = self._open()[1].names
        return tuple(row[names.index(by.field)] for by in order)

    def _parts(self, order: Sequence[Order], anchor: Cursor | None) -> list[tuple[str, bool]]:
        """List the parts of an order, with whether the anchor lies in them.

        Where the first key may be missing, rows that have it come before those that have not;
        asked for apart, an index answers both.
        """
        if not self._open()[1].columns[order[0].field].nullable:
            return [("all", True)]
        missing = anchor is not None and anchor.values[0] is None
        return [("present", not missing), ("missing", missing)]

    def _beside(
        self,
        query: Select,
        order: tuple[Order, ...],
        anchor: Cursor | None,
        number: int,
        tx: SQLiteTransaction | None,
        *,
        backwards: bool,
        probe: bool = False,
    ) -> list[tuple[Any, ...]]:
        """Answer *number* rows beyond *anchor*, the nearest first."""
        statements = self._ready or self._statements(tx)
        parts = self._parts(order, anchor)
        if backwards:
            parts.reverse()
        if anchor is not None:
            while not parts[0][1]:
                del parts[0]
        rows: list[tuple[Any, ...]] = []
        for place, (part, _) in enumerate(parts):
            cursor = anchor if place == 0 else None
            compiled = statements.part(
                query.where, order, part, cursor, backwards=backwards, probe=probe
            )
            values = [*statements.values(query.where), number - len(rows)]
            position = () if cursor is None else cursor.values
            rows += self.store.fetch(compiled.sql, compiled.parameters(values, position), tx)
            if len(rows) >= number:
                break
        return rows

    def _behind(
        self,
        query: Select,
        order: tuple[Order, ...],
        anchor: Cursor | None,
        rows: list[tuple[Any, ...]],
        tx: SQLiteTransaction | None,
        *,
        backwards: bool,
    ) -> bool:
        """Say whether there are rows on the side that the slice comes from."""
        if anchor is None:
            return False
        if rows:
            edge = Cursor(self._position(order, rows[-1 if backwards else 0]))
        else:
            edge = Cursor(anchor.values, inclusive=not anchor.inclusive)
        return bool(self._beside(query, order, edge, 1, tx, backwards=not backwards, probe=True))
