"""Entities of one class in a SQL database."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nitro_entities import changes, slices
from nitro_entities.changes import Change
from nitro_entities.changes.record import made_together
from nitro_entities.conditions import In, Order
from nitro_entities.config import database_url
from nitro_entities.errors import (
    ConstraintFailed,
    EntityExists,
    NotStorable,
    NotUnique,
    SchemaMismatch,
    StaleEntity,
)
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.repository import Ability, Select
from nitro_entities.slices import Cursor, Slice
from nitro_entities.stores.sql import schema, text_index
from nitro_entities.stores.sql.database import Connection, Database, SQLTransaction
from nitro_entities.stores.sql.statements import Statements
from nitro_entities.stores.sql.table import Codec, table_of
from nitro_entities.stores.sql.urls import database_at

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

_MOST_IDS = 500


def default_database() -> Database:
    """Answer the database that the configuration names."""
    return database_at(database_url())


class SQLModelBackend(Generic[E]):
    """Keep the entities of one class in the configured database."""

    blocking = True
    abilities = frozenset(
        {
            Ability.QUERY,
            Ability.TRANSACTIONS,
            Ability.UNIQUE,
            Ability.LOCK,
            Ability.RELATIONS,
            Ability.OUTBOX,
            Ability.DURABLE,
            Ability.SHARED,
            Ability.FOREIGN_CHANGES,
        }
    )

    def __init__(self, entity: type[E]) -> None:
        self.entity = entity
        self.table = table_of(entity)
        self._opened: tuple[Database, Codec] | None = None
        self._ready: Statements | None = None
        self._advice = text_index.Advice(entity)

    @property
    def store(self) -> Database:
        """Answer the database."""
        return self._open()[0]

    @cached_property
    def rank(self) -> int:
        """Answer how far the foreign keys lead."""
        return schema.depth(self.table)

    def prepare(self, tx: SQLTransaction | None = None) -> None:
        """Make the table if it is not there."""
        self._statements(tx)

    def get(self, id: object, tx: SQLTransaction | None = None, *, lock: bool = False) -> E | None:
        """Answer the entity with this id."""
        statements = self._ready or self._statements(tx)
        try:
            id = statements.codec.encode("id", id)
        except NotStorable:  # so nobody has it
            return None
        sql = statements.get_locked if lock and tx is not None else statements.get
        rows = statements.database.fetch(sql, (id,), tx)
        if len(rows) > 1:
            raise self._twins(statements, rows[0][statements.id_place], len(rows))
        found = statements.codec.load_all(rows)
        return found[0] if found else None

    def get_many(self, ids: Sequence[object], tx: SQLTransaction | None = None) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        found: dict[object, E] = {}
        statements = self._ready or self._statements(tx)
        can_be_id = statements.codec.can_be_id
        for start in range(0, len(ids), _MOST_IDS):
            some = In("id", tuple(filter(can_be_id, ids[start : start + _MOST_IDS])))
            several = self.select(Select(some), tx)
            if not statements.keyed:
                for id, number in Counter(entity.id for entity in several).items():
                    if number > 1:
                        raise self._twins(statements, id, number)
            found.update((entity.id, entity) for entity in several)
        return [found[id] for id in dict.fromkeys(ids) if id in found]

    def select(self, query: Select, tx: SQLTransaction | None = None) -> list[E]:
        """Answer what matches, in order."""
        statements = self._ready or self._statements(tx)
        query = self._narrowed(statements, query, tx)
        order = slices.full_order(query.order)
        compiled = statements.select(query.where, order, query.limit is not None)
        values = [*statements.values(query.where), query.limit]
        rows = statements.database.fetch(compiled.sql, compiled.parameters(values), tx)
        found: list[E] = statements.codec.load_all(rows)
        return found

    def count(
        self, query: Select, cap: int | None = None, tx: SQLTransaction | None = None
    ) -> int:
        """Count what matches; stop at *cap* + 1."""
        statements = self._ready or self._statements(tx)
        query = self._narrowed(statements, query, tx)
        limits = [n for n in (query.limit, None if cap is None else cap + 1) if n is not None]
        compiled = statements.count(query.where, bool(limits))
        values = [*statements.values(query.where), *([min(limits)] if limits else [])]
        count: int = statements.database.fetch(compiled.sql, compiled.parameters(values), tx)[0][0]
        return count

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: SQLTransaction | None = None,
    ) -> Slice[E]:
        """Answer at most *size* entities beside a position."""
        statements = self._ready or self._statements(tx)
        query = self._narrowed(statements, query, tx)
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
        return Slice(statements.codec.load_all(rows), next_, previous)

    def changed(self, entity: E) -> frozenset[str]:
        """Answer the fields that differ from what was loaded."""
        codec = self._open()[1]
        known = loaded(entity)
        if known is None:
            return frozenset(codec.names)
        _, places = codec.dump_changed(entity, known.row)
        return frozenset(codec.names[place] for place in places)

    def original(self, entity: E) -> E | None:
        """Answer *entity* as it was when it was loaded or saved last."""
        known = loaded(entity)
        return None if known is None else self._load(known.row)

    def save(self, entity: E, tx: SQLTransaction | None = None) -> Change | None:
        """Store what changed, in one statement."""
        statements = self._ready or self._statements(tx)
        known = loaded(entity)
        places: tuple[int, ...] = ()
        if known is None:
            row = statements.codec.dump(entity)
        else:
            row, places = statements.codec.dump_changed(entity, known.row)
            if not places:
                return None
        if tx is not None:
            return self._write(statements, tx.connection, entity, row, known, places)
        database = statements.database
        connection = database.take(entity)
        try:
            change = self._write(statements, connection, entity, row, known, places)
            database.done(connection, (change,))
        except BaseException:
            set_loaded(entity, known)
            raise
        finally:
            database.give(connection)
        database.deliver()
        return change

    def save_many(self, entities: Sequence[E], tx: SQLTransaction) -> list[Change]:
        """Store what changed, each kind of change in one go; all of it, or nothing."""
        if len(entities) == 1:
            change = self.save(entities[0], tx)
            return [] if change is None else [change]
        statements = self._ready or self._statements(tx)
        before = list(map(loaded, entities))
        if len(set(map(id, entities))) == len(entities):
            try:
                with tx.together():
                    return self._write_many(statements, tx.connection, entities, before)
            except (_Refused, statements.database.error):
                _restore(entities, before)
        # one after the other, to tell whose fault it is
        try:
            with tx.together():
                return [change for one in entities if (change := self.save(one, tx))]
        except BaseException:
            _restore(entities, before)
            raise

    def delete(self, entity: E, tx: SQLTransaction | None = None) -> Change | None:
        """Remove the row."""
        statements = self._ready or self._statements(tx)
        if tx is not None:
            return self._remove(statements, tx.connection, entity)
        database, known = statements.database, loaded(entity)
        connection = database.take(entity)
        try:
            change = self._remove(statements, connection, entity)
            if change is not None:
                database.done(connection, (change,))
        except BaseException:
            set_loaded(entity, known)
            raise
        finally:
            database.give(connection)
        database.deliver()
        return change

    def delete_many(self, entities: Sequence[E], tx: SQLTransaction) -> list[Change]:
        """Remove the rows in one go; all of them, or none."""
        statements = self._ready or self._statements(tx)
        before = list(map(loaded, entities))
        if len(entities) > 1 and len(set(map(id, entities))) == len(entities):
            try:
                with tx.together():
                    return self._remove_many(statements, tx.connection, entities, before)
            except (_Refused, statements.database.error):
                _restore(entities, before)
        try:
            with tx.together():
                return [change for one in entities if (change := self.delete(one, tx))]
        except BaseException:
            _restore(entities, before)
            raise

    def _narrowed(
        self, statements: Statements, query: Select, tx: SQLTransaction | None
    ) -> Select:
        """Let the text index choose the rows that a search is tried on."""
        where = query.where
        if where is None or not any(text_index.searched(where)):
            return query
        database, index = statements.database, statements.facts.index
        narrowed = None if index is None else index.narrowed(query, database, tx)
        if narrowed is None:
            self._advice.consider(where, self.table.name, database, tx)
            return query
        return narrowed

    def _open(self) -> tuple[Database, Codec]:
        if self._opened is None:
            database = default_database()
            self._opened = database, Codec(self.entity, self.table, database.dialect)
        return self._opened

    def _statements(self, tx: SQLTransaction | None) -> Statements:
        """Answer the statements; the table is made when it is not there."""
        if self._ready is not None:
            return self._ready
        if tx is not None and self.entity in tx.prepared:
            here: Statements = tx.prepared[self.entity]
            return here
        database, codec = self._open()
        facts, lasting = database.ensure(self.entity, self.table, tx)
        made = Statements(self.table, codec, database, facts)
        if lasting:
            self._ready = made
        elif tx is not None:
            tx.prepared[self.entity] = made
        return made

    def _write(
        self,
        statements: Statements,
        connection: Connection,
        entity: E,
        row: list[Any],
        known: Loaded | None,
        places: tuple[int, ...],
    ) -> Change:
        try:
            if known is None:
                return self._insert(statements, connection, entity, row)
            return self._update(statements, connection, entity, row, known, places)
        except statements.database.error as exc:
            raise self._explained(statements, entity, exc) from None

    def _insert(
        self, statements: Statements, connection: Connection, entity: E, row: list[Any]
    ) -> Change:
        place, version = statements.id_place, statements.first_version()
        values = row if version is None else [*row, version]
        if row[place] is None:  # a whole number that the database chooses
            cursor = connection.execute(
                statements.insert_without_id, values[:place] + values[place + 1 :]
            )
            row[place] = entity.__dict__["id"] = statements.database.chosen_id(cursor)
        else:
            if not statements.keyed and self._rows_with(statements, connection, row[place]):
                raise EntityExists(self.entity, entity.__dict__["id"])
            connection.execute(statements.insert, values)
        set_loaded(entity, Loaded((*row, version), version))
        id = entity.__dict__["id"]
        return changes.made(self.entity, id, version, statements.all_fields, "create")

    def _insert_all(
        self,
        statements: Statements,
        connection: Connection,
        entities: Sequence[E],
        rows: Sequence[tuple[Any, ...]],
    ) -> list[Change]:
        first_version, put = statements.first_version, statements.codec.put_loaded
        stored = [(*row, first_version()) for row in rows]
        _insert_many(statements, connection, stored if statements.versioned else rows)
        for entity, row in zip(entities, stored, strict=True):
            put(entity, Loaded(row, row[-1]))
        keys = ((entity.__dict__["id"], row[-1]) for entity, row in zip(entities, stored))  # noqa: B905
        return made_together(self.entity, keys, statements.all_fields, "create")

    def _update(
        self,
        statements: Statements,
        connection: Connection,
        entity: E,
        row: list[Any],
        known: Loaded,
        places: tuple[int, ...],
    ) -> Change:
        sql, fields = statements.update(places)
        parameters = self._update_parameters(statements, row, known, places)
        self._rows_with(statements, connection, parameters[len(places)])
        if connection.execute(sql, parameters).rowcount != 1:
            key = known.row[statements.id_place]
            raise self._stale(statements, connection, entity, key, places)
        return self._updated(entity, row, known, fields)

    def _update_parameters(
        self, statements: Statements, row: Sequence[Any], known: Loaded, places: tuple[int, ...]
    ) -> list[Any]:
        old: Any = known.row
        where = old[statements.id_place]
        if statements.id_place in places:
            raise ConstraintFailed(self.entity, where, "the id of a stored entity stays as it is")
        parameters = [row[place] for place in places]
        parameters.append(where)
        if statements.versioned:
            parameters.append(known.version)
        parameters += [old[place] for place in places]
        return parameters

    def _updated(
        self, entity: E, row: Sequence[Any], known: Loaded, fields: frozenset[str]
    ) -> Change:
        version = None if known.version is None else known.version + 1
        set_loaded(entity, Loaded((*row, version), version))
        return changes.made(self.entity, entity.__dict__["id"], version, fields, "update")

    def _write_many(
        self,
        statements: Statements,
        connection: Connection,
        entities: Sequence[E],
        before: list[Any],
    ) -> list[Change]:
        """Save in groups. Raises _Refused when somebody is stale."""
        if not statements.keyed:
            raise _Refused
        rows = statements.codec.dump_all(entities)
        place = statements.id_place
        if not any(before) and all(row[place] is not None for row in rows):
            return self._insert_all(statements, connection, entities, rows)
        differences = statements.codec.differences
        made: dict[int, Change] = {}
        new: list[tuple[int, tuple[Any, ...]]] = []
        updates: dict[tuple[int, ...], list[tuple[int, tuple[Any, ...]]]] = {}
        for number, row in enumerate(rows):
            known = before[number]
            if known is not None:
                places = differences(row, known.row)
                if places:
                    updates.setdefault(places, []).append((number, row))
            elif row[place] is None:
                made[number] = self._insert(statements, connection, entities[number], list(row))
            else:
                new.append((number, row))
        if new:
            chosen = [entities[number] for number, _ in new]
            done = self._insert_all(statements, connection, chosen, [row for _, row in new])
            made.update(zip((number for number, _ in new), done, strict=True))
        for places, group in updates.items():
            several = [
                self._update_parameters(statements, row, before[number], places)
                for number, row in group
            ]
            sql, fields = statements.update(places)
            if connection.executemany(sql, several).rowcount != len(several):
                raise _Refused
            for number, row in group:
                made[number] = self._updated(entities[number], row, before[number], fields)
        return [made[number] for number in sorted(made)]

    def _remove(self, statements: Statements, connection: Connection, entity: E) -> Change | None:
        known = loaded(entity)
        id = entity.__dict__["id"]
        try:
            sql, parameters = self._removal(statements, entity, known)
            self._rows_with(statements, connection, parameters[0])
            cursor = connection.execute(sql, parameters)
            removed, key = cursor.rowcount, parameters[0]
            if removed == 0 and connection.execute(statements.get, (key,)).fetchone():
                raise self._stale(statements, connection, entity, key, ())
        except statements.database.error as exc:
            raise self._explained(statements, entity, exc) from None
        set_loaded(entity, None)
        if removed == 0:
            return None
        version = None if known is None else known.version
        return changes.made(self.entity, id, version, None, "delete")

    def _remove_many(
        self,
        statements: Statements,
        connection: Connection,
        entities: Sequence[E],
        before: list[Any],
    ) -> list[Change]:
        """Remove in groups. Raises _Refused when somebody is stale or gone."""
        if not statements.keyed:
            raise _Refused
        pairs = zip(entities, before, strict=True)
        removals = [self._removal(statements, entity, known) for entity, known in pairs]
        for sql, group in groupby(sorted(removals, key=_sql_of), key=_sql_of):
            several = [parameters for _, parameters in group]
            if connection.executemany(sql, several).rowcount != len(several):
                raise _Refused
        made: list[Change] = []
        for entity, known in zip(entities, before, strict=True):
            set_loaded(entity, None)
            version = None if known is None else known.version
            id = entity.__dict__["id"]
            made.append(changes.made(self.entity, id, version, None, "delete"))
        return made

    def _removal(
        self, statements: Statements, entity: E, known: Loaded | None
    ) -> tuple[str, list[Any]]:
        """Answer what removes *entity* if it is as it was loaded; the id comes first."""
        if known is None:
            return statements.delete, [statements.codec.encode("id", entity.__dict__["id"])]
        row: Any = known.row
        rest = (known.version,) if statements.versioned else row[:-1]
        return statements.delete_loaded, [row[statements.id_place], *rest]

    def _rows_with(self, statements: Statements, connection: Connection, key: object) -> int:
        """Count the rows with one id where that can be several. Raises SchemaMismatch."""
        if statements.keyed:
            return 0
        number = len(connection.execute(statements.get, (key,)).fetchall())
        if number > 1:
            raise self._twins(statements, key, number)
        return number

    def _twins(self, statements: Statements, key: object, number: int) -> SchemaMismatch:
        column = statements.codec.columns["id"].name
        return SchemaMismatch(
            f"Table {self.table.name!r} has {number} rows with the {column} {key!r}, so it is "
            f"not clear which of them is the {self.entity.__name__}. Remove all but one, and add "
            f"a PRIMARY KEY or a UNIQUE index on {column!r}"
        )

    def _stale(
        self,
        statements: Statements,
        connection: Connection,
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

    def _explained(self, statements: Statements, entity: E, exc: Exception) -> Exception:
        """Answer in our words why a row was refused."""
        database = statements.database
        violation = database.violation(exc, statements.facts)
        if violation is None:
            return database.explained(exc)
        id = entity.__dict__["id"]
        fields = statements.codec.fields_of(violation.columns)
        if fields == ("id",):
            return EntityExists(self.entity, id)
        if fields:
            return NotUnique(self.entity, id, fields)
        return ConstraintFailed(self.entity, id, violation.reason)

    def _load(self, row: tuple[Any, ...]) -> E:
        entity: E = self._open()[1].load(row)
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
        tx: SQLTransaction | None,
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
            rows += statements.database.fetch(
                compiled.sql, compiled.parameters(values, position), tx
            )
            if len(rows) >= number:
                break
        return rows

    def _behind(
        self,
        query: Select,
        order: tuple[Order, ...],
        anchor: Cursor | None,
        rows: list[tuple[Any, ...]],
        tx: SQLTransaction | None,
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


class _Refused(Exception):
    """Some row of several was not as it was loaded."""


def _restore(entities: Iterable["Verbs"], before: Iterable[Loaded | None]) -> None:
    for entity, known in zip(entities, before, strict=True):
        set_loaded(entity, known)


def _sql_of(removal: tuple[str, list[Any]]) -> str:
    return removal[0]


def _insert_many(
    statements: Statements, connection: Connection, rows: Sequence[tuple[Any, ...]]
) -> None:
    size = statements.rows_per_insert
    if not size:
        connection.executemany(statements.insert, rows)
        return
    whole = len(rows) - len(rows) % size
    for start in range(0, whole, size):
        several = [value for row in rows[start : start + size] for value in row]
        connection.execute(statements.insert_many(size), several)
    if whole < len(rows):
        connection.executemany(statements.insert, rows[whole:])
