"""Fields that are shown only while other fields have certain values.

The rules are sealed into the form. The browser shows and hides by them, the server decides by
the values that were sent.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias, cast

from nitro_templates.fields.formats import input_text
from nitro_templates.fields.view import FieldView

from .definition import Definition
from .rows import Row

Rules: TypeAlias = "dict[str, dict[str, list[str]]]"
"""By field: the fields that decide, each with the texts of which it must have one."""

SHOW_IF = "data_nitro_show_if"
OFF = "data_nitro_off"


def check(definition: Definition) -> Definition:
    """Answer *definition*. Raises if a rule names no field, or hides what must be filled in."""
    known = [field.name for field in definition.known]
    for field in definition.known:
        for name in field.show_if or ():
            if name not in known or name == field.name:
                msg = (
                    f"{field.name!r} is shown by the value of {name!r}, which is no other field. "
                    f"Known fields: {', '.join(known)}"
                )
                raise LookupError(msg)
        if field.show_if and field.required and definition.operation != "update":
            msg = (
                f"{field.name!r} is not always shown, so nobody may have filled it in. "
                f"Give it a default"
            )
            raise TypeError(msg)
    return definition


def settled(definition: Definition, values: Mapping[str, object]) -> Definition:
    """Leave out the fields that depend on others which are not in this form, and have no chance.

    *values* are those that are stored, or the defaults.
    """
    shown = {field.name for field in definition.fields}
    others = {field.name: field for field in definition.known if field.name not in shown}

    def fits(field: FieldView) -> bool:
        return all(
            name not in others
            or _texts(others[name], input_text(others[name], values.get(name)))
            & set(_wanted(others[name], value))
            for name, value in (field.show_if or {}).items()
        )

    kept = tuple(filter(fits, definition.fields))
    return definition if len(kept) == len(shown) else replace(definition, fields=kept)


def rules_of(definition: Definition) -> Rules:
    """Answer the rules among the fields of the form."""
    fields = {field.name: field for field in definition.fields}
    rules: Rules = {}
    for name, field in fields.items():
        wanted = {
            other: _wanted(fields[other], value)
            for other, value in (field.show_if or {}).items()
            if other in fields
        }
        if wanted:
            rules[name] = wanted
    return rules


def marked(rows: list[Row], rules: Rules) -> list[Row]:
    """Give the rows their rules, for the browser, and hide those that do not apply now."""
    if not rules:
        return rows
    texts = {row.field.name: _texts(row.field, row.text) for row in rows}
    hidden = _hidden(rules, texts)
    return [
        replace(row, marks={**row.marks, SHOW_IF: _json(rules[name]), OFF: name in hidden})
        if (name := row.field.name) in rules
        else row
        for row in rows
    ]


def _hidden(rules: Rules, texts: Mapping[str, set[str]]) -> set[str]:
    """Answer the fields that do not apply; what depends on a hidden field is hidden too."""
    hidden: set[str] = set()
    while True:
        found = {
            name
            for name, wanted in rules.items()
            if any(other in hidden or not texts[other] & set(wanted[other]) for other in wanted)
        }
        if found <= hidden:
            return hidden
        hidden |= found


def _json(rule: Mapping[str, list[str]]) -> str:
    return json.dumps(rule, separators=(",", ":"))


def _wanted(field: FieldView, value: object) -> list[str]:
    several = isinstance(value, list | tuple | set | frozenset)
    values = cast("Iterable[object]", value) if several else (value,)
    return sorted({_text(field, item) for item in values})


def _text(field: FieldView, value: object) -> str:
    if value is False and field.widget == "checkbox":
        return ""  # a box that is not ticked sends nothing
    if isinstance(value, enum.Enum):
        value = value.value
    return input_text(field, value)


def _texts(field: FieldView, text: str) -> set[str]:
    """Answer what a browser would send for *field* while it shows *text*."""
    if field.widget == "checkbox":
        return {"true" if text in ("true", "on", "1") else ""}
    if field.many:
        try:
            found = json.loads(text or "[]")
        except (ValueError, RecursionError):
            return {text}
        return {str(item) for item in found} if isinstance(found, list) else {text}
    return {text}
