"""The buttons of lists in forms, for browsers without scripts: add, remove, up, down.

Such a button sends the form, nothing is stored, and the form comes back with what was typed and
the list as it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from nitro_events.fields import Field

__all__ = ["VERBS", "Moves", "moved"]

VERBS = ("_add", "_remove", "_up", "_down")
"""The names of the buttons; the value is the dotted name of the list or of the item."""

Moves: TypeAlias = tuple[tuple[str, str], ...]


def moved(
    fields: Mapping[str, Field], raws: Mapping[str, object], moves: Moves
) -> dict[str, object]:
    """Return *raws* after *moves*; those that fit no list are left out."""
    after = dict(raws)
    for verb, path in moves:
        name, *rest = path.split(".")
        field = fields.get(name)
        if field is not None and field.composite:
            after[name] = _moved(field, after.get(name), verb, rest)
    return after


def _moved(field: Field, raw: Any, verb: str, rest: list[str]) -> object:
    if not rest:
        return _changed(field, raw, verb)
    part, *further = rest
    if field.item is not None and isinstance(raw, list):
        at = _place(part, raw)
        if at is None:
            return raw
        if not further and verb != "_add":
            return _shifted(raw, at, verb)
        return [*raw[:at], _moved(field.item, raw[at], verb, further), *raw[at + 1 :]]
    inside = (field.members or {}).get(part)
    if inside is None or not inside.composite:
        return raw
    members = raw if isinstance(raw, dict) else {}
    return {**members, part: _moved(inside, members.get(part), verb, further)}


def _changed(field: Field, raw: Any, verb: str) -> object:
    if field.item is not None and verb == "_add":
        new: object = {} if field.item.members is not None else _blank(field.item)
        return [*(raw if isinstance(raw, list) else []), new]
    if field.members is not None and field.nullable and verb in ("_add", "_remove"):
        return {} if verb == "_add" else None
    return raw


def _blank(item: Field) -> object:
    return [] if item.item is not None else ""


def _place(part: str, items: list[Any]) -> int | None:
    fits = part.isascii() and part.isdigit() and len(part) < 10
    return int(part) if fits and int(part) < len(items) else None


def _shifted(items: list[Any], at: int, verb: str) -> list[Any]:
    rest = [*items[:at], *items[at + 1 :]]
    if verb == "_remove":
        return rest
    to = max(at - 1, 0) if verb == "_up" else at + 1
    return [*rest[:to], items[at], *rest[to:]]
