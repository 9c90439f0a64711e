"""What pydantic knows of the fields of a class, as schemas of pydantic-core."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

Schema = dict[str, Any]


class ClassSchema(NamedTuple):
    """The schemas of the fields of a class by name, and what they share."""

    fields: dict[str, Schema]
    definitions: list[Schema]
    config: Schema


def schema_of(cls: type[Any]) -> ClassSchema:
    """Answer the schemas of *cls*, whose annotations are all known."""
    whole = cast("Schema", cls.__pydantic_core_schema__)
    definitions: list[Schema] = whole.get("definitions", [])
    model = next(node for node in _nodes(whole) if node.get("cls") is cls)
    inner = next(node for node in _nodes(model["schema"]) if node["type"] == "model-fields")
    fields = {name: field["schema"] for name, field in inner["fields"].items()}
    return ClassSchema(fields, definitions, model.get("config") or {})


def _nodes(schema: Any) -> Iterator[Schema]:
    """Go through what wraps a class: validators of the whole model, and definitions."""
    if not isinstance(schema, dict):
        return
    node = cast("Schema", schema)
    yield node
    if node["type"] == "definitions":
        for definition in node["definitions"]:
            yield from _nodes(definition)
    if node["type"] not in ("model", "model-fields"):
        yield from _nodes(node.get("schema"))


def lone_field(cls: type[Any], whole: ClassSchema, name: str) -> Schema:
    """Answer the schema of one field, without validators of the class that look at the others."""
    decorators: Any = cls.__pydantic_decorators__
    own = [found.func for found in decorators.field_validators.values()]
    return _without(whole.fields[name], own)


def _without(schema: Schema, own: list[Any]) -> Schema:
    inner = schema.get("schema")
    if not isinstance(inner, dict) or schema["type"] not in _WRAPPERS:
        return schema
    kept = _without(cast("Schema", inner), own)
    function = schema.get("function")
    if function is not None and function["type"] == "with-info" and function["function"] in own:
        return kept
    return schema if kept is inner else {**schema, "schema": kept}


def has_validators(schema: Any) -> bool:
    """Say whether functions that are not pydantic's own take part in validating *schema*."""
    if isinstance(schema, (list, tuple)):
        return any(has_validators(part) for part in cast("list[Any]", schema))
    if not isinstance(schema, dict):
        return False
    node = cast("Schema", schema)
    if str(node.get("type")).startswith("function-"):
        function = node["function"]["function"]
        if not str(getattr(function, "__module__", "")).startswith("pydantic"):
            return True
    return any(has_validators(node[key]) for key in ("schema", "steps") if key in node)


_WRAPPERS = {"default", "nullable", "function-after", "function-before", "function-wrap"}
