"""What a type annotation is made of: the members of a union, the items of a list."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

__all__ = ["file_class", "item_of", "members", "metadata_in", "nested_model"]


def members(annotation: Any) -> list[Any]:
    """Return the types that *annotation* is made of: those of a union, without wrappers."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [kind for member in get_args(annotation) for kind in members(member)]
    if origin is Literal:
        return [type(value) for value in get_args(annotation) if value is None] or [annotation]
    if isinstance(annotation, NewType):
        return members(annotation.__supertype__)
    if type(annotation).__name__ == "TypeAliasType":  # `type Name = …`, since Python 3.12
        return members(annotation.__value__)
    return [annotation]


def metadata_in(annotation: Any) -> Iterator[object]:
    """Yield what `Annotated` says inside *annotation*."""
    args = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from args[1:]
        args = args[:1]
    elif get_origin(annotation) not in (Union, types.UnionType):
        return
    for member in args:
        yield from metadata_in(member)


def item_of(kind: Any) -> Any:
    """Return the type of the items of a list, a set or a tuple; None for anything else."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return args[0] if len(args) == 2 and args[1] is Ellipsis else None
    if origin in (list, set, frozenset, deque, Sequence) and len(args) == 1:
        return args[0]
    return None


def file_class(kind: Any) -> type[BaseModel] | None:
    """Return *kind* if its values stand for files that are kept elsewhere."""
    # by a mark: the class lives in nitro_entities, which this package does not import
    return kind if isinstance(kind, type) and hasattr(kind, "__nitro_file__") else None


def nested_model(kind: Any) -> type[BaseModel] | None:
    """Return *kind* if it is a model that is a part of another, not an entity of its own."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return None
    # by name: the class lives in nitro_entities, which this package does not import
    is_entity = any(base.__name__ == "Verbs" for base in kind.__mro__)
    if is_entity or file_class(kind) or issubclass(kind, RootModel):
        return None
    return kind if kind.model_fields else None
