"""Any pydantic model as a source: it can fill a form or a card, and has no rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from nitro_templates.fields.describe import FieldView, fields_of, humanise
from nitro_templates.i18n.labels import own

from .source import ActionView
from .values import json_values, title_of


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
        return own(humanise(self.model.__name__))

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
