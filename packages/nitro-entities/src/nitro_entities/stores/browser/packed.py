"""One entity as it is sealed: whose it is, which class and version, since when, its values."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError

from nitro_entities import classes
from nitro_entities.fields import Kind, specs

PURPOSE = "browser-entity"
"""What the seal of an entity is good for, and no other seal is."""

_WORDS_ONLY = ("title", "description", "default", "examples", "deprecated")


class Packed(NamedTuple):
    """What a sealed text says."""

    entity: str
    """The full name of the class."""
    schema: str
    """A digest of what its fields were, see `schema_of`."""
    caller: str
    """A digest of whose browser it is."""
    key: str
    version: int
    """Counts every change of this entity of this caller, also over a deletion."""
    issued: int
    """When it was sealed, in seconds."""
    document: str


def pack(packed: Packed) -> dict[str, object]:
    """Answer what is signed."""
    return dict(zip(_NAMES, packed, strict=True))


def unpack(payload: Mapping[str, object]) -> Packed:
    """Read what `pack` wrote. Raises ValueError for anything else."""
    values = [payload.get(name) for name in _NAMES]
    if len(payload) == len(_NAMES) and list(map(type, values)) == list(_NAMES.values()):
        return Packed(*cast("Any", values))
    msg = "This seal holds something else"
    raise ValueError(msg)


_NAMES: dict[str, type] = {
    "c": str, "s": str, "w": str, "i": str, "n": int, "t": int, "v": str,
}  # fmt: skip


def schema_of(cls: type[Any]) -> str:
    """Answer a digest of what the fields of *cls* hold; words and defaults do not count.

    Limits of plain fields do not either: values are validated when they come back.
    """
    known = cls.__dict__.get("__nitro_browser_schema__")
    if known is None:
        lines = [classes.key(cls)]
        for name, spec in sorted(specs(cls).items()):
            form = _form(spec) if spec.kind is Kind.DOCUMENT else ""
            lines.append(f"{name}:{spec.kind.value}:{spec.nullable}:{form}")
        known = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
        type.__setattr__(cls, "__nitro_browser_schema__", known)
    return cast("str", known)


def digest_of(caller: str) -> str:
    """Answer what stands for *caller* in a text that scripts of the page can read."""
    raw = hashlib.sha256(b"nitro caller " + caller.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(raw[:15]).decode()


def _form(spec: Any) -> str:
    try:
        schema = spec.adapter.json_schema()
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError):
        return "?"
    return json.dumps(_bare(schema), sort_keys=True)


def _bare(schema: object) -> object:
    """Leave out what explains and does not define."""
    if isinstance(schema, dict):
        parts = cast("dict[str, object]", schema)
        # what is called "title" below "properties" is a field
        return {
            key: {name: _bare(one) for name, one in cast("dict[str, object]", part).items()}
            if key in ("properties", "$defs")
            else _bare(part)
            for key, part in parts.items()
            if key not in _WORDS_ONLY
        }
    if isinstance(schema, list):
        return [_bare(part) for part in cast("list[object]", schema)]
    return schema
