"""How Alembic meets the database and the entity classes: what ``env.py`` runs."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from nitro_entities.config import database_url
from nitro_entities.migrations import text_indexes
from nitro_entities.migrations.connection import careful, connected
from nitro_entities.migrations.dry import NothingKept, listen
from nitro_entities.migrations.review import Draft, render_item
from nitro_entities.migrations.tables import metadata
from nitro_entities.stores.sql.table import VERSION
from nitro_entities.stores.sql.text_index import PREFIX

ATTRIBUTE = "nitro"
"""Where the Config of Alembic carries our Job."""


@dataclass
class Job:
    """What one of our functions wants of the run of ``env.py`` that it starts."""

    writes: bool = True
    from_nothing: bool = False  # compare the classes with an empty database
    brings_indexes: bool = False  # the text indexes, when the tables are as they should be
    drop_tables: tuple[str, ...] = ()
    draft: Draft = field(default_factory=lambda: Draft({}))
    step: Any = None  # the revision that runs
    begun: Callable[[Any], None] | None = None  # is told of each revision before it runs
    dry: list[str] | None = None  # takes what would be written, and nothing is kept


def run(**options: Any) -> None:
    """Run what Alembic was asked for; call this in ``env.py``.

    *options* go to Alembic's ``context.configure()``. Its ``include_name``, ``include_object``,
    ``render_item`` and ``process_revision_directives`` are asked beside our own.
    """
    job: Job = context.config.attributes.get(ATTRIBUTE) or Job()
    wanted = metadata()
    if context.is_offline_mode():
        _write_sql(wanted, options)
        return
    with connected(writes=job.writes) as connection:
        context.configure(
            connection=connection, **with_theirs(comparison(connection, wanted, job), options)
        )
        if job.dry is not None:
            listen(connection, job.dry)
        with suppress(NothingKept), context.begin_transaction():
            with careful(connection):
                context.run_migrations()
            if job.dry is not None:
                raise NothingKept
            if job.brings_indexes:
                text_indexes.bring(connection)


def comparison(connection: Connection, wanted: MetaData, job: Job) -> dict[str, Any]:
    """Answer the options by which the database is compared with the classes."""
    foreign = _foreign(connection, wanted)
    wanted_names = set(wanted.tables) | set(job.drop_tables)

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        # what no class knows belongs to somebody else
        return kind != "table" or (not job.from_nothing and name in wanted_names)

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, to: Any) -> bool:
        if kind == "index" and (name or "").startswith(PREFIX):
            return False  # a text index comes after migrations, not by them
        return kind != "table" or name not in foreign

    def directives(context: MigrationContext, revision: Any, found: list[Any]) -> None:
        job.draft.write(context, found)

    return {
        "target_metadata": wanted,
        "include_name": include_name,
        "include_object": include_object,
        "process_revision_directives": directives,
        "render_item": render_item,
        "render_as_batch": True,  # SQLite changes a table by making it anew
        "transactional_ddl": True,
        "compare_type": True,
        "compare_server_default": True,
    }


def with_theirs(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Answer *ours* and *theirs*; of functions that both have, both are asked."""
    merged = {**ours, **theirs}
    for name in ("include_name", "include_object"):
        if name in theirs:
            merged[name] = _both(ours[name], theirs[name])
    if "render_item" in theirs:
        merged["render_item"] = _either(ours["render_item"], theirs["render_item"])
    if "process_revision_directives" in theirs:
        merged["process_revision_directives"] = _one_after_the_other(
            ours["process_revision_directives"], theirs["process_revision_directives"]
        )
    return merged


def _foreign(connection: Connection, wanted: MetaData) -> set[str]:
    """Answer the tables of classes that others have made, which are used as they are."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    found: set[str] = set()
    for name, table in wanted.tables.items():
        if name in present and VERSION in table.c:
            columns = {column["name"] for column in inspector.get_columns(name)}
            if VERSION not in columns:
                found.add(name)
    connection.rollback()  # Alembic begins by itself
    return found


def _write_sql(wanted: MetaData, options: dict[str, Any]) -> None:
    said: dict[str, Any] = {"target_metadata": wanted, "literal_binds": True, **options}
    said.setdefault("url", database_url())
    context.configure(**said)
    with context.begin_transaction():
        context.run_migrations()


def _both(ours: Callable[..., bool], theirs: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *given: ours(*given) and theirs(*given)


def _either(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    def render(*given: Any) -> Any:
        rendered = ours(*given)
        return theirs(*given) if rendered is False else rendered

    return render


def _one_after_the_other(ours: Callable[..., None], theirs: Callable[..., None]) -> Any:
    def directives(*given: Any) -> None:
        ours(*given)
        theirs(*given)

    return directives
