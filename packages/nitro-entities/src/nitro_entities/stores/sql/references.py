"""Which fields of an entity class are foreign keys, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy.exc import NoReferenceError
from sqlmodel import SQLModel

from nitro_entities.stores.sql.relations import relations_of
from nitro_entities.verbs import Verbs

__all__ = ["ForeignKey", "foreign_keys"]


class ForeignKey(NamedTuple):
    """A field that holds the value that *their* field of a *target* has."""

    field: str
    target: type[Any]
    their: str
    relation: str | None
    """The relation that follows it, if one is declared."""


def foreign_keys(cls: Any) -> Iterator[ForeignKey]:
    """Yield the foreign keys of a SQLEntity that are one column and refer to another entity."""
    names = {relation.own: name for name, relation in relations_of(cls).items() if relation.refers}
    for column in cls.__table__.columns:
        if len(column.foreign_keys) != 1:
            continue
        (key,) = column.foreign_keys
        found = _target_of(key)
        if found is not None:
            field = str(cls.__mapper__.get_property_by_column(column).key)
            yield ForeignKey(field, *found, names.get(field))


def _target_of(key: Any) -> tuple[type[Any], str] | None:
    """Answer what *key* refers to, None if that is no entity."""
    try:
        column = key.column
    except NoReferenceError:  # a table that nobody has described
        return None
    for mapper in SQLModel._sa_registry.mappers:  # pyright: ignore[reportPrivateUsage]
        if mapper.local_table is column.table and issubclass(mapper.class_, Verbs):
            return mapper.class_, str(mapper.get_property_by_column(column).key)
    return None
