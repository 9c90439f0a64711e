"""The generated routes described as OpenAPI 3.1, for programs and for documentation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from nitro_events.actions import Action
from nitro_events.hints import hints_of
from nitro_events.http.commands import COMMANDS, Exposed
from nitro_events.http.generated import Entry, GeneratedRoutes, fields_of
from nitro_events.http.responses_openapi import PROBLEM, problems, result_of
from nitro_events.http.schemas import Schema, Schemas
from nitro_events.http.tree import params_of
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.resources import Target

__all__ = ["describe", "merge"]


def describe(*, title: str = "Nitro", version: str = "1") -> dict[str, Any]:
    """Return the description of every generated route and every opened event as it is now.

    That of a route says nothing of who may: the policy decides at each call.
    """
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    for entry in state.part(GeneratedRoutes).table.entries:
        operation = _operation(entry, schemas, _unique(entry, names))
        paths.setdefault(_path(entry.pattern), {})[entry.method.lower()] = operation
    for name, pattern, method in state.routes.ways():
        there = paths.get(_path(pattern))
        if method == "GET" and there is not None and "get" not in there:
            there["get"] = _form(name, pattern)
    for name in sorted(state.part(Exposed)):
        paths[_path(f"{COMMANDS}/{name}/{{sender}}")] = {"post": _event(name)}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {**schemas.finish(), "Problem": PROBLEM}},
    }


def merge(document: dict[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Add *ours* to the *document* of a framework, and return that.

    What the document says of a path and verb stays, as hand-written routes win; a model of ours
    that has the name of another one there is called ``Nitro<name>``.
    """
    if not ours["paths"]:  # nothing to tell of: the document stays as it is
        return document
    theirs = document.setdefault("components", {}).setdefault("schemas", {})
    mine = ours["components"]["schemas"]
    renamed = {name: f"Nitro{name}" for name in mine if theirs.get(name, mine[name]) != mine[name]}
    known = cast("dict[str, Any]", _renamed(ours, renamed))
    theirs.update(
        {
            renamed.get(name, name): schema
            for name, schema in known["components"]["schemas"].items()
        }
    )
    for path, operations in known["paths"].items():
        there = document.setdefault("paths", {}).setdefault(path, {})
        for method, operation in operations.items():
            there.setdefault(method, operation)
    return document


def _operation(entry: Entry, schemas: Schemas, id: str) -> Schema:
    known: Schema = {"operationId": id, "summary": _summary(entry), "tags": [_tag(entry)]}
    text = inspect.getdoc(entry.function) if entry.function is not None else None
    if text:
        known["description"] = text
    fields, required = _input(entry, schemas)
    in_path = params_of(entry.pattern)
    parameters = [_parameter(name, "path", fields.get(name, _TEXT)) for name in in_path]
    rest = {name: schema for name, schema in fields.items() if name not in in_path}
    needed = [name for name in required if name in rest]
    if entry.method == "GET":
        parameters += [
            _parameter(name, "query", schema, name in needed) for name, schema in rest.items()
        ]
    if parameters:
        known["parameters"] = parameters
    if entry.method not in ("GET", "DELETE") and (rest or entry.function is None):
        taken = schemas.object(rest, needed)
        if entry.function is None:  # what is set has to be a field
            taken["additionalProperties"] = False
        required_at_all = bool(needed) or entry.operation in ("create", "update")
        known["requestBody"] = _body(entry, taken, required_at_all)
    if "application/x-www-form-urlencoded" in known.get("requestBody", {}).get("content", {}):
        known["responses"] = {"303": {"description": "The browser that sent a form is sent on"}}
    known["responses"] = {
        **known.get("responses", {}),
        **_result(entry, schemas),
        **problems(entry.method, by_id=entry.by_id),
    }
    return known


def _input(entry: Entry, schemas: Schemas) -> tuple[dict[str, Schema], list[str]]:
    if entry.operation == "delete":
        return {}, []
    fields = fields_of(entry)
    required = [name for name, item in fields.items() if item.required]
    return (
        {name: _read(item, schemas) for name, item in fields.items()},
        [] if entry.operation == "update" else required,
    )


def _result(entry: Entry, schemas: Schemas) -> Schema:
    if entry.function is not None:
        hints = hints_of(entry.function)
        return result_of(entry.function, hints.get("return", Any), schemas)
    if entry.operation == "delete":
        return {"204": {"description": "It is gone"}}
    status = "201" if entry.operation == "create" else "200"
    schema = _entity(cast("Target", entry.target), schemas)
    return {status: {"description": "As it is now", "content": _json(schema)}}


def _entity(target: Target, schemas: Schemas) -> Schema:
    name = target.kind.__name__
    if name not in schemas.components:
        fields = {name: _read(item, schemas) for name, item in target.fields().items()}
        schemas.named(name, schemas.object({"id": {}, **fields}, ["id"]))
    return {"$ref": f"#/components/schemas/{name}"}


def _body(entry: Entry, schema: Schema, required: bool) -> Schema:
    content = _json(schema)
    if entry.function is not None:
        # the form of an entity is one that this application made and sealed
        content["application/x-www-form-urlencoded"] = {"schema": schema}
    return {"required": required, "content": content}


def _event(name: str) -> Schema:
    return {
        "operationId": f"cmds_{re.sub(r'[^A-Za-z0-9]+', '_', name)}",
        "summary": f"Cause {name}",
        "tags": ["events"],
        "parameters": [_parameter("sender", "path", _TEXT)],
        "requestBody": {"required": False, "content": _json({"type": "object"})},
        "responses": {"204": {"description": "The handlers ran"}, **problems("POST", by_id=False)},
    }


def _form(name: str, pattern: str) -> Schema:
    """Describe the page with the form for what is sent to the same path."""
    id = f"{re.sub(r'[^A-Za-z0-9]+', '_', name)}_form"
    page = {"description": "A page", "content": {"text/html": {"schema": _TEXT}}}
    known: Schema = {"operationId": id, "summary": "The page with the form for it"}
    in_path = params_of(pattern)
    if in_path:
        known["parameters"] = [_parameter(one, "path", _TEXT) for one in in_path]
    known["responses"] = {"200": page, **problems("GET", by_id=bool(in_path))}
    return known


_TEXT: Schema = {"type": "string"}


def _parameter(name: str, place: str, schema: Schema, required: bool = True) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _summary(entry: Entry) -> str:
    if isinstance(entry.action, Action):
        return entry.action.label
    return f"{entry.operation.capitalize()} one of {_tag(entry)}"


def _tag(entry: Entry) -> str:
    return "functions" if entry.target is None else entry.target.slug


def _path(pattern: str) -> str:
    return state.settings.prefix + pattern


def _unique(entry: Entry, names: set[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", f"{entry.name}_{entry.method.lower()}")
    found = next(name for name in _numbered(plain) if name not in names)
    names.add(found)
    return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {
            key: _reference(str(item), names) if key == "$ref" else _renamed(item, names)
            for key, item in pairs
        }
    if isinstance(value, list):
        return [_renamed(item, names) for item in cast("list[object]", value)]
    return value


def _reference(text: str, names: Mapping[str, str]) -> str:
    head, _, name = text.rpartition("/")
    return f"{head}/{names.get(name, name)}"


def _read(item: Field, schemas: Schemas) -> Schema:
    """Return what may be sent for a field: of a stored file the token of its upload."""
    if not item.stored:
        return schemas.of(item.annotation)
    token: Schema = {"type": "string", "description": "The token that its upload has answered"}
    if item.many:
        return {"type": "array", "items": token}
    return {"anyOf": [token, {"type": "null"}]} if item.nullable else token
