"""Column types that keep the values of entity fields without loss."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, String
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
        return dialect.type_descriptor(_STORED_AS.get(self.spec.kind, String()))

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:
        """Encode a value."""
        return self.spec.primitive(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Decode a value."""
        if value is None or self.spec.decode is None:
            return value
        return self.spec.decode(value)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def column_type(spec: FieldSpec) -> TypeEngine[Any]:
    """Answer the column type for a field."""
    if spec.kind in PLAIN:
        return _STORED_AS.get(spec.kind, String())
    return Stored(spec)
