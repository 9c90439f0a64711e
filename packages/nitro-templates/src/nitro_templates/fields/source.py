"""What views need to know about things that are stored, and where they find it out.

A joint says it: `nitro_templates.with_entities` for entities. Any other pydantic model is
described by `ModelSource`, which can fill a form or a card but has no routes and no rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import BaseModel

from .describe import FieldView, fields_of, humanise
from .formats import text_of


@dataclass(frozen=True, slots=True)
class ActionView:
    """One thing that can be done to a stored thing, besides edit and delete."""

    name: str
    label: str
    function: Callable[..., object]
    confirm: str | None = None
    kind: str = "action"
    bound: bool = True
    """Whether it is done to one thing, not to the class."""


class Rows(Protocol):
    """One page of things, with opaque cursors to its neighbours."""

    @property
    def items(self) -> Sequence[Any]:
        """The things, in order."""
        ...

    @property
    def next(self) -> str | None:
        """Where the next page begins, None on the last."""
        ...

    @property
    def previous(self) -> str | None:
        """Where this page begins, None on the first."""
        ...


class Source(Protocol):
    """Describes one class of things."""

    @property
    def key(self) -> Hashable:
        """Equal for sources that answer equally."""
        ...

    @property
    def model(self) -> type[Any]:
        """The class; policies are asked about it."""
        ...

    @property
    def slug(self) -> str | None:
        """The name in URLs, None when there are no routes."""
        ...

    @property
    def label(self) -> str:
        """What one is called."""
        ...

    @property
    def plural(self) -> str:
        """What several are called."""
        ...

    @property
    def topics(self) -> frozenset[str]:
        """The live topics that tell of changes."""
        ...

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """The fields that may be shown and edited; neither id nor secrets."""
        ...

    @property
    def actions(self) -> Mapping[str, ActionView]:
        """What else can be done, by name."""
        ...

    def new_id(self) -> str | None:
        """Make an id for a thing that a form will create, None if the store does that."""
        ...

    def id_of(self, thing: Any) -> str | None:
        """Answer the id of *thing*, None if it has none."""
        ...

    def title_of(self, thing: Any) -> str:
        """Say which one *thing* is, in few words."""
        ...

    def values_of(self, thing: Any) -> Mapping[str, object]:
        """The values of `fields`, JSON-able."""
        ...


class RowSource(Source, Protocol):
    """Describes a class of things that can be listed."""

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
        """Read one page. *order* is a field name, "-" in front for descending.

        ValueError for a cursor that was not made here or not for this order.
        """
        ...

    def count(self, *, search: str, search_in: Sequence[str], cap: int) -> int:
        """Count what matches, stopping at *cap* + 1."""
        ...


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Describes a pydantic model that nobody stores."""

    model: type[BaseModel]

    @property
    def key(self) -> Hashable:
        """Equal for sources that answer equally."""
        return self.model

    @property
    def slug(self) -> str | None:
        """The name in URLs, None when there are no routes."""
        return None

    @property
    def label(self) -> str:
        """What one is called."""
        return humanise(self.model.__name__)

    @property
    def plural(self) -> str:
        """What several are called."""
        return self.label

    @property
    def topics(self) -> frozenset[str]:
        """The live topics that tell of changes."""
        return frozenset()

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """The fields that may be shown and edited; neither id nor secrets."""
        return fields_of(self.model)

    @property
    def actions(self) -> Mapping[str, ActionView]:
        """What else can be done, by name."""
        return {}

    def new_id(self) -> str | None:
        """Make an id for a thing that a form will create, None if the store does that."""
        return None

    def id_of(self, thing: Any) -> str | None:
        """Answer the id of *thing*, None if it has none."""
        return None

    def title_of(self, thing: Any) -> str:
        """Say which one *thing* is, in few words."""
        return title_of(thing, self.fields, self.label)

    def values_of(self, thing: Any) -> Mapping[str, object]:
        """Answer the values of `fields`, JSON-able."""
        return json_values(thing, self.fields)


def title_of(thing: object, fields: Sequence[FieldView], otherwise: str) -> str:
    """Use the first text that *thing* has as its title."""
    for field in fields:
        if field.searchable and (text := getattr(thing, field.name, None)):
            return text_of(text)
    return otherwise


def json_values(thing: BaseModel, fields: Sequence[FieldView]) -> dict[str, object]:
    """Dump the values of *fields*, JSON-able."""
    return thing.model_dump(mode="json", include={field.name for field in fields}, warnings=False)


def source_of(subject: object) -> Source:
    """Find what describes *subject*: a class, one of its objects, or a query for them.

    TypeError names what was given when nothing does.
    """
    if "nitro_entities" in sys.modules:  # else nobody can have an entity in hand
        joint = import_module("nitro_templates.with_entities")
        found = cast("Source | None", joint.source_of(subject))
        if found is not None:
            return found
    model = subject if isinstance(subject, type) else type(subject)
    if issubclass(model, BaseModel):
        return ModelSource(model)
    msg = (
        f"from_entity() got {subject!r}, which is no entity, entity class, query for entities "
        "or pydantic model"
    )
    raise TypeError(msg)


def row_source_of(subject: object) -> RowSource:
    """Find what lists *subject*; TypeError when it cannot be listed."""
    source = source_of(subject)
    if not callable(getattr(source, "slice", None)):
        msg = (
            f"Table.from_entity() got {subject!r}, which is stored nowhere and has no rows. "
            "Give an entity class or a query"
        )
        raise TypeError(msg)
    return cast("RowSource", source)
