"""What every entity can do, whichever root it comes from. Holds no data, so it mixes anywhere."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from pydantic_core import to_jsonable_python

from nitro_entities import again, lifetime, loop, views
from nitro_entities.backends import repository_of
from nitro_entities.conditions import Condition
from nitro_entities.errors import EntityNotFound, InvalidQuery
from nitro_entities.fields import Role, field_of_role, specs
from nitro_entities.fields.files import without_keys
from nitro_entities.loaded import loaded, set_loaded
from nitro_entities.query import QuerySet
from nitro_entities.threads import in_thread, to_the_end
from nitro_entities.traits import traits
from nitro_entities.units.ambient import current_unit
from nitro_entities.units.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from typing import Self

    from nitro_entities.repository import Repository
    from nitro_entities.views import View

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound="Verbs")


class Verbs:
    """Get, save, delete, ask: each verb that does I/O has an ``a`` twin to await."""

    __slots__ = ()

    _persistence_backend_class: ClassVar[type[Any]]
    _nitro_loaded: Any
    __nitro_abstract__: ClassVar[bool] = True
    __nitro_internal__: ClassVar[bool] = False  # of a package that keeps something for itself
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
    def get(cls, id: Any, *, include: Iterable[Any] = ()) -> "Self":
        """Answer the entity with this id, with the relations of *include*.

        Raises EntityNotFound.
        """
        found = cls.get_or_none(id, include=include)
        if found is None:
            raise EntityNotFound(cls, id)
        return found

    @classmethod
    def get_or_none(cls, id: Any, *, include: Iterable[Any] = ()) -> "Self | None":
        """Answer the entity with this id, or None."""
        known = traits(cls)
        if type(id) is not str or not known.text_id:
            try:
                spec = specs(cls)["id"]
                short = type(id) is str and len(id) < 64 and spec.comparable
                id = spec.read(id) if short else spec.coerce(id)
            except InvalidQuery:
                return None
        current = current_unit()
        if current is not None:
            found = current.get(cls, id)
        else:
            repo = repository_of(cls)
            if repo.blocking and loop.running_loop() is not None:
                loop.refuse_to_block(cls, repo.store, None, writes=False)
            found = repo.get(id)
        if found is None or (known.hides and not lifetime.is_there(found)):
            return None
        if include:
            found.load(*include)
        return found

    @classmethod
    def get_many(cls, ids: Iterable[Any], *, include: Iterable[Any] = ()) -> "list[Self]":
        """Answer those that exist, in the order of *ids*."""
        wanted = _ids(cls, ids)
        current = current_unit()
        if current is not None:
            found = current.get_many(cls, wanted)
        else:
            found = _repository(cls).get_many(wanted)
        if traits(cls).hides:
            found = [entity for entity in found if lifetime.is_there(entity)]
        if len(found) > 1 and traits(cls).relations:
            cls.__nitro_together__(found)
        if include:
            cls.__nitro_include__(found, tuple(include))
        return found

    @classmethod
    def create(cls, **values: Any) -> "Self":
        """Make an entity and save it. Raises ValidationError, EntityExists, NotUnique."""
        return cls(**values).save()

    @classmethod
    def upsert(cls, *, on: "str | Iterable[str]" = "id", **values: Any) -> "Self":
        """Update the entity that has the same value in *on*, or create it.

        *on* is the id, a unique field, or fields that are unique together; the others of
        *values* are set. Safe when several do it at once. Raises ValidationError, InvalidQuery.
        """
        return again.upsert(cls, (on,) if isinstance(on, str) else tuple(on), values)

    @classmethod
    def create_many(cls, items: "Iterable[Mapping[str, Any] | Self]") -> "list[Self]":
        """Make and save all of them, or none."""
        return cls.save_many(
            cls(**one) if isinstance(one, Mapping) else one  # pyright: ignore
            for one in items
        )

    @classmethod
    def save_many(cls, entities: "Iterable[Self]") -> "list[Self]":
        """Save all of them together, or none; in few round trips."""
        several = list(entities)
        _check_entities(several)
        with UnitOfWork() as together:
            together.save_all(several)
        return several

    @classmethod
    def delete_many(cls, entities: "Iterable[Self]") -> None:
        """Delete all of them together, or none."""
        with UnitOfWork() as together:
            for entity in entities:
                together.delete(entity)

    @classmethod
    def purge(cls) -> int:
        """Remove from the store what has expired, and answer how many that were.

        Nobody finds them before either; run it now and then to get the room back. Redis does it
        by itself.
        """
        number = 0
        while True:
            with UnitOfWork() as portion:
                found = portion.select(cls, lifetime.expired(cls))
                for entity in found:
                    portion.delete(entity)
            if not found:
                return number
            number += len(found)

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

    def save(
        self, *, merge: bool = False, retry: "Callable[[Self], object] | None" = None
    ) -> "Self":
        """Store what changed; inside a unit of work, at its commit.

        Raises StaleEntity when somebody else saved it after it was loaded, EntityExists when it
        is new and its id is taken, NotUnique. With *merge* a stale entity takes over what the
        others changed, and StaleEntity is only raised where both changed the same field. With
        *retry* it is refreshed and the function called, which makes the change again, until
        nobody else comes between. Answers the entity itself.
        """
        if merge or retry is not None:
            again.save(self, merge=merge, retry=retry)
            return self
        current = current_unit()
        if current is not None:
            current.save(self)
        elif traits(type(self)).saves_alone:
            _repository(type(self), writes=True).save(self)
        else:
            with UnitOfWork() as own:
                own.save(self)
        return self

    def delete(self) -> None:
        """Remove it from the store. Raises StaleEntity; what is not there is no error.

        A class with a `DeletedAt` field keeps it stored, and nobody finds it any more.
        """
        current = current_unit()
        if current is not None:
            current.delete(self)
        elif traits(type(self)).plain:
            _repository(type(self), writes=True).delete(self)
            self.__nitro_deleted__()
        else:
            with UnitOfWork() as own:
                own.delete(self)

    def restore(self) -> "Self":
        """Let an entity be found again that was deleted, where the class has a `DeletedAt`."""
        field = field_of_role(type(self), Role.DELETED)
        if field is None:
            msg = (
                f"What is deleted of {type(self).__name__} is gone. To be able to restore it, "
                f"add a field: deleted_at: DeletedAt = None"
            )
            raise InvalidQuery(msg)
        return self.update(**{field: None}).save()

    def refresh(self) -> "Self":
        """Take over what is stored; unsaved changes are lost. Raises EntityNotFound."""
        current = current_unit()
        cls = type(self)
        fresh = _repository(cls).get(self.id) if current is None else current.read(self)
        if fresh is None:
            raise EntityNotFound(cls, self.id)
        self.__nitro_take__(fresh)
        set_loaded(self, loaded(fresh))
        return self

    def incr(self, **deltas: Any) -> "Self":
        """Add to fields of the stored entity, whatever others did meanwhile.

        The sums are validated and stored at once (in a unit of work: with it); other unsaved
        changes stay unsaved. Raises EntityNotFound, ValidationError.
        """
        again.incr(self, deltas)
        return self

    def load(self, *relations: Any) -> "Self":
        """Load relations of this entity, by name or attribute; "lines.product" goes deeper."""
        type(self).__nitro_include__([self], relations)
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

    @classmethod
    def __nitro_include__(cls, entities: "Iterable[Verbs]", relations: Iterable[Any]) -> None:
        """Load relations of several entities of this class, in one statement for each."""
        msg = (
            f"{cls.__name__} has no relations to include. Relations are of SQLEntity classes, "
            f"declared with Relationship()"
        )
        raise InvalidQuery(msg)

    @classmethod
    def __nitro_together__(cls, entities: "Iterable[Verbs]") -> None:
        """Take note that several entities of a class with relations were loaded together."""

    def __nitro_related__(self) -> "list[tuple[Verbs, bool]]":
        """Answer what is saved, or deleted, with this entity."""
        return []

    def __nitro_deleted__(self) -> None:
        """Take note that this entity was deleted, or will be at the end of the unit of work."""

    def __nitro_keys__(self) -> None:
        """Give ids that the store chose to the fields of related entities."""

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
        """Answer the values as JSON can carry them, without secret and excluded fields.

        Of stored files it is not said where they are kept.
        """
        cls: Any = type(self)
        values, fields = self.__dict__, cls.__pydantic_fields__
        told = {
            name: to_jsonable_python(values[name], bytes_mode="base64", inf_nan_mode="null")
            for name, spec in specs(cls).items()
            if not (spec.secret or fields[name].exclude)
        }
        for name in traits(cls).files:
            if name in told:
                told[name] = without_keys(values[name], told[name])
        return told

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
    async def aget(cls, id: Any, *, include: Iterable[Any] = ()) -> "Self":
        """Await `get`."""
        return await _away(cls, cls.get, id, include=include)

    @classmethod
    async def aget_or_none(cls, id: Any, *, include: Iterable[Any] = ()) -> "Self | None":
        """Await `get_or_none`."""
        return await _away(cls, cls.get_or_none, id, include=include)

    @classmethod
    async def aget_many(cls, ids: Iterable[Any], *, include: Iterable[Any] = ()) -> "list[Self]":
        """Await `get_many`."""
        return await _away(cls, cls.get_many, ids, include=include)

    @classmethod
    async def acreate(cls, **values: Any) -> "Self":
        """Await `create`."""
        return await cls(**values).asave()

    @classmethod
    async def aupsert(cls, *, on: "str | Iterable[str]" = "id", **values: Any) -> "Self":
        """Await `upsert`."""
        return await _written(cls, cls.upsert, on=on, **values)

    @classmethod
    async def acreate_many(cls, items: "Iterable[Mapping[str, Any] | Self]") -> "list[Self]":
        """Await `create_many`."""
        return await _written(cls, cls.create_many, items)

    @classmethod
    async def asave_many(cls, entities: "Iterable[Self]") -> "list[Self]":
        """Await `save_many`."""
        return await _written(cls, cls.save_many, entities)

    @classmethod
    async def adelete_many(cls, entities: "Iterable[Self]") -> None:
        """Await `delete_many`."""
        await _written(cls, cls.delete_many, entities)

    @classmethod
    async def apurge(cls) -> int:
        """Await `purge`."""
        return await _written(cls, cls.purge)

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

    async def asave(
        self, *, merge: bool = False, retry: "Callable[[Self], object] | None" = None
    ) -> "Self":
        """Await `save`; *retry* is called in a thread."""
        if current_unit() is not None and not merge and retry is None:
            return self.save()  # only enrols
        return await _written(type(self), self.save, merge=merge, retry=retry)

    async def adelete(self) -> None:
        """Await `delete`."""
        if current_unit() is not None:
            self.delete()  # only enrols
            return
        await _written(type(self), self.delete)

    async def arestore(self) -> "Self":
        """Await `restore`."""
        return await _written(type(self), self.restore)

    async def arefresh(self) -> "Self":
        """Await `refresh`."""
        return await _away(type(self), self.refresh)

    async def aincr(self, **deltas: Any) -> "Self":
        """Await `incr`."""
        return await _written(type(self), self.incr, **deltas)

    async def aload(self, *relations: Any) -> "Self":
        """Await `load`."""
        return await _away(type(self), self.load, *relations)


def _check_entities(several: Iterable[object]) -> None:
    for one in several:
        if not isinstance(one, Verbs):
            msg = f"create_many() and save_many() take several entities, got {one!r} among them"
            raise InvalidQuery(msg)


def _ids(cls: type[Any], ids: Iterable[Any]) -> list[Any]:
    """Answer *ids* as the field would hold them; what can be no id is nobody's."""
    if isinstance(ids, str | bytes):  # which would be its letters, one by one
        msg = f"get_many() takes several ids, got {ids!r}. Write get_many([{ids!r}])"
        raise InvalidQuery(msg)
    text, coerce = traits(cls).text_id, specs(cls)["id"].coerce
    wanted: list[Any] = []
    for id in ids:
        with contextlib.suppress(InvalidQuery):
            wanted.append(id if text and type(id) is str else coerce(id))
    return wanted


def _repository(cls: "type[E]", *, writes: bool = False) -> "Repository[E]":
    """Answer the repository of *cls*, for a call that must not stop an event loop."""
    repo = repository_of(cls)
    if repo.blocking and loop.running_loop() is not None:
        loop.refuse_to_block(cls, repo.store, None, writes=writes)
    return repo


async def _away(cls: type[Verbs], verb: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a verb where it cannot freeze the event loop."""
    if loop.may_wait(repository_of(cls)):
        return await in_thread(verb, *args, **kwargs)
    return verb(*args, **kwargs)


async def _written(
    cls: type[Verbs], verb: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a verb that writes; a cancellation waits until it is known what became of it."""
    if loop.may_wait(repository_of(cls)):
        return await to_the_end(functools.partial(verb, *args, **kwargs))
    return verb(*args, **kwargs)
