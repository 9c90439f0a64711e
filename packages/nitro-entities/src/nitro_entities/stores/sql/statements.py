"""Statements described with SQLAlchemy and compiled to text once for each shape."""

import typing
from collections.abc import Callable, Sequence
from functools import cached_property
from random import getrandbits
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal_column,
    not_,
    null,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.sql.base import Executable

from nitro_entities.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    In,
    IsNull,
    Not,
    Order,
    Search,
    Text,
)
from nitro_entities.errors import InvalidQuery
from nitro_entities.search import Needle
from nitro_entities.slices import Cursor
from nitro_entities.stores.sql.database import Database, Facts
from nitro_entities.stores.sql.joined import all_of, any_of
from nitro_entities.stores.sql.table import VERSION, Codec
from nitro_entities.stores.sql.text_index import Candidates

_MOST_SHAPES = 512
_MOST_VALUES = 30_000
_MOST_PLACES = 1024
_ONE = typing.cast("Any", literal_column("1"))


VALUE = "value"
POSITION = "position"

# no column is called so: SQLAlchemy would take the placeholder for its value
_VALUE = "nitro_value_"
_POSITION = "nitro_position_"


class Compiled(NamedTuple):
    """A statement as text; its holes take values, parts of a cursor, and constants."""

    sql: str
    holes: tuple[tuple[str | None, Any], ...]

    def parameters(self, values: Sequence[Any], position: Sequence[Any] = ()) -> list[Any]:
        """Put *values* and *position* where they belong."""
        return [
            values[what] if source == VALUE else position[what] if source == POSITION else what
            for source, what in self.holes
        ]


class Update(NamedTuple):
    """How some fields are written."""

    sql: str
    fields: frozenset[str]


class Values:
    """Collect values while a statement is built, each with its placeholder."""

    def __init__(self) -> None:
        self.count = 0

    def __iter__(self) -> "Values":
        return self

    def __next__(self) -> Any:
        """Answer the placeholder of the next value."""
        name = f"{_VALUE}{self.count}"
        self.count += 1
        return typing.cast("Any", bindparam(name, required=False, value=None))


