"""The protocol: what describes one class of things."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nitro_templates.fields.describe import FieldView


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
    icon: str | None = None
    undo: bool = True
    """Whether it may be taken back, where it was done to many."""


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
