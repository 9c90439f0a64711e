"""SQLEntity: the same entity on SQLModel, with columns, relations and SQLAlchemy expressions."""

import warnings
from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic.errors import PydanticSchemaGenerationError
from sqlalchemy import Select, Table, event
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Field, SQLModel
from sqlmodel._compat import finish_init, init_pydantic_private_attrs
from sqlmodel.main import SQLModelMetaclass

from nitro_entities import classes
from nitro_entities.definition import annotated_names, check_config, check_names, check_options
from nitro_entities.fields import Kind, conceal, spec_of, specs
from nitro_entities.fields.honest import unknown_type
from nitro_entities.ids import new_id
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.stores.sql import columns, including, raw, related, relations
from nitro_entities.stores.sql.backend import SQLModelBackend
from nitro_entities.stores.sql.instances import InstanceStates
from nitro_entities.stores.sql.relations import STATE
from nitro_entities.stores.sql.table import VERSION, version_column
from nitro_entities.threads import in_thread
from nitro_entities.verbs import Verbs

if TYPE_CHECKING:
    from typing import Self


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
            columns.forget_previous(name, namespace)
        columns.heed_patterns(namespace)
        try:
            cls = super().__new__(mcs, name, bases, namespace, **{**kwargs, "table": False})
        except PydanticSchemaGenerationError as exc:
            raise unknown_type(name, namespace, exc) from None
        cls.model_config["table"] = table
        check_options(cls)
        if table and cls.__pydantic_complete__:
            specs(cls)  # checks the types
            check_config(cls)
        if table and not any(base.__dict__.get("__mapper__") for base in cls.__mro__[1:]):
            columns.give(cls)
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
        concrete = bool(entity.model_config.get("table"))
        type.__setattr__(cls, "__nitro_abstract__", not concrete)
        # SQLAlchemy wraps __init__, but as long as it is ours there is nothing in it to run
        own_init: Any = entity.__pydantic_custom_init__
        type.__setattr__(cls, "__nitro_quick__", concrete and not own_init)
        validators = entity.__pydantic_decorators__.model_validators
        type.__setattr__(cls, "__nitro_checks_whole__", bool(validators))
        conceal(cls)
        mapped = cls.__dict__.get("__table__")
        if isinstance(mapped, Table):
            columns.add_unique_groups(cls, cast("Table", mapped))
            if VERSION not in mapped.c:  # pyright: ignore[reportUnknownMemberType]
                mapped.append_column(version_column())
                if spec_of("id", entity.__pydantic_fields__["id"]).kind is not Kind.INTEGER:
                    # kept in the order of the id, every index ends with it: slices need no sort
                    mapped.dialect_options["sqlite"]["with_rowid"] = False
        if concrete:
            relations.follow(cls)
            classes.register(entity)

    if not TYPE_CHECKING:  # hidden from checkers, which know the fields from __init__

        def __call__(cls, *args: Any, **data: Any) -> Any:
            """Make an entity; the state that SQLAlchemy keeps is made when it is asked for."""
            if args or not cls.__nitro_quick__ or not finish_init.get():
                made = cls.__new__(cls)
                made.__init__(*args, **data)
                return made
            known = cls.__sqlmodel_relationships__
            if not known or known.keys().isdisjoint(data):
                return cls.__pydantic_validator__.validate_python(data)
            given = relations.take_from(cls, data)
            made = cls.__pydantic_validator__.validate_python(data)
            relations.assign(made, given)
            return made


