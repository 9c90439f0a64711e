"""What can be done with migrations: the functions behind ``nitro db``."""

import threading
from argparse import Namespace
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.autogenerate import produce_migrations
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect
from sqlalchemy import column as column_named
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nitro_entities.errors import StoreBusy
from nitro_entities.migrations import template, words
from nitro_entities.migrations.connection import connected
from nitro_entities.migrations.environment import ATTRIBUTE, Job, comparison
from nitro_entities.migrations.errors import DataLoss, MigrationError
from nitro_entities.migrations.review import Draft, Risk, count, settle
from nitro_entities.migrations.tables import bookkeeping, kept_classes, metadata
from nitro_entities.stores.sql.migrated import FOLDER

_FILE = "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s"
_BUSY = ("database is locked", "lock timeout", "55P03")

# Alembic keeps what it runs in module globals, so two threads would meet in them
_one_at_a_time = threading.RLock()

Plan = Callable[[Any, MigrationContext], Iterable[Any]]


@dataclass(frozen=True)
class Revision:
    """One migration: a file that takes the database from the state before to the next one."""

    id: str
    message: str
    after: tuple[str, ...]
    path: Path
    applied: bool

    def __str__(self) -> str:
        mark = "x" if self.applied else " "
        return f"[{mark}] {self.id} {self.message}"


@dataclass(frozen=True)
class Migration:
    """What `migrate` has written: nothing if *path* is None.

    *changes* says in words what the file does, *risks* what it may do to stored rows.
    """

    id: str | None
    path: Path | None
    changes: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()

    def __bool__(self) -> bool:
        return self.path is not None


def init(folder: str | Path = FOLDER) -> Path:
    """Make the folder of migrations and answer it; what is there already stays as it is."""
    made = Path(folder)
    files = {
        made / "env.py": template.ENV,
        made / "script.py.mako": template.SCRIPT,
        made / "README.md": template.README,
    }
    (made / "versions").mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    return made


def migrate(
    message: str,
    *,
    folder: str | Path = FOLDER,
    renames: Mapping[str, str] | None = None,
    drop_tables: Sequence[str] = (),
) -> Migration:
    """Write a migration that takes the database to what the entity classes say now.

    Nothing is written when there is no difference. The first one of a folder makes all tables,
    whether the present database has them already or not. *renames* names the columns that have
    another name now: ``{"product.name": "title"}``; without it they would be removed and added.
    Tables that no class knows are left alone, but for *drop_tables*.

    Read the file before it runs. Where stored values would be lost it says so in
    ``upgrade_loses``, and `upgrade` refuses; where rows need a value that no default gives,
    ``upgrade_fill`` has to be filled in. Raises MigrationError when the database is behind.
    """
    config, script = _set_up(folder)
    draft = Draft(dict(renames or {}))
    job = Job(draft=draft, drop_tables=tuple(drop_tables), from_nothing=not script.get_heads())
    with _alembic(config, job):
        made = command.revision(config, message, autogenerate=True)
    if not isinstance(made, Script):
        return Migration(None, None)
    return Migration(made.revision, Path(made.path), tuple(draft.changes), tuple(draft.risks))


def upgrade(
    revision: str = "head",
    *,
    folder: str | Path = FOLDER,
    allow_data_loss: bool = False,
    begun: Callable[[Revision], None] | None = None,
    dry: list[str] | None = None,
) -> tuple[Revision, ...]:
    """Run the migrations up to *revision* that the database has not had; answer them.

    All of them or none: when one fails, the database is as it was. Others who call this at the
    same time wait, and then find nothing to do.

    Raises DataLoss, before anything is changed, where a file names in ``upgrade_loses`` what
    this database has values in, unless *allow_data_loss*. Raises MigrationError for an
    ``upgrade_fill`` that is not filled in. A database whose tables have appeared by themselves
    is taken over when it is just as the classes say.

    *begun* is told of each migration before it runs. With a list as *dry*, what would be written
    is added to it and nothing is kept: all of it runs, in a transaction that is rolled back.
    """
    config, script = _set_up(folder)
    done: list[Script] = []

    def plan(heads: Any, context: MigrationContext) -> Iterable[Any]:
        if not heads and _has_our_tables(context):
            return _take_over(context, script, revision, done)
        steps = cast("list[Any]", script._upgrade_revs(revision, heads))  # pyright: ignore
        _allow("upgrade", steps, context, loss=allow_data_loss)
        return _noting(steps, job, done)

    job = Job(brings_indexes=True, begun=_telling(begun), dry=dry)
    _run(config, script, plan, job)
    return tuple(_revision(one, applied=True) for one in done)


