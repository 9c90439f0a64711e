"""Backends that are wrong in exactly one way each, to try tests of backends on.

`MUTANTS` has them by name, `HEALTHY` those that they were made from: what refuses a mutant has to
pass all of these. What is wrong stands in the first line of each class.
"""

import re
import threading
import time
import unicodedata
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from nitro_entities import changes, classes, slices
from nitro_entities.changes import Change
from nitro_entities.conditions import (
    All,
    Any_,
    Compare,
    Condition,
    In,
    IsNull,
    Not,
    Order,
    Search,
    Specs,
    Test,
    Text,
)
from nitro_entities.errors import (
    ConstraintFailed,
    EntityExists,
    InvalidCursor,
    NotUnique,
    StaleEntity,
)
from nitro_entities.fields import Kind, sortable
from nitro_entities.loaded import Loaded, loaded, set_loaded
from nitro_entities.outbox import Message
from nitro_entities.repository import Ability, Select
from nitro_entities.slices import Cursor, Slice
from nitro_entities.state import state
from nitro_entities.stores.memory import MemoryRepo, MemoryStore, MemoryTransaction, Overlay, Table
from nitro_entities.stores.memory import Row as Values
from nitro_entities.stores.rows import (
    Batch,
    Conflict,
    Pending,
    Row,
    RowRepository,
    RowStore,
    RowTransaction,
    Write,
    check,
    check_unique,
)
from nitro_entities.stores.sorting import Descending, Key, Sorting
from nitro_entities.verbs import Verbs

E = TypeVar("E", bound=Verbs)
Put = Callable[[object, Loaded], None]
C = TypeVar("C", bound=type)

MUTANTS: dict[str, type] = {}
HEALTHY: dict[str, type] = {"MemoryRepo": MemoryRepo}


_address = id


def mutant(cls: C) -> C:
    """Enter a backend that is wrong."""
    MUTANTS[cls.__name__] = cls
    return cls


def healthy(cls: C) -> C:
    """Enter a backend that is right."""
    HEALTHY[cls.__name__] = cls
    return cls


# What the mutants are made from


class OwnStore(MemoryStore):
    """Memory whose tables and transactions can be of other classes."""

    table_class: ClassVar[type[Table]] = Table
    transaction_class: ClassVar[type[MemoryTransaction]] = MemoryTransaction

    def begin(self) -> MemoryTransaction:
        """Wait for the store and start a transaction."""
        self._wait()
        return self.transaction_class(self)

    def table(self, cls: type) -> Table:
        """Answer the rows of *cls* that everybody sees."""
        return self.tables.setdefault(cls, self.table_class(cls))


@healthy
class OwnRepo(MemoryRepo[E]):
    """Nothing is wrong here: the same as MemoryRepo, in steps that can be replaced."""

    abilities = MemoryRepo.abilities - {Ability.OUTBOX}
    store_class: ClassVar[type[OwnStore]] = OwnStore

    def __init__(self, entity: type[E]) -> None:
        super().__init__(entity)
        self._store = state.part(self.store_class)

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        id = row["id"]
        mine = loaded(entity)
        if mine is not None and "id" in fields:
            old = mine.row["id"]
            raise ConstraintFailed(self.entity, old, "the id of a stored entity stays as it is")
        at_once = not isinstance(put, partial)  # that of a transaction
        theirs = table.get(id)
        if mine is None:
            self.refuse_existing(id, theirs, at_once)
            version = table.last_version + 1
        else:
            self._refuse_stale(mine, theirs, row, fields)
            version = self.next_version(mine, at_once)
        self.refuse_taken(table, id, row, mine)
        stored = Loaded(self.kept(row), version)
        put(id, stored)
        set_loaded(entity, Loaded(row, version))
        operation: changes.Operation = "create" if mine is None else "update"
        return changes.made(self.entity, id, version, fields, operation)

    def refuse_existing(self, id: object, theirs: Loaded | None, at_once: bool) -> None:
        """Raise EntityExists if the id of a new entity is taken."""
        if theirs is not None:
            raise EntityExists(self.entity, id)

    def next_version(self, mine: Loaded, at_once: bool) -> int:
        """Answer the version of a row that is changed."""
        return (mine.version or 0) + 1

    def refuse_taken(
        self, table: Table | Overlay, id: object, row: Values, mine: Loaded | None
    ) -> None:
        """Raise NotUnique if another row has unique values of this one."""
        for group in table.groups:
            values = table.unique_values(group, row)
            if values is not None and table.holder(group, values) not in (None, id):
                raise NotUnique(self.entity, id, group)

    def kept(self, row: Values) -> Values:
        """Answer what is stored of *row*."""
        return row


class Altering(OwnRepo[E]):
    """Values of some type are not stored as they are."""

    altered: ClassVar[tuple[type, ...]]

    def kept(self, row: Values) -> Values:
        """Answer what is stored of *row*."""
        return {
            name: self.alter(value)
            if name != "id" and type(value) in self.altered and self.concerns(name)
            else value
            for name, value in row.items()
        }

    def concerns(self, name: str) -> bool:
        """Say whether the field *name* is one of those."""
        return True

    def alter(self, value: Any) -> Any:
        """Answer what becomes of *value*."""
        raise NotImplementedError


class Sorted(MemoryRepo[E]):
    """Sorted in another way."""

    sorting_class: ClassVar[type[Sorting[Any]]]

    @cached_property
    def _sorting(self) -> Sorting[Loaded]:
        return self.sorting_class(self._specs, attrgetter("row"))


@dataclass(frozen=True, slots=True)
class Tested(Condition):
    """A condition that *holds* decides."""

    holds: Callable[[Specs, Mapping[str, Any]], bool]

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        return lambda row: self.holds(specs, row)


