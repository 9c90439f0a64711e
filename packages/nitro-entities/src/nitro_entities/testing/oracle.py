"""What a query means, in plain Python: the reference that stores are compared with.

A condition is a tuple such as ``("eq", "name", "x")`` or ``("not", part)``; an order is a list
of fields, each with whether it descends. Nothing of the package takes part in the answers.
"""

import enum
import operator
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nitro_entities import Condition, col

Row = Mapping[str, Any]
Rule = tuple[Any, ...]
Orders = Sequence[tuple[str, bool]]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "icontains": lambda text, part: part.casefold() in text.casefold(),
    "startswith": lambda text, part: text[: len(part)] == part,
}


def plain(value: Any) -> Any:
    """Answer what sorts like *value* has to."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return value.int
    return value


def holds(rule: Rule, row: Row) -> bool:
    """Say whether *row* fulfils *rule*: a missing value is equal to None and nothing else."""
    match rule:
        case ("not", part):
            return not holds(part, row)
        case ("and", *parts):
            return all(holds(part, row) for part in parts)
        case ("or", *parts):
            return any(holds(part, row) for part in parts)
        case ("null", field):
            return row[field] is None
        case ("eq", field, value):
            return _equal(row[field], value)
        case ("ne", field, value):
            return not _equal(row[field], value)
        case ("in", field, choices):
            return any(_equal(row[field], value) for value in choices)
        case (op, field, value) if op in COMPARE:
            own = row[field]
            return own is not None and COMPARE[op](plain(own), plain(value))
        case _:
            op, field, part = rule
            own = row[field]
            return own is not None and TEXT[op](plain(own), part)


def _equal(own: Any, value: Any) -> bool:
    if own is None or value is None:
        return own is value
    return bool(plain(own) == plain(value))


def ordered(rows: Sequence[Row], orders: Orders) -> list[Row]:
    """Sort *rows*: missing values last in both directions, then the id like the last field."""
    result = sorted(rows, key=lambda row: row["id"], reverse=bool(orders) and orders[-1][1])
    for field, descending in reversed(orders):
        present = [row for row in result if row[field] is not None]
        missing = [row for row in result if row[field] is None]
        present.sort(key=lambda row: plain(row[field]), reverse=descending)
        result = present + missing
    return result


def condition(cls: Any, rule: Rule) -> Condition:
    """Write *rule* the way users of *cls* do."""
    match rule:
        case ("not", part):
            return ~condition(cls, part)
        case ("and", first, *rest):
            found = condition(cls, first)
            for part in rest:
                found = found & condition(cls, part)
            return found
        case ("or", first, *rest):
            found = condition(cls, first)
            for part in rest:
                found = found | condition(cls, part)
            return found
        case ("null", field):
            return col(cls, field).is_null()
        case ("in", field, choices):
            return col(cls, field).in_(choices)
        case (op, field, value) if op in TEXT:
            return getattr(col(cls, field), op)(value)  # type: ignore[no-any-return]
        case _:
            op, field, value = rule
            return getattr(operator, op)(col(cls, field), value)  # type: ignore[no-any-return]


def keys(orders: Orders) -> list[str]:
    """Write *orders* the way users do."""
    return [("-" if descending else "") + field for field, descending in orders]
