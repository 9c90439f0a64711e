"""The text of a list or a nested model: JSON of what stands in the inputs inside it."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, TypeAlias

from pydantic import BaseModel

from .view import FieldView

Tree: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"


def leaf_text(value: object) -> str:
    """Write a single JSON-able *value* as the form sends it back."""
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, date | time):  # a datetime is a date
        return value.isoformat()
    return str(value)


def write_tree(value: object) -> str:
    """Write a list or a nested model as text; None is the empty text."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def read_tree(text: str) -> Any:
    """Read what `write_tree` wrote; a text that it did not write is nothing."""
    if text == "":
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def items_in(tree: object) -> list[Tree]:
    """Answer the items of a list, none for what is no list."""
    return list(tree) if isinstance(tree, list) else []


def members_in(tree: object) -> Mapping[str, Tree]:
    """Answer the members of a nested model, none for what is none."""
    return tree if isinstance(tree, dict) else {}


def in_order(field: FieldView, value: Any) -> Any:
    """Answer the JSON-able *value* with the items of sets in an order that is always the same.

    Two equal sets may be iterated in different orders, which is not a change.
    """
    if isinstance(value, list) and field.item is not None:
        items: Sequence[Any] = [in_order(field.item, item) for item in value]
        return sorted(items, key=_sortable) if field.unordered else list(items)
    if isinstance(value, dict) and field.fields:
        views = {view.name: view for view in field.fields}
        return {k: in_order(views[k], v) if k in views else v for k, v in value.items()}
    return value


def _sortable(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", warnings=False)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return leaf_text(value)