class Rewriting(MemoryRepo[E]):
    """Conditions are taken for others."""

    def _matching(self, query: Select, tx: MemoryTransaction | None) -> list[Loaded]:
        where = None if query.where is None else self.rewritten(query.where)
        return super()._matching(replace(query, where=where), tx)

    def rewritten(self, part: Condition) -> Condition:
        """Answer what is made of *part*, from the leaves up."""
        if isinstance(part, All | Any_):
            part = type(part)(tuple(self.rewritten(one) for one in part.parts))
        elif isinstance(part, Not):
            part = Not(self.rewritten(part.part))
        return self.node(part)

    def node(self, part: Condition) -> Condition:
        """Answer what is made of *part*, whose own parts were rewritten."""
        raise NotImplementedError


# Copies


@mutant
class CachesWhatItHandedOut(MemoryRepo[E]):
    """Two reads of the same version answer one object, as long as somebody has it."""

    def __init__(self, entity: type[E]) -> None:
        super().__init__(entity)
        self._handed: dict[int, weakref.ref[Any]] = {}

    def get(
        self, id: object, tx: MemoryTransaction | None = None, *, lock: bool = False
    ) -> E | None:
        if tx is not None:
            return super().get(id, tx, lock=lock)
        stored = self._table(None).get(id)
        if stored is None:
            return None
        known = self._handed.get(_address(stored))
        found: E | None = None if known is None else known()
        if found is None or loaded(found) is not stored:
            found = self._load(stored)
            self._handed[_address(stored)] = weakref.ref(found)
        return found


@mutant
class KeepsInnerLists(MemoryRepo[E]):
    """What is saved is copied one level deep: lists in a dict stay those of the entity."""

    def _dump(self, entity: E, fields: frozenset[str]) -> Values:
        super()._dump(entity, fields)  # its checks
        return {name: copy(entity.__dict__[name]) for name in self._specs}


@mutant
class HandsOutInnerModels(MemoryRepo[E]):
    """What is loaded is not copied, so models in a field are those of the store."""

    def _load(self, stored: Loaded) -> E:
        entity = self.entity.__nitro_load__(dict(stored.row))
        set_loaded(entity, stored)
        return entity


@mutant
class OriginalIsPresent(MemoryRepo[E]):
    """`original` answers the present values of the entity."""

    def original(self, entity: E) -> E | None:
        known = loaded(entity)
        if known is None:
            return None
        return self._load(Loaded(dict(entity.__dict__), known.version))


@mutant
class NoneIsNoChange(MemoryRepo[E]):
    """A field that became None does not count as changed."""

    def changed(self, entity: E) -> frozenset[str]:
        found = super().changed(entity)
        if loaded(entity) is None:
            return found
        return frozenset(name for name in found if entity.__dict__[name] is not None)


@mutant
class SavesWhatCannotBeKept(MemoryRepo[E]):
    """Values are not checked, so nan and text with NUL are stored."""

    def _dump(self, entity: E, fields: frozenset[str]) -> Values:
        return deepcopy({name: entity.__dict__[name] for name in self._specs})


# Several at once


@mutant
class ManyInOrderOfTable(MemoryRepo[E]):
    """`get_many` answers in the order in which the entities were created."""

    def get_many(self, ids: Sequence[object], tx: MemoryTransaction | None = None) -> list[E]:
        wanted = set(ids)
        return [self._load(row) for row in self._table(tx).all() if row.row["id"] in wanted]


@mutant
class ManyWithRepetitions(MemoryRepo[E]):
    """`get_many` answers an entity as often as its id was given."""

    def get_many(self, ids: Sequence[object], tx: MemoryTransaction | None = None) -> list[E]:
        found = self._table(tx).get_many(ids)
        return [self._load(row) for row in found if row is not None]


@mutant
class ManyOutsideOfTransaction(MemoryRepo[E]):
    """`get_many` does not see what its own transaction wrote."""

    def get_many(self, ids: Sequence[object], tx: MemoryTransaction | None = None) -> list[E]:
        return super().get_many(ids)


@mutant
class SaveManyStopsAtUnchanged(MemoryRepo[E]):
    """`save_many` ends at the first entity that has no changes."""

    def save_many(self, entities: Sequence[E], tx: MemoryTransaction) -> list[Change]:
        saved: list[Change] = []
        for entity in entities:
            change = self.save(entity, tx)
            if change is None:
                break
            saved.append(change)
        return saved


@mutant
class DeleteManyIgnoresStale(MemoryRepo[E]):
    """`delete_many` removes entities that others changed meanwhile."""

    def delete_many(self, entities: Sequence[E], tx: MemoryTransaction) -> list[Change]:
        for entity in entities:
            theirs = tx.table(self.entity).get(entity.id)
            if theirs is not None and loaded(entity) is not None:
                set_loaded(entity, theirs)
        return super().delete_many(entities, tx)


@mutant
class DeleteManyTellsTheFirst(MemoryRepo[E]):
    """`delete_many` answers the change of the first entity only."""

    def delete_many(self, entities: Sequence[E], tx: MemoryTransaction) -> list[Change]:
        return super().delete_many(entities, tx)[:1]


# Stale entities and versions


@mutant
class DeletesStale(MemoryRepo[E]):
    """A deletion does not look whether the entity was changed meanwhile."""

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Values, fields: frozenset[str]
    ) -> None:
        if fields:
            super()._refuse_stale(mine, theirs, row, fields)


@mutant
class StaleForSameFieldsOnly(MemoryRepo[E]):
    """A stale entity is written whole where others changed other fields, which are lost."""

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Values, fields: frozenset[str]
    ) -> None:
        if theirs is not None and fields:
            foreign = {name for name in self._specs if theirs.row[name] != mine.row[name]}
            if not foreign & fields:
                return
        super()._refuse_stale(mine, theirs, row, fields)


@mutant
class StaleSwapped(MemoryRepo[E]):
    """StaleEntity has mine and theirs the wrong way round."""

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Values, fields: frozenset[str]
    ) -> None:
        try:
            super()._refuse_stale(mine, theirs, row, fields)
        except StaleEntity as stale:
            if not stale.gone:
                stale.mine, stale.theirs = stale.theirs, stale.mine
            raise


