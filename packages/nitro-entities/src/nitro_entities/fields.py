"""What a field holds, as far as keeping, comparing and sorting it go."""

import enum
import types
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    NaiveDatetime,
    SecretBytes,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from nitro_entities.errors import InvalidQuery

T = TypeVar("T")

Primitive = str | int | float | bool | bytes | None


class SecretMark:
    """Mark a field whose value is stored but never shown."""

    def __repr__(self) -> str:
        return "Secret"


Secret = Annotated[T, SecretMark()]
"""Annotate ``token: Secret[str]``: stored, but in no signals, dump, JSON or repr."""


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

_KIND_OF_TYPE: tuple[tuple[type, Kind], ...] = (
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
)

# values of these types are never changed in place, so they need not be copied
UNCHANGING: frozenset[type] = frozenset(
    {str, int, float, bool, bytes, type(None), datetime, date, time, timedelta, Decimal,
     uuid.UUID, SecretStr, SecretBytes}
)  # fmt: skip


@dataclass(frozen=True)
class FieldSpec:
    """One declared field of an entity class."""

    name: str
    annotation: Any
    bare: Any  # the annotation without None and Annotated
    kind: Kind
    nullable: bool
    secret: bool
    members: type[enum.Enum] | None = None
    info: FieldInfo | None = field(default=None, compare=False, repr=False)

    @property
    def comparable(self) -> bool:
        """Say whether values can be compared and sorted the same way everywhere."""
        return self.kind in PRIMITIVE_OF

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Answer pydantic's adapter for the bare annotation, without the field's limits."""
        config = ConfigDict(ser_json_inf_nan="constants", arbitrary_types_allowed=True)
        annotation: Any = self.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return TypeAdapter[Any](annotation)  # a model has a configuration of its own
        return TypeAdapter[Any](annotation, config=config)  # pyright: ignore[reportUnknownArgumentType]

    def coerce(self, value: object) -> Any:
        """Turn *value* into what the field would hold, without the field's limits."""
        if value is None:
            return None
        try:
            return self.adapter.validate_python(value)
        except ValidationError as exc:
            problem = exc.errors(include_url=False)[0]["msg"]
            shown = "this value" if self.secret else repr(value)
            msg = f"{self.name} cannot be compared with {shown}: {problem}"
            raise InvalidQuery(msg) from None

    @cached_property
    def encode(self) -> Callable[[Any], Primitive] | None:
        """Answer the function from a value to its primitive; None where they are the same."""
        if self.kind is Kind.DOCUMENT:
            adapter = self.adapter
            return lambda value: adapter.dump_json(value).decode()
        return _ENCODE.get(self.kind)

    @cached_property
    def decode(self) -> Callable[[Any], Any] | None:
        """Answer the function from a primitive to its value; None where pydantic does it."""
        if self.kind is Kind.DOCUMENT:
            return self.adapter.validate_json
        if self.members is not None:
            return self.members
        return _DECODE.get(self.kind)

    def primitive(self, value: object) -> Primitive:
        """Answer *value* as text, number, bytes or None."""
        if value is None or self.encode is None:
            return cast("Primitive", value)
        return self.encode(value)


def sortable(kind: Kind, primitive: Primitive) -> Any:
    """Answer what sorts like the value that *primitive* stands for."""
    if kind is Kind.DECIMAL and isinstance(primitive, str):
        return Decimal(primitive)
    return primitive


def _encode_number(value: float) -> float:
    if value != value:  # SQL databases would keep a NaN as NULL
        msg = "nan is not a number that can be stored. Use None, with Optional[float]"
        raise ValueError(msg)
    return value


def _encode_integer(value: int) -> int:
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return value
    msg = f"{value} is too big to be stored as a whole number of 64 bits. Use Decimal or str"
    raise ValueError(msg)


def _encode_datetime(value: datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")


def _encode_decimal(value: Decimal) -> str:
    if not value.is_finite():
        msg = f"{value} cannot be stored. Use None, with Optional[Decimal]"
        raise ValueError(msg)
    return str(value)


def _encode_enum(value: enum.Enum) -> Primitive:
    return cast("Primitive", value.value)


_ENCODE: dict[Kind, Callable[[Any], Primitive]] = {
    Kind.NUMBER: _encode_number,
    Kind.INTEGER: _encode_integer,
    Kind.DATETIME: _encode_datetime,
    Kind.DATE: date.isoformat,
    Kind.TIME: lambda value: value.isoformat(timespec="microseconds"),
    Kind.DURATION: lambda value: value // timedelta(microseconds=1),
    Kind.DECIMAL: _encode_decimal,
    Kind.UUID: str,
    Kind.ENUM_TEXT: _encode_enum,
    Kind.ENUM_INTEGER: _encode_enum,
    Kind.SECRET_TEXT: lambda value: value.get_secret_value(),
}

_DECODE: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: bool,
    Kind.DATETIME: datetime.fromisoformat,
    Kind.DATE: date.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.DURATION: lambda value: timedelta(microseconds=value),
    Kind.DECIMAL: Decimal,
    Kind.UUID: uuid.UUID,
    Kind.SECRET_TEXT: SecretStr,
}

