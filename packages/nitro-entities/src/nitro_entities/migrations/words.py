"""Operations of Alembic in words: as what is to be done, or as what is different."""

from collections.abc import Iterable, Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy.engine import Dialect

from nitro_entities.migrations.tables import plain


def steps(operations: Iterable[Any], dialect: Dialect) -> Iterator[str]:
    """Say what a migration does."""
    for op in operations:
        match op:
            case ops.ModifyTableOps():
                yield from steps(op.ops, dialect)
            case ops.CreateTableOp():
                yield f"make table {op.table_name}"
            case ops.DropTableOp():
                yield f"remove table {op.table_name}"
            case ops.AddColumnOp():
                type_ = _spelt(op.column.type, dialect)
                yield f"add column {op.table_name}.{op.column.name} ({type_})"
            case ops.DropColumnOp():
                yield f"remove column {op.table_name}.{op.column_name}"
            case ops.AlterColumnOp():
                yield from _alterations(op, dialect)
            case ops.CreateIndexOp():
                unique = "unique index" if op.unique else "index"
                yield f"add {unique} {op.index_name} to {op.table_name}{_columns(op)}"
            case ops.DropIndexOp():
                yield f"remove index {op.index_name} from {op.table_name}"
            case ops.CreateForeignKeyOp():
                local = ", ".join(op.local_cols)
                yield f"let {op.source_table}.{local} refer to {op.referent_table}"
            case ops.AddConstraintOp():
                name, table = op.constraint_name, getattr(op, "table_name", "")  # type: ignore[attr-defined]
                yield f"add constraint {name} to {table}{_columns(op)}"
            case ops.DropConstraintOp():
                yield f"remove constraint {op.constraint_name} from {op.table_name}"
            case _:
                yield type(op).__name__


def differences(operations: Iterable[Any], dialect: Dialect) -> Iterator[str]:
    """Say how the database differs from the classes."""
    for op in operations:
        match op:
            case ops.ModifyTableOps():
                yield from differences(op.ops, dialect)
            case ops.CreateTableOp():
                yield f"table {op.table_name} is missing"
            case ops.DropTableOp():
                yield f"table {op.table_name} belongs to no class"
            case ops.AddColumnOp():
                yield f"column {op.table_name}.{op.column.name} is missing"
            case ops.DropColumnOp():
                yield f"column {op.table_name}.{op.column_name} belongs to no field"
            case ops.AlterColumnOp():
                yield from _disagreements(op, dialect)
            case ops.CreateIndexOp():
                yield f"index {op.index_name} of {op.table_name}{_columns(op)} is missing"
            case ops.DropIndexOp():
                yield f"index {op.index_name} of {op.table_name} is declared nowhere"
            case ops.CreateForeignKeyOp():
                local = ", ".join(op.local_cols)
                yield f"{op.source_table}.{local} does not refer to {op.referent_table}"
            case ops.AddConstraintOp():
                name, table = op.constraint_name, getattr(op, "table_name", "")  # type: ignore[attr-defined]
                yield f"constraint {name} of {table}{_columns(op)} is missing"
            case ops.DropConstraintOp():
                yield f"constraint {op.constraint_name} of {op.table_name} is declared nowhere"
            case _:
                yield type(op).__name__


def _alterations(op: ops.AlterColumnOp, dialect: Dialect) -> Iterator[str]:
    place = f"{op.table_name}.{op.column_name}"
    if op.modify_name is not None:
        yield f"rename column {place} to {op.modify_name}"
    if op.modify_type is not None:
        old, new = _spelt(op.existing_type, dialect), _spelt(op.modify_type, dialect)
        yield f"change {place} from {old} to {new}"
    if op.modify_nullable is not None:
        yield f"let {place} be empty" if op.modify_nullable else f"require a value in {place}"
    if op.modify_server_default is not False:
        yield f"change the default of {place}"


def _disagreements(op: ops.AlterColumnOp, dialect: Dialect) -> Iterator[str]:
    place = f"{op.table_name}.{op.column_name}"
    if op.modify_type is not None:
        old, new = _spelt(op.existing_type, dialect), _spelt(op.modify_type, dialect)
        yield f"column {place} is {old}, the class wants {new}"
    if op.modify_nullable is not None:
        yield (
            f"column {place} needs a value, the class lets it be empty"
            if op.modify_nullable
            else f"column {place} may be empty, the class wants a value"
        )
    if op.modify_server_default is not False:
        yield f"column {place} has another default than the class says"


def _columns(op: Any) -> str:
    columns = [str(getattr(column, "name", column)) for column in getattr(op, "columns", ())]
    return f" ({', '.join(columns)})" if columns else ""


def _spelt(type_: Any, dialect: Dialect) -> str:
    return str(plain(type_).compile(dialect=dialect))
