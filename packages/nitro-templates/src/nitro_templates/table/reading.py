"""What a URL says about a table, checked against what the table offers.

Nothing in a URL is an error of the application: what cannot be read becomes a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.i18n import gettext as _

from .filtering import read_filters
from .rules import Group, read_rules
from .state import MOST_KEYS, ViewState

if TYPE_CHECKING:
    from .definition import Definition

_OWN = ("q", "sort", "where", "cols", "size", "count", "after", "before")
_LONGEST_SEARCH = 200
_LONGEST = 2000
# parameters that transport the request or ask for a part, and say nothing about the view
_TRANSPORT = ("_", "datastar")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
Query = Mapping[str, Sequence[str]]


def read_state(query: Query, definition: Definition) -> ViewState:
    """Read the state of the table that *definition* describes."""
    prefix = definition.prefix
    others = _others(query, prefix, definition)
    if sum(map(len, query.values())) == len(others):  # nothing about this table
        return ViewState(prefix=prefix, others=others)
    filters, problems = read_filters(definition.filters, query, prefix, definition.source)
    order = _order(_one(query, f"{prefix}sort"), definition, problems)
    state = ViewState(
        prefix=prefix,
        search=_search(query, prefix, definition),
        order=order,
        filters=filters,
        rules=_rules(_one(query, f"{prefix}where"), definition, problems),
        columns=_columns(query.get(f"{prefix}cols", ()), definition, problems),
        size=_size(_one(query, f"{prefix}size"), definition, problems),
        exact=_one(query, f"{prefix}count") == "exact" and definition.count == "capped",
        saved=id_in(_one(query, f"{prefix}view")) if definition.saving else "",
        others=others,
    )
    if problems:  # a place in another list says nothing about this one
        return replace(state, problems=tuple(problems))
    after = _one(query, f"{prefix}after") or None
    before = None if after else _one(query, f"{prefix}before") or None
    return replace(state, after=after, before=before)


def _others(query: Query, prefix: str, definition: Definition) -> tuple[tuple[str, str], ...]:
    names = (*_OWN, "view") if definition.saving else _OWN
    own, start = {f"{prefix}{parameter}" for parameter in names}, f"{prefix}f-"
    return tuple(
        (key, value)
        for key, values in query.items()
        if key not in own and not key.startswith((start, *_TRANSPORT))
        for value in values
    )


def _search(query: Query, prefix: str, definition: Definition) -> str:
    if not definition.search_in:
        return ""
    return _one(query, f"{prefix}q").strip()[:_LONGEST_SEARCH]


def _order(text: str, definition: Definition, problems: list[str]) -> tuple[str, ...]:
    if not text:
        return ()
    offered = {column.name for column in definition.columns if column.sortable}
    keys = text.split(",")
    names = [key.removeprefix("-") for key in keys]
    if len(keys) > MOST_KEYS or len({*names}) < len(names) or not {*names} <= offered:
        problems.append(_("This list cannot be sorted that way."))
        return ()
    return tuple(keys)


def _rules(text: str, definition: Definition, problems: list[str]) -> Group | None:
    try:
        return read_rules(text, definition.filters, definition.source)
    except ValueError:
        problems.append(_("The conditions of this address cannot be read. They were left out."))
        return None


def _columns(given: Sequence[str], definition: Definition, problems: list[str]) -> tuple[str, ...]:
    asked = {name for text in given for name in text[:_LONGEST].split(",") if name}
    if not asked:
        return ()
    offered = [column.name for column in definition.columns]
    if not definition.choosing or asked - {*offered}:
        problems.append(_("A column of this address is not offered here. It was left out."))
    chosen = tuple(name for name in offered if name in asked)
    usual = tuple(column.name for column in definition.columns if not column.hidden)
    return chosen if definition.choosing and chosen != usual else ()


def _size(text: str, definition: Definition, problems: list[str]) -> int | None:
    if not text or text == str(definition.size):
        return None
    size = next((size for size in definition.sizes if str(size) == text), None)
    if size is None:
        problems.append(_("Pages of that size are not offered here."))
    return size


def id_in(text: str) -> str:
    """Answer what a URL says of a saved view; nothing for what can be none."""
    return text if _ID.fullmatch(text) else ""


def _one(query: Query, name: str) -> str:
    values = query.get(name)
    return values[-1] if values else ""
