"""Conditions on the rows of a table, said without knowing the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["OPERATORS", "All", "AnyOf", "Test", "Where", "tests_in"]

OPERATORS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "contains", "startswith", "in", "null"})


@dataclass(frozen=True, slots=True)
class Test:
    """One field against one value, which is a text as it was typed or a value of the field.

    "contains" is without regard to case, "startswith" with; "in" takes a tuple of values, and
    "null" takes True for rows that have no value, False for those that have one.
    """

    __test__ = False  # no test case, whatever pytest thinks of the name

    field: str
    op: str
    value: object

    def __post_init__(self) -> None:
        if self.op not in OPERATORS:
            msg = f"No operator {self.op!r}. There are: {', '.join(sorted(OPERATORS))}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Where, ...]


Where = Test | All | AnyOf


def tests_in(where: Where) -> Iterator[Test]:
    """Yield every test, from left to right."""
    if isinstance(where, Test):
        yield where
        return
    for part in where.parts:
        yield from tests_in(part)
