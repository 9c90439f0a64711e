"""What is said of a field when its class is defined, before a value could get lost."""

import enum
import re
from collections.abc import Iterator
from typing import Any, cast

from pydantic import FutureDate, FutureDatetime, ValidationError
from pydantic_core import PydanticUndefined

from nitro_entities.errors import DefinitionError
from nitro_entities.fields.kinds import Kind
from nitro_entities.fields.marks import parts
from nitro_entities.fields.primitives import UNFIT
from nitro_entities.fields.schemas import Schema, schema_of
from nitro_entities.fields.spec import FieldSpec

# keys of JSON are text, from which these cannot be read
_NO_KEYS = {
    "list", "tuple", "set", "frozenset", "deque", "dict", "model", "dataclass", "typed-dict",
    "named-tuple", "none",
}  # fmt: skip


def check_types(cls: type[Any], known: dict[str, FieldSpec]) -> None:
    """Refuse fields whose values no store could give back equal. Raises DefinitionError."""
    _check_id(cls, known)
    _check_documents(cls, known)
    for spec in known.values():
        if spec.bare in (FutureDate, FutureDatetime):
            raise _refusal(cls, spec, *_FUTURE)
        _check_members(cls, spec)
        _check_default(cls, spec)
    _check_unique(cls, known)
    _check_search(cls, known)


def _check_documents(cls: type[Any], known: dict[str, FieldSpec]) -> None:
    if any(spec.kind is Kind.DOCUMENT for spec in known.values()):
        schema = schema_of(cls)
        definitions = {node["ref"]: node for node in schema.definitions if "ref" in node}
        for spec in known.values():
            if spec.kind is Kind.DOCUMENT:
                _check_document(cls, spec, schema.fields[spec.name], definitions)


def _check_unique(cls: type[Any], known: dict[str, FieldSpec]) -> None:
    together = [name for group in getattr(cls, "__unique__", ()) for name in group]
    for name in dict.fromkeys([*(name for name in known if known[name].unique), *together]):
        if name not in known:
            msg = f"{cls.__name__}.__unique__ names {name!r}, which is no field"
            raise DefinitionError(msg)
        if known[name].kind is Kind.DOCUMENT:
            why = "is kept as JSON, which cannot be unique"
            remedy = "Keep what identifies it in a field of its own, such as str, int or UUID"
            raise _refusal(cls, known[name], why, remedy)


def _check_search(cls: type[Any], known: dict[str, FieldSpec]) -> None:
    names = getattr(cls, "__search__", ())
    if isinstance(names, str):
        msg = f"{cls.__name__}.__search__ lists names of fields. Write __search__ = ({names!r},)"
        raise DefinitionError(msg)
    for name in names:
        if name not in known:
            msg = (
                f"{cls.__name__}.__search__ names {name!r}, which is no field: {', '.join(known)}"
            )
            raise DefinitionError(msg)
        spec = known[name]
        if spec.secret:
            why = "is secret, and an index for __search__ would keep a copy of it"
            raise _refusal(cls, spec, why, "Leave it out")
        if spec.kind not in (Kind.TEXT, Kind.ENUM_TEXT):
            why = f"holds a {spec.kind.value}, and __search__ looks into text"
            raise _refusal(cls, spec, why, "Leave it out")


def _check_id(cls: type[Any], known: dict[str, FieldSpec]) -> None:
    spec = known.get("id")
    if spec is not None and (spec.kind is Kind.DOCUMENT or spec.kind is Kind.SECRET_TEXT):
        raise _refusal(cls, spec, "cannot be looked up", "Use str, int or UUID for the id")


def _check_document(
    cls: type[Any], spec: FieldSpec, schema: Schema, definitions: dict[str, Schema]
) -> None:
    for node in _as_json(schema, definitions, set()):
        reason = _hopeless(node, definitions)
        if reason is not None:
            raise _refusal(cls, spec, *reason)


def _hopeless(node: Schema, definitions: dict[str, Schema]) -> tuple[str, str] | None:
    """Say why no value of *node* can be read back, and what to write instead."""
    if node.get("now_op") == "future":
        return _FUTURE
    match node["type"]:
        case "callable":
            return "holds a function, which cannot be stored", "Use str and keep its name"
        case "is-subclass":
            return "holds a class, which cannot be stored", "Use str and keep its name"
        case "generator":
            return "can be read only once", "Use list[…]"
        case "json":
            return "is parsed again at every load", "Use the type inside Json[…] itself"
        case "is-instance":
            return _no_json(node["cls"])
        case "dict" | "counter" | "defaultdict":
            key = _key_type(node.get("keys_schema"), definitions)
            if key is None:
                return None
            return f"has keys ({key}) that JSON cannot hold", "Use list[tuple[K, V]]"
        case "model" | "dataclass" | "typed-dict" | "named-tuple" | "call" if not _is_file(node):
            return _FILE_INSIDE if _has_file(node, definitions) else None
        case _:
            return None


_FILE_INSIDE = (
    "holds a stored file inside of it, where nobody keeps the content",
    "Give the entity a field of its own for it: StoredFile, list[…] or dict[str, …] of them",
)
_FUTURE = (
    "is in the past some day, and what was stored could not be loaded any more",
    "Use date or AwareDatetime, and compare it with the present where you set it",
)


def _is_file(node: Schema) -> bool:
    return node["type"] == "model" and hasattr(node["cls"], "__nitro_file__")


def _has_file(node: Schema, definitions: dict[str, Schema]) -> bool:
    return any(map(_is_file, _as_json(node, definitions, set())))


