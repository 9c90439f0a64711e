"""The protocol: what a field with a reference can be asked about the things it refers to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from nitro_templates.fields.view import FieldView

_JOINT = "nitro_templates.with_entities.relations"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: its key, what people read, and its id for links."""

    key: str
    title: str
    id: str


@dataclass(frozen=True, slots=True)
class Options:
    """Some things that can be chosen, and whether there are others."""

    items: tuple[Option, ...]
    more: bool = False


class Related(Protocol):
    """The things that a field refers to."""

    @property
    def model(self) -> type[Any]:
        """Their class; policies are asked about it."""
        ...

    @property
    def slug(self) -> str | None:
        """Their name in URLs, None when there are no routes."""
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

    def titles(self, keys: Iterable[object], /) -> Mapping[str, Option]:
        """Answer what is there of *keys*, by key, in one statement for every 500."""
        ...

    def allowed(self, key: str, /) -> Option | None:
        """Answer the one with this key, None if it is not there or may not be chosen."""
        ...

    def few(self, size: int, /) -> tuple[Option, ...] | None:
        """Answer all that may be chosen, by title; None if there are more than *size*."""
        ...

    def options(self, text: str, size: int, /) -> Options:
        """Answer what may be chosen and has *text* in its title, best matches first."""
        ...

    def called(self, title: str, /) -> tuple[Option, ...]:
        """Answer what may be chosen and has just this title, case aside."""
        ...


def related_of(field: FieldView) -> Related | None:
    """Answer what *field* refers to, None if it refers to nothing."""
    if field.reference is None or "nitro_entities" not in sys.modules:
        return None
    return cast("Related", import_module(_JOINT).related_to(field.reference))


def class_named(name: str) -> type[Any]:
    """Answer the entity class called *name*; LookupError if there is none, or several."""
    return cast("type[Any]", import_module(_JOINT).class_named(name))