class Statements:
    """The statements of one class in one dialect."""

    def __init__(self, table: Table, codec: Codec, database: Database, facts: Facts) -> None:
        self.database = database
        self.table = table
        self.codec = codec
        self.facts = facts
        self.versioned = facts.versioned
        self.all_fields = frozenset(codec.names)
        self._dialect = database.dialect
        self._spelling = spelling = database.spelling
        # no statement takes more than 65,535 values
        self.rows_per_insert = min(
            spelling.rows_per_insert, _MOST_VALUES // (1 + len(codec.names))
        )
        self._cache: dict[Any, Compiled] = {}
        self._columns = [codec.columns[name] for name in codec.names]
        self._version: Any = table.c[VERSION] if facts.versioned else null()
        self._id = codec.columns["id"]
        self.id_place = codec.id_place
        self.keyed = self._id.name in facts.keys
        self._updates: dict[tuple[int, ...], Update] = {}
        one = self._select().where(self._id == next(Values()))
        self.get = self._plain(one)
        self.get_locked = self._plain(one.with_for_update()) if spelling.locks else self.get
        self.insert = self._plain(self._insert(1))
        self.delete = self._plain(delete(table).where(self._id == next(Values())))
        self.delete_loaded = self._delete_loaded()

    def update(self, changed: tuple[int, ...]) -> "Update":
        """Set the fields at *changed* where id, version and the loaded values are the same.

        Values: the new ones, the id, the version (if there is one), the loaded ones.
        """
        found = self._updates.get(changed)
        if found is None:
            if len(self._updates) >= _MOST_SHAPES:
                self._updates.clear()
            fields = frozenset(self.codec.names[place] for place in changed)
            found = Update(self._plain(self._update(changed)), fields)
            self._updates[changed] = found
        return found

    def select(self, where: Condition | None, order: Sequence[Order], limited: bool) -> Compiled:
        """Select whole rows. Values: those of the condition, then the limit."""
        key = ("select", self._shape(where), tuple(order), limited)

        def build() -> Any:
            values = Values()
            statement = self._select()
            if where is not None:
                statement = statement.where(self.condition(where, values))
            for by in order:
                statement = statement.order_by(*self._sorting(by, reverse=False))
            return _limited(statement, values) if limited else statement

        return self._cached(key, build)

    def count(self, where: Condition | None, limited: bool) -> Compiled:
        """Count rows. Values: those of the condition, then the limit."""
        key = ("count", self._shape(where), limited)

        def build() -> Any:
            values = Values()
            if not limited:
                whole = select(func.count()).select_from(self.table)
                return whole if where is None else whole.where(self.condition(where, values))
            inner: Any = select(_ONE).select_from(self.table)
            if where is not None:
                inner = inner.where(self.condition(where, values))
            return select(func.count()).select_from(_limited(inner, values).subquery())

        return self._cached(key, build)

    def part(
        self,
        where: Condition | None,
        order: tuple[Order, ...],
        part: str,
        cursor: Cursor | None,
        *,
        backwards: bool,
        probe: bool,
    ) -> Compiled:
        """Select one part of an order beside a position.

        *part* is "all", or, where the first key may be missing, "present" or "missing".
        *probe* asks only whether there is a row. Values: those of the condition, then the limit.
        """
        missing = cursor and tuple(value is None for value in cursor.values)
        inclusive = bool(cursor and cursor.inclusive)
        key = ("part", self._shape(where), order, part, missing, inclusive, backwards, probe)

        def build() -> Any:
            values = Values()
            statement: Any = select(_ONE).select_from(self.table) if probe else self._select()
            if where is not None:
                statement = statement.where(self.condition(where, values))
            first = self._key(order[0].field)
            if part == "missing":
                statement = statement.where(first.is_(None))
            elif part == "present":
                statement = statement.where(first.is_not(None))
            if cursor is not None:
                beside = self._beside(order, part, cursor, backwards=backwards)
                statement = statement.where(beside)
            if not probe:
                for place, by in enumerate(order):
                    if part == "missing" and place == 0:
                        continue
                    whole = part == "present" and place == 0
                    statement = statement.order_by(
                        *self._sorting(by, reverse=backwards, present=whole)
                    )
            return _limited(statement, values)

        return self._cached(key, build)

    def condition(self, given: Condition, values: Values) -> Any:
        """Describe a condition; what it answers is never NULL where that would matter."""
        match given:
            case All(parts):
                return all_of(self.condition(part, values) for part in parts)
            case Any_(parts):
                return any_of(self.condition(part, values) for part in parts)
            case Not(part):
                return not_(func.coalesce(self.condition(part, values), false()))
            case IsNull(field):
                return self.codec.columns[field].is_(None)
            case Compare():
                return self._compare(given, values)
            case In():
                return self._in(given, values)
            case Text():
                return self._text(given, values)
            case Search(field, needle):
                return self._spelling.search(self.codec.columns[field], needle, values)
            case Candidates():
                assert self.facts.index is not None
                return self.facts.index.candidates(self._id, next(values))
            case _:
                msg = f"{given!r} is unknown to SQL stores"
                raise TypeError(msg)

    def values(self, given: Condition | None) -> list[Any]:
        """Answer the values of a condition in the order of its placeholders."""
        match given:
            case None:
                return []
            case All(parts) | Any_(parts):
                return [value for part in parts for value in self.values(part)]
            case Not(part):
                return self.values(part)
            case Compare(field, _, value):
                return [] if value is None else [self.codec.encode(field, value)]
            case In(field, several):
                encoded = [self.codec.encode(field, v) for v in several if v is not None]
                if self._is_listed(given):
                    return [self._spelling.list_of(encoded)]
                return encoded + encoded[-1:] * (given.padded_size - len(encoded))
            case Text(_, "contains", value):
                return self._spelling.contains_values(value)
            case Text(_, _, value):
                return self._spelling.startswith_values(value)
            case Search(_, needle):
                return self._spelling.search_values(needle)
            case Candidates(match):
                return [match]
            case _:
                return []

    def _select(self) -> Any:
        return select(*self._columns, self._version)

    def first_version(self) -> int | None:
        """Answer a version to begin with; None if none are counted.

        It is any: when an id was deleted and is used again, what was loaded before is stale.
        """
        return 1 + getrandbits(40) if self.versioned else None

    def insert_many(self, number: int) -> str:
        """Insert *number* rows at once. Values: those of the first row, its version …"""
        return self._cached(("insert", number), lambda: self._insert(number)).sql

    @cached_property
    def insert_without_id(self) -> str:
        """Insert one row whose id the database chooses, and answer that.

        Values: those of the other fields, the version (if there is one).
        """
        values = Values()
        row = {column: next(values) for column in self._columns if column is not self._id}
        if self.versioned:
            row[self._version] = next(values)
        statement = insert(self.table).inline().values(row)
        if self._spelling.chooses_ids_by_returning:
            statement = statement.returning(self._id)
        return self._plain(statement)

    def _insert(self, number: int) -> Executable:
        values = Values()
        rows: list[dict[Any, Any]] = []
        for _ in range(number):
            row = {column: next(values) for column in self._columns}
            if self.versioned:
                row[self._version] = next(values)
            rows.append(row)
        return insert(self.table).inline().values(rows if number > 1 else rows[0])

    def _update(self, changed: tuple[int, ...]) -> Executable:
        values = Values()
        row: dict[Any, Any] = {self._columns[index]: next(values) for index in changed}
        where = [self._id == next(values)]
        if self.versioned:
            row[self._version] = self._version + literal_column("1")
            where.append(self._version == next(values))
        where += [self._columns[index].is_not_distinct_from(next(values)) for index in changed]
        return update(self.table).values(row).where(*where)

    def _delete_loaded(self) -> str:
        """Delete where id and version are the same; without versions, where all values are."""
        values = Values()
        where = [self._id == next(values)]
        if self.versioned:
            where.append(self._version == next(values))
        else:
            where += [column.is_not_distinct_from(next(values)) for column in self._columns]
        return self._plain(delete(self.table).where(*where))

    def _key(self, field: str) -> Any:
        """Answer the column as it compares and sorts."""
        codec = self.codec
        return self._spelling.key(codec.columns[field], codec.specs[field], self.facts)

    def _same(self, field: str) -> Any:
        """Answer the column as it is compared for equality."""
        codec = self.codec
        return self._spelling.same(codec.columns[field], codec.specs[field], self.facts)

    def _shape(self, where: Condition | None) -> object:
        """Answer what decides how the statement for *where* is written."""
        if where is None:
            return None
        searches = tuple(self._spelling.search_shape(needle) for needle in _needles(where))
        return (where.shape, searches) if searches else where.shape

    def _sorting(self, by: Order, *, reverse: bool, present: bool = False) -> list[Any]:
        column = self._key(by.field)
        descending = by.descending is not reverse
        key = column.desc() if descending else column.asc()
        if present or not self._nullable(by.field):
            return [key]
        absent = self.codec.columns[by.field].is_(None)
        return [absent.desc() if reverse else absent.asc(), key]

    def _nullable(self, field: str) -> bool:
        return bool(self.codec.columns[field].nullable)

    def _beside(
        self, order: tuple[Order, ...], part: str, cursor: Cursor, *, backwards: bool
    ) -> Any:
        """Say that a row lies beyond *cursor*; its values are the placeholders c0, c1 …"""
        places = range(1 if part == "missing" else 0, len(order))
        certain = {0} if part == "present" else set[int]()
        missing = {place for place in places if cursor.values[place] is None}
        loose = {p for p in places if self._nullable(order[p].field)} - certain
        if not loose and not missing and len({order[p].descending for p in places}) == 1:
            return self._row_beside(order, places, cursor.inclusive, backwards=backwards)
        alternatives: list[ColumnElement[bool]] = []
        for end in places:
            equal = [
                self._key(order[p].field).is_(None)
                if p in missing
                else self._key(order[p].field) == _at(p)
                for p in places[: places.index(end)]
            ]
            inclusive = cursor.inclusive and end == places[-1]
            beyond = self._beyond(
                order[end], end, missing, backwards=backwards, inclusive=inclusive
            )
            alternatives.append(and_(true(), *equal, beyond))
        beside = or_(false(), *alternatives)
        if places[0] in missing or places[0] in loose:
            return beside
        # redundant, but it lets an index begin at the position
        near = self._beyond(
            order[places[0]], places[0], missing, backwards=backwards, inclusive=True
        )
        return and_(near, beside)

    def _row_beside(
        self, order: Sequence[Order], places: Sequence[int], inclusive: bool, *, backwards: bool
    ) -> Any:
        """Compare whole rows: an index answers that directly."""
        left = [self._key(order[place].field) for place in places]
        right = [_at(place) for place in places]
        a: Any = left[0] if len(left) == 1 else tuple_(*left)
        b: Any = right[0] if len(right) == 1 else tuple_(*right)
        if order[places[0]].descending is backwards:
            return a >= b if inclusive else a > b
        return a <= b if inclusive else a < b

    def _beyond(
        self, by: Order, place: int, missing: set[int], *, backwards: bool, inclusive: bool
    ) -> Any:
        column = self._key(by.field)
        if place in missing:  # missing values are the last ones
            if backwards:
                return true() if inclusive else column.is_not(None)
            return column.is_(None) if inclusive else false()
        if by.descending is backwards:
            beyond = column >= _at(place) if inclusive else column > _at(place)
        else:
            beyond = column <= _at(place) if inclusive else column < _at(place)
        if not backwards and self._nullable(by.field):
            return or_(beyond, column.is_(None))
        return beyond

    def _compare(self, given: Compare, values: Values) -> Any:
        column = (self._same if given.op in ("eq", "ne") else self._key)(given.field)
        if given.value is None:
            return column.is_(None) if given.op == "eq" else column.is_not(None)
        value = next(values)
        match given.op:
            case "eq":
                return column == value
            case "ne":
                return or_(column != value, column.is_(None))
            case "lt":
                return column < value
            case "le":
                return column <= value
            case "gt":
                return column > value
            case _:
                return column >= value

    def _in(self, given: In, values: Values) -> Any:
        column = self._same(given.field)
        if self._is_listed(given):
            parts = [self._spelling.listed(column, next(values))]
        else:
            places = [next(values) for _ in range(given.padded_size)]
            parts = [column.in_(places)] if places else []
        if None in given.values:
            parts.append(column.is_(None))
        return or_(false(), *parts)

    def _is_listed(self, given: In) -> bool:
        """Say whether the values go as one, because a statement takes only so many."""
        if given.padded_size <= _MOST_PLACES:
            return False
        return self._spelling.can_list(self.codec.specs[given.field])

    def _text(self, given: Text, values: Values) -> Any:
        column = self.codec.columns[given.field]
        if given.op == "contains":
            return self._spelling.contains(column, values)
        return self._spelling.startswith(column, self._key(given.field), values)

    def _cached(self, key: Any, build: Callable[[], Executable]) -> Compiled:
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= _MOST_SHAPES:
                self._cache.clear()
            found = self._cache[key] = self._compile(build())
        return found

    def _plain(self, statement: Executable) -> str:
        return self._compile(statement).sql

    def _compile(self, statement: Any) -> Compiled:
        compiled = statement.compile(
            dialect=self._dialect, compile_kwargs={"render_postcompile": True}
        )
        most, asked = self._spelling.most_values, len(compiled.positiontup or ())
        if asked > most:
            msg = (
                f"The query compares with {asked:,} values, and {self.database} takes {most:,}. "
                f"Ask in portions; col(field).in_(values) takes any number of texts or whole "
                f"numbers"
            )
            raise InvalidQuery(msg)
        holes: list[tuple[str | None, Any]] = []
        for name in compiled.positiontup or ():
            if name.startswith(_VALUE):
                holes.append((VALUE, int(name[len(_VALUE) :])))
            elif name.startswith(_POSITION):
                holes.append((POSITION, int(name[len(_POSITION) :])))
            else:
                holes.append((None, compiled.params[name]))
        return Compiled(str(compiled), tuple(holes))


def _at(place: int) -> Any:
    """Answer the placeholder of one value of a cursor."""
    return typing.cast("Any", bindparam(f"{_POSITION}{place}", required=False, value=None))


def _limited(statement: Any, values: Values) -> Any:
    """Limit a select; by itself SQLAlchemy would add an OFFSET for SQLite."""
    return statement.suffix_with(text(f"LIMIT :{next(values).key}"))


def _needles(where: Condition) -> list[Needle]:
    match where:
        case Search(_, needle):
            return [needle]
        case All(parts) | Any_(parts):
            return [needle for part in parts for needle in _needles(part)]
        case Not(part):
            return _needles(part)
        case _:
            return []
