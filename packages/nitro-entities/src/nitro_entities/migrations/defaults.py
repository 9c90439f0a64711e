"""What rows that are there already get in a new column: the default of the field."""

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from sqlalchemy import Column

from nitro_entities.fields import FieldSpec
from nitro_entities.migrations.tables import field_of, kept_classes


def default_text(table: str, column: Column[Any]) -> str | None:
    """Answer the stored value of the field's default as text; None if there is not one for all."""
    spec = field_of(table, column.name)
    if spec is None:
        return None
    info: FieldInfo = kept_classes()[table].__pydantic_fields__[spec.name]
    try:
        value = spec.primitive(spec.coerce(_default(info, spec)))
    except (ValueError, TypeError, LookupError):
        return None
    return _text(value)


def _default(info: FieldInfo, spec: FieldSpec) -> Any:
    """Answer the default. Raises LookupError if there is none, or another one each time."""
    if info.default_factory is None:
        if info.default is PydanticUndefined:
            raise LookupError(spec.name)
        return info.default
    if info.default_factory_takes_validated_data:
        raise LookupError(spec.name)
    make: Any = info.default_factory
    first, second = make(), make()
    if spec.primitive(spec.coerce(first)) != spec.primitive(spec.coerce(second)):
        raise LookupError(spec.name)  # ids, moments: not for many rows
    return first


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "" if not value else None
    if isinstance(value, bool):
        return str(int(value))
    return str(value)
