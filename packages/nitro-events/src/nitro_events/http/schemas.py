"""The JSON schemas of a description: collected first, so that each model is written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

__all__ = ["Schema", "Schemas"]

Schema: TypeAlias = dict[str, Any]
Mode: TypeAlias = Literal["validation", "serialization"]

TEMPLATE = "#/components/schemas/{model}"


class _Quiet(GenerateJsonSchema):
    """Leaves out defaults that JSON does not know, without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


class Schemas:
    """Schemas of annotations. What is asked for is a place that `finish` fills."""

    def __init__(self) -> None:
        self._asked: list[tuple[Schema, Mode, TypeAdapter[Any]]] = []
        self.components: dict[str, Schema] = {}

    def of(self, annotation: Any, mode: Mode = "validation") -> Schema:
        """Return the schema of *annotation*, empty until `finish`; anything if it has none."""
        place: Schema = {}
        try:
            adapter = TypeAdapter[Any](annotation)
            adapter.json_schema(mode=mode, schema_generator=_Quiet)
        except (PydanticUserError, TypeError, NameError):  # a type that JSON does not know
            return place
        self._asked.append((place, mode, adapter))
        return place

    def object(self, properties: Mapping[str, Schema], required: list[str]) -> Schema:
        """Return the schema of an object with these members."""
        schema: Schema = {"type": "object", "properties": dict(properties)}
        return {**schema, "required": required} if required else schema

    def named(self, name: str, schema: Schema) -> Schema:
        """Keep *schema* as a component; return the reference to it."""
        self.components[name] = schema
        return {"$ref": TEMPLATE.format(model=name)}

    def finish(self) -> dict[str, Schema]:
        """Fill every place that was asked for, and return the components by name."""
        inputs: list[tuple[int, Mode, TypeAdapter[Any]]] = [
            (number, mode, adapter) for number, (_, mode, adapter) in enumerate(self._asked)
        ]
        made, definitions = TypeAdapter.json_schemas(
            inputs, ref_template=TEMPLATE, schema_generator=_Quiet
        )
        for (number, _mode), schema in made.items():
            self._asked[number][0].update(schema)
        return {**definitions.get("$defs", {}), **self.components}
