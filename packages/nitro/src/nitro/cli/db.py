"""``nitro db``: migrations, by the functions of nitro_entities."""

from typing import Annotated

import typer

from nitro.cli.migrating import (
    migrations_of,
    must_know_classes,
    near,
    print_sql,
    renamed,
    run,
    tell,
)
from nitro.cli.mistakes import Mistake
from nitro.cli.options import AppOption, AsJson, Folder, Yes
from nitro.cli.printing import asked, marked, print_json, say, working

__all__ = ["db"]

FOLDER = "migrations"

db = typer.Typer(
    help="Bring the tables of a database to what the classes say.", no_args_is_help=True
)

Sql = Annotated[
    bool,
    typer.Option("--sql", help="Print what would be written to the database, and keep nothing."),
]
Message = Annotated[str, typer.Argument(help="What changes, in a few words.")]
Rename = Annotated[
    list[str] | None,
    typer.Option(metavar="TABLE.OLD=NEW", help="A column that has another name now."),
]
Drop = Annotated[
    list[str] | None, typer.Option("--drop-table", help="A table to remove, with its rows.")
]


@db.command()
def init(folder: Folder = FOLDER) -> None:
    """Make the folder for migrations; what is there already stays as it is."""
    made = migrations_of().init(folder)
    say(f"Migrations are in {made}. Next: nitro db migrate 'first tables'")


@db.command()
def migrate(
    message: Message,
    application: AppOption = None,
    folder: Folder = FOLDER,
    rename: Rename = None,
    drop_table: Drop = None,
    as_json: AsJson = False,
) -> None:
    """Write a migration from the difference between classes and database. It is not run."""
    migrations = migrations_of(application)
    must_know_classes()
    renames = dict(map(renamed, rename or ()))
    with working("comparing the classes with the database"):
        made = migrations.migrate(
            message, folder=folder, renames=renames, drop_tables=drop_table or ()
        )
    if as_json:
        risks = [str(risk) for risk in made.risks]
        print_json({"id": made.id, "path": made.path, "changes": made.changes, "risks": risks})
        return
    if not made:
        say("Nothing has changed, so nothing was written.")
        return
    for change in made.changes:
        marked("ok", change)
    for risk in made.risks:
        marked("warning", str(risk))
    say(f"Read {near(made.path)}, then: nitro db upgrade")


# what Alembic and others call it
db.command("revision", hidden=True)(migrate)
db.command("make", hidden=True)(migrate)


@db.command()
def upgrade(
    revision: Annotated[str, typer.Argument(help="Up to which one.")] = "head",
    application: AppOption = None,
    folder: Folder = FOLDER,
    sql: Sql = False,
    yes: Yes = False,
) -> None:
    """Run the migrations that the database has not had: all of them or none."""
    migrations = migrations_of(application)
    if sql:
        print_sql(migrations.upgrade, revision, folder)
        return
    done = run(migrations.upgrade, revision, folder, yes)
    tell(done, "ran", "Nothing to do: the database has had every migration.")


@db.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Back to which one: -1, base, or its id.")],
    application: AppOption = None,
    folder: Folder = FOLDER,
    sql: Sql = False,
    yes: Yes = False,
) -> None:
    """Undo migrations."""
    migrations = migrations_of(application)
    if sql:
        print_sql(migrations.downgrade, revision, folder)
        return
    done = run(migrations.downgrade, revision, folder, yes)
    tell(done, "undone", "Nothing to undo.")


@db.command()
def check(application: AppOption = None, folder: Folder = FOLDER, as_json: AsJson = False) -> None:
    """Say how the database differs from the classes; exit code 1 if it does."""
    migrations = migrations_of(application)
    must_know_classes()
    with working("comparing the classes with the database"):
        found = migrations.check(folder=folder)
    if as_json:
        print_json({"ok": not found, "differences": found})
    elif not found:
        marked("ok", "The database is as the classes say.")
    for line in () if as_json else found:
        marked("warning", line)
    raise typer.Exit(1 if found else 0)


@db.command()
def current(
    application: AppOption = None, folder: Folder = FOLDER, as_json: AsJson = False
) -> None:
    """Print the last migration that the database has had."""
    found = migrations_of(application).current(folder=folder)
    if as_json:
        print_json(found)
    else:
        say("\n".join(found) or "None so far. Run: nitro db upgrade")


@db.command()
def history(
    application: AppOption = None, folder: Folder = FOLDER, as_json: AsJson = False
) -> None:
    """List the migrations, the newest first, with an x for those that have run."""
    found = migrations_of(application).history(folder=folder)
    if as_json:
        names = ("id", "message", "after", "path", "applied")
        print_json([{name: getattr(one, name) for name in names} for one in found])
    else:
        say("\n".join(map(str, found)) or "None so far. Run: nitro db migrate 'first tables'")


@db.command()
def stamp(
    revision: Annotated[str, typer.Argument(help="Which one.")] = "head",
    application: AppOption = None,
    folder: Folder = FOLDER,
    yes: Yes = False,
) -> None:
    """Note that the database is at a migration, without running anything."""
    if not yes and not asked(f"Note {revision!r}, whatever the tables are like?"):
        msg = "nothing was noted. Add --yes if you are sure that the tables are so"
        raise Mistake(msg)
    migrations_of(application).stamp(revision, folder=folder)
    say(f"The database is noted to be at {revision}.")


@db.command()
def merge(
    message: Annotated[str, typer.Argument(help="What it is about.")] = "merge",
    application: AppOption = None,
    folder: Folder = FOLDER,
) -> None:
    """Join migrations that two people have made after the same one."""
    made = migrations_of(application).merge(message, folder=folder)
    say(f"Written: {near(made.path)}")
