"""Objects of plain classes, inside of fields: only memory can keep them, as copies."""

from collections import deque
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from nitro_entities.fields import UNCHANGING


def can_be_copied(value: object) -> bool:
    """Say whether there can be a second one."""
    try:
        deepcopy(value)
    except Exception:  # whatever a class says that refuses it, such as that of locks
        return False
    return True


def alike(one: Any, other: Any) -> bool:
    """Say whether two values are equal, or would be if plain classes compared what they hold."""
    if type(one) in UNCHANGING:  # holds nothing
        return bool(one == other)
    try:
        return _alike(one, other)
    except RecursionError:
        return False


def _alike(one: Any, other: Any) -> bool:
    kind: type[Any] = type(one)  # pyright: ignore[reportUnknownVariableType]
    if kind is not type(other):
        return bool(one == other)
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(one, (list, tuple, deque)):
        return len(one) == len(other) and all(map(_alike, one, other))  # pyright: ignore[reportUnknownArgumentType]
    plain = getattr(kind, "__eq__", None) is object.__eq__
    if plain or isinstance(one, BaseModel):
        return hasattr(one, "__dict__") and _alike(vars(one), vars(other))
    return bool(one == other)