@mutant
class StaleWithoutGone(MemoryRepo[E]):
    """StaleEntity does not say that the entity is gone."""

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Values, fields: frozenset[str]
    ) -> None:
        try:
            super()._refuse_stale(mine, theirs, row, fields)
        except StaleEntity as stale:
            stale.gone = False
            raise


@mutant
class RevivesTheDeleted(MemoryRepo[E]):
    """Saving an entity that others deleted stores it again."""

    def _refuse_stale(
        self, mine: Loaded, theirs: Loaded | None, row: Values, fields: frozenset[str]
    ) -> None:
        if theirs is not None:
            super()._refuse_stale(mine, theirs, row, fields)


@mutant
class StaleOnlyOnce(OwnRepo[E]):
    """A refused stale entity counts as fresh, so saving it again overwrites the others."""

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        try:
            return super()._write(table, put, entity, row, fields)
        except StaleEntity as stale:
            if not stale.gone:
                known, theirs = loaded(entity), table.get(row["id"])
                assert theirs is not None
                set_loaded(entity, Loaded(known.row, theirs.version))
            raise


@mutant
class SameVersionInTransactions(OwnRepo[E]):
    """An update in a transaction does not raise the version."""

    def next_version(self, mine: Loaded, at_once: bool) -> int:
        return (mine.version or 0) + at_once


@mutant
class RefusedCountsAsSaved(OwnRepo[E]):
    """An entity that was refused as not unique counts as saved, and is not saved again."""

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        try:
            return super()._write(table, put, entity, row, fields)
        except NotUnique:
            known = loaded(entity)
            set_loaded(entity, Loaded(row, 1 if known is None else known.version))
            raise


# Creating, deleting, ids


@mutant
class CreateOverwritesInTransactions(OwnRepo[E]):
    """In a transaction a new entity replaces the one that has its id."""

    def refuse_existing(self, id: object, theirs: Loaded | None, at_once: bool) -> None:
        if at_once:
            super().refuse_existing(id, theirs, at_once)


@mutant
class DeletedIdStaysTaken(OwnRepo[E]):
    """An id that the same transaction made free is still refused."""

    def refuse_existing(self, id: object, theirs: Loaded | None, at_once: bool) -> None:
        super().refuse_existing(id, theirs or self._store.table(self.entity).get(id), at_once)


@mutant
class ChangedIdMakesCopy(MemoryRepo[E]):
    """Saving a stored entity under another id stores it twice instead of being refused."""

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        if "id" in fields:
            set_loaded(entity, None)
        return super()._write(table, put, entity, row, fields)


@mutant
class GetIgnoresCase(MemoryRepo[E]):
    """`get` finds an id that is written with other capitals."""

    def get(
        self, id: object, tx: MemoryTransaction | None = None, *, lock: bool = False
    ) -> E | None:
        found = super().get(id, tx, lock=lock)
        if found is None and isinstance(id, str):
            for row in self._table(tx).all():
                if str(row.row["id"]).casefold() == id.casefold():
                    return self._load(row)
        return found


@mutant
class DeletedCountsAsStored(MemoryRepo[E]):
    """An entity that was deleted still counts as stored, and cannot be saved anew."""

    def _remove(self, tx: MemoryTransaction, entity: E) -> Change | None:
        known = loaded(entity)
        change = super()._remove(tx, entity)
        set_loaded(entity, known)
        return change


@mutant
class TellsDeletionOfNothing(MemoryRepo[E]):
    """Deleting what is not there is told as a change."""

    def _remove(self, tx: MemoryTransaction, entity: E) -> Change | None:
        known = loaded(entity)
        version = None if known is None else known.version
        return super()._remove(tx, entity) or changes.made(
            self.entity, entity.id, version, None, "delete"
        )


# Conditions


@mutant
class UnequalDropsNone(Rewriting[E]):
    """`!=` does not hold for a missing value."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and part.op == "ne" and part.value is not None:
            return All((part, Not(IsNull(part.field))))
        return part


@mutant
class NotDropsNone(Rewriting[E]):
    """`~` of a comparison does not hold for a missing value."""

    def node(self, part: Condition) -> Condition:
        inner = part.part if isinstance(part, Not) else None
        if isinstance(inner, Compare | Text | Search) and getattr(inner, "value", 0) is not None:
            return All((part, Not(IsNull(inner.field))))
        return part


@mutant
class NoneIsSmallest(Rewriting[E]):
    """`<` and `<=` hold for a missing value."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and part.op in ("lt", "le"):
            return Any_((part, IsNull(part.field)))
        return part


@mutant
class InWithoutNone(Rewriting[E]):
    """None in `in_` does not match a missing value."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, In):
            return In(part.field, tuple(value for value in part.values if value is not None))
        return part


@mutant
class InNothingIsAnything(Rewriting[E]):
    """`in_` without values is left out of the condition."""

    def node(self, part: Condition) -> Condition:
        return All(()) if isinstance(part, In) and not part.values else part


@mutant
class OrBindsLooser(Rewriting[E]):
    """The parts of & and | are joined without parentheses: (a | b) & c becomes a | (b & c)."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, All) and part.parts and isinstance(part.parts[0], Any_):
            first = part.parts[0]
            return Any_((*first.parts[:-1], All((first.parts[-1], *part.parts[1:]))))
        return part


@mutant
class DocumentIsNeverNull(Rewriting[E]):
    """`is_null` does not see a missing document, which is stored as the text null."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, IsNull) and self._specs[part.field].kind is Kind.DOCUMENT:
            return Any_(())
        return part


def _like(pattern: str, text: object) -> bool:
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(char) or re.escape(char) for char in pattern)
    return isinstance(text, str) and re.fullmatch(regex, text, re.DOTALL) is not None


@mutant
class ContainsWildcards(Rewriting[E]):
    """`contains` takes % for any characters and _ for any one."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Text) and part.op == "contains":
            pattern = f"%{part.value}%"
            return Tested(lambda specs, row: _like(pattern, _text(specs, row, part.field)))
        return part


