"""SQLAlchemy statements on the connections of our own, for what conditions cannot say."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar, cast

from sqlalchemy import Select, Table, null

from nitro_entities import lifetime, loop
from nitro_entities.backends import repository_of
from nitro_entities.errors import InvalidQuery, NotSupported
from nitro_entities.stores.sql.backend import SQLModelBackend
from nitro_entities.stores.sql.table import VERSION
from nitro_entities.units.ambient import current_unit
from nitro_entities.verbs import Verbs

E = TypeVar("E", bound=Verbs)


def fetch(cls: type[E], statement: "Select[*tuple[Any, ...]]") -> list[E]:
    """Answer the entities that *statement*, a select of *cls*, finds.

    Raises InvalidQuery, NotSupported.
    """
    _check(cls, statement)
    repo = _backend(cls)
    with _reading(cls) as tx:
        statements = repo._statements(tx)  # pyright: ignore[reportPrivateUsage]
    version: Any = repo.table.c[VERSION] if statements.versioned else null()
    fields = [getattr(cls, name) for name in statements.codec.names]
    found = [
        repo._load(tuple(row))  # pyright: ignore[reportPrivateUsage]
        for row in rows(cls, statement.with_only_columns(*fields, version))
    ]
    current = current_unit()
    entities = found if current is None else current.known(found)
    if len(entities) > 1:
        cast("Any", cls).__nitro_together__(entities)
    return [entity for entity in entities if lifetime.is_there(entity)]


def rows(
    cls: type[Any], statement: "Select[*tuple[Any, ...]]", needed: Table | None = None
) -> list[Any]:
    """Answer the rows that *statement* finds in the database of *cls*, as the driver gives them.

    *needed* is made if it is not there.
    """
    database = _backend(cls).store
    compiled: Any = statement.compile(
        dialect=database.dialect, compile_kwargs={"render_postcompile": True}
    )
    given, converters = compiled.construct_params(), compiled._bind_processors
    values = [
        converters[name](given[name]) if name in converters else given[name]
        for name in compiled.positiontup or ()
    ]
    with _reading(cls) as tx:
        if needed is not None:
            database.ensure_own(needed, tx)
        return database.fetch(str(compiled), values, tx)


def _reading(cls: type[Any]) -> AbstractContextManager[Any]:
    """Give the transaction to read in, or None, for a call that may block."""
    current = current_unit()
    if current is not None:
        return current.reading(cls)
    if loop.running_loop() is not None:
        loop.refuse_to_block(cls, repository_of(cls).store, None, writes=False)
    return nullcontext()


def _backend(cls: type[E]) -> "SQLModelBackend[E]":
    repo = repository_of(cls)
    if not isinstance(repo, SQLModelBackend):
        msg = f"{cls.__name__} is kept in {type(repo).__name__}, which runs no SQL. Use where()"
        raise NotSupported(msg)
    return cast("SQLModelBackend[E]", repo)


def _check(cls: type[Any], statement: Any) -> None:
    chosen: list[Any] = statement.column_descriptions if isinstance(statement, Select) else []
    if len(chosen) != 1 or chosen[0].get("expr") is not cls:
        name = cls.__name__
        msg = f"fetch() takes a select of {name} alone, such as select({name}).join(…).where(…)"
        raise InvalidQuery(msg)
