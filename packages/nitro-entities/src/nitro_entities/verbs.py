"""What every entity can do, whichever root it comes from. Holds no data, so it mixes anywhere."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from pydantic_core import to_jsonable_python

from nitro_entities import unit, views
from nitro_entities.backends import repository_of
from nitro_entities.conditions import Condition
from nitro_entities.errors import EntityNotFound, InvalidQuery
from nitro_entities.fields import Kind, specs
from nitro_entities.loaded import loaded, set_loaded
from nitro_entities.query import QuerySet

if TYPE_CHECKING:
    from typing import Self

    from nitro_entities.repository import Repository
    from nitro_entities.views import View

P = ParamSpec("P")
T = TypeVar("T")


class Verbs:
    """Get, save, delete, ask: each verb that does I/O has an ``a`` twin to await."""

    __slots__ = ()

    _persistence_backend_class: ClassVar[type[Any]]
    _nitro_loaded: Any
    __nitro_abstract__: ClassVar[bool] = True
    __nitro_any_backend__: ClassVar[bool] = True

    if TYPE_CHECKING:
        id: Any
        __pydantic_fields_set__: set[str]

        def __init__(self, **values: Any) -> None: ...

    @classmethod
    def __nitro_load__(cls, values: dict[str, Any]) -> "Self":
        """Make an entity from stored values, validated."""
        raise NotImplementedError

    @classmethod
    def repository(cls) -> "Repository[Self]":
        """Answer the repository that keeps this class."""
        return repository_of(cls)

    @classmethod
    def get(cls, id: Any) -> "Self":
        """Answer the entity with this id. Raises EntityNotFound."""
        found = cls.get_or_none(id)
        if found is None:
            raise EntityNotFound(cls, id)
        return found

    @classmethod
    def get_or_none(cls, id: Any) -> "Self | None":
        """Answer the entity with this id, or None."""
        spec = specs(cls)["id"]
        if type(id) is not str or spec.kind is not Kind.TEXT:
            try:
                id = spec.coerce(id)
            except InvalidQuery:
                return None
        current = unit.current_unit()
        if current is not None:
            return current.get(cls, id)
        return repository_of(cls).get(id)

    @classmethod
    def get_many(cls, ids: Iterable[Any]) -> "list[Self]":
        """Answer those that exist, in the order of *ids*."""
        wanted = list(ids)
        current = unit.current_unit()
        if current is not None:
            return current.get_many(cls, wanted)
        return repository_of(cls).get_many(wanted)

    @classmethod
    def create(cls, **values: Any) -> "Self":
        """Make an entity and save it. Raises ValidationError, EntityExists."""
        return cls(**values).save()

    @classmethod
    def where(cls, *conditions: Condition | bool, **equals: Any) -> QuerySet["Self"]:
        """Ask for the entities that fulfil everything given."""
        return QuerySet(cls).where(*conditions, **equals)

    @classmethod
    def all(cls) -> "list[Self]":
        """List every entity of this class, by id."""
        return QuerySet(cls).list()

    @classmethod
    def first(cls) -> "Self | None":
        """Answer the entity with the smallest id, or None."""
        return QuerySet(cls).first()

    if TYPE_CHECKING:
        # A field of a plain entity may be called so, which checkers allow only over Any.
        count: Any
    else:

        @classmethod
        def count(cls) -> int:
            """Count the entities of this class."""
            return QuerySet(cls).count()

    @classmethod
    def exists(cls, id: Any) -> bool:
        """Say whether there is an entity with this id."""
        try:
            return QuerySet(cls).where(id=id).exists()
        except InvalidQuery:
            return False

    def save(self) -> "Self":
        """Store what changed; inside a unit of work, at its commit.

        Raises StaleEntity when somebody else saved it after it was loaded, EntityExists when it
        is new and its id is taken. Answers the entity itself.
        """
        current = unit.current_unit()
        if current is not None:
            current.save(self)
        else:
            repository_of(type(self)).save(self)
        return self

    def delete(self) -> None:
        """Remove it from the store. Raises StaleEntity; what is not there is no error."""
        current = unit.current_unit()
        if current is not None:
            current.delete(self)
        else:
            repository_of(type(self)).delete(self)

    def refresh(self) -> "Self":
        """Take over what is stored; unsaved changes are lost. Raises EntityNotFound."""
        current = unit.current_unit()
        repo = repository_of(type(self))
        fresh = repo.get(self.id) if current is None else current.read(self)
        if fresh is None:
            raise EntityNotFound(type(self), self.id)
        self.__nitro_take__(fresh)
        set_loaded(self, loaded(fresh))
        return self

    def incr(self, **deltas: Any) -> "Self":
        """Add to fields of the stored entity, whatever others did meanwhile.

        The sums are validated and stored at once (in a unit of work: with it); other unsaved
        changes stay unsaved. Raises EntityNotFound, ValidationError.
        """
        with unit.writing(type(self)) as current:
            stored = current.read(self)
            if stored is None:
                raise EntityNotFound(type(self), self.id)
            before = loaded(stored)
            sums = {name: getattr(stored, name) + delta for name, delta in deltas.items()}
            stored.update(**sums)
            current.save_now(stored, instead_of=self)
        mine = loaded(self)
        for name in sums:
            self.__dict__[name] = getattr(stored, name)
        if mine is None or mine.version == before.version:
            set_loaded(self, loaded(stored))
        return self

    def update(self, **values: Any) -> "Self":
        """Assign several fields, validated together: all of them change, or none.

        Raises ValidationError with the problems of all fields at once.
        """
        cls = type(self)
        known = specs(cls)
        for name in values:
            if name not in known:
                msg = f"{cls.__name__} has no field {name!r}. Its fields: {', '.join(known)}"
                raise AttributeError(msg)
        current = {name: self.__dict__[name] for name in known}
        fresh = cls.__nitro_load__({**current, **values})
        self.__nitro_take__(fresh)
        self.__pydantic_fields_set__.update(values)
        return self

    def __nitro_take__(self, other: "Verbs") -> None:
        """Take over the field values of *other*."""
        for name in specs(type(self)):
            self.__dict__[name] = other.__dict__[name]

    @property
    def is_new(self) -> bool:
        """Say whether it was never stored."""
        return loaded(self) is None

    @property
    def changed(self) -> frozenset[str]:
        """Name the fields that differ from what is stored, in-place changes included."""
        return repository_of(type(self)).changed(self)

    @property
    def signals(self) -> dict[str, Any]:
        """Answer the field values as JSON can carry them, without the secret ones."""
        values = self.__dict__
        return {
            name: to_jsonable_python(values[name], bytes_mode="base64", inf_nan_mode="null")
            for name, spec in specs(type(self)).items()
            if not spec.secret
        }

    def to_card(self) -> "View":
        """Show it as a card; needs nitro-templates."""
        return views.provider().card(self)

    def to_form(self) -> "View":
        """Show it as a form; needs nitro-templates."""
        return views.provider().form(self)

    def to_row(self) -> "View":
        """Show it as a table row; needs nitro-templates."""
        return views.provider().row(self)

    @classmethod
    async def aget(cls, id: Any) -> "Self":
        """Await `get`."""
        return await _away(cls, cls.get, id)

    @classmethod
    async def aget_or_none(cls, id: Any) -> "Self | None":
        """Await `get_or_none`."""
        return await _away(cls, cls.get_or_none, id)

    @classmethod
    async def aget_many(cls, ids: Iterable[Any]) -> "list[Self]":
        """Await `get_many`."""
        return await _away(cls, cls.get_many, ids)

    @classmethod
    async def acreate(cls, **values: Any) -> "Self":
        """Await `create`."""
        return await cls(**values).asave()

    @classmethod
    async def aall(cls) -> "list[Self]":
        """Await `all`."""
        return await QuerySet(cls).alist()

    @classmethod
    async def afirst(cls) -> "Self | None":
        """Await `first`."""
        return await QuerySet(cls).afirst()

    @classmethod
    async def acount(cls) -> int:
        """Await `count`."""
        return await QuerySet(cls).acount()

    @classmethod
    async def aexists(cls, id: Any) -> bool:
        """Await `exists`."""
        return await _away(cls, cls.exists, id)

    async def asave(self) -> "Self":
        """Await `save`."""
        return await _away(type(self), self.save)

    async def adelete(self) -> None:
        """Await `delete`."""
        await _away(type(self), self.delete)

    async def arefresh(self) -> "Self":
        """Await `refresh`."""
        return await _away(type(self), self.refresh)

    async def aincr(self, **deltas: Any) -> "Self":
        """Await `incr`."""
        return await _away(type(self), self.incr, **deltas)


async def _away(cls: type[Verbs], verb: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a verb where it cannot freeze the event loop."""
    if repository_of(cls).blocking:
        return await asyncio.to_thread(verb, *args, **kwargs)
    return verb(*args, **kwargs)
