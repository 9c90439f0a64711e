"""What one card was told to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from zlib import crc32

from nitro_templates.identity import identity
from nitro_templates.sources import Source
from nitro_templates.table.actions import Offered
from nitro_templates.table.columns import BoundColumn

_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9_-]+")

Part: TypeAlias = Callable[[Any], Any]
"""Writes one part of a card from the thing that it shows."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one card was told to show; *thing* is replaced when it is read anew.

    Without a *thing* it is the pattern of many cards.
    """

    source: Source
    thing: Any
    columns: tuple[BoundColumn, ...]
    actions: tuple[Offered, ...] = ()
    live: bool = False
    parts: Mapping[str, Part] = field(default_factory=dict[str, Part])

    @property
    def id(self) -> str | None:
        """The element id; None for a thing without one."""
        id = None if self.thing is None else self.source.id_of(self.thing)
        return fit_for_id(f"{self.source.slug}-card-{id}") if self.source.slug and id else None

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on besides the thing's values and the request."""
        return (
            self.source.key,
            self.id,
            tuple((column.key, column.label) for column in self.columns),
            tuple(sorted((name, identity(part)) for name, part in self.parts.items())),
        )


def fit_for_id(text: str) -> str:
    """Write *text* with nothing but letters, digits, - and _; other texts stay other ids."""
    fit = _UNFIT_FOR_ID.sub("-", text)
    return fit if fit == text else f"{fit}-{crc32(text.encode()):x}"
