"""Entity: a pydantic model that knows where it is kept."""

import threading
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic._internal._model_construction import ModelMetaclass
from pydantic.errors import PydanticSchemaGenerationError

from nitro_entities import classes
from nitro_entities.backends import check_named
from nitro_entities.conditions import FieldRef
from nitro_entities.definition import (
    CLASS_VERBS,
    annotated_names,
    check_config,
    check_names,
    check_options,
)
from nitro_entities.fields import conceal, specs
from nitro_entities.fields.honest import unknown_type
from nitro_entities.ids import new_id
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.stores.memory import MemoryRepo
from nitro_entities.verbs import Verbs

if TYPE_CHECKING:
    from typing import Self

_building = threading.local()


class EntityMeta(ModelMetaclass):
    """Check entity classes, enter them into the registry, answer fields for conditions."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> Any:
        """Build the class."""
        own = annotated_names(namespace)
        check_names(name, own, mapped=False)
        for field in CLASS_VERBS.intersection(own):
            namespace.setdefault(field, Field())  # or pydantic takes the verb for the default
        outer = getattr(_building, "depth", 0)
        _building.depth = outer + 1
        try:
            with warnings.catch_warnings():
                if CLASS_VERBS.intersection(own):
                    warnings.filterwarnings("ignore", message="Field name .* shadows")
                return super().__new__(mcs, name, bases, namespace, **kwargs)
        except PydanticSchemaGenerationError as exc:
            raise unknown_type(name, namespace, exc) from None
        finally:
            _building.depth = outer

    if not TYPE_CHECKING:  # hidden from checkers, or every misspelt name would pass

        def __getattr__(cls, name: str) -> Any:
            # while a class is built, pydantic asks its parents what they have
            if not name.startswith("_") and not getattr(_building, "depth", 0):
                fields = cls.__dict__.get("__pydantic_fields__")
                if fields and name in fields:
                    return FieldRef(name)
                if fields:
                    msg = f"{cls.__name__} has no field {name!r}. Fields: {', '.join(fields)}"
                    raise AttributeError(msg, name=name, obj=cls)
            return super().__getattr__(name)


class Entity(Verbs, BaseModel, metaclass=EntityMeta):
    """Derive business objects from this: fields, methods, and verbs to keep them.

    Values are validated when an entity is made and when they are assigned; a refused value
    leaves the old one. Entities are kept in memory unless the class names another store in
    ``_persistence_backend_class``. Set ``__abstract__ = True`` on a class that is only a base.
    """

    __slots__ = ("_nitro_loaded",)
    __nitro_root__ = True

    model_config = ConfigDict(
        validate_assignment=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )
    _persistence_backend_class: ClassVar[type[Any]] = MemoryRepo
    __nitro_checks_whole__: ClassVar[bool] = False

    id: str = Field(default_factory=new_id)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Enter the finished class into the registry."""
        super().__pydantic_init_subclass__(**kwargs)
        check_options(cls)
        cls.__nitro_abstract__ = bool(cls.__dict__.get("__abstract__", False))
        conceal(cls)
        if cls.__pydantic_complete__ and not cls.__nitro_abstract__:
            specs(cls)  # checks the types
            check_config(cls)
        cls.__nitro_checks_whole__ = bool(cls.__pydantic_decorators__.model_validators)
        if not cls.__nitro_abstract__:
            check_named(cls)
            classes.register(cls)

    @classmethod
    def __nitro_load__(cls, values: dict[str, Any]) -> "Self":
        """Make an entity from stored values, validated."""
        return cls.__pydantic_validator__.validate_python(  # type: ignore[no-any-return]
            values, by_alias=False, by_name=True
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if not self.__nitro_checks_whole__:
            super().__setattr__(name, value)
            return
        # validators of the whole model see the new value in place, and leave it when they refuse
        before, were_set = self.__dict__.copy(), self.__pydantic_fields_set__.copy()
        try:
            super().__setattr__(name, value)
        except BaseException:
            object.__setattr__(self, "__dict__", before)
            object.__setattr__(self, "__pydantic_fields_set__", were_set)
            raise

    def __copy__(self) -> "Self":
        copy = super().__copy__()
        set_loaded(copy, loaded(self))
        return copy

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> "Self":
        copy = super().__deepcopy__(memo)
        set_loaded(copy, loaded(self))
        return copy

    def __getstate__(self) -> dict[Any, Any]:
        known: Loaded | None = loaded(self)
        return {**super().__getstate__(), "nitro": known and (known.row, known.version)}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        known = state.pop("nitro", None)
        super().__setstate__(state)
        set_loaded(self, Loaded(*known) if known else None)
