"""Names in the database: PostgreSQL cuts what is longer than 63 bytes, and so mixes it up."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from nitro_entities import DefinitionError, Entity, NotUnique, SQLEntity, SQLModelBackend
from nitro_entities.fields import Indexed, Unique
from nitro_entities.stores.sql.table import table_of

LONG = "a_field_with_a_name_that_says_everything_there_is_to_say_"  # 57 bytes


class Plain(Entity):
    __abstract__ = True
    _persistence_backend_class = SQLModelBackend


def class_of(root: Any, name: str, **fields: Any) -> Any:
    defaults = {} if root is Plain else {"table": True}
    namespace = {"__module__": __name__, "__annotations__": fields}
    return type(root)(name, (root,), {**namespace, **dict.fromkeys(fields, "")}, **defaults)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("root", [Plain, SQLEntity])
def test_indexes_and_constraints_of_long_names_are_kept_apart(
    root: Any, store: str, use_database: Callable[[str], None]
) -> None:
    use_database(store)
    fields = {
        f"{LONG}one": Unique[str],
        f"{LONG}two": Unique[str],
        f"{LONG}3": Indexed[str],
        f"{LONG}4": Indexed[str],
    }
    cls = class_of(root, "ATableThatHasALongNameTooOne", **fields)
    other = class_of(root, "ATableThatHasALongNameTooTwo", **fields)
    for each in (cls, other):
        table = table_of(each)
        made: list[Any] = [*table.indexes, *(c for c in table.constraints if c.name)]
        names = {str(one.name) for one in made}
        assert len(names) == len(made) == 4
        assert all(len(name.encode()) <= 63 for name in names)
        for field in (f"{LONG}one", f"{LONG}two"):
            each.create(**{**dict.fromkeys(fields, field), field: "x"})
            with pytest.raises(NotUnique) as refused:
                each.create(**{**dict.fromkeys(fields, "y"), field: "x"})
            assert refused.value.fields == (field,)


def test_an_index_that_sqlalchemy_names_is_measured_in_bytes(database: object) -> None:
    class Größenverzeichnis(SQLEntity, table=True):
        überaus_große_größe_über_größen: str = Field(default="", index=True)

    (index,) = table_of(Größenverzeichnis).indexes

    assert 55 < len(str(index.name).encode()) <= 63


@pytest.mark.parametrize("root", [Plain, SQLEntity])
def test_names_that_are_chosen_too_long_are_refused_with_the_remedy(root: Any) -> None:
    for cls, said in (
        (class_of(root, "é" * 32), "64 bytes.* Set a shorter __tablename__"),
        (class_of(root, "ShortOne", **{LONG + "7bytes!": str}), "Give the field a shorter name"),
    ):
        with pytest.raises(DefinitionError, match=said):
            table_of(cls)


def test_constraints_that_are_named_too_long_are_refused_with_the_remedy() -> None:
    class WithConstraint(SQLEntity, table=True):
        __table_args__ = (UniqueConstraint("name", name="u" * 64),)
        name: str = ""

    class WithIndex(SQLEntity, table=True):
        name: str = ""

    Index("i" * 64, WithIndex.__table__.c.name)  # type: ignore[attr-defined]

    for cls in (WithConstraint, WithIndex):
        with pytest.raises(DefinitionError, match=r"64 bytes.* Shorten it"):
            table_of(cls)