@mutant
class StartswithUnderscore(Rewriting[E]):
    """`startswith` takes _ for any character."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Text) and part.op == "startswith":
            wanted = part.value

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                pairs = zip(wanted, own or "", strict=False)
                return (
                    own is not None
                    and len(own) >= len(wanted)
                    and all(a in ("_", b) for a, b in pairs)
                )

            return Tested(holds)
        return part


@mutant
class StartswithIgnoresCase(Rewriting[E]):
    """`startswith` does not regard ASCII case, like LIKE in SQLite."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Text) and part.op == "startswith":
            wanted = _ascii_lower(part.value)

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                return own is not None and _ascii_lower(own).startswith(wanted)

            return Tested(holds)
        return part


@mutant
class IcontainsAsciiOnly(Rewriting[E]):
    """`icontains` and `search` fold the letters of ASCII only."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Search):
            wanted = part.needle.folded

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                return own is not None and wanted in _ascii_lower(own)

            return Tested(holds)
        return part


@mutant
class IcontainsLower(Rewriting[E]):
    """`icontains` compares lower case instead of folding, so "SS" does not find "ß"."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Search):
            wanted = part.needle.folded

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                return own is not None and wanted in own.lower()

            return Tested(holds)
        return part


@mutant
class EqualIgnoresCase(Rewriting[E]):
    """`==` on text does not regard case."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and part.op == "eq" and isinstance(part.value, str):
            wanted = part.value.casefold()

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                return own is not None and own.casefold() == wanted

            return Tested(holds)
        return part


@mutant
class EqualIgnoresTrailingSpace(Rewriting[E]):
    """`==` on text does not regard spaces at the end, like a CHAR column."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and part.op == "eq" and isinstance(part.value, str):
            wanted = part.value.rstrip(" ")

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                own = _text(specs, row, part.field)
                return own is not None and own.rstrip(" ") == wanted

            return Tested(holds)
        return part


@mutant
class DecimalsEqualByText(Rewriting[E]):
    """`==` on decimals compares their texts, so 1.5 does not find 1.50."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and part.op == "eq" and isinstance(part.value, Decimal):
            wanted = str(part.value)
            return Tested(lambda _, row: str(row[part.field]) == wanted)
        return part


@mutant
class MomentsByText(Rewriting[E]):
    """Moments are compared as they are written, whatever their zones."""

    def node(self, part: Condition) -> Condition:
        if isinstance(part, Compare) and isinstance(part.value, datetime):
            wanted, op = part.value.isoformat(), part.op

            def holds(specs: Specs, row: Mapping[str, Any]) -> bool:
                value = row[part.field]
                if value is None:
                    return op == "ne"
                own = value.isoformat()
                results = {
                    "eq": own == wanted,
                    "ne": own != wanted,
                    "lt": own < wanted,
                    "le": own <= wanted,
                    "gt": own > wanted,
                    "ge": own >= wanted,
                }
                return bool(results[op])

            return Tested(holds)
        return part


def _text(specs: Specs, row: Mapping[str, Any], name: str) -> str | None:
    value = specs[name].primitive(row[name])
    return value if isinstance(value, str) else None


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    return text.translate(_LOWER)


# Sorting


@mutant
class NoneSortsFirst(Sorted[E]):
    """Missing values come first in both directions."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def key(self, order: Sequence[Order], position: Sequence[Any]) -> Key:
            key = list(super().key(order, position))
            for place, primitive in enumerate(position):
                if primitive is None:
                    key[2 * place] = -1
            return tuple(key)


@mutant
class NoneFirstWhenDescending(Sorted[E]):
    """Missing values come first in descending order."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def key(self, order: Sequence[Order], position: Sequence[Any]) -> Key:
            key = list(super().key(order, position))
            for place, (by, primitive) in enumerate(zip(order, position, strict=True)):
                if primitive is None and by.descending:
                    key[2 * place] = -1
            return tuple(key)


@mutant
class TiesByInsertion(MemoryRepo[E]):
    """A list leaves equal entities in the order in which they were created."""

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        order = query.order or (Order("id"),)
        found = self._sorting.keyed(order, self._matching(query, tx))
        return [self._load(row) for _, row in found[: query.limit]]


@mutant
class TiesAlwaysAscending(MemoryRepo[E]):
    """A list breaks ties by ascending id even when it descends, otherwise than slices do."""

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        order = query.order
        if "id" not in {by.field for by in order}:
            order = (*order, Order("id"))
        return super().select(replace(query, order=order), tx)


@mutant
class OneDirectionForAll(Sorted[E]):
    """All fields of an order go in the direction of the first."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def key(self, order: Sequence[Order], position: Sequence[Any]) -> Key:
            return super().key([Order(by.field, order[0].descending) for by in order], position)


class Resorting(Sorting[Any]):
    """Values of one kind are sorted as something else."""

    def changed(self, kind: Kind, value: Any) -> Any:
        """Answer what *value* is sorted by."""
        raise NotImplementedError

    def key(self, order: Sequence[Order], position: Sequence[Any]) -> Key:
        """Answer what a row at *position* is sorted by."""
        key = list(super().key(order, position))
        for place, (by, primitive) in enumerate(zip(order, position, strict=True)):
            if primitive is not None and by.field != "id":
                kind = self.specs[by.field].kind
                value = self.changed(kind, sortable(kind, primitive))
                key[2 * place + 1] = Descending(value) if by.descending else value
        return tuple(key)


@mutant
class SortsTextWithoutCase(Sorted[E]):
    """Text is sorted without regard to case."""

    class sorting_class(Resorting):  # noqa: N801
        def changed(self, kind: Kind, value: Any) -> Any:
            return (value.casefold(), value) if kind is Kind.TEXT else value


@mutant
class SortsTextByUtf16(Sorted[E]):
    """Text is sorted by units of UTF-16, as JavaScript does."""

    class sorting_class(Resorting):  # noqa: N801
        def changed(self, kind: Kind, value: Any) -> Any:
            return value.encode("utf-16-be") if kind is Kind.TEXT else value


