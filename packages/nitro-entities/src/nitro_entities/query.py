"""Asking for entities: lazy, immutable, and with the same meaning in every store."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from nitro_entities.backends import repository_of
from nitro_entities.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    FieldRef,
    Order,
    Search,
    comparable,
)
from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import Kind, specs
from nitro_entities.repository import Select
from nitro_entities.search import needle
from nitro_entities.slices import Slice
from nitro_entities.unit import Unit, current_unit

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")
P = ParamSpec("P")
T = TypeVar("T")
List = list  # inside QuerySet, list is the method


class QuerySet(Generic[E]):
    """Entities of one class that fulfil conditions, in an order; asked for when used.

    Every method that narrows answers a new query set.
    """

    __slots__ = ("_select", "_unit", "entity")

    def __init__(
        self, entity: type[E], select: Select | None = None, *, unit: Unit | None = None
    ) -> None:
        self.entity = entity
        self._select = Select() if select is None else select
        self._unit = unit

    def __repr__(self) -> str:
        return f"<QuerySet of {self.entity.__name__}: {self._select}>"

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
        if number < 0:
            msg = f"A limit cannot be negative, and {number} is"
            raise InvalidQuery(msg)
        return self._with(replace(self._select, limit=number))

    def list(self) -> List[E]:
        """Answer the entities."""
        unit = self._current_unit()
        if unit is not None:
            return unit.select(self.entity, self._select)
        return repository_of(self.entity).select(self._select)

    def first(self) -> E | None:
        """Answer the first entity, or None."""
        found = self.limit(1).list() if self._select.limit != 0 else []
        return found[0] if found else None

    def count(self, cap: int | None = None) -> int:
        """Count the entities; with *cap*, stop at *cap* + 1."""
        unit = self._current_unit()
        tx = None if unit is None else unit.reading(self.entity)
        return repository_of(self.entity).count(self._select, cap, tx)

    def exists(self) -> bool:
        """Say whether there is any."""
        return self.count(cap=0) > 0

    def slice(self, size: int, *, after: str | None = None, before: str | None = None) -> Slice[E]:
        """Answer at most *size* entities after or before a position of an earlier slice.

        Costs the same for the last slice as for the first, and does not skip or repeat when
        others insert or delete meanwhile. Raises InvalidCursor, InvalidQuery.
        """
        if size < 1:
            msg = f"A slice holds at least one entity, not {size}"
            raise InvalidQuery(msg)
        if after is not None and before is not None:
            msg = "A slice is after a position or before one, not both"
            raise InvalidQuery(msg)
        if self._select.limit is not None:
            msg = "A limited query cannot be sliced. Leave out limit()"
            raise InvalidQuery(msg)
        unit = self._current_unit()
        tx = None if unit is None else unit.reading(self.entity)
        found = repository_of(self.entity).slice(self._select, size, after, before, tx)
        return found if unit is None else replace(found, items=unit.known(found.items))

    def __iter__(self) -> Iterator[E]:
        return iter(self.list())

    async def __aiter__(self) -> AsyncIterator[E]:
        for entity in tuple(await self.alist()):
            yield entity

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
        if repository_of(self.entity).blocking:
            return await asyncio.to_thread(verb, *args, **kwargs)
        return verb(*args, **kwargs)

    def _current_unit(self) -> Unit | None:
        return current_unit() if self._unit is None else self._unit

    def _with(self, select: Select) -> "QuerySet[E]":
        return QuerySet(self.entity, select, unit=self._unit)

    def _narrowed(self, parts: List[Condition]) -> "QuerySet[E]":
        before = self._select.where
        every = parts if before is None else [before, *parts]
        if not every:
            return self
        where = every[0] if len(every) == 1 else All(tuple(every))
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


def _from_sqlalchemy(given: object) -> bool:
    """Say whether *given* is SQLAlchemy's, without loading it."""
    sqlalchemy = sys.modules.get("sqlalchemy.sql")
    if sqlalchemy is None:
        return False
    return isinstance(given, sqlalchemy.ClauseElement) or hasattr(given, "__clause_element__")
