"""What a generated migration does to stored rows: filled in, reordered, or warned of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op_text, renderers
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DefaultClause,
    Identity,
    Integer,
    Numeric,
    String,
    func,
    inspect,
    select,
)
from sqlalchemy import column as column_named
from sqlalchemy import table as table_named
from sqlalchemy.dialects.postgresql.base import PGDialect

from nitro_entities.migrations import words
from nitro_entities.migrations.defaults import default_text
from nitro_entities.migrations.tables import is_lossless, plain, portable

_POSTGRES = PGDialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Risk:
    """Something that a migration may do to stored rows; *rows* says how many have it done.

    *rows* is counted in the present database, None if it could not be asked.
    """

    table: str
    column: str | None
    what: str
    rows: int | None
    remedy: str
    loses_data: bool = False

    def __str__(self) -> str:
        place = self.table if self.column is None else f"{self.table}.{self.column}"
        rows = "" if self.rows is None else f" ({self.rows} row{'s' * (self.rows != 1)})"
        return f"{place}: {self.what}{rows}. {self.remedy}"


@dataclass
class Draft:
    """What is known of a migration while it is being written."""

    renames: Mapping[str, str]
    changes: list[str] = field(default_factory=list[str])
    risks: list[Risk] = field(default_factory=list[Risk])

    def write(self, context: MigrationContext, directives: list[ops.MigrationScript]) -> None:
        """Rewrite what Alembic has found, or take it back if that is nothing."""
        (script,) = directives
        upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
        assert upgrade is not None
        assert downgrade is not None
        settle(upgrade, context.dialect.name)
        upgrade.reverse_into(downgrade)
        if upgrade.is_empty():
            directives.clear()
            return
        connection = context.connection
        assert connection is not None
        forth = _Way("upgrade", self.renames, connection, read_back=False)
        back = _Way("downgrade", _reversed(self.renames), connection, read_back=True)
        forth.rewrite(upgrade)
        self.changes += words.steps(upgrade.ops, context.dialect)
        self.risks += [*forth.risks, *_left_over(upgrade, connection)]
        back.rewrite(downgrade)
        context.opts["template_args"].update(
            nitro_loses={"upgrade": forth.loses, "downgrade": back.loses},
            nitro_fill={"upgrade": forth.fill, "downgrade": back.fill},
        )


def settle(container: ops.OpContainer, dialect: str) -> None:
    """Take out differences of defaults that are none.

    The default of a field was written into a column for the rows there were. What is kept of it
    does no harm, and lets an application that does not know the column yet insert rows.
    """
    for op in container.ops:
        if isinstance(op, ops.ModifyTableOps):
            settle(op, dialect)
        elif isinstance(op, ops.AlterColumnOp):
            wanted = op.modify_server_default
            if wanted is None or (isinstance(wanted, Identity) and dialect != "postgresql"):
                op.modify_server_default = False
    container.ops[:] = [op for op in container.ops if not _does_nothing(op)]


def _does_nothing(op: Any) -> bool:
    if isinstance(op, ops.ModifyTableOps):
        return op.is_empty()
    return isinstance(op, ops.AlterColumnOp) and not op.has_changes() and not op.modify_name


class Lines(ops.MigrateOperation):
    """Lines of Python to stand among the operations."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)


class CastColumn(ops.AlterColumnOp):
    """A change of type that PostgreSQL has to be told how to do."""


class Literal(str):
    """A default to write down as it is; Alembic takes quotes off."""


class Fill(str):
    """A default that the reader of the migration writes."""


@renderers.dispatch_for(Lines)
def _render_lines(context: AutogenContext, op: Lines) -> list[str]:
    return op.lines


@renderers.dispatch_for(CastColumn)
def _render_cast(context: AutogenContext, op: CastColumn) -> str:
    usual = ops.AlterColumnOp(op.table_name, op.column_name)
    usual.__dict__.update(op.__dict__)
    assert op.modify_type is not None
    using = _cast(_quoted(op.column_name), op.existing_type, op.modify_type)
    return f"{render_op_text(context, usual)[:-1]},\n           postgresql_using={using!r})"


def _cast(column: str, old: Any, new: Any) -> str:
    """Answer how PostgreSQL turns a value of *column* from one type into another."""
    spelt = new.compile(dialect=_POSTGRES)
    if isinstance(old, Boolean) or isinstance(new, Boolean):
        between = "::text" if isinstance(old, String) or isinstance(new, String) else "::int"
    else:
        numbers = isinstance(old, Integer | Numeric) and isinstance(new, Integer | Numeric)
        between = "" if numbers else "::text"
    return f"{column}{between}::{spelt}"


def render_item(kind: str, item: Any, context: AutogenContext) -> str | bool:
    """Render the defaults that we have put in; Alembic does the rest."""
    text = getattr(item, "arg", None)
    if kind != "server_default" or not isinstance(text, Literal | Fill):
        return False
    return str(text) if isinstance(text, Fill) else repr(str(text))


