"""What a handler returned, as a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from nitro_events.http.request import Request
from nitro_events.http.response import Response, empty, events, html, json
from nitro_events.patches import Patch
from nitro_events.state import state

__all__ = [
    "Converters",
    "concerns",
    "jsonable",
    "register",
    "to_response",
    "to_response_for_route",
]

Matches: TypeAlias = Callable[[object], bool]
Convert: TypeAlias = Callable[[object, Request, int], "Response | None"]


@dataclass(frozen=True, slots=True)
class Converter:
    """Turns the values that *matches* accepts into responses."""

    matches: Matches
    convert: Convert


class Converters(list[Converter]):
    """The converters that were registered, in order."""


def register(matches: Matches, convert: Convert) -> None:
    """Let ``convert(value, request, status)`` answer for the values that *matches* accepts.

    Later ones come before earlier ones, and all before what is built in. One that returns None
    leaves the value to the next.
    """
    state.converters.append(Converter(matches, convert))


def concerns(value: object) -> bool:
    """Tell whether `to_response` may have an answer for *value*, without rendering anything."""
    for converter in state.converters:
        if converter.matches(value):
            return True
    kind = type(value)
    if kind in _AS_THEY_ARE or kind is dict:
        return False
    return isinstance(value, Response) or hasattr(kind, "__html__") or bool(patches_of(value))


def to_response(value: object, request: Request, *, status: int = 200) -> Response | None:
    """Return the response for *value*, or None if it is for the framework to say.

    May read data and render: call it in a worker thread.
    """
    for converter in reversed(state.converters):
        if converter.matches(value):
            response = converter.convert(value, request, status)
            if response is not None:
                return response
    if isinstance(value, Response):
        return value
    patches = patches_of(value)
    if patches is not None:
        return events(patches)
    markup = markup_of(value)
    return None if markup is None else html(markup, status=status)


def to_response_for_route(value: object, request: Request, *, status: int = 200) -> Response:
    """Return the response for *value* where no framework is asked: Nitro's own routes."""
    response = to_response(value, request, status=status)
    if response is not None:
        return response
    if value is None:
        return empty()
    return json(jsonable(value), status=status)


def jsonable(value: object) -> object:
    """Return *value* as JSON knows it; entities come without their secret fields.

    Raises TypeError for what has no JSON form.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    target = state.targets.of(kind)
    if target is not None:
        return target.json(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        return {str(key): jsonable(item) for key, item in pairs.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in cast("list[object]", value)]
    if value is None or isinstance(value, _SCALARS):
        return to_jsonable_python(value, inf_nan_mode="null")
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if hasattr(value, "__iter__"):
        return [jsonable(item) for item in cast("list[object]", value)]
    msg = f"{kind.__name__} has no JSON form. Return a dict, a list, a model or a Patch"
    raise TypeError(msg)


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_SCALARS = (str, int, float, bool, date, datetime, time, Decimal, Enum, UUID)


def patches_of(value: object) -> list[Patch] | None:
    """Return the patches that *value* is, or None if it is something else."""
    if isinstance(value, Patch):
        return [value]
    if isinstance(value, list | tuple) and value:
        items = cast("list[object]", value)
        if all(isinstance(item, Patch) for item in items):
            return cast("list[Patch]", list(items))
    return None


def markup_of(value: object) -> str | None:
    """Return the markup of an object with ``__html__``, or None."""
    # on the class: an object that answers any attribute is not markup
    write = getattr(type(value), "__html__", None)
    return None if write is None else str(write(value))
