"""The columns of a SQLEntity: SQLModel's, with types that lose nothing, and what marks say."""

from typing import Any

from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from sqlalchemy import Table, UniqueConstraint
from sqlmodel import SQLModel
from sqlmodel.main import (
    FieldInfoMetadata,
    get_column_from_field,  # pyright: ignore[reportUnknownVariableType]
)

from nitro_entities.errors import DefinitionError
from nitro_entities.fields import spec_of
from nitro_entities.stores.sql.types import column_type


def give(cls: Any) -> None:
    """Do as SQLModel does for a table, with our types where its own would lose something."""
    for name, info in cls.__pydantic_fields__.items():
        spec = spec_of(name, info, cls)
        marks = [mark for mark in info.metadata if isinstance(mark, FieldInfoMetadata)]
        # ours for str and int, too: theirs sort by language and end at 32 bits on PostgreSQL
        if not any(_says_type(mark) for mark in marks):
            if marks:
                marks[-1].sa_type = column_type(spec)
            else:
                info.metadata.append(FieldInfoMetadata(sa_type=column_type(spec)))
        column: Any = get_column_from_field(info)  # pyright: ignore[reportUnknownVariableType]
        column.nullable = column.nullable or (spec.nullable and name != "id")
        column.unique = column.unique or (spec.unique and name != "id") or None
        column.index = column.index or spec.indexed or None
        setattr(cls, name, column)
    cls.model_config["read_from_attributes"] = True
    cls.model_config["read_with_orm_mode"] = True


def add_unique_groups(cls: Any, table: Table) -> None:
    """Add what ``__unique__`` says to the table. Raises DefinitionError."""
    constraints = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    present = {frozenset(constraint.columns) for constraint in constraints}
    for group in getattr(cls, "__unique__", ()):
        for name in group:
            if name not in cls.__pydantic_fields__:
                known = ", ".join(cls.__pydantic_fields__)
                msg = f"{cls.__name__}.__unique__ names {name!r}, which is no field: {known}"
                raise DefinitionError(msg)
        columns = [cls.__mapper__.columns[name] for name in group]
        if frozenset(columns) not in present:
            table.append_constraint(UniqueConstraint(*columns))


def heed_patterns(namespace: dict[str, Any]) -> None:
    """Apply ``Field(regex=…)``, which SQLModel takes and then forgets."""
    for value in namespace.values():
        if isinstance(value, FieldInfo):
            said: Any = value._attributes_set  # pyright: ignore
            pattern = said.get("regex")
            if pattern is not None:
                value.metadata.append(StringConstraints(pattern=pattern))


def forget_previous(name: str, namespace: dict[str, Any]) -> None:
    """Make room for a class that is defined again, as in a reload or in tests."""
    table = namespace.get("__tablename__")
    table_name = table if isinstance(table, str) else name.lower()
    previous = SQLModel.metadata.tables.get(table_name)
    registry: Any = SQLModel._sa_registry  # pyright: ignore[reportPrivateUsage]
    if previous is not None:
        SQLModel.metadata.remove(previous)
    known = registry._class_registry.get(name)
    same = getattr(known, "__module__", None) == namespace.get("__module__")
    if same or (previous is not None and getattr(known, "__table__", None) is previous):
        del registry._class_registry[name]


def _says_type(mark: FieldInfoMetadata) -> bool:
    return any(
        isinstance(said, type) or hasattr(said, "compile") or hasattr(said, "name")
        for said in (mark.sa_type, mark.sa_column)
    )
