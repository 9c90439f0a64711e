"""What a value has lost when it comes back as another one."""

import dataclasses
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

_KEYS = "Declare the type of the keys, dict[int, …], or use list[tuple[K, V]]"
_OTHER = "Remove the serializer or validator that changes it, or declare its exact type"


def differing(value: Any, back: Any, at: str = "") -> str | None:
    """Say what *back* has lost of *value*; None when they are the same."""
    kind = _type_of(value)
    if kind is not type(back):
        if kind is int and isinstance(back, (float, Decimal)) and value == back:
            return None  # a default that nobody validated: float = 0
        return (
            f"{place(at)}the {kind.__name__} would come back as a {type(back).__name__}. "
            f"{_declare(value, kind)}"
        )
    if kind in _SIMPLE:
        return None if value == back else _unequal(at, value)
    for family, compare in _COMPARED:
        if isinstance(value, family):
            return compare(value, back, at)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        parts, others = ({name: getattr(x, name) for name in names} for x in (value, back))
        return _differing_parts(parts, others, at)
    return None if value == back else _unequal(at, value)


def _differing_model(value: Any, back: Any, at: str) -> str | None:
    if value.__pydantic_private__ != back.__pydantic_private__:
        name = type(value).__name__
        return f"{place(at)}the private attributes of a {name} are not stored. Use a field"
    parts: dict[str, Any] = {**value.__dict__, **(value.__pydantic_extra__ or {})}
    others: dict[str, Any] = {**back.__dict__, **(back.__pydantic_extra__ or {})}
    return _differing_parts(parts, others, at)


def _differing_mapping(value: Any, back: Any, at: str) -> str | None:
    same = len(value) == len(back) and not any(map(differing, value, back))
    if not same:
        return f"{place(at)}the keys would come back as others. {_KEYS}"
    pairs = zip(value.items(), back.values(), strict=True)
    found = (differing(part, other, f"{at}[{key!r}]") for (key, part), other in pairs)
    return next((text for text in found if text), None)


def _differing_list(value: Any, back: Any, at: str) -> str | None:
    if len(value) != len(back):
        return _unequal(at, value)
    pairs = enumerate(zip(value, back, strict=True))
    found = (differing(one, other, f"{at}[{index}]") for index, (one, other) in pairs)
    return next((text for text in found if text), None)


def _differing_set(value: Any, back: Any, at: str) -> str | None:
    same = sorted(map(_typed, value)) == sorted(map(_typed, back)) or (
        value == back and Counter(map(type, value)) == Counter(map(type, back))
    )
    return None if same else _unequal(at, value)


def _differing_moment(value: Any, back: Any, at: str) -> str | None:
    return None if _moment(value) == _moment(back) else _unequal(at, value)


def _differing_time(value: Any, back: Any, at: str) -> str | None:
    if (value.tzinfo is None) != (back.tzinfo is None):
        return f"{place(at)}the zone of a time of day is not kept. Use AwareDatetime"
    return None if value == back else _unequal(at, value)


_SIMPLE = {str, int, float, bytes, bool, date, timedelta, uuid.UUID, type(None), complex}

_COMPARED: tuple[tuple[Any, Callable[[Any, Any, str], str | None]], ...] = (
    (datetime, _differing_moment),
    (time, _differing_time),
    (BaseModel, _differing_model),
    (Mapping, _differing_mapping),
    ((list, tuple, deque), _differing_list),
    ((set, frozenset), _differing_set),
)


def _declare(value: Any, kind: type) -> str:
    if isinstance(value, BaseModel):
        return (
            f"Declare {kind.__name__}; in a union, tell its members apart by a field "
            f"kind: Literal[…] and Field(discriminator='kind')"
        )
    return f"Declare that part as {kind.__name__}"


def _differing_parts(parts: Mapping[Any, Any], others: Mapping[Any, Any], at: str) -> str | None:
    if parts.keys() != others.keys():
        return f"{place(at)}parts would be missing. Declare them"
    found = (differing(part, others[key], f"{at}[{key!r}]") for key, part in parts.items())
    return next((text for text in found if text), None)


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo is None else value.astimezone(UTC)


def _typed(value: Any) -> str:
    if isinstance(value, datetime):
        value = _moment(value).isoformat()  # where the clock is turned back, equals are unequal
    return f"{type(value).__name__} {value!r}"


def place(at: str) -> str:
    """Begin a sentence about the part at *at*."""
    return f"at {at}, " if at else ""


def _unequal(at: str, value: object) -> str:
    if isinstance(value, float):
        return f"{place(at)}nan is no number that can be kept. Use None, with float | None"
    return f"{place(at)}the {type(value).__name__} would come back as another value. {_OTHER}"


def _type_of(value: object) -> type:
    return type(value)
