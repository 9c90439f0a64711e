"""The entities of one class as one unit of work sees them, to call and to await."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nitro_entities import classes
from nitro_entities.errors import AmbiguousClass, EntityNotFound, UnknownClass
from nitro_entities.threads import in_thread

if TYPE_CHECKING:
    from nitro_entities.query import QuerySet
    from nitro_entities.units.unit import Unit
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")


class UnitRepository(Generic[E]):
    """The entities of one class, as one unit sees them."""

    def __init__(self, unit: "Unit", entity: type[E]) -> None:
        self._unit = unit
        self.entity = entity

    def get(self, id: Any) -> E:
        """Answer the entity with this id. Raises EntityNotFound."""
        found = self.get_or_none(id)
        if found is None:
            raise EntityNotFound(self.entity, id)
        return found

    def get_or_none(self, id: Any) -> E | None:
        """Answer the entity with this id, or None."""
        return self._unit.get(self.entity, id)

    def get_many(self, ids: Iterable[Any]) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        return self._unit.get_many(self.entity, list(ids))

    def save(self, entity: E) -> E:
        """Enrol *entity*."""
        self._unit.save(entity)
        return entity

    def create(self, **values: Any) -> E:
        """Make an entity and enrol it."""
        return self.save(self.entity(**values))

    def delete(self, entity: E) -> None:
        """Enrol *entity* for removal."""
        self._unit.delete(entity)

    def where(self, *conditions: Any, **equals: Any) -> "QuerySet[E]":
        """Ask for entities."""
        from nitro_entities.query import QuerySet  # a query uses units

        return QuerySet(self.entity, unit=self._unit).where(*conditions, **equals)

    def all(self) -> list[E]:
        """List every entity, by id."""
        return self.where().list()


class AsyncUnit:
    """A unit of work whose verbs are awaited, under the same names."""

    def __init__(self, unit: "Unit") -> None:
        self.unit = unit

    def __getitem__(self, entity: type[E]) -> "AsyncUnitRepository[E]":
        return AsyncUnitRepository(self.unit[entity])

    def __getattr__(self, name: str) -> "AsyncUnitRepository[Any]":
        return AsyncUnitRepository(self.unit[class_called(name)])

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities loaded here that were changed and not saved."""
        return self.unit.dirty

    async def commit(self) -> None:
        """Write everything and make it visible."""
        await self.unit.acommit()

    async def rollback(self) -> None:
        """Forget what is pending and undo what was flushed."""
        await self.unit.arollback()

    async def flush(self) -> None:
        """Write what is pending into the transaction."""
        await self.unit.aflush()

    def outbox(self, topic: str, payload: object) -> None:
        """Keep a message in the store, in the transaction of this unit."""
        self.unit.outbox(topic, payload)

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Call *callback* when everything is committed."""
        self.unit.after_commit(callback)


class AsyncUnitRepository(Generic[E]):
    """The entities of one class, as one unit sees them, to await."""

    def __init__(self, repository: UnitRepository[E]) -> None:
        self._repository = repository

    async def get(self, id: Any) -> E:
        """Answer the entity with this id. Raises EntityNotFound."""
        return await in_thread(self._repository.get, id)

    async def get_or_none(self, id: Any) -> E | None:
        """Answer the entity with this id, or None."""
        return await in_thread(self._repository.get_or_none, id)

    async def get_many(self, ids: Iterable[Any]) -> list[E]:
        """Answer those that exist, in the order of *ids*."""
        return await in_thread(self._repository.get_many, ids)

    async def save(self, entity: E) -> E:
        """Enrol *entity*."""
        return self._repository.save(entity)

    async def create(self, **values: Any) -> E:
        """Make an entity and enrol it."""
        return self._repository.create(**values)

    async def delete(self, entity: E) -> None:
        """Enrol *entity* for removal."""
        self._repository.delete(entity)

    def where(self, *conditions: Any, **equals: Any) -> "QuerySet[E]":
        """Ask for entities; await `alist` and its like."""
        return self._repository.where(*conditions, **equals)

    async def all(self) -> list[E]:
        """List every entity, by id."""
        return await self.where().alist()


def class_called(name: str) -> "type[Verbs]":
    """Answer the class that a unit calls *name*. Raises AttributeError."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return classes.named(name.replace("_", "-"))
    except (UnknownClass, AmbiguousClass) as exc:
        raise AttributeError(str(exc)) from exc
