"""Whether a table that is missing may be made on the spot, or has to come with a migration."""

import logging
import os
from pathlib import Path

from nitro_entities.errors import SchemaMismatch

VERSION_TABLE = "alembic_version"
FOLDER = "migrations"

_log = logging.getLogger("nitro_entities")


def leaves_it_to_migrations(*, is_migrated: bool) -> bool:
    """Say whether tables, and what is kept beside them, come with migrations only."""
    return is_migrated or (_in_production() and Path(FOLDER).is_dir())


def check_may_make(table: str, *, is_migrated: bool) -> None:
    """Make sure that *table* may be made without being asked for. Raises SchemaMismatch.

    In development tables appear by themselves. They do not once the database *is_migrated*,
    which is when it has the table of Alembic, nor in production beside a folder of migrations.
    Production without either makes them too, and says so in the log.
    """
    production = _in_production()
    if leaves_it_to_migrations(is_migrated=is_migrated):
        msg = (
            f"Table {table!r} does not exist. Run: nitro db upgrade (migrations.upgrade()), after "
            f"nitro db migrate if no migration makes it yet"
        )
        raise SchemaMismatch(msg)
    if production:
        _log.warning(
            "Table %r is made on the spot, in production. To have changes of it written down "
            "and reviewed, run: nitro db init",
            table,
        )


def _in_production() -> bool:
    return os.environ.get("NITRO_ENV") == "production"
