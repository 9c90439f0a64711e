"""Column types that keep the values of entity fields without loss."""

from typing import Any

from pydantic import AwareDatetime, NaiveDatetime
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from nitro_entities.fields import FieldSpec, Kind

_WHOLE: TypeEngine[Any] = BigInteger().with_variant(Integer(), "sqlite")

_STORED_AS: dict[Kind, TypeEngine[Any]] = {
    Kind.INTEGER: _WHOLE,
    Kind.ENUM_INTEGER: _WHOLE,
    Kind.DURATION: _WHOLE,
    Kind.NUMBER: Double(),
    Kind.BOOLEAN: Boolean(),
    Kind.BYTES: LargeBinary(),
}

# what these databases have types of their own for; a datetime that may carry an offset or not
# and a time that may are text everywhere, and sort as such
_OWN_TYPES: dict[str, dict[Kind, TypeEngine[Any]]] = {
    "postgresql": {Kind.DATE: Date(), Kind.DECIMAL: Numeric(), Kind.UUID: Uuid()},
}
_OWN_MOMENTS: dict[str, dict[Any, TypeEngine[Any]]] = {
    "postgresql": {
        AwareDatetime: DateTime(timezone=True),
        NaiveDatetime: DateTime(timezone=False),
    },
}
_BY_CODE_POINT = {"postgresql": "C"}

PLAIN = frozenset({Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.BYTES})


class Stored(TypeDecorator[Any]):
    """A value kept as the primitive that its field says: dates and decimals as text …"""

    impl = String
    cache_ok = True

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.spec = spec

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Answer the type of the primitive."""
        return dialect.type_descriptor(_type_in(self.spec, dialect.name))

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:
        """Encode a value."""
        if value is not None and _is_native(self.spec, dialect.name):
            return value
        return self.spec.primitive(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Decode a value."""
        if value is None or self.spec.decode is None or _is_native(self.spec, dialect.name):
            return value
        return self.spec.decode(value)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def column_type(spec: FieldSpec) -> TypeEngine[Any]:
    """Answer the column type for a field."""
    if spec.kind is Kind.TEXT:
        return _text(_length(spec))
    return _STORED_AS[spec.kind] if spec.kind in PLAIN else Stored(spec)


def _text(length: int | None) -> TypeEngine[Any]:
    made: TypeEngine[Any] = String(length)
    for dialect, collation in _BY_CODE_POINT.items():
        made = made.with_variant(String(length, collation=collation), dialect)
    return made


def _type_in(spec: FieldSpec, dialect: str) -> TypeEngine[Any]:
    own = _OWN_TYPES.get(dialect, {}).get(spec.kind)
    if own is None and spec.kind is Kind.DATETIME:
        own = _OWN_MOMENTS.get(dialect, {}).get(spec.bare)
    if own is not None:
        return own
    found = _STORED_AS.get(spec.kind)
    return String(collation=_BY_CODE_POINT.get(dialect)) if found is None else found


def _is_native(spec: FieldSpec, dialect: str) -> bool:
    """Say whether a driver of SQLAlchemy's takes and answers the values themselves."""
    return isinstance(_type_in(spec, dialect), (Date, Numeric, Uuid, DateTime))


def _length(spec: FieldSpec) -> int | None:
    """Answer the greatest length that the field says, for the databases that want one."""
    if spec.info is None:
        return None
    lengths = [getattr(mark, "max_length", None) for mark in spec.info.metadata]
    return max((length for length in lengths if isinstance(length, int)), default=None)
