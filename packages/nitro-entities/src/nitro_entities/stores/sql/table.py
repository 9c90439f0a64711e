"""The table of an entity class: the mapped one of a SQLEntity, or one derived from the fields."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count
from operator import itemgetter, ne
from typing import Any, cast

from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import configure_mappers
from sqlalchemy.sql.elements import (
    _truncated_label,  # pyright: ignore[reportPrivateUsage]
    quoted_name,
)

from nitro_entities import classes
from nitro_entities.errors import DefinitionError, NotStorable, UnreadableRow
from nitro_entities.fields import UNFIT, FieldSpec, Kind, specs, unique_groups
from nitro_entities.fields.primitives import checked_text, is_plain_text
from nitro_entities.loaded import Loaded
from nitro_entities.stores.sql.types import PLAIN, Stored, column_type

VERSION = "nitro_version"

_CLASS = "nitro entity"  # in the info of a table: the class that it was derived from
_LONGEST_NAME = 63

Convert = Callable[[Any], Any]


def table_of(cls: type[Any]) -> Table:
    """Answer the table that keeps *cls*, with the constraints and indexes that its fields say."""
    mapped = getattr(cls, "__table__", None)
    if not isinstance(mapped, Table):
        table = _derived(cls, MetaData())
        _refuse_long_names(cls, table)
        return table
    _find_referred(mapped)  # pyright: ignore[reportUnknownArgumentType]
    configure_mappers()  # SQLAlchemy would do it when the first object is made by hand
    _complete(cls, mapped)  # pyright: ignore[reportUnknownArgumentType]
    _complete_referred(mapped)  # pyright: ignore[reportUnknownArgumentType]
    _refuse_long_names(cls, mapped)  # pyright: ignore[reportUnknownArgumentType]
    return mapped  # pyright: ignore[reportUnknownVariableType]


def name_of(cls: type[Any]) -> str:
    """Answer the name of the table that keeps *cls*."""
    name = getattr(cls, "__tablename__", None)
    return name if isinstance(name, str) else cls.__name__.lower()


def columns_of(cls: type[Any], table: Table, names: Iterable[str]) -> tuple[str, ...]:
    """Name the columns of *table* that keep these fields of *cls*."""
    return tuple(_column_of(cls, table, name).name for name in names)


def version_column() -> Column[int]:
    """Make the hidden column that counts the saves of a row."""
    return Column(VERSION, BigInteger, nullable=False, server_default=text("1"))


def _derived(cls: type[Any], metadata: MetaData) -> Table:
    """Make the table of a class that is not mapped."""
    columns = [_column(spec) for spec in specs(cls).values()]
    # kept in the order of the primary key, every index ends with it, so that slices need no sort
    clustered = specs(cls)["id"].kind is not Kind.INTEGER
    table = Table(
        name_of(cls),
        metadata,
        *columns,
        version_column(),
        sqlite_with_rowid=not clustered,
        info={_CLASS: cls},
    )
    _complete(cls, table)
    return table


def _column(spec: FieldSpec) -> Column[Any]:
    if spec.name == VERSION:
        msg = f"{VERSION} is the name of a hidden column. Call the field something else"
        raise DefinitionError(msg)
    is_key = spec.name == "id"
    return Column(
        spec.name, column_type(spec), primary_key=is_key, nullable=spec.nullable and not is_key
    )


def _complete(cls: type[Any], table: Table) -> None:
    """Add the unique constraints and the indexes that *table* has not got yet."""
    unique = {frozenset(c.columns) for c in table.constraints if isinstance(c, UniqueConstraint)}
    unique |= {frozenset(index.columns) for index in table.indexes if index.unique}
    for group in unique_groups(cls):
        columns = [_declared_column(cls, table, name) for name in group]
        if frozenset(columns) not in unique:
            table.append_constraint(UniqueConstraint(*columns))
    for constraint in table.constraints:
        if constraint.name is None and isinstance(
            constraint, UniqueConstraint | ForeignKeyConstraint
        ):
            constraint.name = constraint_name(constraint)
    for index in table.indexes:
        if isinstance(index.name, _truncated_label):  # SQLAlchemy made it, and counts no bytes
            index.name = quoted_name(_short(index.name), quote=None)
    indexed = {tuple(index.columns) for index in table.indexes}
    for spec in specs(cls).values():
        column = _column_of(cls, table, spec.name)
        if spec.indexed and not spec.unique and (column,) not in indexed:
            Index(_short(f"ix_{table.name}_{column.name}"), column)


def _complete_referred(table: Table) -> None:
    """Complete the mapped tables that *table* refers to: they may be made before their turn."""
    reached, new = {table}, {table}
    while new:
        new = {foreign.column.table for one in new for foreign in one.foreign_keys} - reached
        reached |= new
    for cls in classes.all():
        mapped = getattr(cls, "__table__", None)
        if mapped is not table and isinstance(mapped, Table) and mapped in reached:
            _complete(cls, mapped)  # pyright: ignore[reportUnknownArgumentType]


def _declared_column(cls: type[Any], table: Table, name: str) -> Column[Any]:
    if name not in specs(cls):
        msg = f"{cls.__name__}.__unique__ names {name!r}, which is no field of the class"
        raise DefinitionError(msg)
    return _column_of(cls, table, name)


def constraint_name(constraint: UniqueConstraint | ForeignKeyConstraint) -> str:
    """Answer the name of a constraint that was given none: migrations need one to drop it."""
    kind = "uq" if isinstance(constraint, UniqueConstraint) else "fk"
    return _short("_".join((kind, constraint.table.name, *constraint.columns.keys())))


def _short(name: str) -> str:
    """Answer a name that PostgreSQL does not cut: of at most 63 bytes."""
    raw = name.encode()
    if len(raw) <= _LONGEST_NAME:
        return name
    return f"{raw[: _LONGEST_NAME - 9].decode(errors='ignore')}_{zlib.crc32(raw):08x}"


def _refuse_long_names(cls: type[Any], table: Table) -> None:
    """Refuse names that PostgreSQL would cut, and so take for others. Raises DefinitionError."""
    named = [("table", table.name, "Set a shorter __tablename__")]
    named += [("column", one.name, "Give the field a shorter name") for one in table.columns]
    others: list[Any] = [*table.constraints, *table.indexes]
    named += [("constraint or index", str(one.name or ""), "Shorten it") for one in others]
    for what, name, remedy in named:
        length = len(name.encode())
        if length > _LONGEST_NAME:
            msg = (
                f"{cls.__name__}: the {what} {name!r} has a name of {length} bytes, and databases "
                f"take {_LONGEST_NAME}. {remedy}"
            )
            raise DefinitionError(msg)


def _find_referred(table: Table) -> None:
    """Let foreign keys find the tables of classes that are not mapped."""
    for foreign in tuple(table.foreign_keys):
        name = foreign.target_fullname.rpartition(".")[0]
        known = table.metadata.tables.get(name)
        if known is not None and _CLASS not in known.info:
            continue
        for cls in classes.all():
            mapped = isinstance(getattr(cls, "__table__", None), Table)
            if mapped or name_of(cls) != name or (known is not None and known.info[_CLASS] is cls):
                continue
            if known is not None:
                table.metadata.remove(known)
            _derived(cls, table.metadata)
            break


class Codec:
    """Turn entities into rows of primitives and back, for one dialect."""

    def __init__(self, cls: type[Any], table: Table, dialect: Dialect) -> None:
        self.cls = cls
        self.specs = specs(cls)
        self.names = tuple(self.specs)
        self.columns: dict[str, Column[Any]] = {
            name: _column_of(cls, table, name) for name in self.names
        }
        self.id_place = self.names.index("id")
        self._values_of = _getter(self.names)
        self.put_loaded: Callable[[Any, Loaded], None] = cls._nitro_loaded.__set__
        self.encoders: dict[str, Convert | None] = {}
        self._encode: list[tuple[int, Convert]] = []
        self._decode: list[tuple[str, Convert]] = []
        for index, (name, spec) in enumerate(self.specs.items()):
            encode, decode = _converters(spec, self.columns[name], dialect)
            self.encoders[name] = encode
            if encode is not None:
                self._encode.append((index, encode))
            if decode is not None:
                self._decode.append((name, decode))
        # values of plain kinds are their own primitives: encoding only checks them
        self._encode_same = [pair for pair in self._encode if self._is_plain(pair[0])]
        self._encode_spelt = [pair for pair in self._encode if not self._is_plain(pair[0])]
        self._spelt = frozenset(
            index for index, spec in enumerate(self.specs.values()) if spec.kind not in PLAIN
        )

    def _is_plain(self, place: int) -> bool:
        return self.specs[self.names[place]].kind in PLAIN

    def fields_of(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Name the fields that are kept in *columns*; a column without one by its own name."""
        names = {column.name: name for name, column in self.columns.items()}
        return tuple(names.get(column, column) for column in columns)

    def encode(self, name: str, value: Any) -> Any:
        """Answer the primitive for a value of the field called *name*."""
        encode = self.encoders[name]
        if value is None or encode is None:
            return value
        try:
            return encode(value)
        except UNFIT as exc:
            raise self.specs[name].refusal(self.cls, None, value, exc) from None

    def can_be_id(self, id: object) -> bool:
        """Say whether *id* could be stored at all."""
        try:
            self.encode("id", id)
        except NotStorable:
            return False
        return True

    def dump(self, entity: Any) -> list[Any]:
        """Answer the row of *entity*."""
        row = list(self._values_of(entity.__dict__))
        self._encode_into(row, self._encode)
        return row

    def dump_changed(self, entity: Any, old: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
        """Answer the row of *entity*, and the places where it differs from the row *old*."""
        row = list(self._values_of(entity.__dict__))
        self._encode_into(row, self._encode_spelt)
        places = tuple(compress(count(), map(ne, row, old)))
        if places and self._encode_same:  # checked only where they changed
            self._encode_into(row, [pair for pair in self._encode_same if pair[0] in places])
        return row, self._really_different(row, old, places)

    def dump_all(self, entities: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Answer the rows of several entities, made column by column, which is faster."""
        columns: list[Any] = list(zip(*[self._values_of(e.__dict__) for e in entities]))  # noqa: B905
        try:
            for index, encode in self._encode:
                column = columns[index]
                if encode is checked_text and is_plain_text(column):
                    continue
                if None in column:
                    columns[index] = [None if v is None else encode(v) for v in column]
                else:
                    columns[index] = list(map(encode, column))
        except UNFIT:
            return [tuple(self.dump(entity)) for entity in entities]  # tells which one it is
        return list(zip(*columns))  # noqa: B905

    def load(self, row: tuple[Any, ...]) -> Any:
        """Make a validated entity of a row, which ends with the version.

        Raises UnreadableRow.
        """
        return self.load_all((row,))[0]

    def load_all(self, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Make a validated entity of each row. Raises UnreadableRow."""
        names, decoders, put = self.names, self._decode, self.put_loaded
        make = self.cls.__nitro_load__
        entities: list[Any] = []
        row: tuple[Any, ...] = ()
        try:
            for row in rows:
                values = dict(zip(names, row))  # noqa: B905 - to say strict=False costs time
                for name, decode in decoders:
                    value = values[name]
                    if value is not None:
                        values[name] = decode(value)
                entity = make(values)
                put(entity, Loaded(row, row[-1]))
                entities.append(entity)
        except (ValueError, TypeError, ArithmeticError) as exc:
            # not chained: the cause would show the values, which may be secret
            raise UnreadableRow(self.cls, row[self.id_place], _problems(exc)) from None
        return entities

    def differences(self, row: Sequence[Any], old: tuple[Any, ...]) -> tuple[int, ...]:
        """Answer the places where *row* holds something else than the loaded row *old*."""
        places = tuple(compress(count(), map(ne, row, old)))
        return self._really_different(row, old, places)

    def _really_different(
        self, row: Sequence[Any], old: tuple[Any, ...], places: tuple[int, ...]
    ) -> tuple[int, ...]:
        # a foreign writer may have spelt the same value otherwise: "2 pm" is 14:00
        if self._spelt.isdisjoint(places):
            return places
        canonical = self.dump(self.load(old))
        return tuple(index for index in places if row[index] != canonical[index])

    def _encode_into(self, row: list[Any], encoders: list[tuple[int, Convert]]) -> None:
        for index, encode in encoders:
            value = row[index]
            if value is not None:
                try:
                    row[index] = encode(value)
                except UNFIT as exc:
                    spec = self.specs[self.names[index]]
                    raise spec.refusal(self.cls, row[self.id_place], value, exc) from None


def _getter(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    if len(names) == 1:
        return lambda values: (values[names[0]],)
    return cast("Callable[[dict[str, Any]], tuple[Any, ...]]", itemgetter(*names))


def _problems(exc: Exception) -> str:
    if not isinstance(exc, ValidationError):
        return type(exc).__name__
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in found)


def _column_of(cls: type[Any], table: Table, name: str) -> Column[Any]:
    mapper = getattr(cls, "__mapper__", None)
    if mapper is not None and name in mapper.columns:
        column = mapper.columns[name]
        if isinstance(column, Column):
            return column  # pyright: ignore[reportUnknownVariableType]
    return table.c[name]


def _converters(
    spec: FieldSpec, column: Column[Any], dialect: Dialect
) -> tuple[Convert | None, Convert | None]:
    type_ = column.type
    if isinstance(type_, Stored) or spec.kind in (Kind.NUMBER, Kind.INTEGER):
        decode = None if spec.by_pydantic else spec.decode
        return spec.encode, decode
    if spec.kind in PLAIN:
        return spec.encode, None
    implementation = type_.dialect_impl(dialect)
    return implementation.bind_processor(dialect), implementation.result_processor(dialect, None)