@mutant
class SortsDecimalsAsFloats(Sorted[E]):
    """Decimals are sorted as floats, so those that differ late count as equal."""

    class sorting_class(Resorting):  # noqa: N801
        def changed(self, kind: Kind, value: Any) -> Any:
            return float(value) if kind is Kind.DECIMAL else value


# Limits and counts


@mutant
class LimitZeroIsNone(MemoryRepo[E]):
    """A limit of 0 counts as none."""

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        return super().select(replace(query, limit=query.limit or None), tx)


@mutant
class LimitBeforeSorting(MemoryRepo[E]):
    """The limit takes the first by id, and these are sorted."""

    def select(self, query: Select, tx: MemoryTransaction | None = None) -> list[E]:
        if query.limit is None:
            return super().select(query, tx)
        first = super().select(replace(query, order=()), tx)
        ids = In("id", tuple(entity.id for entity in first))
        return super().select(replace(query, where=ids), tx)


@mutant
class CountIgnoresLimit(MemoryRepo[E]):
    """`count` counts beyond the limit of the query."""

    def count(
        self, query: Select, cap: int | None = None, tx: MemoryTransaction | None = None
    ) -> int:
        return super().count(replace(query, limit=None), cap, tx)


@mutant
class CountIgnoresCap(MemoryRepo[E]):
    """`count` counts on beyond its cap."""

    def count(
        self, query: Select, cap: int | None = None, tx: MemoryTransaction | None = None
    ) -> int:
        return super().count(query, None, tx)


@mutant
class CountStopsAtCap(MemoryRepo[E]):
    """`count` stops at its cap instead of one behind it, unless that is 0."""

    def count(
        self, query: Select, cap: int | None = None, tx: MemoryTransaction | None = None
    ) -> int:
        return super().count(query, cap - 1 if cap else cap, tx)


@mutant
class CountOutsideOfTransaction(MemoryRepo[E]):
    """`count` does not see what its own transaction wrote."""

    def count(
        self, query: Select, cap: int | None = None, tx: MemoryTransaction | None = None
    ) -> int:
        return super().count(query, cap)


# Slices


@mutant
class SliceSkipsEqual(Sorted[E]):
    """A slice begins after all that equals the last entity in the fields of the order."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def _edge(
            self,
            order: Sequence[Order],
            pairs: list[tuple[Key, Any]],
            anchor: Cursor,
            *,
            after: bool,
        ) -> int:
            if not after or len(order) == 1 or anchor.inclusive:
                return super()._edge(order, pairs, anchor, after=after)
            edge = self.key(order, anchor.values)[:-2]
            return sum(key[:-2] < edge or key[:-2] == edge for key, _ in pairs)


@mutant
class SliceBeforeIsFirst(MemoryRepo[E]):
    """A slice before a position begins at the very first entity, not next to the position."""

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: MemoryTransaction | None = None,
    ) -> Slice[E]:
        if before is None:
            return super().slice(query, size, after, before, tx)
        whole = super().slice(query, 1_000_000, None, before, tx)
        if len(whole.items) <= size:
            return whole
        return super().slice(query, size, None, None, tx)


@mutant
class SliceBeforeIsReversed(MemoryRepo[E]):
    """A slice before a position comes in the order in which it was read, backwards."""

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: MemoryTransaction | None = None,
    ) -> Slice[E]:
        found = super().slice(query, size, after, before, tx)
        return found if before is None else replace(found, items=found.items[::-1])


@mutant
class SliceFullMeansMore(Sorted[E]):
    """A slice that is full says that there is more, even when it is the last."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def slice(
            self,
            order: Sequence[Order],
            rows: Iterable[Any],
            size: int,
            after: str | None,
            before: str | None,
        ) -> tuple[list[Any], str | None, str | None]:
            chosen, next_, previous = super().slice(order, rows, size, after, before)
            if next_ is None and len(chosen) == size:
                next_ = slices.encode(order, Cursor(self.position(order, chosen[-1])))
            return chosen, next_, previous


@mutant
class SliceAfterAlwaysHasPrevious(Sorted[E]):
    """A slice after a position says that there is something before it, even if that is gone."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def slice(
            self,
            order: Sequence[Order],
            rows: Iterable[Any],
            size: int,
            after: str | None,
            before: str | None,
        ) -> tuple[list[Any], str | None, str | None]:
            chosen, next_, previous = super().slice(order, rows, size, after, before)
            if after is not None and previous is None and chosen:
                previous = slices.encode(order, Cursor(self.position(order, chosen[0])))
            return chosen, next_, previous


@mutant
class EmptySliceHasNoWayBack(MemoryRepo[E]):
    """A slice that became empty does not say that there is something before it."""

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: MemoryTransaction | None = None,
    ) -> Slice[E]:
        found = super().slice(query, size, after, before, tx)
        return found if found.items else Slice([], None, None)


@mutant
class SliceLosesNone(Sorted[E]):
    """A slice after a position leaves out what has no value to compare with it."""

    class sorting_class(Sorting[Any]):  # noqa: N801
        def slice(
            self,
            order: Sequence[Order],
            rows: Iterable[Any],
            size: int,
            after: str | None,
            before: str | None,
        ) -> tuple[list[Any], str | None, str | None]:
            if after is not None:
                rows = [row for row in rows if self.position(order, row)[0] is not None]
            return super().slice(order, rows, size, after, before)


@mutant
class WrongCursorStartsAnew(MemoryRepo[E]):
    """A position that is none, or of another order, counts as the beginning."""

    def slice(
        self,
        query: Select,
        size: int,
        after: str | None = None,
        before: str | None = None,
        tx: MemoryTransaction | None = None,
    ) -> Slice[E]:
        try:
            return super().slice(query, size, after, before, tx)
        except InvalidCursor:
            return super().slice(query, size, None, None, tx)


# Transactions


@mutant
class QueriesOutsideOfTransaction(MemoryRepo[E]):
    """Queries do not see what their own transaction wrote; `get` does."""

    def _matching(self, query: Select, tx: MemoryTransaction | None) -> list[Loaded]:
        return super()._matching(query, None)


@mutant
class RollbackKeepsDeletions(OwnRepo[E]):
    """Rolling back a nested unit does not bring back what it deleted."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def rollback_to(self, mark: int, /) -> None:
                while len(self._undo) > mark:
                    overlay, id, row = self._undo.pop()
                    if row is None or overlay.get(id) is not None:
                        overlay.put(id, row)