def _no_json(cls: Any) -> tuple[str, str]:
    name = getattr(cls, "__name__", str(cls))
    plain = next((base for base in (str, int, float, bytes) if _is(cls, base)), None)
    if plain is not None:
        return (
            f"holds a {name}, which would come back as a {plain.__name__}",
            f"Use {plain.__name__}, with Annotated[{plain.__name__}, …] for its rules",
        )
    return (
        f"holds a {name}, and pydantic knows no JSON for it",
        f"Make {name} a BaseModel or a dataclass",
    )


def _is(cls: Any, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base)


def _key_type(schema: Any, definitions: dict[str, Schema]) -> str | None:
    """Answer what makes the keys of a dict unreadable."""
    if schema is None:
        return None
    node = cast("Schema", schema)
    while node["type"] == "definition-ref":
        node = definitions[node["schema_ref"]]
    if node["type"] == "enum" and node.get("sub_type") is None:
        values = [member.value for member in node["members"]]
        return None if all(type(value) is str for value in values) else "an enum of no texts"
    if node["type"] == "literal" and not all(type(v) is str for v in node["expected"]):
        return "a Literal of no texts"
    if node["type"] == "nullable":
        return "None"
    return cast("str", node["type"]) if node["type"] in _NO_KEYS else None


def _as_json(schema: Any, definitions: dict[str, Schema], seen: set[str]) -> Iterator[Schema]:
    """Go through the parts of *schema* that read JSON."""
    if isinstance(schema, (list, tuple)):
        for part in cast("list[Any]", schema):
            yield from _as_json(part, definitions, seen)
        return
    if not isinstance(schema, dict):
        return
    node = cast("Schema", schema)
    kind = node.get("type")
    if not isinstance(kind, str):
        for part in node.values():
            yield from _as_json(part, definitions, seen)
        return
    yield node
    match kind:
        case "definition-ref":
            ref = node["schema_ref"]
            if ref not in seen:
                seen.add(ref)
                yield from _as_json(definitions.get(ref), definitions, seen)
        case "lax-or-strict":
            yield from _as_json(node["lax_schema"], definitions, seen)
        case "json-or-python":
            yield from _as_json(node["json_schema"], definitions, seen)
        case "function-before" | "function-wrap" | "function-plain" | "chain":
            return  # a function may make anything of the JSON: its values are tried one by one
        case _:
            for key in _INNER:
                yield from _as_json(node.get(key), definitions, seen)


_INNER = (
    "schema", "items_schema", "keys_schema", "values_schema", "choices", "fields",
    "extras_schema", "arguments_schema",
)  # fmt: skip


def _check_members(cls: type[Any], spec: FieldSpec) -> None:
    members: Any = spec.bare
    if not isinstance(members, type) or not issubclass(members, enum.Enum):
        return
    for member in members:
        try:
            spec.primitive(member)
        except UNFIT as exc:
            why = f"has a member {member.name} that cannot be kept ({spec.reason(member, exc)})"
            remedy = "Give its members texts or whole numbers"
            raise _refusal(cls, spec, why, remedy) from None


def _check_default(cls: type[Any], spec: FieldSpec) -> None:
    """Refuse a default that the field itself would refuse; pydantic does not look at it."""
    info = spec.info
    if info is None or info.default is PydanticUndefined or info.default is Ellipsis:
        return
    if info.default is None:
        if not spec.nullable and spec.name != "id":
            raise _refusal(
                cls,
                spec,
                "has None for its default, and no store would take it",
                f"Write {spec.name}: {_shown(spec.annotation)} | None = None",
            )
        return
    if type(info.default) is spec.bare or spec.kind is Kind.DOCUMENT:
        return
    try:
        meant = spec.adapter.validate_python(info.default)
    except ValidationError as exc:
        problem = exc.errors(include_url=False, include_input=False)[0]["msg"]
        why, remedy = f"has a default that does not fit: {problem}", "Correct the default"
        raise _refusal(cls, spec, why, remedy) from None
    try:
        spec.primitive(info.default)
        fits = isinstance(meant, (str, enum.Enum)) or not isinstance(info.default, str)
    except UNFIT:
        fits = False
    if not fits:
        shown = "the value itself" if spec.secret else repr(meant)
        why = f"has a {type(info.default).__name__} for its default"
        raise _refusal(cls, spec, why, f"Write {shown}")


def _refusal(cls: type[Any], spec: FieldSpec, why: str, remedy: str) -> DefinitionError:
    return DefinitionError(
        f"{cls.__name__}.{spec.name}: {_shown(spec.annotation)} {why}. {remedy}"
    )


def _shown(annotation: Any) -> str:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def unknown_type(name: str, namespace: dict[str, Any], exc: Exception) -> DefinitionError:
    """Word what pydantic says of a type that it knows nothing of."""
    found = re.search(r"schema for (.+?)\. ", str(exc))
    shown = re.sub(r"<class '(.*)'>", r"\1", found[1]).rpartition(".")[2] if found else "a type"
    annotations = namespace.get("__annotations__", {})
    fields = [field for field, what in annotations.items() if shown in str(what)]
    where = f"{name}.{fields[0]}" if len(fields) == 1 else name
    types = {part.__name__: part for what in annotations.values() for part in parts(what)
             if isinstance(part, type)}  # fmt: skip
    if shown.partition("[")[0] in _ONCE:
        why, remedy = f"{shown} can be read only once", "Use list[…]"
    elif shown in _MUTABLE:
        why, remedy = f"pydantic does not know {shown}", "Use bytes"
    else:
        reason, remedy = _no_json(types.get(shown, shown))
        why = f"the field {reason}"
    return DefinitionError(f"{where}: {why}. {remedy}")


_ONCE = {"Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "AsyncIterable"}
_MUTABLE = {"bytearray", "memoryview"}
