"""What would be refused if a form were sent as it is now; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError

from nitro_events.reading import errors_in, read_fields
from nitro_events.resources import allowed_fields, raw_values, typed_changes
from nitro_events.wording import FILL_IN

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.form_seal import Seal
    from nitro_events.resources import Given, Target

__all__ = ["errors_of_changes", "errors_of_new"]


def errors_of_new(
    target: Target, given: Given, seal: Seal | None, asked: Collection[str]
) -> dict[str, str]:
    """Return what is wrong with a new entity; the fields *asked* about are looked up, too."""
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
    reading = read_fields(fields, raws, given, defaults=True)
    missing = [name for name, item in fields.items() if item.required and name not in raws]
    errors = {**reading.errors, **dict.fromkeys(missing, FILL_IN)}
    id = None if seal is None else seal.id
    if not errors:
        # what concerns several fields is told when each of them can be
        try:
            target.draft(reading.values, id)
        except ValidationError as exc:
            errors = errors_in(exc, fields)
    return {**_taken(target, reading.values, id, asked, fields), **errors}


def errors_of_changes(
    target: Target, entity: object, given: Given, seal: Seal | None, asked: Collection[str]
) -> dict[str, str]:
    """Return what is wrong with the fields that the user changed."""
    fields = allowed_fields(target, seal)
    raws = raw_values(fields, given, seal)
    changed = typed_changes(target, given, seal)[0]
    reading = read_fields(fields, raws, given, defaults=False)
    errors = reading.errors_of(frozenset(changed))
    values = {name: value for name, value in reading.values.items() if name in changed}
    id = target.id_of(entity)
    found = _taken(target, reading.values, id, asked, fields)
    if not errors and values:
        try:
            target.check(entity, values)
        except ValidationError as exc:
            errors = errors_in(exc, fields)
    return {**found, **errors}


def _taken(
    target: Target,
    values: Mapping[str, object],
    id: str | None,
    asked: Collection[str],
    fields: Mapping[str, Field],
) -> dict[str, str]:
    if not any(name in values for name in asked):
        return {}
    found = target.taken(values, id)
    return {name: text for name, text in found.items() if name in fields}
