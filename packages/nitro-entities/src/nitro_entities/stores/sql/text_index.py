"""The index that `__search__` asks for: it chooses the rows that a search is tried on."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from nitro_entities.conditions import All, Any_, Condition, Search, Specs, Test
from nitro_entities.repository import Select
from nitro_entities.search import Needle

if TYPE_CHECKING:
    from nitro_entities.stores.sql.database import Database, SQLTransaction

BIG = 50_000
"""A search that reads so many rows is worth an index."""

PREFIX = "nitro_search_"
"""What the names begin with of everything that belongs to an index."""

SHORTEST = 3  # an index of trigrams knows nothing shorter

Run = Callable[[str, Sequence[Any]], list[Any]]
"""What runs a statement and answers its rows."""

_log = logging.getLogger("nitro_entities")


@dataclass(frozen=True, slots=True)
class Candidates(Condition):
    """The index says that the row could match; the search itself is asked for beside it."""

    match: str

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("candidates",)

    def bound(self, specs: Specs) -> "Candidates":
        """Answer the same: only a store makes these, of bound conditions."""
        return self

    def test(self, specs: Specs) -> Test:
        """Answer a test that leaves it to the search."""
        return lambda row: True


class TextIndex(ABC):
    """The index of one table, of which every row that matches is a candidate."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = frozenset(fields)

    @abstractmethod
    def match(self, folded: str) -> str:
        """Answer what to ask the index for."""

    @abstractmethod
    def candidates(self, id: Any, value: Any) -> ColumnElement[bool]:
        """Say that the row with this id is a candidate for the match in *value*."""

    def is_selective(self, database: "Database", match: str, tx: "SQLTransaction | None") -> bool:
        """Say whether so few rows are candidates that reading them beats reading on in order."""
        return True

    def narrowed(
        self, query: Select, database: "Database", tx: "SQLTransaction | None"
    ) -> Select | None:
        """Answer *query* tried on candidates only; None if the index does not know its fields."""
        where = query.where
        needles = [] if where is None else list(_required(where, self.fields))
        if where is None or not needles:
            return None
        folded = max((needle.folded for needle in needles), key=len)
        if len(folded) < SHORTEST:
            return query
        match = self.match(folded)
        if not self.is_selective(database, match, tx):
            return query
        parts = where.parts if isinstance(where, All) else (where,)
        return replace(query, where=All((Candidates(match), *parts)))


class Advice:
    """Tell once, of one class, that an index would serve its searches."""

    def __init__(self, cls: type[Any]) -> None:
        self._cls = cls
        self._searches = 0
        self._told = False

    def consider(
        self, where: Condition, table: str, database: "Database", tx: "SQLTransaction | None"
    ) -> None:
        """Count the rows after 1, 2, 4, 8 … searches, until there are many."""
        if self._told:
            return
        self._searches += 1
        if self._searches & (self._searches - 1):
            return
        quoted = table.replace('"', '""')
        counted = f'SELECT count(*) FROM (SELECT 1 FROM "{quoted}" LIMIT {BIG}) AS found'
        if database.fetch(counted, (), tx)[0][0] < BIG:
            return
        self._told = True
        fields = tuple(dict.fromkeys(searched(where)))
        _log.warning(
            "%s has %s rows or more, and a search in %s reads them all. To have an index: "
            "class %s: __search__ = %r",
            self._cls.__name__,
            f"{BIG:,}",
            ", ".join(fields),
            self._cls.__name__,
            fields,
        )


def searched(where: Condition) -> Iterator[str]:
    """Name the fields in which every row that *where* keeps has to be searched."""
    match where:
        case Search(field, needle) if len(needle.folded) >= SHORTEST:
            yield field
        case All(parts):
            for part in parts:
                yield from searched(part)
        case Any_(parts) if all(isinstance(part, Search) for part in parts):
            for part in parts:
                yield from searched(part)
        case _:
            return


def _required(where: Condition, fields: frozenset[str]) -> Iterator[Needle]:
    """Answer needles that every row has in one of *fields*."""
    match where:
        case Search(field, needle) if field in fields:
            yield needle
        case All(parts):
            for part in parts:
                yield from _required(part, fields)
        case Any_(parts):
            alike = {part.needle for part in parts if isinstance(part, Search)}
            known = (isinstance(part, Search) and part.field in fields for part in parts)
            if len(alike) == 1 and all(known):
                yield from alike
        case _:
            return
