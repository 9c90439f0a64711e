"""Entities as forms, tables and cards see them."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from nitro_entities import QuerySet, changes, classes, col
from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import specs
from nitro_entities.verbs import Verbs
from nitro_templates.fields.describe import FieldView
from nitro_templates.i18n.labels import counted, own
from nitro_templates.sources import ActionView, Asked, Rows, Where, json_values, title_of

from .facts import facts_of, slug_of
from .where import condition_of

if TYPE_CHECKING:
    from nitro_templates.sources import Source

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EntitySource:
    """An entity class, or what a query finds of it, as forms, tables and cards see it."""

    model: type[Any]
    query: QuerySet[Any] | None = None

    @property
    def key(self) -> Hashable:
        """Equal for the same class and the same question."""
        return (self.model, None if self.query is None else _key_of(self.query))

    @property
    def slug(self) -> str | None:
        """The name in URLs, None when there are no routes."""
        return slug_of(self.model)

    @property
    def label(self) -> str:
        """What one is called."""
        return own(classes.label(self.model))

    @property
    def plural(self) -> str:
        """What several are called."""
        return own(classes.plural_label(self.model))

    def counted(self, number: int) -> str:
        """Answer what so many are called, in the language of the reader."""
        model = self.model
        return counted(classes.label(model), classes.plural_label(model), number)

    @property
    def topics(self) -> frozenset[str]:
        """The live topics that tell of changes."""
        return frozenset({self.model.__name__})

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """The fields that may be shown and edited; neither id nor secrets."""
        return facts_of(self.model).fields

    @property
    def actions(self) -> Mapping[str, ActionView]:
        """What else can be done, by name."""
        return facts_of(self.model).actions

    def new_id(self) -> str | None:
        """Make an id with the class's own factory, if it has one."""
        info = self.model.model_fields["id"]
        made = info.get_default(call_default_factory=True)
        return made if isinstance(made, str) else None

    def id_of(self, thing: Any) -> str | None:
        """Answer the id of *thing*, None if it has none."""
        return str(thing.id)

    def title_of(self, thing: Any) -> str:
        """Say which one *thing* is, in few words."""
        return title_of(thing, self.fields, "") or f"{self.label} {thing.id}"

    def topics_of(self, thing: Any) -> frozenset[str]:
        """Answer the live topics of *thing*; none for what one browser alone keeps."""
        return frozenset() if _is_of_one_browser(self.model) else frozenset({self._topic(thing)})

    def again(self, thing: Any) -> Any | None:
        """Read *thing* anew; None if it is gone."""
        return self.model.get_or_none(thing.id)

    def last_writer(self, thing: Any, field: str | None) -> str | None:
        """Answer who wrote *field* of *thing* last, as far as this process remembers."""
        found = changes.last_writer(self.model, thing.id, field=field)
        return None if found is None else found[0]

    def _topic(self, thing: Any) -> str:
        return f"{self.model.__name__}:{thing.id}"

    def values_of(self, thing: Any) -> Mapping[str, object]:
        """Answer the values of `fields`, JSON-able."""
        return json_values(thing, self.fields)

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        """Read one page; InvalidCursor, a ValueError, for a place that is none."""
        return self._found(asked).slice(size, after=after, before=before)

    def count(self, asked: Asked, *, cap: int | None) -> int:
        """Count what matches, stopping at *cap* + 1 if there is a cap."""
        return self._found(replace(asked, order=())).count(cap=cap)

    def stream(self, asked: Asked, *, batch: int = 500) -> Iterator[list[Any]]:
        """Yield all that matches, *batch* by *batch*."""
        things = self._found(asked).stream(batch)
        while some := list(islice(things, batch)):
            yield some

    def get_many(self, ids: Iterable[str]) -> list[Any]:
        """Answer those with these ids that are there, and that the query finds if there is one."""
        wanted = list(ids)
        found: list[Any] = self.model.get_many(_readable(wanted, self.model))
        if self.query is None or not found:
            return found
        kept = {
            thing.id
            for start in range(0, len(found), _AT_ONCE)
            for thing in self.query.where(
                col(self.model, "id").in_([one.id for one in found[start : start + _AT_ONCE]])
            )
        }
        return [thing for thing in found if thing.id in kept]

    def check(self, where: Where) -> None:
        """Do nothing for conditions that can be asked; else ValueError names the field."""
        condition_of(where, self.model).bound(specs(self.model))

    def _found(self, asked: Asked) -> QuerySet[Any]:
        query: QuerySet[Any] = self.model.where() if self.query is None else self.query
        if asked.where is not None:
            query = query.where(condition_of(asked.where, self.model))
        if asked.search:
            query = query.search(asked.search, *asked.search_in)
        return query.order_by(*asked.order) if asked.order else query


def _readable(ids: Iterable[str], model: type[Any]) -> Iterator[Any]:
    """Yield *ids* as the class has them, without what could be no id of it."""
    coerce = specs(model)["id"].coerce
    for id in ids:
        try:
            yield coerce(id)
        except InvalidQuery:
            continue


def _is_of_one_browser(model: type[Any]) -> bool:
    if "nitro_entities.stores.browser" not in sys.modules:
        return False
    from nitro_entities.stores.browser import BrowserStore

    return isinstance(model.repository().store, BrowserStore)


def _key_of(query: QuerySet[Any]) -> Hashable:
    """Use the question itself if it can be compared, else this one query object."""
    asked = query.selection
    try:
        hash(asked)
    except TypeError:  # a value to compare with that has no hash
        return query
    return asked


def _of_query(query: QuerySet[Any]) -> EntitySource:
    return EntitySource(query.entity, query)


def source_of(subject: object) -> Source | None:
    """Describe an entity, an entity class or a query; None for anything else."""
    if isinstance(subject, QuerySet):
        return _of_query(cast("Any", subject))
    model = cast("type[Any]", subject if isinstance(subject, type) else type(subject))
    return EntitySource(model) if issubclass(model, Verbs) else None