class _Way:
    """One direction of a migration."""

    def __init__(
        self, name: str, renames: Mapping[str, str], connection: Connection, *, read_back: bool
    ) -> None:
        self.name = name
        self.renames = renames
        self.connection = connection
        self.read_back = read_back
        self.loses: dict[str, str] = {}
        self.fill: list[str] = []
        self.risks: list[Risk] = []

    def rewrite(self, container: ops.OpContainer) -> None:
        """Rewrite all operations of *container*."""
        made: list[Any] = []
        for op in container.ops:
            if isinstance(op, ops.ModifyTableOps):
                made += self._table(op)
                continue
            if isinstance(op, ops.DropTableOp):
                self._lose(op.table_name, None, "the table is removed", "Keep a copy of its rows")
            elif isinstance(op, ops.CreateTableOp) and self.read_back:
                columns: list[Any] = [one for one in op.columns if isinstance(one, Column)]
                for column in columns:
                    column.type = portable(column.type)
            made.append(op)
        container.ops[:] = made

    def _table(self, op: ops.ModifyTableOps) -> list[Any]:
        before: list[Any] = []
        inside = self._renamed(op)
        hints = self._hints(op.table_name, inside)
        changed: list[Any] = []
        for one in inside:
            if isinstance(one, ops.AddColumnOp):
                self._add(one)
            elif isinstance(one, ops.DropColumnOp):
                self._drop(one, inside)
            elif isinstance(one, ops.AlterColumnOp):
                one, fill = self._alter(one)
                before += fill
            elif isinstance(one, ops.CreateUniqueConstraintOp):
                self._unique(one)
            changed.append(one)
        changed.sort(key=_turn)
        if any(getattr(one, "modify_name", None) for one in changed):
            # by themselves, for what follows is to find the new names
            first = [one for one in changed if _turn(one) < _turn(op)]
            before.append(ops.ModifyTableOps(op.table_name, first, schema=op.schema))
            changed = changed[len(first) :]
        op.ops[:] = [*hints, *changed] if changed else []
        return [*before, op]

    def _renamed(self, op: ops.ModifyTableOps) -> list[Any]:
        inside: list[Any] = list(op.ops)
        dropped = {one.column_name: one for one in inside if isinstance(one, ops.DropColumnOp)}
        added = {one.column.name: one for one in inside if isinstance(one, ops.AddColumnOp)}
        for old, drop in dropped.items():
            add = added.get(self.renames.get(f"{op.table_name}.{old}", ""))
            if add is None:
                continue
            was, now = drop.to_column(), add.column
            differs = _spelt(portable(was.type)) != _spelt(portable(now.type))
            one = ops.AlterColumnOp(
                op.table_name,
                old,
                modify_name=now.name,
                existing_type=was.type,
                modify_type=now.type if differs else None,
                existing_nullable=was.nullable,
                modify_nullable=now.nullable if now.nullable != was.nullable else None,
            )
            inside = [other for other in inside if other not in (drop, add)] + [one]
        return inside

    def _hints(self, table: str, inside: list[Any]) -> list[Lines]:
        """Say how the operations would read if a field was only renamed."""
        made: list[Lines] = []
        for drop, add in _look_alikes(inside):
            old, new = drop.column_name, add.column.name
            made.append(
                Lines(
                    f"# if {old} was renamed to {new}, this instead of removing and adding, and",
                    f"# {self.name}_loses without {table}.{old}:",
                    f"# batch_op.alter_column({old!r}, new_column_name={new!r})",
                )
            )
        return made

    def _add(self, op: ops.AddColumnOp) -> None:
        column = op.column
        if self.read_back:
            column.type = portable(column.type)
        if column.nullable or column.server_default is not None or column.primary_key:
            return
        place = f"{op.table_name}.{column.name}"
        text = None if self.read_back else default_text(op.table_name, column)
        if text is not None:
            column.server_default = DefaultClause(Literal(text))
            return
        column.server_default = DefaultClause(Fill(f"{self.name}_fill[{place!r}]"))
        self.fill.append(place)
        self.risks.append(
            Risk(
                op.table_name,
                column.name,
                "a value is required, and rows that are there already have none",
                self._rows(op.table_name),
                f"Write it in {self.name}_fill of the migration, or give the field a default",
            )
        )

    def _drop(self, op: ops.DropColumnOp, inside: list[Any]) -> None:
        table, old = op.table_name, op.column_name
        alike = [add.column.name for drop, add in _look_alikes(inside) if drop is op]
        remedy = "Keep a copy of the values"
        if alike:
            new = alike[0]
            remedy = (
                f"If it was renamed to {new}, write op.alter_column({table!r}, {old!r}, "
                f"new_column_name={new!r}), or call migrate(…, renames={{'{table}.{old}': "
                f"{new!r}}})"
            )
        self._lose(table, old, "the column is removed", remedy)

    def _alter(self, op: ops.AlterColumnOp) -> tuple[ops.AlterColumnOp, list[Any]]:
        table, name = op.table_name, op.column_name
        before: list[Any] = []
        # this column may be read on another kind of database than it will be run on
        read = op.modify_type if self.read_back else op.existing_type
        if read is not None:
            portably = portable(read)
            if self.read_back:
                op.modify_type = portably
            else:
                op.existing_type = portably
        if op.modify_nullable is False and not self.read_back:
            before = self._require(op)
        if op.modify_type is None:
            return op, before
        assert op.existing_type is not None
        if not is_lossless(op.existing_type, op.modify_type, self.connection.dialect):
            spelt = _spelt(op.modify_type)
            self._lose(
                table,
                name,
                f"the column becomes {spelt}, which may not hold every value",
                "Convert the values into a new column first, and remove the old one later",
            )
        cast = CastColumn(table, name)
        cast.__dict__.update(op.__dict__)
        return cast, before

    def _require(self, op: ops.AlterColumnOp) -> list[Any]:
        table, name = op.table_name, op.column_name
        new_name = op.modify_name or name
        text = default_text(table, Column(new_name, op.modify_type or op.existing_type))
        update = f"UPDATE {_quoted(table)} SET {_quoted(name)} = "
        where = f" WHERE {_quoted(name)} IS NULL"
        if text is not None:
            quoted = text.replace("'", "''").replace(":", "\\:")
            return [ops.ExecuteSQLOp(f"{update}'{quoted}'{where}")]
        self.risks.append(
            Risk(
                table,
                name,
                "a value becomes required, and rows without one make the migration fail",
                self._rows(table, column_named(name).is_(None)),
                f'Give them one before it: op.execute("{update}…{where}")',
            )
        )
        return [Lines(f"# where rows may have none: op.execute({f'{update}…{where}'!r})")]

    def _unique(self, op: ops.CreateUniqueConstraintOp) -> None:
        names = [str(column) for column in op.columns]
        try:
            columns: list[Any] = [column_named(name) for name in names]
            full: Any = select(*columns).select_from(table_named(op.table_name))
            for column in columns:
                full = full.where(column.is_not(None))
            same: Any = full.group_by(*columns).having(func.count() > 1).subquery()
            with self.connection.begin_nested():
                rows = self.connection.scalar(select(func.count()).select_from(same))
        except Exception:  # a column that is not there yet
            return
        if rows:
            self.risks.append(
                Risk(
                    op.table_name,
                    ", ".join(names),
                    "values that several rows have make the migration fail",
                    rows,
                    "Make them differ first",
                )
            )

    def _lose(self, table: str, column: str | None, what: str, remedy: str) -> None:
        self.loses[table if column is None else f"{table}.{column}"] = what
        filled = () if column is None else (column_named(column).is_not(None),)
        rows = self._rows(table, *filled)
        self.risks.append(Risk(table, column, what, rows, remedy, loses_data=True))

    def _rows(self, table: str, *where: Any) -> int | None:
        return None if self.read_back else count(self.connection, table, *where)


