"""Entities as JSON documents, and back: what a store keeps that knows no columns."""

import re
from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import SchemaSerializer, SchemaValidator

from nitro_entities.errors import NotStorable, UnreadableRow
from nitro_entities.fields import UNFIT, FieldSpec, Kind, specs, unique_groups
from nitro_entities.fields.documents import SUSPICIOUS, as_stored, is_certain, own_parts
from nitro_entities.fields.schemas import schema_of
from nitro_entities.stores.sort_keys import sort_key

E = TypeVar("E")

Schema = dict[str, Any]

_CONFIG: Schema = {
    "ser_json_bytes": "base64",
    "val_json_bytes": "base64",
    "ser_json_inf_nan": "constants",
}
# how the kinds are written; what is missing is inferred from the value
_WRITTEN: dict[Kind, str] = {
    Kind.TEXT: "str",
    Kind.INTEGER: "int",
    Kind.NUMBER: "float",
    Kind.BOOLEAN: "bool",
    Kind.BYTES: "bytes",
    Kind.DATETIME: "datetime",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DURATION: "timedelta",
    Kind.DECIMAL: "decimal",
    Kind.UUID: "uuid",
}
# the encoders of these refuse values that the document does not give away by itself
_ALWAYS_CHECKED = {
    Kind.INTEGER, Kind.ENUM_INTEGER, Kind.DECIMAL, Kind.TIME, Kind.DURATION
}  # fmt: skip
# what stands in a document that holds a value which is not to be stored, and maybe in others
_suspicious = re.compile(
    b"|".join(re.escape(sign) for sign in (b"\\u0000", *map(str.encode, SUSPICIOUS)))
).search


class Documents(Generic[E]):
    """Write and read the documents of one class. What is read is validated, and a full copy."""

    def __init__(self, cls: type[E]) -> None:
        self.cls = cls
        self.specs = specs(cls)
        self.names = tuple(self.specs)
        self.unique_groups = unique_groups(cls)
        self._secrets = [n for n, s in self.specs.items() if s.kind is Kind.SECRET_TEXT]
        self._checked = [(s.name, s.encode) for s in self.specs.values() if _needs_check(cls, s)]
        self._to_json = _writer(cls, self.specs).to_json
        self.from_json = _reader(cls).validate_json

    def dump(self, entity: E) -> bytes:
        """Answer the document of *entity*. Raises NotStorable."""
        values = entity.__dict__
        fields = {name: values[name] for name in self.names}
        try:
            for name, encode in self._checked:
                value = fields[name]
                if value is not None and encode is not None:
                    encode(value)
            for name in self._secrets:
                if fields[name] is not None:
                    fields[name] = fields[name].get_secret_value()
            document = self._to_json(fields, round_trip=True, warnings=False)
        except UNFIT as exc:
            self._refuse_unstorable(values)
            raise NotStorable(self.cls, "?", type(exc).__name__, id=values["id"]) from None
        if _suspicious(document):
            self._refuse_unstorable(values)
        return document

    def load(self, key: object, document: bytes) -> E:
        """Make a validated entity. Raises UnreadableRow."""
        try:
            return self.from_json(document, by_alias=False, by_name=True)  # type: ignore[no-any-return]
        except ValidationError as exc:
            found = exc.errors(include_url=False, include_context=False, include_input=False)
        # not chained: the cause would show the values, which may be secret
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
        raise UnreadableRow(self.cls, key, problems)

    def differences(self, entity: E, document: bytes, old: bytes) -> frozenset[str]:
        """Answer in which fields *entity*, dumped as *document*, differs from *old*."""
        if document == old:
            return frozenset()
        mine, theirs = entity.__dict__, self.load("", old).__dict__
        return frozenset([name for name in self.names if mine[name] != theirs[name]])

    def is_complete(self, entity: E) -> bool:
        """Say whether the document that *entity* was loaded from had all its fields."""
        return len(entity.__pydantic_fields_set__) >= len(self.names)  # type: ignore[attr-defined]

    def unique(self, entity: E) -> tuple[tuple[tuple[str, ...], bytes], ...]:
        """Answer what must be unique of *entity*: for each group of fields the values as bytes.

        A group in which a value is missing is left out.
        """
        if not self.unique_groups:
            return ()
        values = entity.__dict__
        return tuple(
            (group, b"\0".join(sort_key(self.specs[name], values[name]) for name in group))
            for group in self.unique_groups
            if all(values[name] is not None for name in group)
        )

    def _refuse_unstorable(self, values: dict[str, Any]) -> None:
        for name, spec in self.specs.items():
            try:
                spec.check(values[name])
            except UNFIT as exc:
                raise spec.refusal(self.cls, values["id"], values[name], exc) from None


def documents(cls: type[E]) -> Documents[E]:
    """Answer what writes and reads the documents of *cls*, made once."""
    known = cls.__dict__.get("__nitro_documents__")
    if known is None:
        known = Documents(cls)
        type.__setattr__(cls, "__nitro_documents__", known)
    return cast("Documents[E]", known)


def _needs_check(cls: type[Any], spec: FieldSpec) -> bool:
    if spec.kind is Kind.DOCUMENT:
        return not is_certain(schema_of(cls).fields[spec.name])
    return spec.tried or spec.kind in _ALWAYS_CHECKED


def _writer(cls: type[Any], fields: dict[str, FieldSpec]) -> SchemaSerializer:
    """Make a serializer that leaves out nothing, whatever the class shows to readers."""
    known = schema_of(cls)
    parts: Schema = {}
    for name, spec in fields.items():
        if spec.kind is Kind.DOCUMENT:
            own: Schema = known.fields[name]
        else:
            own = {"type": "nullable", "schema": {"type": _WRITTEN.get(spec.kind, "any")}}
        parts[name] = {"type": "typed-dict-field", "schema": own, "required": True}
    row = {"type": "typed-dict", "fields": parts}
    whole = {"type": "definitions", "schema": row, "definitions": known.definitions}
    options: Any = {**known.config, **_CONFIG}
    return SchemaSerializer(as_stored(whole), options, **own_parts())


def _reader(cls: type[Any]) -> SchemaValidator:
    """Make a validator like that of the class, which leaves alone what is no field any more."""
    whole = as_stored(cast("Any", cls).__pydantic_core_schema__)
    for node in _nodes(whole):
        if node.get("cls") is cls and node.get("type") == "model":
            node["config"]["extra_fields_behavior"] = "ignore"
    return SchemaValidator(whole, None, **own_parts())


def _nodes(schema: Any) -> Iterator[Schema]:
    if not isinstance(schema, dict):
        return
    node = cast("Schema", schema)
    yield node
    yield from _nodes(node.get("schema"))
    for definition in node.get("definitions", ()):
        yield from _nodes(definition)
