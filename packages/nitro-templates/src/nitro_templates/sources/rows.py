"""The protocol: what lists one class of things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .source import Source
from .where import Where


@dataclass(frozen=True, slots=True)
class Asked:
    """Which things are wanted, and in which order.

    *search* is looked for in the fields *search_in*, whatever the case, with no meaning for
    wildcards. *order* holds names of fields, "-" in front for descending.
    """

    search: str = ""
    search_in: tuple[str, ...] = ()
    where: Where | None = None
    order: tuple[str, ...] = ()


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


class RowSource(Source, Protocol):
    """Describes a class of things that can be listed."""

    def slice(self, asked: Asked, *, size: int, after: str | None, before: str | None) -> Rows:
        """Read one page.

        ValueError for a cursor that was not made here or not for this order, and for a
        condition with a value that its field cannot have.
        """
        ...

    def count(self, asked: Asked, *, cap: int | None) -> int:
        """Count what matches, stopping at *cap* + 1 if there is a cap."""
        ...

    def stream(self, asked: Asked, *, batch: int = 500) -> Iterator[list[Any]]:
        """Yield all that matches, *batch* by *batch*: no more are in memory at a time."""
        ...

    def get_many(self, ids: Iterable[str]) -> list[Any]:
        """Answer the things with these ids that are there, in this order."""
        ...

    def check(self, where: Where) -> None:
        """Do nothing for conditions that can be asked; else ValueError names the field."""
        ...
