"""What a type annotation is made of, and which widget suits it."""

from __future__ import annotations

import enum
import types
import typing
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic
from pydantic import AnyUrl, BaseModel, RootModel

_WIDGET_OF: tuple[tuple[type, str], ...] = (  # first match wins: bool is an int, datetime a date
    (bool, "checkbox"),
    (int, "integer"),
    (float, "decimal"),
    (Decimal, "decimal"),
    (pydantic.AwareDatetime, "moment"),
    (pydantic.NaiveDatetime, "datetime"),
    (pydantic.PastDatetime, "datetime"),
    (pydantic.FutureDatetime, "datetime"),
    (datetime, "datetime"),
    (pydantic.PastDate, "date"),
    (pydantic.FutureDate, "date"),
    (date, "date"),
    (time, "time"),
    (timedelta, "text"),
    (pydantic.EmailStr, "email"),
    (str, "text"),
    (bytes, "file"),
    (ZoneInfo, "timezone"),
    (UUID, "text"),
    (AnyUrl, "url"),
    (PurePath, "text"),
    (IPv4Address, "text"),
    (IPv6Address, "text"),
)
_ORDERED = (list, tuple, deque, Sequence)
_UNORDERED = (set, frozenset)


def unwrap(annotation: object) -> tuple[object, list[object], bool]:
    """Answer the bare type, the metadata found on the way, and whether None is allowed."""
    metadata: list[object] = []
    optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            metadata = [*more, *metadata]
        elif origin in (Union, types.UnionType):
            rest = [part for part in get_args(annotation) if part is not types.NoneType]
            optional = optional or len(rest) < len(get_args(annotation))
            if len(rest) != 1:
                return annotation, metadata, optional
            annotation = rest[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":  # `type Name = …`, since Python 3.12
            annotation = cast("Any", annotation).__value__
        else:
            return annotation, metadata, optional


def widget_for(kind: object) -> str | None:
    """Answer the widget of a single value of *kind*, None if there is none."""
    if has_choices(kind):
        return "select"
    if not isinstance(kind, type):
        return None
    return next((name for base, name in _WIDGET_OF if issubclass(kind, base)), None)


def has_choices(kind: object) -> bool:
    """Whether *kind* lists its values: an enum or a Literal."""
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, enum.Enum))


def item_of(kind: object) -> tuple[Any, bool] | None:
    """Answer the type of the items of a list, set or tuple, and whether it is a set.

    None for what is none of these, or has items of several types.
    """
    origin, args = get_origin(kind), get_args(kind)
    if origin in _UNORDERED and len(args) == 1:
        return args[0], True
    if origin is tuple:
        return (args[0], False) if len(args) == 2 and args[1] is Ellipsis else None
    if origin in _ORDERED and len(args) == 1:
        return args[0], False
    return None


def is_file_class(kind: object) -> bool:
    """Say whether the values of *kind* stand for files that are kept elsewhere."""
    # by a mark: the class lives in nitro_entities, which this package does not import
    return isinstance(kind, type) and hasattr(kind, "__nitro_file__")


def nested_model(kind: object) -> type[BaseModel] | None:
    """Answer *kind* if it is a model that is a part of another, not an entity of its own."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return None
    # by name: the class lives in nitro_entities, which this package does not import
    is_entity = any(base.__name__ == "Verbs" for base in kind.__mro__)
    fits = (
        not (is_entity or is_file_class(kind))
        and not issubclass(kind, RootModel)
        and bool(kind.model_fields)
    )
    return kind if fits else None


def bare_type(kind: object) -> type | None:
    """Answer *kind* as a plain type: that of the values for a Literal, None for a union."""
    if isinstance(kind, type):
        return kind
    if get_origin(kind) is Literal:
        found = {type(value) for value in get_args(kind)}
        return found.pop() if len(found) == 1 else None
    return None


def first_attribute(metadata: Iterable[object], name: str) -> object:
    """Answer the first value that an item of *metadata* has as *name*."""
    return next((v for item in metadata if (v := attribute(item, name)) is not None), None)


def attribute(item: object, name: str) -> object:
    """Answer the value of *item* called *name*, None if it has none."""
    if isinstance(item, type):  # a class used as a marker has properties, not values
        return None
    return getattr(item, name, None)
