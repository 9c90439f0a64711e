"""Many conditions joined by AND or OR, put in parentheses so that none is deep inside.

A database reads a OR b OR c as (a OR b) OR c, and SQLite goes down a thousand levels at most.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, false, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_MANY = 100


def all_of(parts: Iterable[Any]) -> ColumnElement[bool]:
    """Join *parts* by AND."""
    several = list(parts)
    return _All(*several) if len(several) > _MANY else and_(true(), *several)


def any_of(parts: Iterable[Any]) -> ColumnElement[bool]:
    """Join *parts* by OR."""
    several = list(parts)
    return _Any(*several) if len(several) > _MANY else or_(false(), *several)


class _All(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()
    word = "AND"


class _Any(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()
    word = "OR"


@compiles(_All)
@compiles(_Any)
def _write(element: _All | _Any, compiler: Any, **options: Any) -> str:
    # in a loop, by halves: SQLAlchemy would write all of them side by side
    written = [f"({compiler.process(clause, **options)})" for clause in element.clauses]
    while len(written) > 1:
        pairs = zip(written[::2], written[1::2], strict=False)
        joined = [f"({left} {element.word} {right})" for left, right in pairs]
        written = joined + written[len(written) - len(written) % 2 :]
    return written[0]
