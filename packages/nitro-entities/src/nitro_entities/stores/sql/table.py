"""The table of an entity class: the mapped one of a SQLEntity, or one derived from the fields."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Column, Dialect, Integer, MetaData, Table, text
from sqlalchemy.orm import configure_mappers

from nitro_entities.errors import DefinitionError, NotStorable, UnreadableRow
from nitro_entities.fields import BY_PYDANTIC, FieldSpec, Kind, specs
from nitro_entities.stores.sql.types import PLAIN, Stored, column_type

VERSION = "nitro_version"

Convert = Callable[[Any], Any]


def table_of(cls: type[Any]) -> Table:
    """Answer the table that keeps *cls*."""
    mapped = getattr(cls, "__table__", None)
    if isinstance(mapped, Table):
        configure_mappers()  # SQLAlchemy would do it when the first object is made by hand
        return mapped  # pyright: ignore[reportUnknownVariableType]
    name = getattr(cls, "__tablename__", None)
    columns = [_column(spec) for spec in specs(cls).values()]
    # kept in the order of the primary key, every index ends with it, so that slices need no sort
    clustered = specs(cls)["id"].kind is not Kind.INTEGER
    return Table(
        name if isinstance(name, str) else cls.__name__.lower(),
        MetaData(),
        *columns,
        version_column(),
        sqlite_with_rowid=not clustered,
    )


def version_column() -> Column[int]:
    """Make the hidden column that counts the saves of a row."""
    return Column(VERSION, Integer, nullable=False, server_default=text("1"))


def _column(spec: FieldSpec) -> Column[Any]:
    if spec.name == VERSION:
        msg = f"{VERSION} is the name of a hidden column. Call the field something else"
        raise DefinitionError(msg)
    is_key = spec.name == "id"
    return Column(
        spec.name, column_type(spec), primary_key=is_key, nullable=spec.nullable and not is_key
    )


class Codec:
    """Turn entities into rows of primitives and back, for one dialect."""

    def __init__(self, cls: type[Any], table: Table, dialect: Dialect) -> None:
        self.cls = cls
        self.specs = specs(cls)
        self.names = tuple(self.specs)
        self.columns: dict[str, Column[Any]] = {
            name: _column_of(cls, table, name) for name in self.names
        }
        self.encoders: dict[str, Convert | None] = {}
        self._encode: list[tuple[int, Convert]] = []
        self._decode: list[tuple[str, Convert]] = []
        self.documents: list[int] = []
        for index, (name, spec) in enumerate(self.specs.items()):
            encode, decode = _converters(spec, self.columns[name], dialect)
            self.encoders[name] = encode
            if encode is not None:
                self._encode.append((index, encode))
            if decode is not None:
                self._decode.append((name, decode))
            if spec.kind is Kind.DOCUMENT or encode is None:
                self.documents.append(index)

    def encode(self, name: str, value: Any) -> Any:
        """Answer the primitive for a value of the field called *name*."""
        encode = self.encoders[name]
        if value is None or encode is None:
            return value
        try:
            return encode(value)
        except ValueError as exc:
            raise NotStorable(self.cls, name, str(exc)) from None

    def dump(self, entity: Any) -> list[Any]:
        """Answer the row of *entity*."""
        values = entity.__dict__
        row = [values[name] for name in self.names]
        for index, encode in self._encode:
            value = row[index]
            if value is not None:
                try:
                    row[index] = encode(value)
                except ValueError as exc:
                    raise NotStorable(self.cls, self.names[index], str(exc)) from None
        return row

    def load(self, row: tuple[Any, ...]) -> Any:
        """Make a validated entity of a row; what follows the fields in it is left alone.

        Raises UnreadableRow.
        """
        values = dict(zip(self.names, row, strict=False))
        try:
            for name, decode in self._decode:
                value = values[name]
                if value is not None:
                    values[name] = decode(value)
            return self.cls.__nitro_load__(values)
        except (ValueError, TypeError, ArithmeticError) as exc:
            # not chained: the cause would show the values, which may be secret
            id = row[self.names.index("id")]
            raise UnreadableRow(self.cls, id, _problems(exc)) from None

    def differences(self, row: list[Any], old: tuple[Any, ...]) -> list[int]:
        """Answer the places where *row* holds something else than the loaded row *old*."""
        places = [index for index, value in enumerate(row) if value != old[index]]
        if not places:
            return places
        # a foreign writer may have spelt the same value otherwise: "2 pm" is 14:00
        spelt = [index for index in places if self.specs[self.names[index]].kind not in PLAIN]
        if not spelt:
            return places
        canonical = self.dump(self.load(old))
        return [index for index in places if row[index] != canonical[index]]


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
        decode = None if spec.kind in BY_PYDANTIC else spec.decode
        return spec.encode, decode
    if spec.kind in PLAIN:
        return spec.encode, None
    implementation = type_.dialect_impl(dialect)
    return implementation.bind_processor(dialect), implementation.result_processor(dialect, None)
