"""SQLEntity: the same entity on SQLModel, with columns, relations and SQLAlchemy expressions."""

import warnings
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from sqlalchemy import Table
from sqlalchemy.orm import InstanceState, configure_mappers
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Field, SQLModel
from sqlmodel._compat import finish_init
from sqlmodel.main import (
    FieldInfoMetadata,
    SQLModelMetaclass,
    get_column_from_field,  # pyright: ignore[reportUnknownVariableType]
)

from nitro_entities import classes
from nitro_entities.definition import annotated_names, check_names
from nitro_entities.fields import Kind, conceal, spec_of
from nitro_entities.ids import new_id
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.stores.sql.backend import SQLModelBackend
from nitro_entities.stores.sql.table import VERSION, version_column
from nitro_entities.stores.sql.types import PLAIN, column_type
from nitro_entities.verbs import Verbs

if TYPE_CHECKING:
    from typing import Self


def _heed_patterns(namespace: dict[str, Any]) -> None:
    """Apply ``Field(regex=…)``, which SQLModel takes and then forgets."""
    for value in namespace.values():
        if isinstance(value, FieldInfo):
            pattern = value._attributes_set.get("regex")  # pyright: ignore[reportPrivateUsage]
            if pattern is not None:
                value.metadata.append(StringConstraints(pattern=pattern))


class SQLEntityMeta(SQLModelMetaclass):
    """Make every concrete class a table, and give its columns types that lose nothing."""

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **kwargs: Any,
    ) -> Any:
        """Build the class."""
        check_names(name, annotated_names(namespace), mapped=True)
        table = bool(kwargs.pop("table", "__nitro_root__" not in namespace))
        if table:
            _forget_previous(name, namespace)
        _heed_patterns(namespace)
        cls = super().__new__(mcs, name, bases, namespace, **{**kwargs, "table": False})
        cls.model_config["table"] = table
        if table and not any(base.__dict__.get("__mapper__") for base in cls.__mro__[1:]):
            _give_columns(cls)
        return cls

    def __init__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> None:
        kwargs.pop("table", None)
        with warnings.catch_warnings():
            # a reload, or a test that defines its classes anew
            warnings.filterwarnings("ignore", message="This declarative base already contains")
            super().__init__(name, bases, namespace, **kwargs)
        entity = cast("type[SQLEntity]", cls)
        type.__setattr__(cls, "__nitro_abstract__", not entity.model_config.get("table"))
        conceal(cls)
        mapped = cls.__dict__.get("__table__")
        if isinstance(mapped, Table) and VERSION not in mapped.c:  # pyright: ignore[reportUnknownMemberType]
            mapped.append_column(version_column())
            if spec_of("id", entity.__pydantic_fields__["id"]).kind is not Kind.INTEGER:
                # kept in the order of the id, every index ends with it: slices need no sort
                mapped.dialect_options["sqlite"]["with_rowid"] = False
        if not entity.__nitro_abstract__:
            classes.register(entity)


