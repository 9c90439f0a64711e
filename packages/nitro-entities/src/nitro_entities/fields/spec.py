"""What is known of one field, as far as keeping, comparing and sorting its values go."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator

from nitro_entities.errors import InvalidQuery, NotStorable
from nitro_entities.fields.coercion import lossy
from nitro_entities.fields.documents import Document, NoJson
from nitro_entities.fields.kinds import PRIMITIVE_OF, Kind, Primitive, kind_of, without_none
from nitro_entities.fields.marks import (
    IndexedMark,
    Role,
    RoleMark,
    UniqueMark,
    has_mark,
    marks,
    says,
)
from nitro_entities.fields.primitives import (
    BY_PYDANTIC,
    DECODE,
    ENCODE,
    KEY,
    UNFIT,
    normal_decimal,
)
from nitro_entities.fields.schemas import has_validators, lone_field, schema_of
from nitro_entities.fields.secret import is_secret


@dataclass(frozen=True)
class FieldSpec:
    """One declared field of an entity class."""

    name: str
    annotation: Any
    bare: Any  # the annotation without None and Annotated
    kind: Kind
    nullable: bool
    secret: bool
    members: type[enum.Enum] | None = None
    unique: bool = False
    indexed: bool = False
    role: Role | None = None
    keyed: bool = False  # found by its primitive alone: the id, and what is unique
    strict: bool = False
    owner: type[Any] | None = field(default=None, compare=False, repr=False)
    info: FieldInfo | None = field(default=None, compare=False, repr=False)

    @cached_property
    def comparable(self) -> bool:
        """Say whether values can be compared and sorted the same way everywhere."""
        return self.kind in PRIMITIVE_OF

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Answer pydantic's adapter for the bare annotation, without the field's limits."""
        annotation: Any = self.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return TypeAdapter[Any](annotation)  # a model has a configuration of its own
        config = ConfigDict(arbitrary_types_allowed=True)
        return TypeAdapter[Any](annotation, config=config)  # pyright: ignore[reportUnknownArgumentType]

    def coerce(self, value: object) -> Any:
        """Turn *value* into what the field would hold, without the field's limits.

        Raises InvalidQuery where it would become something else, or could not be stored.
        """
        if value is None:
            return None
        try:
            made = self.adapter.validate_python(value)
        except ValidationError as exc:
            raise self._incomparable(value, exc.errors(include_url=False)[0]["msg"]) from None
        if lossy(self.kind, value, made):
            raise self._incomparable(value, f"the field holds a {self.kind.value}")
        if self.kind is not Kind.DOCUMENT:
            try:
                self.primitive(made)
            except UNFIT as exc:
                raise self._incomparable(value, self.reason(made, exc)) from None
        return made

    @cached_property
    def read(self) -> Callable[[str], Any]:
        """Answer `coerce` for short texts, remembering the last: ids of addresses come again.

        For kinds whose values nobody can change.
        """
        return lru_cache(maxsize=256)(self.coerce)

    def _incomparable(self, value: object, problem: str) -> InvalidQuery:
        shown = "this value" if self.secret else repr(value)
        return InvalidQuery(f"{self.name} cannot be compared with {shown}: {problem}")

    @cached_property
    def encode(self) -> Callable[[Any], Primitive] | None:
        """Answer the function from a value to its primitive; None where they are the same.

        It raises one of `UNFIT` for a value that no store can keep; `refusal` words that.
        """
        plain = self._plain
        return plain if self.kind is Kind.DOCUMENT or not self.tried else self._trying(plain)

    @cached_property
    def tried(self) -> bool:
        """Say whether validators of the class itself see what they have made at every load."""
        return self.owner is not None and has_validators(self._schema)

    @cached_property
    def _plain(self) -> Callable[[Any], Primitive] | None:
        if self.kind is Kind.DOCUMENT:
            return self._document.encode
        if self.kind is Kind.DECIMAL and self.keyed:
            return normal_decimal
        return ENCODE.get(self.kind)

    @cached_property
    def decode(self) -> Callable[[Any], Any] | None:
        """Answer the function from a primitive to its value; None where pydantic does it."""
        if self.kind is Kind.DOCUMENT:
            return self._document.decode
        if self.members is not None:
            return self.members
        return DECODE.get(self.kind)

    @property
    def by_pydantic(self) -> bool:
        """Say whether validating a row makes the value of the primitive, without `decode`."""
        return self.kind in BY_PYDANTIC and not self.strict

    def primitive(self, value: object) -> Primitive:
        """Answer *value* as text, number, bytes or None."""
        if value is None or self._plain is None:
            return cast("Primitive", value)
        return self._plain(value)

    def check(self, value: object) -> None:
        """Raise one of `UNFIT` for a value that no store can keep."""
        if value is not None and self.encode is not None:
            self.encode(value)

    @cached_property
    def key(self) -> Callable[[Any], Any]:
        """Answer a function to what is the same for equal values, and sorts as they do.

        It is the function from the values of stored entities, and does not check them again.
        """
        function = KEY.get(self.kind)
        if function is None:
            return self.primitive if self.kind is Kind.DOCUMENT else _itself
        return lambda value: None if value is None else function(value)

    def refusal(self, cls: type[Any], id: object, value: object, exc: Exception) -> NotStorable:
        """Word what `encode` raised for *value*."""
        return NotStorable(cls, self.name, self.reason(value, exc), id=id)

    def reason(self, value: object, exc: Exception) -> str:
        """Say why *value* cannot be kept, without showing it."""
        if type(exc) in (ValueError, NoJson):
            if self.secret and self.kind is Kind.DOCUMENT:  # its keys would be shown
                return "it would not come back equal. Declare the exact types of its parts"
            return str(exc)
        if isinstance(exc, RecursionError):
            return "the value contains itself, or too many levels. Keep an id instead"
        return (
            f"the value is a {type(value).__name__} where a {self.kind.value} is declared. "
            f"Assign it through the field, which checks it, or correct the default"
        )

    @cached_property
    def _schema(self) -> dict[str, Any]:
        owner = cast("type[Any]", self.owner)
        return lone_field(owner, schema_of(owner), self.name)

    @cached_property
    def _document(self) -> Document:
        if self.owner is None:  # a field without a class
            return Document(cast("dict[str, Any]", self.adapter.core_schema), [], {})
        whole = schema_of(self.owner)
        return Document(self._schema, whole.definitions, whole.config)

    def _trying(self, encode: Callable[[Any], Primitive] | None) -> Callable[[Any], Primitive]:
        """Answer an encoder that refuses what the field's own validators would change again."""
        whole = schema_of(cast("type[Any]", self.owner))
        schema: Any = {
            "type": "definitions",
            "schema": self._schema,
            "definitions": whole.definitions,
        }
        validate = SchemaValidator(schema, cast("Any", whole.config)).validate_python

        def trying(value: Any) -> Primitive:
            try:
                again = validate(value)
            except ValidationError:
                msg = "its validator refuses what it has made, and would at every load"
                raise ValueError(msg) from None
            if again != value:
                msg = (
                    "its validator would change the value again at every load. Let it leave "
                    "alone what it has made, or change the value in a method"
                )
                raise ValueError(msg)
            return cast("Primitive", value) if encode is None else encode(value)

        return trying


def _itself(value: Any) -> Any:
    return value


def spec_of(name: str, info: FieldInfo, owner: type[Any] | None = None) -> FieldSpec:
    """Classify one pydantic field of the class *owner*."""
    bare, nullable = without_none(info.annotation)
    kind, enum_type = kind_of(bare)
    unique = has_mark(info, UniqueMark) or says(info, "unique")
    together = any(name in group for group in getattr(owner, "__unique__", ()))
    strict = any(getattr(mark, "strict", None) is True for mark in info.metadata)
    return FieldSpec(
        name,
        info.annotation,
        bare,
        kind,
        nullable,
        secret=is_secret(info),
        members=enum_type,
        unique=unique,
        indexed=has_mark(info, IndexedMark) or says(info, "index"),
        role=next((mark.role for mark in marks(info) if isinstance(mark, RoleMark)), None),
        keyed=unique or together or name == "id",
        strict=strict or bool(owner and owner.model_config.get("strict")),
        owner=owner,
        info=info,
    )
