"""One value that comes from outside: what it may be, and how a form writes it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from nitro_events.files import NO_BASE64, from_base64, largest, stand_in, too_large
from nitro_events.kinds import file_class, item_of, members, metadata_in, nested_model
from nitro_events.trees import canonical, collected, strictly
from nitro_events.uploads import RefusedFile, keeper, opened, told
from nitro_events.wording import FILL_IN, NO_NUMBER, NO_UPLOAD, messages_of

__all__ = [
    "FROM_CLIENT",
    "MISSING",
    "Field",
    "Hidden",
    "Unreadable",
    "annotation_of",
    "members_of",
    "text_of",
]

FROM_CLIENT = {"nitro_from_client": True}
"""The context in which values are validated that somebody has sent."""
_NO_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


class Missing:
    """Stands for a value that was not given."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Unreadable(ValueError):
    """A value cannot be read; the text is for who gave it.

    *messages* has a text for each place inside a nested or list value, "" being all of it.
    """

    def __init__(self, messages: Mapping[str, str]) -> None:
        self.messages = dict(messages)
        super().__init__(next(iter(self.messages.values())))


class Hidden(str):
    """A secret that was typed: `text_of` never writes it."""

    __slots__ = ()


@dataclass(frozen=True)
class Field:
    """A field of an entity or an argument of an action.

    *annotation* is its type, with its constraints; *required* says that it has no default;
    *secret* that it may be set and is never told.
    """

    name: str
    annotation: Any
    required: bool = True
    secret: bool = False

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.annotation)

    @cached_property
    def _kinds(self) -> tuple[Any, ...]:
        return tuple(members(self.annotation))

    @cached_property
    def _choices(self) -> dict[str, object]:
        """The members of an enum or literal whose form text is not what pydantic reads."""
        values: list[object] = []
        for kind in self._kinds:
            if get_origin(kind) is Literal:
                values.extend(get_args(kind))
            elif isinstance(kind, type) and issubclass(kind, Enum):
                values.extend(kind)
        if str in self._kinds:
            return {}
        texts = {text_of(self.dump(value)): value for value in values}
        return {text: value for text, value in texts.items() if value != text}

    @property
    def has_choices(self) -> bool:
        """Whether `chosen` makes a difference."""
        return bool(self._choices)

    def chosen(self, raw: object) -> object:
        """Return the member of an enum or literal that the text *raw* stands for, else *raw*."""
        return self._choices.get(raw, raw) if isinstance(raw, str) else raw

    @property
    def nullable(self) -> bool:
        """Whether it may be None, which a form writes as nothing."""
        return type(None) in self._kinds

    @property
    def boolean(self) -> bool:
        """Whether it is yes or no, of which a form sends only the yes."""
        return [kind for kind in self._kinds if kind is not type(None)] == [bool]

    @property
    def text(self) -> bool:
        """Whether an empty text is one of its values."""
        return str in self._kinds or Any in self._kinds

    @cached_property
    def file(self) -> bool:
        """Whether it holds bytes, which a form has as a file and JSON as base64."""
        encoded = any(hasattr(item, "encoder") for item in metadata_in(self.annotation))
        return self._only_kind is bytes and not encoded and not self.secret

    @property
    def many(self) -> bool:
        """Whether it holds several values, which a form sends one by one."""
        return any(
            (get_origin(kind) or kind) in (list, set, frozenset, tuple) for kind in self._kinds
        )

    @cached_property
    def item(self) -> Field | None:
        """One item, if it is a list, a set or a tuple of one type."""
        found = item_of(self._only_kind)
        return None if found is None else Field(self.name, found)

    @property
    def unordered(self) -> bool:
        """Whether it is a set, whose order says nothing."""
        return get_origin(self._only_kind) in (set, frozenset)

    @cached_property
    def members(self) -> Mapping[str, Field] | None:
        """The fields inside, if it is a nested model."""
        model = nested_model(self._only_kind)
        return None if model is None else members_of(model)

    @cached_property
    def inside(self) -> Mapping[str, str]:
        """The names of the fields of a nested model, by name and by alias."""
        model = nested_model(self._only_kind)
        return {} if model is None else names_of(model)

    @cached_property
    def composite(self) -> bool:
        """Whether a form has several inputs for it, with dotted names."""
        return not self.stored and (self.item is not None or self.members is not None)

    @cached_property
    def stored(self) -> bool:
        """Whether it holds files that are kept elsewhere, one or several."""
        kind = self._only_kind
        return file_class(kind) is not None or file_class(item_of(kind)) is not None

    @property
    def _only_kind(self) -> Any:
        kinds = [kind for kind in self._kinds if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 else None

    def read(self, raw: object) -> object:
        """Return the value that *raw*, a text or a JSON value, stands for.

        Raises Unreadable with messages that do not repeat it.
        """
        raw = self.kept(raw) if self.stored else self.content(raw)
        try:
            value = self._adapter.validate_python(
                self.chosen(raw), by_alias=True, by_name=True, context=FROM_CLIENT
            )
        except ValidationError as exc:
            raise Unreadable(messages_of(exc, self)) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise Unreadable({"": NO_NUMBER})
        return value

    def kept(self, raw: object, *, fresh: bool = False) -> object:
        """Return the files that *raw*, a text or several, stands for.

        *fresh*: nothing may hold them yet. Raises Unreadable for anything that is not signed for
        the caller.
        """
        if raw is None:
            return None
        if isinstance(raw, list):
            return [self.kept(item, fresh=fresh) for item in cast("list[object]", raw)]
        if not isinstance(raw, str):
            raise Unreadable({"": NO_UPLOAD})
        try:
            return keeper().check(self.annotation, opened(raw), fresh=fresh)
        except RefusedFile as exc:
            raise Unreadable({"": exc.text}) from None

    def content(self, raw: object) -> object:
        """Return the bytes that *raw* is, or is the base64 of; anything else as it is.

        Raises Unreadable for what is too large, or no base64.
        """
        if not self.file:
            return raw
        content = from_base64(raw) if isinstance(raw, str) else raw
        if content is None and raw is not None:
            raise Unreadable({"": NO_BASE64})
        said = self.trouble(content)
        if said is not None:
            raise Unreadable({"": said})
        return content

    def with_choices(self, raw: object) -> object:
        """Return the tree *raw* with members of enums in place of the texts for them."""
        return strictly(self, raw, trim=False)[0]

    def read_typed(self, raw: object) -> object:
        """Return what the tree *raw* of texts from a form stands for, as `read` does.

        What is required and left blank is asked for. Raises Unreadable.
        """
        prepared, messages = strictly(self, raw)
        try:
            value = self.read(prepared)
        except Unreadable as exc:
            raise Unreadable({**exc.messages, **messages}) from None
        if messages:
            raise Unreadable(messages)
        return value

    def from_form(
        self, values: Mapping[str, object], lists: Mapping[str, list[str]], *, complete: bool
    ) -> object:
        """Return what a form says of this field as something to `read`, or MISSING.

        *complete*: the form showed this field, so a box that is not sent was not ticked.
        """
        if self.stored:
            return self._stored_from_form(values, lists, complete=complete)
        if self.composite:
            tree = collected(self, lists, complete=complete)
            return MISSING if tree is ... else tree
        if self.many:
            return lists.get(self.name, [] if complete else MISSING)
        if self.name not in values:
            return False if complete and self.boolean else MISSING
        raw = values[self.name]
        if self.file:  # a text is none: what no file was chosen for stays as it is
            return MISSING if isinstance(raw, str) else raw
        if isinstance(raw, bytes):
            return MISSING
        if self.secret:  # an empty one is to stay as it is
            return Hidden(raw) if isinstance(raw, str) and raw else MISSING
        return self.from_text(raw) if isinstance(raw, str) else raw

    def _stored_from_form(
        self, values: Mapping[str, object], lists: Mapping[str, list[str]], *, complete: bool
    ) -> object:
        texts = [text for text in lists.get(self.name, ()) if text]
        if self.many:
            return texts if texts or complete else MISSING
        if texts:
            return texts[-1]
        # what no file was chosen for stays as it is
        return None if values.get(self.name, MISSING) is None else MISSING

    def from_text(self, raw: str | None) -> object:
        """Return what the text *raw* of an input says; ... if it was not sent, and is no box."""
        if raw is None:
            return False if self.boolean else ...
        if raw == "" and self.boolean:
            return None if self.nullable else False
        if AwareDatetime in self._kinds and _NO_OFFSET.fullmatch(raw):
            return f"{raw}Z"  # the browser's own input knows no time zones; ours shows UTC
        return None if raw == "" and self.nullable else raw

    def trouble(self, raw: object) -> str | None:
        """Return what is wrong with the text or content *raw* that pydantic lets pass."""
        if isinstance(raw, bytes):
            return too_large(raw, largest(metadata_in(self.annotation))) if self.file else None
        if raw == "" and not (self.text and not self.required):
            return FILL_IN
        if float in self._kinds and isinstance(raw, str) and _is_no_number(raw):
            return NO_NUMBER
        return None

    def dump(self, value: object) -> object:
        """Return *value* as JSON knows it; nothing of a secret, size and hash of a file."""
        if self.secret:
            return None
        if self.file:
            return stand_in(value) if isinstance(value, bytes) else None
        if self.stored:
            return _told(self._adapter.dump_python(value, mode="json", warnings=False))
        try:
            dumped = self._adapter.dump_python(value, mode="json", by_alias=False, warnings=False)
        except (PydanticSerializationError, UnicodeDecodeError):  # bytes that are no text
            dumped = to_jsonable_python(value, by_alias=False, bytes_mode="base64", fallback=repr)
        return canonical(self, dumped) if self.composite else dumped


def _told(dumped: Any) -> object:
    if isinstance(dumped, list):
        return [_told(item) for item in dumped]
    return told(dumped) if isinstance(dumped, dict) else dumped


def members_of(model: type[BaseModel]) -> dict[str, Field]:
    """Return the fields of a model."""
    return {
        name: Field(name, annotation_of(info), info.is_required())
        for name, info in model.model_fields.items()
    }


def names_of(model: type[BaseModel]) -> dict[str, str]:
    """Return the names of the fields of *model*, by name and by alias: errors say either."""
    aliases = {
        alias: name
        for name, info in model.model_fields.items()
        for alias in (info.alias, info.validation_alias)
        if isinstance(alias, str)
    }
    return {**aliases, **{name: name for name in model.model_fields}}


def annotation_of(info: Any) -> Any:
    """Return the type of a field with its limits, as one annotation."""
    if not info.metadata:
        return info.annotation
    return Annotated[(info.annotation, *info.metadata)]


def text_of(value: object) -> str:
    """Write a JSON value as a form does: None is nothing, True is ``true``.

    A list or a nested model is written as JSON: the inputs for it stand in one field. Of a file
    its size and a hash are written.
    """
    if isinstance(value, bytes):
        return stand_in(value)
    if value is None or isinstance(value, Hidden):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _is_no_number(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False  # pydantic says so itself