def downgrade(
    revision: str,
    *,
    folder: str | Path = FOLDER,
    allow_data_loss: bool = False,
    begun: Callable[[Revision], None] | None = None,
    dry: list[str] | None = None,
) -> tuple[Revision, ...]:
    """Undo migrations until *revision* is the last one; answer what was undone.

    "-1" is the one before, "base" the state before all. Raises DataLoss and MigrationError
    as `upgrade` does; *begun* and *dry* are those of `upgrade`.
    """
    config, script = _set_up(folder)
    done: list[Script] = []

    def plan(heads: Any, context: MigrationContext) -> Iterable[Any]:
        steps = cast("list[Any]", script._downgrade_revs(revision, heads))  # pyright: ignore
        _allow("downgrade", steps, context, loss=allow_data_loss)
        return _noting(steps, job, done)

    job = Job(brings_indexes=True, begun=_telling(begun), dry=dry)
    _run(config, script, plan, job)
    return tuple(_revision(one, applied=False) for one in done)


def check(*, folder: str | Path = FOLDER) -> tuple[str, ...]:
    """Say in words how the database differs from the classes; nothing when it is up to date."""
    job = Job(writes=False)
    found: list[str] = []

    def compare(heads: Any, context: MigrationContext) -> Iterable[Any]:
        found.extend(words.differences(_differences(context), context.dialect))
        return []

    if not (Path(folder) / "env.py").exists():
        with _alembic(None, job), connected(writes=False) as connection:
            options = comparison(connection, metadata(), job)
            context = MigrationContext.configure(connection, opts=options)
            compare((), context)
        return tuple(found)
    config, script = _set_up(folder)

    def plan(heads: Any, context: MigrationContext) -> Iterable[Any]:
        for step in cast("list[Any]", script._upgrade_revs("heads", heads)):  # pyright: ignore
            found.append(f"migration {step.revision.revision} ({step.revision.doc}) has not run")
        return compare(heads, context)

    _run(config, script, plan, job)
    return tuple(found)


def current(*, folder: str | Path = FOLDER) -> tuple[str, ...]:
    """Answer the last revision that has run; none, or several after parallel ones."""
    config, script = _set_up(folder)
    found: list[str] = []

    def plan(heads: Any, context: MigrationContext) -> Iterable[Any]:
        found.extend(heads)
        return []

    _run(config, script, plan, Job(writes=False))
    return tuple(found)


def history(*, folder: str | Path = FOLDER) -> tuple[Revision, ...]:
    """List all migrations of the folder, the newest first."""
    _, script = _set_up(folder)
    heads = current(folder=folder)
    known = tuple(head for head in heads if _known(script, head))
    ran: set[str] = (
        {one.revision for one in script.iterate_revisions(known, "base")} if known else set()
    )
    return tuple(
        _revision(one, applied=one.revision in ran)
        for one in script.walk_revisions("base", "heads")
    )


def stamp(revision: str = "head", *, folder: str | Path = FOLDER) -> None:
    """Note that the database is at *revision*, without running anything."""
    config, script = _set_up(folder)

    def plan(heads: Any, context: MigrationContext) -> Iterable[Any]:
        return script._stamp_revs(revision, heads)  # pyright: ignore[reportPrivateUsage]

    _run(config, script, plan, Job())


def merge(message: str = "merge", *, folder: str | Path = FOLDER) -> Revision:
    """Write a migration that joins parallel ones, which two people have made at the same time."""
    config, _ = _set_up(folder)
    with _alembic(config, Job()):
        made = command.merge(config, "heads", message)
    assert isinstance(made, Script)
    return _revision(made, applied=False)


def _set_up(folder: str | Path) -> tuple[Config, ScriptDirectory]:
    if not (Path(folder) / "env.py").exists():
        msg = f"There are no migrations in {str(folder)!r}. Run: nitro db init (migrations.init())"
        raise MigrationError(msg)
    config = Config(stdout=StringIO(), cmd_opts=Namespace(quiet=True))
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", _FILE)
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def _run(config: Config, script: ScriptDirectory, plan: Plan, job: Job) -> None:
    """Let ``env.py`` run what *plan* answers."""
    with (
        _alembic(config, job),
        EnvironmentContext(config, script, fn=cast("Any", plan), dont_mutate=not job.writes),
    ):
        script.run_env()


@contextmanager
def _alembic(config: Config | None, job: Job) -> Generator[None]:
    """Hand *job* to ``env.py``, and say in our words what goes wrong."""
    if config is not None:
        config.attributes[ATTRIBUTE] = job
    with _one_at_a_time:
        try:
            yield
        except CommandError as exc:
            raise MigrationError(_in_our_words(str(exc))) from exc
        except SQLAlchemyError as exc:
            raise _failed(exc, job) from exc
        except Exception as exc:
            if job.step is not None:
                exc.add_note(f"In migration {job.step.path}; nothing of it was kept")
            raise


