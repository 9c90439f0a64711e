"""How what handlers return is described: entities without their secrets, pages and patches."""

from __future__ import annotations

from typing import Any, cast

from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.plugins.pydantic.utils import get_model_info

from nitro_events import Patch
from nitro_events.state import state

__all__ = ["NitroSchemas", "tell_media_types"]

_HTML = "nitro-html"
_EVENTS = "nitro-events"
_MEDIA_TYPES = {_HTML: "text/html", _EVENTS: "text/event-stream"}


class NitroSchemas(OpenAPISchemaPlugin):
    """Describes the classes that Nitro knows."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Tell whether *value* is a class of pages, elements, patches or entities."""
        return isinstance(value, type) and (_format_of(value) is not None or _is_entity(value))

    def to_openapi_schema(self, field_definition: Any, schema_creator: Any) -> Schema:
        """Return the description of such a class."""
        kind: type = field_definition.annotation
        format = _format_of(kind)
        if format is not None:
            return Schema(type=OpenAPIType.STRING, format=cast("Any", format))
        known = cast("Any", get_model_info)(kind, prefer_alias=schema_creator.prefer_alias)
        target: Any = state.targets.of(kind)
        told = {"id", *target.fields()}
        fields = {name: item for name, item in known.field_definitions.items() if name in told}
        required = sorted(name for name, item in fields.items() if item.is_required)
        described = schema_creator.create_component_schema(
            field_definition, required=required, property_fields=fields, title=known.title
        )
        return cast("Schema", described)


def tell_media_types(document: dict[str, Any]) -> None:
    """Say in *document* that pages are HTML, and patches events of status 200."""
    paths: dict[str, Any] = document.get("paths", {})
    for operations in paths.values():
        for operation in operations.values():
            if "responses" in operation:
                _tell(operation["responses"])


def _tell(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        format = _marked(list(response.get("content", {}).values()))
        if format is not None and format in _MEDIA_TYPES:
            told = {_MEDIA_TYPES[format]: {"schema": {"type": "string"}}}
            del responses[status]
            responses["200" if format == _EVENTS else status] = {**response, "content": told}


def _marked(contents: list[Any]) -> str | None:
    """Return the format of what a handler returns, or of each of a list of them."""
    if not contents:
        return None
    schema: Any = contents[0].get("schema", {})
    return cast("str | None", schema.get("items", schema).get("format"))


def _format_of(kind: type[object]) -> str | None:
    if issubclass(kind, Patch):
        return _EVENTS
    return _HTML if hasattr(kind, "__html__") else None


def _is_entity(kind: Any) -> bool:
    return state.targets.of(kind) is not None
