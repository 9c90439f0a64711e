"""What a route may answer, as OpenAPI says it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_args, get_origin

from nitro_events.http.response import Response
from nitro_events.http.schemas import Schema, Schemas
from nitro_events.patches import Patch
from nitro_events.state import state

__all__ = ["PROBLEM", "problems", "result_of"]

_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_CONFLICT: Schema = {
    "type": "object",
    "properties": {
        "mine": {"type": "string"},
        "theirs": {"type": "string"},
        "by": {"type": ["string", "null"]},
        "at": {"type": ["string", "null"], "format": "date-time"},
    },
}
PROBLEM: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457), with messages by field",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": _TEXTS,
        "id": {"type": "string", "description": "Finds it in the log"},
        "conflicts": {"type": "object", "additionalProperties": _CONFLICT},
    },
}
"""The schema of ``application/problem+json``."""

_MEANING = {
    "400": "The request cannot be read",
    "403": "This caller may not, or not from there",
    "404": "There is no such thing",
    "409": "Somebody else changed it meanwhile",
    "413": "Too large",
    "415": "Not a kind of body that is read here",
    "422": "Some values cannot be; errors says which",
    "429": "Too many at once",
}
_HTML: Schema = {"text/html": {"schema": {"type": "string"}}}
_EVENTS: Schema = {"text/event-stream": {"schema": {"type": "string"}}}


def problems(method: str, *, by_id: bool) -> Schema:
    """Return the refusals that are possible for *method*."""
    known = ["400", "403", "422", "429"]
    known += ["404"] if by_id else []
    known += [] if method == "GET" else ["409", "413", "415"]
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}, **_HTML}
    return {code: {"description": _MEANING[code], "content": content} for code in sorted(known)}


def result_of(function: Callable[..., object], returns: Any, schemas: Schemas) -> Schema:
    """Return what *function*, annotated with *returns*, answers when all is well."""
    inner = inspect.unwrap(getattr(function, "__func__", function))
    if inspect.isasyncgenfunction(inner) or inspect.isgeneratorfunction(inner):
        return {"200": {"description": "Patches as they come", "content": _EVENTS}}
    if returns is None or returns is type(None):
        return {"204": {"description": "It is done"}}
    if _is_patch(returns):
        return {"200": {"description": "Patches", "content": _EVENTS}}
    if isinstance(returns, type) and hasattr(returns, "__html__"):
        return {"200": {"description": "A page", "content": _HTML}}
    content = {"application/json": {"schema": _schema(returns, schemas)}}
    told: Schema = {"200": {"description": "The result", "content": content}}
    if type(None) in get_args(returns):
        told["204"] = {"description": "There is none"}
    return told


def _schema(returns: Any, schemas: Schemas) -> Schema:
    if returns is Any or returns is object or returns is Response:
        return {}
    target = state.targets.of(returns) if isinstance(returns, type) else None
    if target is not None:
        # told by its own fields, which leave out the secret ones
        known = {name: schemas.of(item.annotation) for name, item in target.fields().items()}
        return schemas.object({"id": {}, **known}, ["id"])
    if get_origin(returns) in (list, tuple, set) and len(get_args(returns)) == 1:
        return {"type": "array", "items": _schema(get_args(returns)[0], schemas)}
    return schemas.of(returns, "serialization")


def _is_patch(returns: Any) -> bool:
    return returns is Patch or (
        get_origin(returns) in (list, tuple) and get_args(returns)[:1] == (Patch,)
    )
