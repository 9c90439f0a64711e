"""A table of paths: found in the time their length takes, and no two for the same request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RouteConflict", "RouteError", "Tree", "params_of"]

T = TypeVar("T")

_PARAM = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class RouteError(ValueError):
    """A route cannot be as it was declared."""


class RouteConflict(RouteError):
    """Two declarations ask for the same requests; the text names both."""


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """*value* answers; *names* are those of the parameters, in the order of the path."""

    value: T
    names: tuple[str, ...]
    owner: str
    pattern: str
    conflict: RouteConflict | None = None


@dataclass(slots=True)
class Node(Generic[T]):
    """One place in the tree: what follows it, by its text or for any text."""

    static: dict[str, Node[T]] = field(default_factory=dict[str, "Node[T]"])
    any: Node[T] | None = None
    leaves: dict[str, Leaf[T]] = field(default_factory=dict[str, Leaf[T]])


class Tree(Generic[T]):
    """Values by method and pattern, such as ``/orders/{id}/ship``.

    A written part comes before a parameter: ``/orders/late`` is never the order "late".
    """

    def __init__(self) -> None:
        self._root: Node[T] = Node()
        self._written: dict[str, Node[T]] = {}
        """The places of patterns without parameters, which are paths."""

    def add(self, method: str, pattern: str, value: T, *, owner: str) -> None:
        """Let *value* answer. Raises RouteError for what is no pattern, RouteConflict for two.

        After a conflict neither is found: whoever asks is told of it instead.
        """
        names = params_of(pattern)
        node = self._root
        for part in pattern[1:].split("/"):
            if _PARAM.fullmatch(part):
                node.any = node.any or Node()
                node = node.any
            else:
                node = node.static.setdefault(part, Node())
        other = node.leaves.get(method)
        if other is not None:
            conflict = RouteConflict(_conflict(method, pattern, owner, other))
            node.leaves[method] = replace(other, conflict=conflict)
            raise conflict
        node.leaves[method] = Leaf(value, names, owner, pattern)
        if not names:
            self._written[pattern] = node

    def find(self, path: str) -> Iterator[tuple[str, T, Mapping[str, str]]]:
        """Yield method, value and parameters of all that answers at *path*.

        Raises the RouteConflict of a path that two asked for.
        """
        found = self._at(path)
        if found is not None:
            leaves, texts = found
            for method, leaf in leaves.items():
                yield method, leaf.value, dict(zip(leaf.names, texts, strict=True))

    def match(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """Return value and parameters of what answers *method* at *path*, None if nothing does.

        Raises the RouteConflict of a path that two asked for.
        """
        found = self._at(path)
        leaf = None if found is None else found[0].get(method)
        if found is None or leaf is None:
            return None
        return leaf.value, dict(zip(leaf.names, found[1], strict=True)) if found[1] else {}

    def _at(self, path: str) -> tuple[dict[str, Leaf[T]], tuple[str, ...]] | None:
        written = self._written.get(path)
        if written is None:
            parts = path[1:].split("/")
            if not path.startswith("/") or "" in parts:
                return None
            found = _walk(self._root, parts, 0, ())
            if found is None:
                return None
            node, texts = found
        else:
            node, texts = written, ()
        for leaf in node.leaves.values():
            if leaf.conflict is not None:
                raise leaf.conflict
        return node.leaves, texts


def params_of(pattern: str) -> tuple[str, ...]:
    """Return the names of the parameters of *pattern*. Raises RouteError if it is none."""
    parts = pattern[1:].split("/")
    names = [match[1] for part in parts if (match := _PARAM.fullmatch(part))]
    plain = [part for part in parts if not _PARAM.fullmatch(part)]
    if not pattern.startswith("/") or not all(parts) or any(set("{}?#% ") & set(p) for p in plain):
        msg = f"A route is a path such as '/orders/{{id}}/ship', got {pattern!r}"
        raise RouteError(msg)
    if len(set(names)) < len(names):
        msg = f"A route names each parameter once, got {pattern!r}"
        raise RouteError(msg)
    return tuple(names)


def _walk(
    node: Node[T], parts: list[str], at: int, texts: tuple[str, ...]
) -> tuple[Node[T], tuple[str, ...]] | None:
    for place in range(at, len(parts)):
        part = parts[place]
        written, free = node.static.get(part), node.any
        if written is not None and free is not None:  # where one ends, the other may go on
            found = _walk(written, parts, place + 1, texts)
            if found is not None:
                return found
            written = None
        if written is not None:
            node = written
        elif free is not None:
            node, texts = free, (*texts, part)
        else:
            return None
    return (node, texts) if node.leaves else None


def _conflict(method: str, pattern: str, owner: str, other: Leaf[T]) -> str:
    return (
        f"{method} {pattern} is asked for by {owner} and, as {other.pattern}, by {other.owner}. "
        "Give one of them another path, or its class a __route_name__ of its own"
    )