def count(connection: Connection, table: str, *where: Any) -> int:
    """Count the rows of *table*."""
    asked = select(func.count()).select_from(table_named(table)).where(*where)
    return connection.scalar(asked) or 0


def _left_over(upgrade: ops.UpgradeOps, connection: Connection) -> list[Risk]:
    """Warn where a new table looks like one that no class has any more."""
    made = {op.table_name: op for op in upgrade.ops if isinstance(op, ops.CreateTableOp)}
    if not made:
        return []
    inspector = inspect(connection)
    unknown = set(inspector.get_table_names()) - set(made)
    found: list[Risk] = []
    for new, op in made.items():
        names = {column.name for column in op.columns if isinstance(column, Column)}
        for old in sorted(unknown):
            if names == {column["name"] for column in inspector.get_columns(old)}:
                what = f"the new table has the same columns as {old!r}, which stays beside it"
                remedy = f"If it was renamed, write op.rename_table({old!r}, {new!r}) instead"
                found.append(Risk(new, None, what, count(connection, old), remedy))
    return found


def _look_alikes(inside: list[Any]) -> list[tuple[ops.DropColumnOp, ops.AddColumnOp]]:
    """Pair removed columns with added ones of the same type."""
    added = [op for op in inside if isinstance(op, ops.AddColumnOp)]
    pairs: list[tuple[ops.DropColumnOp, ops.AddColumnOp]] = []
    for drop in inside:
        if isinstance(drop, ops.DropColumnOp):
            type_ = _spelt(portable(drop.to_column().type))
            for add in added:
                if _spelt(portable(add.column.type)) == type_:
                    pairs.append((drop, add))
                    added.remove(add)
                    break
    return pairs


def _turn(op: Any) -> int:
    """Answer when *op* has its turn: what hangs on a column goes before it, and comes after it."""
    if isinstance(op, ops.DropIndexOp | ops.DropConstraintOp):
        return 0
    if isinstance(op, ops.AlterColumnOp):
        return 1 if op.modify_name else 3
    if isinstance(op, ops.ModifyTableOps | ops.AddColumnOp):
        return 2
    return 5 if isinstance(op, ops.DropColumnOp) else 4


def _reversed(renames: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for place, new in renames.items():
        table, _, old = place.rpartition(".")
        made[f"{table}.{new}"] = old
    return made


def _spelt(type_: Any) -> str:
    return str(plain(type_).compile(dialect=_POSTGRES))


def _quoted(name: str) -> str:
    return _POSTGRES.identifier_preparer.quote(name)