@mutant
class RollbackKeepsFirstWrites(OwnRepo[E]):
    """Rolling back a nested unit does not remove what it created."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def rollback_to(self, mark: int, /) -> None:
                while len(self._undo) > mark:
                    overlay, id, row = self._undo.pop()
                    if row is not None:
                        overlay.put(id, row)


@mutant
class RollbackToTheCommitted(OwnRepo[E]):
    """Rolling back a nested unit loses what the outer one wrote to the same entities."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def rollback_to(self, mark: int, /) -> None:
                while len(self._undo) > mark:
                    overlay, id, _ = self._undo.pop()
                    overlay.put(id, overlay.table.get(id))


@mutant
class RollbackOfEverything(OwnRepo[E]):
    """Rolling back a nested unit undoes all that the outer one wrote."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def rollback_to(self, mark: int, /) -> None:
                super().rollback_to(0)


class OpenStore(OwnStore):
    """Remember the transaction that is under way."""

    under_way: MemoryTransaction | None = None

    class transaction_class(MemoryTransaction):  # noqa: N801
        _store: "OpenStore"

        def __init__(self, store: MemoryStore) -> None:
            super().__init__(store)
            self._store.under_way = self

        def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
            self._store.under_way = None
            super().commit(batch, outbox)

        def rollback(self) -> None:
            self._store.under_way = None
            super().rollback()


@mutant
class ReadsUncommitted(OwnRepo[E]):
    """Others see what a transaction wrote before it is committed."""

    store_class = OpenStore
    _store: OpenStore

    def _table(self, tx: MemoryTransaction | None) -> Table | Overlay:
        return super()._table(tx or self._store.under_way)


@mutant
class CommitsRowByRow(OwnRepo[E]):
    """Others may see some rows of a commit before the rest."""

    class store_class(OwnStore):  # noqa: N801
        class table_class(Table):  # noqa: N801
            def put_many(self, written: Mapping[object, Loaded | None]) -> None:
                if self.groups or len(written) == 1:
                    super().put_many(written)
                    return
                for id, row in written.items():
                    super().put_many({id: row})
                    time.sleep(0.002)  # a store that is not that fast


@mutant
class SaveDoesNotWait(OwnRepo[E]):
    """A save of its own does not wait for the transaction of somebody else."""

    def save(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        fields = self.changed(entity)
        if tx is not None or (loaded(entity) is not None and not fields):
            return super().save(entity, tx)
        table = self._store.table(self.entity)
        change = self._write(table, table.put, entity, self._dump(entity, fields), fields)
        changes.feed().publish((change,))
        changes.feed().deliver()
        return change


@mutant
class TransactionsDoNotWait(OwnRepo[E]):
    """Transactions do not wait for each other."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
                for overlay in self._overlays.values():
                    overlay.apply()
                if batch:
                    changes.feed().publish(batch)

            def rollback(self) -> None:
                pass

        def begin(self) -> MemoryTransaction:
            return self.transaction_class(self)


