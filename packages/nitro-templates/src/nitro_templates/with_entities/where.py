"""Neutral conditions as those of nitro_entities, with values of the fields' types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from nitro_entities.conditions import (
    Compare,
    Condition,
    FieldRef,
    In,
    IsNull,
    Not,
    all_of,
    any_of,
)
from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import FieldSpec, Kind, specs
from nitro_templates.sources.where import AnyOf, Test, Where

_TEXTS = (Kind.TEXT, Kind.ENUM_TEXT)


def condition_of(where: Where, model: type[Any]) -> Condition:
    """Translate *where*. InvalidQuery, a ValueError, names the field that cannot be asked so."""
    if isinstance(where, Test):
        spec = specs(model).get(where.field)
        if spec is None or spec.secret:
            msg = f"There is no field {where.field!r} to ask for"
            raise InvalidQuery(msg)
        return _of_test(where, spec)
    parts = [condition_of(part, model) for part in where.parts]
    return (any_of if isinstance(where, AnyOf) else all_of)(parts)


def _of_test(test: Test, spec: FieldSpec) -> Condition:
    if test.op == "null":
        return IsNull(test.field) if test.value else Not(IsNull(test.field))
    if test.op == "in":
        values = cast("tuple[object, ...]", test.value)
        return In(test.field, tuple(_read(value, spec) for value in values))
    if test.op in ("contains", "startswith"):
        return _of_text(test, spec)
    return Compare(test.field, test.op, _read(test.value, spec))


def _of_text(test: Test, spec: FieldSpec) -> Condition:
    if spec.kind not in _TEXTS:
        msg = f"{test.field} holds no text to look into"
        raise InvalidQuery(msg)
    field: FieldRef[Any] = FieldRef(test.field)
    ask: Callable[[str], Condition] = (
        field.icontains if test.op == "contains" else field.startswith
    )
    return ask(str(test.value))


def _read(value: object, spec: FieldSpec) -> object:
    if not spec.comparable:
        msg = f"{spec.name} can be neither compared nor sorted"
        raise InvalidQuery(msg)
    return spec.coerce(value)
