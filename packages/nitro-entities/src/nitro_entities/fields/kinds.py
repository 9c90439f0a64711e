"""How values are represented where only text, numbers and bytes can be kept."""

import enum
import types
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AwareDatetime,
    FutureDate,
    FutureDatetime,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    SecretBytes,
    SecretStr,
)

Primitive = str | int | float | bool | bytes | None


class Kind(enum.Enum):
    """How a value is represented where only text, numbers and bytes can be kept."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    DATETIME = "datetime"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    DECIMAL = "decimal"
    UUID = "uuid"
    ENUM_TEXT = "enum text"
    ENUM_INTEGER = "enum integer"
    SECRET_TEXT = "secret text"
    DOCUMENT = "document"


PRIMITIVE_OF: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (float, int),
    Kind.BOOLEAN: (bool, int),
    Kind.BYTES: (bytes,),
    Kind.DATETIME: (str,),
    Kind.DATE: (str,),
    Kind.TIME: (str,),
    Kind.DURATION: (int,),
    Kind.DECIMAL: (str,),
    Kind.UUID: (str,),
    Kind.ENUM_TEXT: (str,),
    Kind.ENUM_INTEGER: (int,),
}

_KIND_OF_TYPE: tuple[tuple[Any, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (str, Kind.TEXT),
    (int, Kind.INTEGER),
    (float, Kind.NUMBER),
    (bytes, Kind.BYTES),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (time, Kind.TIME),
    (timedelta, Kind.DURATION),
    (Decimal, Kind.DECIMAL),
    (uuid.UUID, Kind.UUID),
    (SecretStr, Kind.SECRET_TEXT),
    # pydantic's names for the same types with a limit
    (AwareDatetime, Kind.DATETIME),
    (NaiveDatetime, Kind.DATETIME),
    (PastDatetime, Kind.DATETIME),
    (FutureDatetime, Kind.DATETIME),
    (PastDate, Kind.DATE),
    (FutureDate, Kind.DATE),
)

# values of these types are never changed in place, so they need not be copied
UNCHANGING: frozenset[type] = frozenset(
    {str, int, float, bool, bytes, type(None), datetime, date, time, timedelta, Decimal,
     uuid.UUID, SecretStr, SecretBytes}
)  # fmt: skip


def without_none(annotation: Any) -> tuple[Any, bool]:
    """Answer *annotation* without None, Annotated and aliases, and whether None was in it."""
    annotation = _unwrapped(annotation)
    if get_origin(annotation) is Literal and None in get_args(annotation):
        return Literal[tuple(v for v in get_args(annotation) if v is not None)], True
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, annotation in (None, type(None), Any, object)
    members = [arg for arg in get_args(annotation) if arg is not type(None)]
    nullable = len(members) < len(get_args(annotation))
    if len(members) != 1:
        return annotation, nullable or any(without_none(member)[1] for member in members)
    bare, inner = without_none(members[0])
    return bare, nullable or inner


def kind_of(annotation: Any) -> tuple[Kind, type[enum.Enum] | None]:
    """Answer the kind of a bare annotation, and its enum if it is one."""
    if get_origin(annotation) is Literal:
        return _kind_of_values(get_args(annotation)), None
    # a subclass of str or int may carry more than its text, so only the types themselves
    for known, kind in _KIND_OF_TYPE:
        if annotation is known:
            return kind, None
    if not isinstance(annotation, type):
        return Kind.DOCUMENT, None
    if issubclass(annotation, enum.Enum):
        values = _kind_of_values(tuple(member.value for member in annotation))
        kinds = {Kind.TEXT: Kind.ENUM_TEXT, Kind.INTEGER: Kind.ENUM_INTEGER}
        kind = kinds.get(values, Kind.DOCUMENT)
        return kind, annotation if kind is not Kind.DOCUMENT else None
    if (annotation.__module__, annotation.__name__) == ("pydantic.networks", "EmailStr"):
        return Kind.TEXT, None  # not imported: few classes have one; its values are plain text
    return Kind.DOCUMENT, None


def _unwrapped(annotation: Any) -> Any:
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):  # a NewType
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _kind_of_values(values: tuple[object, ...]) -> Kind:
    if values and all(type(value) is str for value in values):
        return Kind.TEXT
    if values and all(type(value) is int for value in values):
        return Kind.INTEGER
    return Kind.DOCUMENT
