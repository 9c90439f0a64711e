"""What the tables of the entity classes should be like, in plain SQLAlchemy."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    types,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from nitro_entities import classes
from nitro_entities.backends import backend_of, repository_of
from nitro_entities.config import durable_changes
from nitro_entities.fields import FieldSpec, specs
from nitro_entities.stores.sql import change_rows, outbox
from nitro_entities.stores.sql.backend import SQLModelBackend
from nitro_entities.stores.sql.schema import with_needed
from nitro_entities.stores.sql.table import VERSION, constraint_name

Type = TypeEngine[Any]


class _Called(DefaultDialect):
    """A dialect of which types only ask the name: the real ones answer types of their own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


_GENERIC = DefaultDialect()
_NAMED = (_Called("postgresql"), _Called("sqlite"))


def metadata() -> MetaData:
    """Answer the tables of the entity classes that live in SQL, and those kept beside them.

    Column types are plain ones of SQLAlchemy, so that a migration made from them needs neither
    the application nor Nitro. For an ``env.py`` of your own:
    ``target_metadata = nitro_entities.migrations.metadata()``.
    """
    wanted = MetaData()
    for table in _all_tables():
        if table.name not in wanted.tables:
            _plain_copy(table, wanted)
    return wanted


def kept_classes() -> dict[str, type[Any]]:
    """Answer the entity classes that live in SQL, by the name of their table."""
    return {repository.table.name: cls for cls, repository in _repositories()}


def kept_tables() -> list[tuple[type[Any], Table]]:
    """List the entity classes that live in SQL, with their tables."""
    return [(cls, repository.table) for cls, repository in _repositories()]


def field_of(table: str, column: str) -> FieldSpec | None:
    """Answer the field that *column* keeps; None if no class says."""
    cls = kept_classes().get(table)
    if cls is None:
        return None
    mapper: Any = getattr(cls, "__mapper__", None)
    mapped: Any = {} if mapper is None else mapper.columns
    for name, spec in specs(cls).items():
        if column == (mapped[name].name if name in mapped else name):
            return spec
    return None


def bookkeeping() -> list[Table]:
    """List the tables that belong to no class: the outbox, and the records of changes if kept."""
    return [outbox.TABLE, *([change_rows.TABLE] if durable_changes() else [])]


def plain(type_: Type) -> Type:
    """Answer what *type_* is on each database, without the class of ours or of the application."""
    if not isinstance(type_, TypeDecorator):
        return type_
    made = _unwrapped(type_, _GENERIC)
    for dialect in _NAMED:
        own = _unwrapped(type_, dialect)
        if repr(_in(made, dialect)) != repr(_in(own, dialect)):
            made = made.with_variant(_in(own, dialect), dialect.name)
    return made


def portable(type_: Type) -> Type:
    """Answer the type to write for one that was read from a database."""
    if isinstance(type_, types.BigInteger | types.INTEGER):
        return BigInteger().with_variant(Integer(), "sqlite")
    if isinstance(type_, types.Boolean):
        return Boolean()
    if isinstance(type_, types.Float):
        return Double()
    if isinstance(type_, types.LargeBinary | types.VARBINARY):
        return LargeBinary()
    if isinstance(type_, types.String) and not isinstance(type_, types.Enum):
        length = type_.length
        return String(length).with_variant(String(length, collation="C"), "postgresql")
    return type_


def is_lossless(old: Type, new: Type, dialect: Dialect) -> bool:
    """Say whether every value of *old* is kept when the column becomes *new*."""
    old, new = _in(old, dialect), _in(new, dialect)
    whole = isinstance(old, Integer | Boolean)
    if isinstance(new, String):
        if isinstance(old, String):
            return new.length is None or (old.length or new.length + 1) <= new.length
        return whole and new.length is None
    return whole and isinstance(new, BigInteger)


def _in(type_: Type, dialect: Dialect) -> Type:
    variants: dict[str, Type] = dict(type_._variant_mapping)  # pyright: ignore[reportPrivateUsage]
    return variants.get(dialect.name, type_)


def _unwrapped(type_: Type, dialect: Dialect) -> Type:
    while isinstance(type_, TypeDecorator):
        type_ = _in(type_.load_dialect_impl(dialect), dialect)
    return type_


def _repositories() -> Iterator[tuple[type[Any], SQLModelBackend[Any]]]:
    for cls in classes.all():
        if issubclass(backend_of(cls), SQLModelBackend):
            repository: Any = repository_of(cls)
            yield cls, repository


def _all_tables() -> Iterator[Table]:
    for cls, repository in _repositories():
        yield from with_needed(repository.table)
        mapper: Any = getattr(cls, "__mapper__", None)
        for relation in () if mapper is None else mapper.relationships:
            between: Any = relation.secondary  # of many and many
            if isinstance(between, Table):
                yield from with_needed(between)  # pyright: ignore[reportUnknownArgumentType]
    yield from bookkeeping()


def _plain_copy(table: Table, into: MetaData) -> None:
    copy = table.to_metadata(into)
    copy.info.clear()  # Alembic would write it down
    for column in copy.columns:
        column.type = plain(column.type)
    if VERSION not in copy.c:
        return  # the constraints of our own tables have no name in the database either
    for constraint in copy.constraints:
        if constraint.name is None and isinstance(
            constraint, UniqueConstraint | ForeignKeyConstraint
        ):
            constraint.name = constraint_name(constraint)