class SQLEntity(Verbs, SQLModel, metaclass=SQLEntityMeta):
    """Derive business objects that live in SQL from this.

    A concrete subclass is a table, with or without ``table=True``; a class that is only a base
    says ``table=False``. Values are validated when an entity is made and when they are
    assigned, as in Entity.
    """

    __slots__ = ("_nitro_loaded",)
    __nitro_root__ = True
    __nitro_any_backend__: ClassVar[bool] = False

    model_config = {"extra": "forbid", "ser_json_bytes": "base64", "val_json_bytes": "base64"}
    _persistence_backend_class: ClassVar[type[Any]] = SQLModelBackend

    id: str = Field(default_factory=new_id, primary_key=True)

    def __init__(self, **data: Any) -> None:
        if not finish_init.get():
            return  # SQLModel fills the object itself
        cls = type(self)
        if cls.__nitro_abstract__:
            super().__init__(**data)
            return
        relations = {n: data.pop(n) for n in cls.__sqlmodel_relationships__ if n in data}
        before = self.__dict__.copy()
        cls.__pydantic_validator__.validate_python(data, self_instance=self)
        object.__setattr__(self, "__dict__", {**before, **self.__dict__})
        for name, value in relations.items():
            set_attribute(self, name, value)

    @classmethod
    def __nitro_load__(cls, values: dict[str, Any]) -> "Self":
        """Make an entity from stored values, validated."""
        entity: Self = cls.__new__(cls)
        cls.__pydantic_validator__.validate_python(
            values, self_instance=entity, by_alias=False, by_name=True
        )
        manager: Any = cls._sa_class_manager  # type: ignore[attr-defined]
        # not through setattr, which would validate
        entity.__dict__["_sa_instance_state"] = InstanceState(entity, manager)  # pyright: ignore
        return entity

    def __setattr__(self, name: str, value: Any) -> None:
        cls = type(self)
        if name not in cls.__pydantic_fields__ or cls.__nitro_abstract__:
            super().__setattr__(name, value)
            return
        # validated on the side: what validators refuse must not reach the object
        before = self.__dict__
        trial = {key: before[key] for key in cls.__pydantic_fields__}
        were_set = self.__pydantic_fields_set__.copy()
        object.__setattr__(self, "__dict__", trial)
        try:
            cls.__pydantic_validator__.validate_assignment(self, name, value)
            accepted = self.__dict__
        except BaseException:
            object.__setattr__(self, "__pydantic_fields_set__", were_set)
            raise
        finally:
            object.__setattr__(self, "__dict__", before)
        for key, new in accepted.items():
            if new is not before.get(key):
                set_attribute(self, key, new)

    def __nitro_take__(self, other: Verbs) -> None:
        """Take over the field values of *other*."""
        for name in type(self).__pydantic_fields__:
            set_attribute(self, name, other.__dict__[name])

    def __copy__(self) -> "Self":
        cls = type(self)
        copy = cls.__nitro_load__({name: self.__dict__[name] for name in cls.__pydantic_fields__})
        set_loaded(copy, loaded(self))
        return copy

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> "Self":
        cls = type(self)
        values = {name: self.__dict__[name] for name in cls.__pydantic_fields__}
        copy = cls.__nitro_load__(deepcopy(values, memo))
        set_loaded(copy, loaded(self))
        return copy

    def __getstate__(self) -> dict[Any, Any]:
        known: Loaded | None = loaded(self)
        state = super().__getstate__()
        fields = type(self).__pydantic_fields__
        values = {key: value for key, value in state["__dict__"].items() if key in fields}
        return {**state, "__dict__": values, "nitro": known and (known.row, known.version)}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        known = state.pop("nitro", None)
        super().__setstate__(state)
        configure_mappers()
        manager: Any = type(self)._sa_class_manager  # type: ignore[attr-defined]
        self.__dict__["_sa_instance_state"] = InstanceState(self, manager)  # pyright: ignore
        set_loaded(self, Loaded(*known) if known else None)


def _give_columns(cls: Any) -> None:
    """Do as SQLModel does for a table, with our types where its own would lose something."""
    for name, info in cls.__pydantic_fields__.items():
        spec = spec_of(name, info)
        marks = [mark for mark in info.metadata if isinstance(mark, FieldInfoMetadata)]
        ours = spec.kind not in PLAIN or not isinstance(spec.bare, type)
        if ours and not any(_says_type(mark) for mark in marks):
            if marks:
                marks[-1].sa_type = column_type(spec)
            else:
                info.metadata.append(FieldInfoMetadata(sa_type=column_type(spec)))
        setattr(cls, name, get_column_from_field(info))  # pyright: ignore[reportUnknownArgumentType]
    cls.model_config["read_from_attributes"] = True
    cls.model_config["read_with_orm_mode"] = True


def _says_type(mark: FieldInfoMetadata) -> bool:
    return any(
        isinstance(said, type) or hasattr(said, "compile") or hasattr(said, "name")
        for said in (mark.sa_type, mark.sa_column)
    )


def _forget_previous(name: str, namespace: dict[str, Any]) -> None:
    """Make room for a class that is defined again, as in a reload or in tests."""
    table = namespace.get("__tablename__")
    table_name = table if isinstance(table, str) else name.lower()
    previous = SQLModel.metadata.tables.get(table_name)
    if previous is not None:
        SQLModel.metadata.remove(previous)
    registry: Any = SQLModel._sa_registry  # pyright: ignore[reportPrivateUsage]
    known = registry._class_registry.get(name)
    if getattr(known, "__module__", None) == namespace.get("__module__"):
        del registry._class_registry[name]
