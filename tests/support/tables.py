"""Tables of cities that no store keeps, and what tests look for in their HTML."""

import html as html_text
import operator
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from pydantic import BaseModel

from nitro_templates.context import RenderContext, rendering
from nitro_templates.fields.describe import FieldView, fields_of
from nitro_templates.sources import ActionView, All, AnyOf, Asked, Rows, Where
from nitro_templates.sources.where import tests_in
from nitro_templates.table import Table
from nitro_templates.table.columns import bind
from nitro_templates.table.definition import Definition


class City(BaseModel):
    id: str
    name: str
    people: int | None = None

    def grow(self, by: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[City]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True)
class Cities:
    """Cities in a list; cursors are positions."""

    rows: tuple[tuple[str, str, int | None], ...] = ()
    calls: list[str] = field(default_factory=list[str], compare=False)
    model: type[City] = City
    slug: str = "cities"
    label: str = "City"
    plural: str = "Cities"
    topics: frozenset[str] = frozenset({"City"})

    @property
    def key(self) -> Hashable:
        return self.rows

    @property
    def fields(self) -> tuple[FieldView, ...]:
        return fields_of(City, without=["id"])

    @property
    def actions(self) -> Mapping[str, ActionView]:
        return {"grow": ActionView("grow", "Grow", City.grow)}

    def new_id(self) -> str | None:
        return None

    def id_of(self, thing: Any) -> str:
        return str(thing.id)

    def title_of(self, thing: Any) -> str:
        return str(thing.name)

    def values_of(self, thing: Any) -> Mapping[str, object]:
        return {}

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        self.calls.append(f"slice {','.join(asked.order)} {asked.search} {after} {before}")
        found = self._found(asked)
        for key in reversed(asked.order):
            name = key.removeprefix("-")
            found.sort(key=lambda city: str(getattr(city, name)), reverse=key.startswith("-"))
        start = int(after) if after else max(int(before) - size, 0) if before else 0
        end = start + size
        return Page(
            found[start:end],
            next=str(end) if end < len(found) else None,
            previous=str(start) if start else None,
        )

    def count(self, asked: Asked, *, cap: int | None) -> int:
        self.calls.append(f"count {cap}")
        found = len(self._found(asked))
        return found if cap is None else min(found, cap + 1)

    def stream(self, asked: Asked, *, batch: int = 500) -> Iterator[list[Any]]:
        found = self._found(asked)
        return iter([found[i : i + batch] for i in range(0, len(found), batch)])

    def get_many(self, ids: Iterable[str]) -> list[Any]:
        things = {city.id: city for city in self._all()}
        return [things[id] for id in ids if id in things]

    def check(self, where: Where) -> None:
        for test in tests_in(where):
            if test.field == "people" and test.op != "null":
                int(str(test.value))

    def _all(self) -> list[City]:
        return [City(id=i, name=n, people=p) for i, n, p in self.rows]

    def _found(self, asked: Asked) -> list[City]:
        return [
            city
            for city in self._all()
            if asked.search.lower() in city.name.lower()
            and (asked.where is None or holds(asked.where, city))
        ]


def holds(where: Where, city: City) -> bool:
    """Say whether *city* is one of those that are meant."""
    if isinstance(where, All):
        return all(holds(part, city) for part in where.parts)
    if isinstance(where, AnyOf):
        return any(holds(part, city) for part in where.parts)
    own: Any = getattr(city, where.field)
    if where.op == "null":
        return (own is None) is where.value
    value: Any = int(str(where.value)) if where.field == "people" else where.value
    return own is not None and bool(_OPS[where.op](own, value))


_OPS: dict[str, Callable[[Any, Any], object]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "contains": lambda own, value: value.lower() in own.lower(),
    "startswith": lambda own, value: own.startswith(value),
    "in": lambda own, values: own in values,
}


def cities(*names: str) -> Cities:
    return Cities(tuple((f"c{index}", name, index) for index, name in enumerate(names)))


def many(count: int) -> Cities:
    return cities(*(f"Town {index}" for index in range(count)))


def table_of(source: Cities) -> Table:
    made = Table()
    made._definition = Definition(source, bind(None, source.fields))
    return made


def context_of(query: str = "", can: Callable[[str, object], bool] | None = None) -> RenderContext:
    parsed = parse_qs(query)
    if can is None:
        return RenderContext(live=True, query=parsed)
    return RenderContext(live=True, query=parsed, can=can)


def written(made: Table, query: str = "", **more: Any) -> str:
    with rendering(context_of(query, **more)):
        return str(made)


def links(html: str, rel: str) -> str:
    return html_text.unescape(re.findall(rf'rel="{rel}" href="([^"]*)"', html)[0])


def key_of(made: Table, query: str = "", **more: Any) -> Hashable:
    return made.views(context_of(query, **more))[0].key
