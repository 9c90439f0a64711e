"""The protocol: what lists one class of things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .source import Source


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
