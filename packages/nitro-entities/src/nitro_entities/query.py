"""Asking for entities: lazy, immutable, and with the same meaning in every store."""

import functools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from nitro_entities import lifetime, loop
from nitro_entities.backends import repository_of
from nitro_entities.conditions import (
    Any_,
    Compare,
    Condition,
    FieldRef,
    Order,
    Search,
    all_of,
    comparable,
)
from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import Kind, specs
from nitro_entities.repository import Repository, Select
from nitro_entities.search import needle
from nitro_entities.slices import Slice
from nitro_entities.threads import in_thread, to_the_end
from nitro_entities.traits import traits
from nitro_entities.units.ambient import current_unit
from nitro_entities.units.unit import Unit
from nitro_entities.units.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")
P = ParamSpec("P")
T = TypeVar("T")
_MOST = 2**62  # more than there are, and not too much for any store
List = list  # inside QuerySet, list is the method


class QuerySet(Generic[E]):
    """Entities of one class that fulfil conditions, in an order; asked for when used.

    Every method that narrows answers a new query set.
    """

    __slots__ = ("_deleted", "_include", "_select", "_unit", "entity")

    def __init__(
        self, entity: type[E], select: Select | None = None, *, unit: Unit | None = None
    ) -> None:
        self.entity = entity
        self._select = Select() if select is None else select
        self._unit = unit
        self._include: tuple[Any, ...] = ()
        self._deleted = False

    def __repr__(self) -> str:
        return f"<QuerySet of {self.entity.__name__}>"  # what it compares with may be secret

    @property
    def selection(self) -> Select:
        """Answer what is asked for, as a value that can be compared."""
        return self._select

    def where(self, *conditions: Condition | bool, **equals: Any) -> "QuerySet[E]":
        """Keep what fulfils every condition and has these values. Raises InvalidQuery."""
        known = specs(self.entity)
        parts = [self._condition(condition).bound(known) for condition in conditions]
        parts += [Compare(name, "eq", value).bound(known) for name, value in equals.items()]
        return self._narrowed(parts)

    def search(self, text: str, *fields: str) -> "QuerySet[E]":
        """Keep what has *text* in one of *fields*, without regard to case, in any script.

        Without *fields*, all fields of text are searched. An empty *text* keeps everything.
        """
        if not text:
            return self
        known = specs(self.entity)
        names = fields or self.text_fields
        if not names:
            msg = f"{self.entity.__name__} has no field of text to search in"
            raise InvalidQuery(msg)
        prepared = needle(text)
        parts = tuple(Search(name, prepared).bound(known) for name in names)
        return self._narrowed([parts[0] if len(parts) == 1 else Any_(parts)])

    @property
    def text_fields(self) -> tuple[str, ...]:
        """Name the fields that `search` looks into by itself."""
        return tuple(
            name
            for name, spec in specs(self.entity).items()
            if spec.kind is Kind.TEXT and not spec.secret and name != "id"
        )

    def order_by(self, *keys: object) -> "QuerySet[E]":
        """Sort by these fields: "name", "-population", `col(City.name).desc()`.

        Missing values come last in both directions, the id breaks ties. Raises InvalidQuery.
        """
        known = specs(self.entity)
        orders = tuple(self._order(key) for key in keys)
        for order in orders:
            comparable(known, order.field)
        return self._with(replace(self._select, order=orders))

    def limit(self, number: int) -> "QuerySet[E]":
        """Answer at most *number* entities."""
        _must_be_whole(number, "A limit")
        if number < 0:
            msg = f"A limit cannot be negative, and {number} is"
            raise InvalidQuery(msg)
        return self._with(replace(self._select, limit=min(number, _MOST)))

    def include(self, *relations: Any) -> "QuerySet[E]":
        """Load these relations too, by name or attribute, in one more statement for each.

        "lines.product" goes deeper. Raises InvalidQuery.
        """
        self.entity.__nitro_include__((), relations)  # complains about wrong names
        narrowed = self._with(self._select)
        narrowed._include = (*self._include, *relations)
        return narrowed

    def with_deleted(self) -> "QuerySet[E]":
        """Answer what was deleted too, where the class has a `DeletedAt` field."""
        narrowed = self._with(self._select)
        narrowed._deleted = True
        return narrowed

    def list(self) -> List[E]:
        """Answer the entities."""
        unit = self._current_unit()
        if unit is not None:
            found = unit.select(self.entity, self._asked())
        else:
            found = self._repository().select(self._asked())
        return self._included(found)

    def first(self) -> E | None:
        """Answer the first entity, or None."""
        found = self.limit(1).list() if self._select.limit != 0 else []
        return found[0] if found else None

    def count(self, cap: int | None = None) -> int:
        """Count the entities; with *cap*, stop at *cap* + 1."""
        unit = self._current_unit()
        most = None if cap is None else min(cap, _MOST)
        if unit is None:
            return self._repository().count(self._asked(), most)
        with unit.reading(self.entity) as tx:
            return repository_of(self.entity).count(self._asked(), most, tx)

    def update(self, **values: Any) -> int:
        """Assign these values to every entity, save all of them or none, and count them.

        Each is validated, its hooks run and its change is told, as if it were saved alone.
        """
        return self._in_one_unit(lambda unit, entity: unit.save(entity.update(**values)))

    def delete(self) -> int:
        """Delete every entity, or none, and count them; hooks run as for one alone."""
        return self._in_one_unit(lambda unit, entity: unit.delete(entity))

    def stream(self, batch: int = 1000) -> Iterator[E]:
        """Answer the entities one by one; only *batch* of them are in memory at a time.

        What others write meanwhile may be met or missed, but nothing comes twice and nothing
        that was there all the time is left out. In a unit of work each is an object of its own.
        """
        _must_hold_one(batch, "A batch")
        left = self._select.limit
        whole = self._with(replace(self._select, limit=None))
        after = None
        while left is None or left > 0:
            size = batch if left is None else min(batch, left)
            part = whole._slice(size, after, None)
            yield from whole._included(part.items)
            after = part.next
            if after is None:
                return
            left = None if left is None else left - len(part.items)

    def exists(self) -> bool:
        """Say whether there is any."""
        return self.count(cap=0) > 0

    def slice(self, size: int, *, after: str | None = None, before: str | None = None) -> Slice[E]:
        """Answer at most *size* entities after or before a position of an earlier slice.

        Costs the same for the last slice as for the first, and does not skip or repeat when
        others insert or delete meanwhile. Raises InvalidCursor, InvalidQuery.
        """
        _must_hold_one(size, "A slice")
        if after is not None and before is not None:
            msg = "A slice is after a position or before one, not both"
            raise InvalidQuery(msg)
        if self._select.limit is not None:
            msg = "A limited query cannot be sliced. Leave out limit()"
            raise InvalidQuery(msg)
        found = self._slice(size, after, before)
        unit = self._current_unit()
        items = found.items if unit is None else unit.known(found.items)
        return replace(found, items=self._included(items))

    def _slice(self, size: int, after: str | None, before: str | None) -> Slice[E]:
        unit, size = self._current_unit(), min(size, _MOST)
        if unit is None:
            return self._repository().slice(self._asked(), size, after, before)
        with unit.reading(self.entity) as tx:
            return repository_of(self.entity).slice(self._asked(), size, after, before, tx)

    def __iter__(self) -> Iterator[E]:
        return iter(self.list())

    async def __aiter__(self) -> AsyncIterator[E]:
        for entity in tuple(await self.alist()):
            yield entity

    async def astream(self, batch: int = 1000) -> AsyncIterator[E]:
        """Iterate over `stream`."""
        _must_hold_one(batch, "A batch")
        entities = self.stream(batch)
        while some := await self._away(lambda: List(islice(entities, batch))):
            for entity in some:
                yield entity

    async def aupdate(self, **values: Any) -> int:
        """Await `update`."""
        return await self._written(functools.partial(self.update, **values))

    async def adelete(self) -> int:
        """Await `delete`."""
        return await self._written(self.delete)

    async def alist(self) -> List[E]:
        """Await `list`."""
        return await self._away(self.list)

    async def afirst(self) -> E | None:
        """Await `first`."""
        return await self._away(self.first)

    async def acount(self, cap: int | None = None) -> int:
        """Await `count`."""
        return await self._away(self.count, cap)

    async def aexists(self) -> bool:
        """Await `exists`."""
        return await self._away(self.exists)

    async def aslice(
        self, size: int, *, after: str | None = None, before: str | None = None
    ) -> Slice[E]:
        """Await `slice`."""
        return await self._away(self.slice, size, after=after, before=before)

    async def _away(self, verb: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if loop.may_wait(repository_of(self.entity)):
            return await in_thread(verb, *args, **kwargs)
        return verb(*args, **kwargs)

    async def _written(self, verb: Callable[[], T]) -> T:
        if loop.may_wait(repository_of(self.entity)):
            return await to_the_end(verb)
        return verb()

    def _current_unit(self) -> Unit | None:
        return current_unit() if self._unit is None else self._unit

    def _with(self, select: Select) -> "QuerySet[E]":
        narrowed = QuerySet(self.entity, select, unit=self._unit)
        narrowed._include, narrowed._deleted = self._include, self._deleted
        return narrowed

    def _asked(self) -> Select:
        if not traits(self.entity).hides:
            return self._select
        return lifetime.those_there(self.entity, self._select, deleted=self._deleted)

    def _included(self, entities: List[E]) -> List[E]:
        if len(entities) > 1 and traits(self.entity).relations:
            self.entity.__nitro_together__(entities)
        if self._include:
            self.entity.__nitro_include__(entities, self._include)
        return entities

    def _repository(self) -> "Repository[E]":
        """Answer the repository, for a call that must not stop an event loop."""
        repo = repository_of(self.entity)
        if repo.blocking and loop.running_loop() is not None:
            loop.refuse_to_block(self.entity, repo.store, None, writes=False)
        return repo

    def _in_one_unit(self, write: Callable[[Unit, E], object]) -> int:
        number = 0
        with UnitOfWork() as unit:
            for entity in unit.known(self._with(self._select).list()):
                write(unit, entity)
                number += 1
        return number

    def _narrowed(self, parts: List[Condition]) -> "QuerySet[E]":
        before = self._select.where
        every = parts if before is None else [before, *parts]
        if not every:
            return self
        where = every[0] if len(every) == 1 else all_of(every)
        return self._with(replace(self._select, where=where))

    def _condition(self, given: object) -> Condition:
        if isinstance(given, Condition):
            return given
        if _from_sqlalchemy(given):
            from nitro_entities.stores.sql.expressions import condition_of

            return condition_of(given)
        msg = (
            f"{given!r} is not a condition. Compare fields of the class, "
            f"{self.entity.__name__}.field > 5, or say col({self.entity.__name__}, 'field') > 5"
        )
        raise InvalidQuery(msg)

    def _order(self, key: object) -> Order:
        if isinstance(key, str):
            return Order(key.removeprefix("-"), key.startswith("-"))
        if isinstance(key, Order):
            return key
        if isinstance(key, FieldRef):
            return Order(key.name)  # pyright: ignore[reportUnknownMemberType]
        if _from_sqlalchemy(key):
            from nitro_entities.stores.sql.expressions import order_of

            return order_of(key)
        msg = f"{key!r} is no order. Write 'name', '-name' or col({self.entity.__name__}.name)"
        raise InvalidQuery(msg)


def _must_be_whole(number: object, what: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        msg = f"{what} is a whole number of entities, not {number!r}"
        raise InvalidQuery(msg)


def _must_hold_one(number: int, what: str) -> None:
    _must_be_whole(number, what)
    if number < 1:
        msg = f"{what} holds at least one entity, not {number}"
        raise InvalidQuery(msg)


def _from_sqlalchemy(given: object) -> bool:
    """Say whether *given* is SQLAlchemy's, without loading it."""
    sqlalchemy = sys.modules.get("sqlalchemy.sql")
    if sqlalchemy is None:
        return False
    return isinstance(given, sqlalchemy.ClauseElement) or hasattr(given, "__clause_element__")
