"""Nested models and lists in forms: dotted names become JSON-like values, and errors go back.

`address.street`, `lines.0.quantity`, `tags.0` or several `tags`; a name that ends with a dot
(`lines.0.`) says that the group is there although nothing in it may be sent. Numbers only tell
items apart: items keep the order in which they come, and are counted from zero afterwards.
What fits no declared field is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nitro_events.fields import Field

__all__ = ["MOST_PARTS", "canonical", "collected", "path_of", "strictly", "typed_texts"]

MOST_PARTS = 12
"""How many parts a dotted name may have."""
_LONGEST_NUMBER = 9


class _Node:
    """What was sent for one name, and for the names below it."""

    __slots__ = ("below", "texts", "there")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.below: dict[str, _Node] = {}
        self.there = False


def collected(field: Field, lists: Mapping[str, list[str]], *, complete: bool) -> object:
    """Return the JSON-like value of a nested or list *field*, or ... if nothing was sent of it.

    *complete*: the form showed the field, so that no items means an empty list.
    """
    node = _node_of(field.name, lists)
    if node is None:
        if not complete:
            return ...
        if field.nullable:
            return None
        node = _Node()
    return _value(field, node)


def typed_texts(values: Mapping[str, object], lists: Mapping[str, list[str]]) -> dict[str, object]:
    """Return what was typed by field, whatever the fields are: dotted names become trees."""
    roots = dict.fromkeys(name.split(".")[0] for name in lists if "." in name)
    trees = {root: _guessed(node) for root in roots if (node := _node_of(root, lists))}
    plain = {name: value for name, value in values.items() if "." not in name}
    return {**plain, **trees}


def _guessed(node: _Node) -> object:
    below = {name: inside for name, inside in node.below.items() if name}
    if not below:
        return node.texts[-1] if node.texts else {}
    if all(name.isdigit() for name in below):
        return [_guessed(inside) for inside in below.values()]
    return {name: _guessed(inside) for name, inside in below.items()}


def _node_of(name: str, lists: Mapping[str, list[str]]) -> _Node | None:
    root, start, found = _Node(), f"{name}.", False
    for sent, texts in lists.items():
        if sent == name:
            root.texts, found = texts, True
        elif sent.startswith(start):
            parts = sent[len(start) :].split(".")
            if len(parts) <= MOST_PARTS:
                _put(root, parts, texts)
                found = True
    return root if found else None


def _put(node: _Node, parts: list[str], texts: list[str]) -> None:
    *above, last = parts
    for part in above:
        node = node.below.setdefault(part, _Node())
    if last:
        node.below.setdefault(last, _Node()).texts = texts
    else:
        node.there = True


def _value(field: Field, node: _Node) -> object:
    item, members = field.item, field.members
    if item is not None:
        return [*_texts_as_items(item, node), *_items(item, node)]
    if members is not None:
        return {name: value for name, value in _members(members, node)}
    return field.from_text(node.texts[-1]) if node.texts else ...


def _texts_as_items(item: Field, node: _Node) -> list[object]:
    return [] if item.composite else [item.from_text(text) for text in node.texts]


def _items(item: Field, node: _Node) -> Iterator[object]:
    for number, inside in node.below.items():
        if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
            continue
        value = _value(item, inside)
        if value is ...:
            value = item.from_text(None)
        if value is not ...:
            yield value


def _members(members: Mapping[str, Field], node: _Node) -> Iterator[tuple[str, object]]:
    for name, field in members.items():
        inside = node.below.get(name)
        if inside is not None:
            value = _value(field, inside)
        elif field.composite:
            value = None if field.nullable else _value(field, _Node())
        else:
            value = field.from_text(None)
        if value is not ...:
            yield name, value


def strictly(field: Field, raw: object, *, trim: bool = True) -> tuple[object, dict[str, str]]:
    """Return *raw* as it is to be read, and messages for what is left blank, by dotted name.

    Choices become what pydantic reads. *trim*: blank items at the end of a simple list are
    dropped, as a row that was added and not used.
    """
    walk = _Walk(trim, {})
    return walk.through(field, raw, ""), walk.messages


@dataclass(frozen=True, slots=True)
class _Walk:
    trim: bool
    messages: dict[str, str]

    def through(self, field: Field, raw: object, path: str) -> object:
        item, members = field.item, field.members
        if item is not None and isinstance(raw, list):
            return self._items(item, list[Any](raw), path)
        if members is not None and isinstance(raw, dict):
            return {
                name: self.through(members[name], value, _join(path, name))
                if name in members
                else value
                for name, value in dict[str, Any](raw).items()
            }
        return raw if field.composite else self._leaf(field, raw, path)

    def _items(self, item: Field, items: list[Any], path: str) -> list[object]:
        while self.trim and not item.composite and items and items[-1] == "":
            items.pop()
        return [self.through(item, one, _join(path, str(n))) for n, one in enumerate(items)]

    def _leaf(self, field: Field, raw: object, path: str) -> object:
        trouble = field.trouble(raw)
        if trouble is not None:
            self.messages[path] = trouble
        return field.chosen(raw)


def canonical(field: Field, value: Any) -> Any:
    """Return the JSON *value* with the items of sets in an order that is always the same."""
    item, members = field.item, field.members
    if item is not None and isinstance(value, list):
        items = [canonical(item, one) for one in value]
        return sorted(items, key=_sortable) if field.unordered else items
    if members is not None and isinstance(value, dict):
        return {n: canonical(members[n], v) if n in members else v for n, v in value.items()}
    return value


def _sortable(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def path_of(field: Field, loc: Sequence[int | str]) -> str:
    """Return the dotted name of the place *loc* inside *field* that pydantic complains of."""
    path = ""
    for part in loc:
        if isinstance(part, int) and field.item is not None:
            path, field = _join(path, str(part)), field.item
        elif field.members is not None and part in field.inside:
            name = field.inside[str(part)]
            path, field = _join(path, name), field.members[name]
        else:
            break
    return path


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