class SQLEntity(Verbs, SQLModel, metaclass=SQLEntityMeta):
    """Derive business objects that live in SQL from this.

    A concrete subclass is a table, with or without ``table=True``; a class that is only a base
    says ``table=False``. Values are validated when an entity is made and when they are
    assigned, as in Entity.

    Relations are declared with SQLModel's ``Relationship``. They are loaded when they are asked
    for (``Order.get(id, include=["lines"])``), and in sync code when the first one of an entity
    that was got alone is used. Saving an entity saves the related ones with it that are new or
    changed; nothing is deleted without being told to.
    """

    __slots__ = ("_nitro_gone", "_nitro_loaded", "_nitro_together")
    __nitro_root__ = True
    __nitro_any_backend__: ClassVar[bool] = False
    __nitro_quick__: ClassVar[bool] = False
    __nitro_checks_whole__: ClassVar[bool] = False

    model_config = {"extra": "forbid", "ser_json_bytes": "base64", "val_json_bytes": "base64"}
    _persistence_backend_class: ClassVar[type[Any]] = SQLModelBackend

    id: str = Field(default_factory=new_id, primary_key=True)

    if not TYPE_CHECKING:  # checkers would look for the fields here
        # SQLModel's prepares for a Session that fills the object; see _prepare_loaded
        __new__ = object.__new__

    def __init__(self, **data: Any) -> None:
        if not finish_init.get():
            return  # SQLModel fills the object itself
        cls = type(self)
        if cls.__nitro_abstract__:
            super().__init__(**data)
            return
        given = relations.take_from(cls, data)
        state = self.__dict__.get(STATE)
        cls.__pydantic_validator__.validate_python(data, self_instance=self)
        if state is not None:
            vars(self)[STATE] = state
        relations.assign(self, given)

    # pydantic may make an object without calling __init__, where no subclass has its own
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __nitro_load__(cls, values: dict[str, Any]) -> "Self":
        """Make an entity from stored values, validated."""
        validate = cls.__pydantic_validator__.validate_python
        if cls.__nitro_quick__:
            return cast("Self", validate(values, by_alias=False, by_name=True))
        entity: Self = object.__new__(cls)
        validate(values, self_instance=entity, by_alias=False, by_name=True)
        return entity

    if not TYPE_CHECKING:  # hidden from checkers, or every misspelt name would pass

        def __getattr__(self, name: str) -> Any:
            if name in self.__dict__ and name in type(self).__pydantic_fields__:
                configure_mappers()  # until then, SQLAlchemy does not let anybody at its columns
                return self.__dict__[name]
            return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        cls = type(self)
        if cls.__nitro_abstract__:
            super().__setattr__(name, value)
        elif name not in cls.__pydantic_fields__:
            if name in cls.__sqlmodel_relationships__:
                relations.assign(self, {name: value})
            else:
                super().__setattr__(name, value)
        else:
            self.__nitro_assign__(name, value)
            if cls.__sqlmodel_relationships__:
                relations.forget_others(self, name)

    def __nitro_assign__(self, name: str, value: Any) -> None:
        """Assign a field, validated."""
        cls = type(self)
        before = self.__dict__
        state = before.get(STATE)
        if state is None and not cls.__nitro_checks_whole__:
            cls.__pydantic_validator__.validate_assignment(self, name, value)
            return
        # on the side: what validators of the whole model refuse must not reach the object, and
        # SQLAlchemy may be about to write into the dictionary, which pydantic would exchange
        watched = state is not None and (state.key is not None or state.session_id is not None)
        were_set = self.__pydantic_fields_set__.copy()
        object.__setattr__(self, "__dict__", {k: before[k] for k in cls.__pydantic_fields__})
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
                if watched:  # somebody's Session wants to hear of it
                    set_attribute(self, key, new)
                else:
                    vars(self)[key] = new

    def __nitro_take__(self, other: Verbs) -> None:
        """Take over the field values of *other*."""
        state = self.__dict__.get(STATE)
        watched = state is not None and (state.key is not None or state.session_id is not None)
        values, mine = other.__dict__, vars(self)
        for name in type(self).__pydantic_fields__:
            if watched:  # somebody's Session wants to hear of it
                set_attribute(self, name, values[name])
            else:
                mine[name] = values[name]
        if type(self).__sqlmodel_relationships__:
            relations.forget_others(self, *type(self).__pydantic_fields__)

    @classmethod
    def __nitro_include__(cls, entities: "Iterable[Verbs]", relations: Iterable[Any]) -> None:
        """Load relations of several entities of this class. Raises InvalidQuery."""
        including.include(cls, entities, relations)

    @classmethod
    def __nitro_together__(cls, entities: "Iterable[Verbs]") -> None:
        """Take note that these entities were loaded together."""
        for entity in entities:
            type(entity)._nitro_together.__set__(entity, True)  # type: ignore[attr-defined]

    def __nitro_related__(self) -> "list[tuple[Verbs, bool]]":
        """Answer what is saved, or deleted, with this entity, which is in the list too."""
        return related.related_to_save(self)

    def __nitro_deleted__(self) -> None:
        """Take note that this entity is not wanted any more, wherever it is still in a list."""
        type(self)._nitro_gone.__set__(self, True)  # type: ignore[attr-defined]

    def __nitro_keys__(self) -> None:
        """Give the ids of related entities to the fields that refer to them."""
        related.pass_keys(self)

    @classmethod
    def fetch(cls, statement: "Select[*tuple[Any, ...]]") -> "list[Self]":
        """Answer the entities that a SQLAlchemy select of this class finds, validated.

        For what the conditions of `where` cannot say: joins, subqueries, functions of the
        database. Inside a unit of work it sees what is pending. Raises NotSupported.
        """
        return raw.fetch(cls, statement)

    @classmethod
    async def afetch(cls, statement: "Select[*tuple[Any, ...]]") -> "list[Self]":
        """Await `fetch`."""
        return await in_thread(raw.fetch, cls, statement)

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
        set_loaded(self, Loaded(*known) if known else None)


@event.listens_for(SQLEntity, "load", propagate=True)
def _prepare_loaded(entity: Any, _: Any) -> None:
    """Make an entity that a Session has filled a model of pydantic."""
    init_pydantic_private_attrs(entity)


# not in the class body, where pydantic would take it for a private attribute
type.__setattr__(SQLEntity, STATE, InstanceStates())