def _in_our_words(text: str) -> str:
    if "not up to date" in text:
        return "There are migrations that the database has not had. Run: nitro db upgrade"
    if "Multiple head" in text or "multiple heads" in text:
        return "Two migrations come after the same one. Join them: nitro db merge"
    return text


def _failed(exc: SQLAlchemyError, job: Job) -> Exception:
    cause = exc.orig if isinstance(exc, DBAPIError) and exc.orig is not None else exc
    said = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
    if any(word in f"{said} {getattr(cause, 'sqlstate', '')}" for word in _BUSY):
        return StoreBusy(f"Somebody else kept the database too long for a migration: {said}")
    if job.step is None:
        return MigrationError(f"The database refused: {said}")
    name = f"{job.step.revision} ({job.step.doc})"
    return MigrationError(f"Migration {name} failed, and nothing of it was kept: {said}")


def _noting(steps: Sequence[Any], job: Job, done: list[Script]) -> Iterator[Any]:
    for step in steps:
        job.step = step.revision
        if job.begun is not None:
            job.begun(step.revision)
        yield step
        done.append(step.revision)
    job.step = None


def _telling(begun: Callable[[Revision], None] | None) -> Callable[[Script], None] | None:
    return None if begun is None else lambda script: begun(_revision(script, applied=False))


def _allow(way: str, steps: Sequence[Any], context: MigrationContext, *, loss: bool) -> None:
    """Refuse before anything runs. Raises DataLoss and MigrationError."""
    connection = context.connection
    assert connection is not None
    losses: list[str] = []
    for step in steps:
        module = step.revision.module
        for place, text in getattr(module, f"{way}_fill", {}).items():
            if text is None:
                msg = (
                    f"Rows of {place.rpartition('.')[0]!r} need a value for {place}. "
                    f"Write it in {way}_fill of {step.revision.path}"
                )
                raise MigrationError(msg)
        if not loss:
            losses += _losses(connection, getattr(module, f"{way}_loses", {}))
    if losses:
        raise DataLoss(losses, way)


def _losses(connection: Connection, marked: Mapping[str, str]) -> Iterator[str]:
    """Say what this database would lose: a column without values loses nothing."""
    if not marked:
        return
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for place, what in marked.items():
        table, _, column = (place, "", "") if place in tables else place.rpartition(".")
        if table not in tables:
            continue
        if not column:
            rows = count(connection, table)
        elif any(one["name"] == column for one in inspector.get_columns(table)):
            rows = count(connection, table, column_named(column).is_not(None))
        else:
            continue
        if rows:
            yield f"{place}, {what} ({rows} row{'s' * (rows != 1)})"


def _has_our_tables(context: MigrationContext) -> bool:
    assert context.connection is not None
    present = set(inspect(context.connection).get_table_names())
    ours = [op.table_name for op in _differences(context) if isinstance(op, ops.CreateTableOp)]
    tables = context.opts["target_metadata"].tables
    counts: Callable[..., bool] = context.opts.get("include_object") or _anything
    return any(
        name in present and name not in ours and counts(tables[name], name, "table", False, None)
        for name in kept_classes()
    )


def _anything(*given: Any) -> bool:
    return True


def _take_over(
    context: MigrationContext, script: ScriptDirectory, revision: str, done: list[Script]
) -> Iterable[Any]:
    """Note the last revision in a database whose tables have appeared by themselves."""
    beside = {table.name for table in bookkeeping()}
    lacking = [
        op
        for op in _differences(context)
        if not (isinstance(op, ops.CreateTableOp) and op.table_name in beside)
    ]
    if lacking or revision not in ("head", "heads"):
        found = "; ".join(words.differences(lacking, context.dialect)) or "nothing differs"
        msg = (
            f"The database has tables that no migration has made, and is not as the classes say: "
            f"{found}. Take it over with the classes as they were (upgrade to 'head'), or note "
            f"the revision it is at: nitro db stamp, or migrations.stamp(…). In development, "
            f"removing it will do"
        )
        raise MigrationError(msg)
    assert context.connection is not None
    for table in bookkeeping():
        table.create(context.connection, checkfirst=True)
    done.extend(reversed(list(script.walk_revisions("base", "heads"))))
    return script._stamp_revs(revision, ())  # pyright: ignore[reportPrivateUsage]


def _differences(context: MigrationContext) -> list[Any]:
    target = context.opts["target_metadata"]
    found = produce_migrations(context, target).upgrade_ops
    assert found is not None
    settle(found, context.dialect.name)
    return list(found.ops)


def _known(script: ScriptDirectory, revision: str) -> bool:
    try:
        script.get_revision(revision)
    except CommandError:
        return False
    return True


def _revision(script: Script, *, applied: bool) -> Revision:
    down = script.down_revision
    after = () if down is None else (down,) if isinstance(down, str) else tuple(down)
    return Revision(script.revision, script.doc, after, Path(script.path), applied)
