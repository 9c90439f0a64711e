"""Entities as forms, tables and cards see them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from nitro_entities import QuerySet, classes
from nitro_entities.verbs import Verbs
from nitro_templates.fields.describe import FieldView
from nitro_templates.sources import ActionView, Rows, json_values, title_of

from .facts import facts_of

if TYPE_CHECKING:
    from nitro_templates.sources import Source


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
        return classes.slug(self.model)

    @property
    def label(self) -> str:
        """What one is called."""
        return classes.label(self.model)

    @property
    def plural(self) -> str:
        """What several are called."""
        return classes.plural_label(self.model)

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
        return title_of(thing, self.fields, f"{self.label} {thing.id}")

    def values_of(self, thing: Any) -> Mapping[str, object]:
        """Answer the values of `fields`, JSON-able."""
        return json_values(thing, self.fields)

    def slice(
        self,
        *,
        size: int,
        order: str | None,
        search: str,
        search_in: Sequence[str],
        after: str | None,
        before: str | None,
    ) -> Rows:
        """Read one page; InvalidCursor, a ValueError, for a place that is none."""
        found = self._found(search, search_in)
        if order is not None:
            found = found.order_by(order)
        return found.slice(size, after=after, before=before)

    def count(self, *, search: str, search_in: Sequence[str], cap: int) -> int:
        """Count what matches, stopping at *cap* + 1."""
        return self._found(search, search_in).count(cap=cap)

    def _found(self, search: str, search_in: Sequence[str]) -> QuerySet[Any]:
        query: QuerySet[Any] = self.model.where() if self.query is None else self.query
        return query.search(search, *search_in) if search else query


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
