"""Values of many parts as JSON that gives them back equal.

Pydantic writes JSON for readers, and leaves something out on the way: what is excluded or has
an alias, bytes, infinities, the seconds of an offset, secrets. A document is written for
nobody but ourselves, so it is made from the same schema without those options.
"""

import inspect
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, SchemaSerializer, SchemaValidator

from nitro_entities.fields.differences import differing, place

Schema = dict[str, Any]

_CONFIG: Schema = {
    "ser_json_bytes": "base64",
    "val_json_bytes": "base64",
    "ser_json_inf_nan": "constants",
    "ser_json_timedelta": "iso8601",
    "ser_json_temporal": "iso8601",
    "serialize_by_alias": False,
    "validate_by_name": True,
    "validate_by_alias": False,
    "hide_input_in_errors": True,
}

_WITH_CONFIG = {"model", "dataclass", "typed-dict", "named-tuple"}
_FIELDS = {"model-field", "dataclass-field", "typed-dict-field", "named-tuple-field"}
_NOT_STORED = (
    "validation_alias",
    "serialization_alias",
    "serialization_exclude",
    "serialization_exclude_if",
)
# parts of a schema that hold no schemas
_LEAVES = {"metadata", "config", "function", "default", "expected", "members", "cls"}

# what comes back equal whatever the value is; the screen for NaN aside
_CERTAIN = {
    "none", "bool", "int", "float", "str", "bytes", "date", "datetime", "decimal", "uuid",
    "timedelta", "list", "tuple", "set", "frozenset", "nullable", "default",
}  # fmt: skip
_CERTAIN_KEYS = {"str", "int", "uuid", "date"}

# a number that is none, and what pydantic puts for half a surrogate pair in a key
SUSPICIOUS = _NOT_A_NUMBER, _HALF = ("NaN", "\ufffd")

_UNKNOWN = "Unable to serialize unknown type"  # says pydantic


class NoJson(ValueError):
    """The value holds objects of which pydantic knows no JSON."""


class Document:
    """How one field writes and reads its JSON."""

    def __init__(self, schema: Schema, definitions: list[Schema], config: Schema) -> None:
        whole: Schema = {"type": "definitions", "schema": schema, "definitions": definitions}
        stored = as_stored(whole)
        options: Any = {**config, **_CONFIG}
        more = own_parts()
        self._write = SchemaSerializer(stored, options, **more).to_json
        self._read = SchemaValidator(stored, options, **more).validate_json
        self._certain = is_certain(schema)

    def encode(self, value: Any) -> str:
        """Answer the JSON of *value*. Raises ValueError when it would not come back equal."""
        try:
            text = self._write(value, round_trip=True, warnings=False).decode()
        except PydanticSerializationError as exc:
            kind = NoJson if _UNKNOWN in str(exc) else ValueError
            raise kind(_unwritable(exc)) from None
        # both may stand in a text, too; `any` would cost more than looking
        if self._certain and _NOT_A_NUMBER not in text and _HALF not in text:
            return text
        try:
            back = self._read(text)
        except ValidationError as exc:
            raise ValueError(_unreadable(exc)) from None
        difference = differing(value, back)
        if difference is not None:
            raise ValueError(difference)
        return text

    def decode(self, text: str | bytes) -> Any:
        """Answer the value."""
        return self._read(text)


def as_stored(node: Any) -> Any:
    """Answer a schema without what makes JSON lose something."""
    if isinstance(node, (list, tuple)):
        changed = map(as_stored, _parts(node))
        return list(changed) if isinstance(node, list) else tuple(changed)
    if not isinstance(node, dict):
        return node
    schema = cast("Schema", node)
    if not isinstance(schema.get("type"), str):  # fields or choices by name
        return {key: as_stored(part) for key, part in schema.items()}
    made = {key: part if key in _LEAVES else as_stored(part) for key, part in schema.items()}
    kind = schema["type"]
    if kind in _WITH_CONFIG:
        made["config"] = {**made.get("config", {}), **_CONFIG}
    elif kind in _FIELDS:
        for option in _NOT_STORED:
            made.pop(option, None)
    if "computed_fields" in made:
        made["computed_fields"] = []
    written = _written(kind, schema)
    if written is not None:
        made["serialization"] = written
    return made


def _parts(node: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", node)


def _written(kind: str, schema: Schema) -> Schema | None:
    """Answer how a part is written, where not as pydantic would."""
    own = schema.get("serialization")
    if own is not None:
        function = own.get("function")
        secret = getattr(function, "__name__", "").startswith("_serialize_secret")
        if secret and getattr(function, "__module__", "") == "pydantic.types":
            return {
                "type": "function-plain",
                "function": _revealed,
                "when_used": "json-unless-none",
            }
        return None
    if kind == "datetime":
        return {"type": "function-plain", "function": _instant, "when_used": "json-unless-none"}
    if kind in ("set", "frozenset"):
        return {"type": "function-wrap", "function": _in_order, "when_used": "json-unless-none"}
    return None


def _revealed(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def _instant(value: Any) -> Any:
    # an offset with seconds, or an hour that the clock showed twice, has no other spelling
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


def _in_order(value: Any, write: Callable[[Any], Any]) -> Any:
    written = write(value)  # one text for equal sets, or they would seem to have changed
    return sorted(written, key=repr) if isinstance(written, list) else written  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def is_certain(schema: Any) -> bool:
    """Say whether JSON gives back every value that *schema* describes, NaN aside."""
    if not isinstance(schema, dict):
        return False
    node = cast("Schema", schema)
    kind = node.get("type")
    if "serialization" in node:
        return False
    if kind == "literal":
        return all(type(value) is str for value in node["expected"])
    if kind == "dict":
        keys = node.get("keys_schema", {})
        known = keys.get("type") in _CERTAIN_KEYS and "serialization" not in keys
        return known and is_certain(node.get("values_schema"))
    if kind not in _CERTAIN:
        return False
    inner = node.get("schema", node.get("items_schema"))
    if isinstance(inner, list):
        return all(map(is_certain, _parts(inner)))
    if kind in ("list", "tuple", "set", "frozenset", "nullable", "default"):
        return is_certain(inner)
    return True


def _unwritable(exc: Exception) -> str:
    text = str(exc)
    if "surrogates" in text:
        return "a text in it has half of a surrogate pair. Decode with errors='replace'"
    if "utf-8" in text:
        return "bytes in it would have to be text. Use a list of pairs instead of keys of bytes"
    if "_instant" in text:
        return "in UTC a moment lies outside the years 1 to 9999. Use one further inside"
    if "Circular" in text or "recursion" in text.lower():
        return "it contains itself. Keep an id instead of the object"
    if _UNKNOWN in text:
        unknown = text.rpartition(":")[2].strip()
        return f"it contains a {unknown}, which has no JSON. Declare its type, or make it a model"
    return "it cannot be written as JSON. Declare its exact types, or make it a model"


def _unreadable(exc: ValidationError) -> str:
    first = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    at = "".join(f"[{part!r}]" for part in first["loc"])
    return (
        f"{place(at)}its JSON could not be read back: {first['msg']}. "
        f"Declare its exact type, keys of dicts as text or numbers, or make it a model"
    )


def own_parts() -> dict[str, Any]:
    """Ask pydantic-core not to use what its classes have built for themselves."""
    try:
        known = "_use_prebuilt" in inspect.signature(SchemaValidator).parameters
    except ValueError:
        known = False
    return {"_use_prebuilt": False} if known else {}