@mutant
class RefusedSaveKeepsStore(OwnRepo[E]):
    """A save that is refused does not free the store."""

    def save(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        try:
            return super().save(entity, tx)
        except (StaleEntity, EntityExists, NotUnique):
            if tx is None:
                self._store.lock.acquire()
            raise


# Changes


@mutant
class TellsBeforeCommit(OwnRepo[E]):
    """What is saved in a transaction is told at once, even if it is rolled back then."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
                super().commit([c for c in batch if c.operation == "delete"], outbox)

    def save(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        change = super().save(entity, tx)
        if change is not None and tx is not None:
            changes.feed().publish((change,))
        return change


@mutant
class TellsDeletionTwice(MemoryRepo[E]):
    """A deletion of its own is told by the transaction and by the repository."""

    def delete(self, entity: E, tx: MemoryTransaction | None = None) -> Change | None:
        change = super().delete(entity, tx)
        if change is not None and tx is None:
            changes.feed().publish((change,))
            changes.feed().deliver()
        return change


@mutant
class TellsOneByOne(OwnRepo[E]):
    """The changes of one commit are told in batches of one."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
                for change in batch[:-1]:
                    changes.feed().publish((change,))
                super().commit(batch[-1:], outbox)


@mutant
class TellsDeletionsFirst(OwnRepo[E]):
    """The deletions of a commit are told before what was saved earlier."""

    class store_class(OwnStore):  # noqa: N801
        class transaction_class(MemoryTransaction):  # noqa: N801
            def commit(self, batch: Sequence[Change], outbox: Sequence[Message] = (), /) -> None:
                super().commit(sorted(batch, key=lambda c: c.operation != "delete"), outbox)


@mutant
class TellsAllFields(OwnRepo[E]):
    """The change of an update names all fields."""

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        change = super()._write(table, put, entity, row, fields)
        return change._replace(fields=frozenset(self._specs))


@mutant
class TellsOldVersion(OwnRepo[E]):
    """The change of an update has the version from before."""

    def _write(
        self,
        table: Table | Overlay,
        put: Put,
        entity: E,
        row: Values,
        fields: frozenset[str],
    ) -> Change:
        known = loaded(entity)
        change = super()._write(table, put, entity, row, fields)
        return change if known is None else change._replace(version=known.version)


# Values


@mutant
class MomentsToMilliseconds(Altering[E]):
    """Moments lose what is below a millisecond."""

    altered = (datetime,)

    def alter(self, value: Any) -> Any:
        return value.replace(microsecond=value.microsecond // 1000 * 1000)


@mutant
class MomentsBecomeNaive(Altering[E]):
    """Moments lose their zone."""

    altered = (datetime,)

    def alter(self, value: Any) -> Any:
        return value.replace(tzinfo=None)


@mutant
class FloatsOf15Digits(Altering[E]):
    """Floats are written with 15 digits."""

    altered = (float,)

    def alter(self, value: Any) -> Any:
        return float(f"{value:.15g}")


@mutant
class DecimalsThroughFloat(Altering[E]):
    """Decimals become floats on their way, where they have more digits than these."""

    altered = (Decimal,)

    def alter(self, value: Any) -> Any:
        there = Decimal(str(float(value)))
        return value if there == value else there


@mutant
class DecimalsLoseZeros(Altering[E]):
    """Decimals lose the zeros at their end."""

    altered = (Decimal,)

    def alter(self, value: Any) -> Any:
        return value.normalize()


@mutant
class BytesThroughText(Altering[E]):
    """Bytes are decoded as UTF-8, with a replacement for what is none."""

    altered = (bytes,)

    def alter(self, value: Any) -> Any:
        return value.decode(errors="replace").encode()


@mutant
class IntegersThroughFloat(Altering[E]):
    """Whole numbers become floats on their way, and are rounded above 2**53."""

    altered = (int,)

    def alter(self, value: Any) -> Any:
        rounded = int(float(value))
        return min(rounded, 2**63 - 1)


@mutant
class TextIsNormalized(Altering[E]):
    """Text is stored in the composed form of Unicode."""

    altered = (str,)

    def alter(self, value: Any) -> Any:
        return unicodedata.normalize("NFC", value)


@mutant
class LineEndsAreUnified(Altering[E]):
    """Text loses its carriage returns, like a file that is opened as text."""

    altered = (str,)

    def alter(self, value: Any) -> Any:
        return value.replace("\r\n", "\n").replace("\r", "\n")


@mutant
class EmptyTextIsNone(Altering[E]):
    """Empty text becomes None where the field allows it, as in Oracle."""

    altered = (str,)

    def concerns(self, name: str) -> bool:
        return bool(self._specs[name].nullable)

    def alter(self, value: Any) -> Any:
        return value or None


# Unique fields


@mutant
class NoneIsUniqueToo(OwnRepo[E]):
    """A second entity without a unique value is refused."""

    class store_class(OwnStore):  # noqa: N801
        class table_class(Table):  # noqa: N801
            def unique_values(self, group: tuple[str, ...], row: Values) -> tuple[Any, ...] | None:
                found = super().unique_values(group, row)
                return tuple(row[name] for name in group) if found is None else found


@mutant
class UniqueWithoutCase(OwnRepo[E]):
    """Unique texts that differ in case are refused."""

    class store_class(OwnStore):  # noqa: N801
        class table_class(Table):  # noqa: N801
            def unique_values(self, group: tuple[str, ...], row: Values) -> tuple[Any, ...] | None:
                found = super().unique_values(group, row)
                if found is None:
                    return None
                return tuple(v.casefold() if isinstance(v, str) else v for v in found)


@mutant
class UniqueOnCreateOnly(OwnRepo[E]):
    """An update may take the unique value of another entity."""

    def refuse_taken(
        self, table: Table | Overlay, id: object, row: Values, mine: Loaded | None
    ) -> None:
        if mine is None:
            super().refuse_taken(table, id, row, mine)


class Clinging(Table):
    """Unique values of rows that are written again or removed stay taken."""

    removed: ClassVar[bool]

    def put_many(self, written: Mapping[object, Loaded | None]) -> None:
        """Set or remove rows."""
        before = {id: self.rows.get(id) for id in written}
        super().put_many(written)
        for id, old in before.items():
            if old is None or (written[id] is None) is not self.removed:
                continue
            for group in self.groups:
                if (values := self.unique_values(group, old.row)) is not None:
                    self.taken[group].setdefault(values, id)


@mutant
class UpdateKeepsOldValueTaken(OwnRepo[E]):
    """A unique value that an update gave up stays taken."""

    class store_class(OwnStore):  # noqa: N801
        class table_class(Clinging):  # noqa: N801
            removed = False


@mutant
class DeleteKeepsValueTaken(OwnRepo[E]):
    """The unique value of a deleted entity stays taken."""

    class store_class(OwnStore):  # noqa: N801
        class table_class(Clinging):  # noqa: N801
            removed = True


@mutant
class UniqueAmongCommittedOnly(OwnRepo[E]):
    """Unique values are compared with what is committed, not with the own transaction."""

    def refuse_taken(
        self, table: Table | Overlay, id: object, row: Values, mine: Loaded | None
    ) -> None:
        super().refuse_taken(self._store.table(self.entity), id, row, mine)


@mutant
class UniqueTogetherIsUniqueAlone(OwnRepo[E]):
    """Of fields that are unique together the first is taken for unique alone."""

    def refuse_taken(
        self, table: Table | Overlay, id: object, row: Values, mine: Loaded | None
    ) -> None:
        super().refuse_taken(table, id, row, mine)
        for group in table.groups:
            value = row[group[0]]
            if len(group) == 1 or value is None:
                continue
            for other in table.all():
                if other.row["id"] != id and other.row[group[0]] == value:
                    raise NotUnique(self.entity, id, group)


@mutant
class NamesWrongFields(OwnRepo[E]):
    """NotUnique names the first unique fields of the class, whichever they were."""

    def refuse_taken(
        self, table: Table | Overlay, id: object, row: Values, mine: Loaded | None
    ) -> None:
        try:
            super().refuse_taken(table, id, row, mine)
        except NotUnique:
            raise NotUnique(self.entity, id, table.groups[0]) from None


# Stores of rows


class ShelfStore(RowStore):
    """Rows in a dictionary."""

    durable = False
    blocking = False
    abilities = frozenset({Ability.UNIQUE})
    transaction_class: ClassVar[type[RowTransaction]] = RowTransaction

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.rows: dict[tuple[str, str], Row] = {}

    def begin(self) -> RowTransaction:
        """Start a transaction."""
        return self.transaction_class(self)

    def name(self, cls: type[Verbs]) -> str:
        """Answer where the rows of *cls* are."""
        return classes.key(cls)

    def read(self, cls: type[Verbs], keys: Sequence[str]) -> Sequence[Row | None]:
        """Answer rows by key."""
        with self.lock:
            return [self.rows.get((self.name(cls), key)) for key in keys]

    def scan(self, cls: type[Verbs], where: Condition | None) -> Iterable[Row]:
        """Answer all rows of a class."""
        own = self.name(cls)
        with self.lock:
            return [row for (name, _), row in self.rows.items() if name == own]

    def write(self, batch: Batch) -> None:
        """Check and write."""
        with self.lock:
            self.verify(batch)
            for write in batch.writes:
                self.put(write)

    def put(self, write: Write) -> None:
        """Write one row."""
        place = (self.name(write.cls), write.key)
        if write.row is None:
            self.rows.pop(place, None)
        else:
            self.rows[place] = write.row


@healthy
class ShelfRepo(RowRepository[E]):
    """Nothing is wrong here: rows in a dictionary."""

    store_class: ClassVar[type[RowStore]] = ShelfStore


@mutant
class KeysWithoutCase(RowRepository[E]):
    """Ids that differ in case are one key, like names of files on some systems."""

    class store_class(ShelfStore):  # noqa: N801
        pass

    def key(self, id: object) -> str | None:
        key = super().key(id)
        return None if key is None else key.casefold()


@mutant
class KeysWithoutEdges(RowRepository[E]):
    """Ids that differ in spaces around them are one key."""

    class store_class(ShelfStore):  # noqa: N801
        pass

    def key(self, id: object) -> str | None:
        key = super().key(id)
        return None if key is None else key.strip()


@mutant
class WritesHalfBatches(RowRepository[E]):
    """Each row is checked just before it is written, so a refused batch is written in part."""

    class store_class(ShelfStore):  # noqa: N801
        def write(self, batch: Batch) -> None:
            with self.lock:
                check_unique(self, batch)
                for write in batch.writes:
                    self.verify(Batch([write._replace(unique=())]))
                    self.put(write)


@mutant
class WritesOverTheExisting(RowRepository[E]):
    """A row that should be new replaces the one that is there."""

    class store_class(ShelfStore):  # noqa: N801
        def verify(self, batch: Batch) -> None:
            known = [w._replace(expects=None) if w.expects == 0 else w for w in batch.writes]
            check(self, batch._replace(writes=known))


@mutant
class RefusesToRemoveTheGone(RowRepository[E]):
    """To remove a row that somebody else removed meanwhile is a conflict."""

    class store_class(ShelfStore):  # noqa: N801
        def verify(self, batch: Batch) -> None:
            check(self, batch)
            for write in batch.writes:
                removed = write.row is None and write.expects
                if removed and not self.read(write.cls, [write.key])[0]:
                    raise Conflict(write)


@mutant
class ScansWhatOthersWrite(RowRepository[E]):
    """A scan goes through the living rows, and breaks when others write meanwhile."""

    class store_class(ShelfStore):  # noqa: N801
        def scan(self, cls: type[Verbs], where: Condition | None) -> Iterator[Row]:
            own = self.name(cls)
            for (name, _), row in self.rows.items():
                if name == own:
                    yield row


@mutant
class ScansFirstEquality(RowRepository[E]):
    """A scan is narrowed by the first equality of the condition, even if that is under an |."""

    class store_class(ShelfStore):  # noqa: N801
        def scan(self, cls: type[Verbs], where: Condition | None) -> Iterable[Row]:
            rows = super().scan(cls, where)
            if isinstance(where, Any_):
                where = where.parts[0]
            if not isinstance(where, Compare) or where.op != "eq" or type(where.value) is not str:
                return rows
            field, value = where.field, where.value
            reader: Any = cls.repository()
            return [row for row in rows if getattr(reader.load(row), field) == value]


@mutant
class SharesNames(RowRepository[E]):
    """Classes of the same short name share their rows."""

    class store_class(ShelfStore):  # noqa: N801
        def name(self, cls: type[Verbs]) -> str:
            return cls.__name__


@mutant
class SecondWriteExpectsFirst(RowRepository[E]):
    """A row that a transaction writes twice is expected as the first write left it."""

    class store_class(ShelfStore):  # noqa: N801
        class transaction_class(RowTransaction):  # noqa: N801
            def _put(self, pending: Pending) -> None:
                place = (pending.write.cls, pending.write.key)
                super()._put(pending)
                self.pending[place] = pending


@mutant
class NestedWritesAreNotVerified(RowRepository[E]):
    """A write in a nested unit is refused at the commit of the outer one, not at once."""

    class store_class(ShelfStore):  # noqa: N801
        class transaction_class(RowTransaction):  # noqa: N801
            def put(self, *several: Pending) -> None:
                for pending in several:
                    self._put(pending)


@mutant
class ScanSeesOldRows(RowRepository[E]):
    """Queries in a transaction see what it created, and not what it changed."""

    class store_class(ShelfStore):  # noqa: N801
        class transaction_class(RowTransaction):  # noqa: N801
            def scan(self, cls: type[Verbs], where: Condition | None) -> Iterator[Row]:
                stored = {row.key: row for row in self.store.scan(cls, where)}
                for row in super().scan(cls, where):
                    yield stored.get(row.key, row)


@mutant
class LocksNothing(RowRepository[E]):
    """A row that was read with a lock may be changed by others before the commit."""

    class store_class(ShelfStore):  # noqa: N801
        class transaction_class(RowTransaction):  # noqa: N801
            def keep(self, repository: RowRepository[Any], key: str, row: Row | None) -> None:
                pass
