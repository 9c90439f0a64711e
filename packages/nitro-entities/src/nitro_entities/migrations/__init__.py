"""Migrations: what changes the tables of a database that holds something.

In development tables appear by themselves. Where rows have to be kept, each change of the
classes becomes a file that is read, kept with the code and run once in every database::

    from nitro_entities import migrations

    migrations.init()                       # the folder "migrations"
    migrations.migrate("add the colour")    # a file, written from the classes
    migrations.upgrade()                    # run what the database has not had

Alembic does the work and can be used directly on the same folder.
"""

__all__ = [
    "DataLoss",
    "Migration",
    "MigrationError",
    "Revision",
    "Risk",
    "check",
    "current",
    "downgrade",
    "history",
    "init",
    "merge",
    "metadata",
    "migrate",
    "run",
    "stamp",
    "upgrade",
]

try:
    from nitro_entities.migrations.commands import (
        Migration,
        Revision,
        check,
        current,
        downgrade,
        history,
        init,
        merge,
        migrate,
        stamp,
        upgrade,
    )
    from nitro_entities.migrations.environment import run
    from nitro_entities.migrations.errors import DataLoss, MigrationError
    from nitro_entities.migrations.review import Risk
    from nitro_entities.migrations.tables import metadata
except ModuleNotFoundError as exc:
    _package = (exc.name or "").partition(".")[0]
    if _package not in {"alembic", "mako", "sqlalchemy", "sqlmodel"}:
        raise
    msg = f"Migrations need {_package}. Run: pip install 'nitro-entities[migrations]'"
    raise ImportError(msg, name=_package) from exc
