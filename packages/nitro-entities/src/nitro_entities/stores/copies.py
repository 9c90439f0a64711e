"""Entities made of values that others hold, too: validation copies what it can, we the rest."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, cast

from nitro_entities.fields import UNCHANGING, specs
from nitro_entities.fields.schemas import has_validators, schema_of

_UNCHANGING = frozenset(
    {"str", "int", "float", "bool", "bytes", "date", "time", "datetime", "timedelta", "decimal",
     "uuid", "enum", "literal", "none"}
)  # fmt: skip
_MADE_ANEW = {
    "list": ("items_schema",),
    "set": ("items_schema",),
    "frozenset": ("items_schema",),
    "dict": ("keys_schema", "values_schema"),
}


def maker(cls: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Answer the function that makes an entity of stored values, sharing nothing with them."""
    make = _validator(cls)
    shared = [name for name in specs(cls) if not _is_made_anew(cls, name)]
    if not shared:
        return make

    def copy_and_make(row: Mapping[str, Any]) -> Any:
        values = dict(row)
        for name in shared:
            values[name] = copied(values[name])
        return make(values)

    return copy_and_make


def copied(value: Any) -> Any:
    """Answer *value*, or a copy of it if it could be changed in place."""
    return value if type(value) in UNCHANGING else deepcopy(value)


def _validator(cls: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    named = any(info.alias or info.validation_alias for info in cls.__pydantic_fields__.values())
    if named or hasattr(cls, "__sqlmodel_relationships__"):
        return cast("Callable[[Mapping[str, Any]], Any]", cls.__nitro_load__)
    make: Callable[[Mapping[str, Any]], Any] = cls.__pydantic_validator__.validate_python
    return make  # as __nitro_load__ does it, one call nearer


def _is_made_anew(cls: type[Any], name: str) -> bool:
    schema = schema_of(cls).fields[name]
    return not has_validators(schema) and _is_simple(schema)


def _is_simple(schema: Any) -> bool:
    kind = schema["type"]
    if kind in _UNCHANGING:
        return True
    if kind in ("nullable", "default"):
        return _is_simple(schema["schema"])
    return kind in _MADE_ANEW and all(
        part in schema and _is_simple(schema[part]) for part in _MADE_ANEW[kind]
    )
