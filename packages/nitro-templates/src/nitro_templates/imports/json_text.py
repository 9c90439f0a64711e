"""Rows of JSON: a list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped

from .sheet import Limits, Sheet, Unreadable, Way, gathered
from .text import decoded


def read(content: bytes, way: Way, limits: Limits) -> Sheet:
    """Read a list of objects. Raises Unreadable."""
    text, encoding, _notes = decoded(content, way.encoding or "utf-8")
    try:
        data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except RecursionError:
        raise Unreadable(_("This JSON has too many levels.")) from None
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(_("This is no JSON: {reason}", reason=str(error))) from None
    things = _list(data)
    if not things or not all(isinstance(thing, dict) for thing in things):
        raise Unreadable(_("Send a list of objects: [{example}, …]", example='{"name": "…"}'))
    if len(things) > limits.rows:
        raise Unreadable(_("This file has more than {rows} rows.", rows=grouped(limits.rows)))
    names = list(dict.fromkeys(name for thing in things for name in thing))
    if len(names) > limits.columns:
        raise Unreadable(_("This file has more than {columns} columns.", columns=limits.columns))
    return gathered("json", _rows(names, things), limits, Way(encoding))


def _rows(names: list[str], things: list[dict[str, Any]]) -> Iterator[tuple[int, list[object]]]:
    yield 0, list(names)
    for number, thing in enumerate(things, 1):
        # of what is not there, nothing is said; null says that there is nothing
        yield number, [_plain(thing[name]) if name in thing else None for name in names]


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _list(data: object) -> list[Any]:
    given: Any = data
    return list(given) if isinstance(data, list) else []


def _refuse(name: str) -> NoReturn:
    raise Unreadable(_("This is no JSON: {reason}", reason=name))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable(_("An object in this file has the same name twice."))
    return made