# what pydantic-core does faster by itself while it validates a row
BY_PYDANTIC = frozenset(
    {Kind.BOOLEAN, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.DECIMAL, Kind.UUID,
     Kind.ENUM_TEXT, Kind.ENUM_INTEGER, Kind.SECRET_TEXT}
)  # fmt: skip


def specs(cls: type[Any]) -> dict[str, FieldSpec]:
    """Answer the declared fields of *cls* by name, in order."""
    known = cls.__dict__.get("__nitro_fields__")
    if known is None:
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
            conceal(cls)
        known = {name: spec_of(name, info) for name, info in cls.__pydantic_fields__.items()}
        type.__setattr__(cls, "__nitro_fields__", known)
    return cast("dict[str, FieldSpec]", known)


def spec_of(name: str, info: FieldInfo) -> FieldSpec:
    """Classify one pydantic field."""
    bare, nullable = _without_none(info.annotation)
    kind, enum_type = _kind_of(bare)
    secret = _is_secret(info)
    return FieldSpec(name, info.annotation, bare, kind, nullable, secret, enum_type, info)


def conceal(cls: type[Any]) -> None:
    """Keep the secret fields of *cls* out of its repr, its dumps and its refusals.

    Here and not in `Secret`: a field with options of its own, or that may be None, would lose
    what an annotation says.
    """
    if not cls.__pydantic_complete__:
        return  # asked again when all its annotations are known
    hidden = [info for info in cls.__pydantic_fields__.values() if _is_secret(info)]
    if not hidden or (cls.model_config.get("hide_input_in_errors") and all(map(_done, hidden))):
        return
    for info in hidden:
        info.repr = False
        # pydantic's own secret types write themselves as asterisks
        info.exclude = info.exclude or _has_mark(info)
    cls.model_config["hide_input_in_errors"] = True
    cls.model_rebuild(force=True)


def _done(info: FieldInfo) -> bool:
    return not info.repr and bool(info.exclude or not _has_mark(info))


def _is_secret(info: FieldInfo) -> bool:
    return _has_mark(info) or bool({SecretStr, SecretBytes} & _parts(info.annotation))


def _has_mark(info: FieldInfo) -> bool:
    marks = [*info.metadata, *_parts(info.annotation)]
    return any(isinstance(mark, SecretMark) for mark in marks)


def _parts(annotation: Any) -> set[Any]:
    """List what an annotation is made of, with what its parts are annotated with."""
    found = {annotation} if isinstance(annotation, (type, SecretMark)) else set[Any]()
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        found |= _parts(part)
    return found


def _without_none(annotation: Any) -> tuple[Any, bool]:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, annotation in (None, type(None), Any)
    members = [arg for arg in get_args(annotation) if arg is not type(None)]
    nullable = len(members) < len(get_args(annotation))
    if len(members) != 1:
        return annotation, nullable
    bare, inner = _without_none(members[0])
    return bare, nullable or inner


def _kind_of(annotation: Any) -> tuple[Kind, type[enum.Enum] | None]:
    if get_origin(annotation) is Literal:
        return _kind_of_values(get_args(annotation)), None
    if annotation in (AwareDatetime, NaiveDatetime):
        return Kind.DATETIME, None
    if not isinstance(annotation, type):
        return Kind.DOCUMENT, None
    if issubclass(annotation, enum.Enum):
        values = _kind_of_values(tuple(member.value for member in annotation))
        kinds = {Kind.TEXT: Kind.ENUM_TEXT, Kind.INTEGER: Kind.ENUM_INTEGER}
        kind = kinds.get(values, Kind.DOCUMENT)
        return kind, annotation if kind is not Kind.DOCUMENT else None
    # a subclass of str or int may carry more than its text, so only the types themselves
    for known, kind in _KIND_OF_TYPE:
        if annotation is known:
            return kind, None
    return Kind.DOCUMENT, None


def _kind_of_values(values: tuple[object, ...]) -> Kind:
    if all(type(value) is str for value in values):
        return Kind.TEXT
    if all(type(value) is int for value in values):
        return Kind.INTEGER
    return Kind.DOCUMENT
