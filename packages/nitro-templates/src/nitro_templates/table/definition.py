"""What one table was told to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nitro_templates.export import Options
from nitro_templates.html import Element
from nitro_templates.sources import RowSource

from .actions import Offered
from .columns import BoundColumn
from .filtering import Filter
from .importing import Importing

SIZES = (20, 50, 100)
COUNTS = ("capped", "exact", "none")
SLOTS = ("toolbar", "above", "below", "empty")
"""Where something of your own can stand: among the controls, around the rows, in their place."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one table was told to show."""

    source: RowSource
    columns: tuple[BoundColumn, ...]
    actions: tuple[Offered, ...] = ()
    search_in: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    choosing: bool = False
    """Whether the columns can be chosen."""
    order: tuple[str, ...] = ()
    size: int = 20
    sizes: tuple[int, ...] = SIZES
    count: str = "capped"
    live: bool = True
    every: float | None = None
    """After how many seconds it is read again, whether or not something changed."""
    name: str | None = None
    prefixed: bool = False
    """Whether its URL parameters have a prefix although it has no name of its own."""
    caption: str | None = None
    empty: str | None = None
    href: Callable[[Any], str] | None = None
    """Where the first cell of a row leads."""
    row_class: Callable[[Any], str | None] | None = None
    slots: Mapping[str, Element] = field(default_factory=dict[str, Element])
    bulk: tuple[Offered, ...] = ()
    exports: tuple[str, ...] = ()
    export: Options = field(default_factory=Options)
    editable: tuple[str, ...] = ()
    importing: Importing | None = None
    saving: bool = False
    """Whether people may keep views of it under a name."""
    undo: bool = True
    """Whether what is done in it may be taken back, as far as the class allows it."""

    @property
    def id(self) -> str:
        """The element id."""
        return self.name or self.source.slug or "rows"

    @property
    def prefix(self) -> str:
        """What its URL parameters begin with."""
        return f"{self.id}-" if self.name or self.prefixed else ""
