"""One value that comes from outside: what it may be, and how a form writes it."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from nitro_events.wording import messages_of

__all__ = ["MISSING", "Field", "Unreadable", "text_of"]


class Missing:
    """Stands for a value that was not given."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Unreadable(ValueError):
    """A value cannot be read; the text is for who gave it."""


@dataclass(frozen=True)
class Field:
    """A field of an entity or an argument of an action.

    *annotation* is its type, with its constraints; *required* says that it has no default.
    """

    name: str
    annotation: Any
    required: bool = True

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.annotation)

    @cached_property
    def _kinds(self) -> tuple[Any, ...]:
        return tuple(_members(self.annotation))

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

    @property
    def many(self) -> bool:
        """Whether it holds several values, which a form sends one by one."""
        return any(
            (get_origin(kind) or kind) in (list, set, frozenset, tuple) for kind in self._kinds
        )

    def read(self, raw: object) -> object:
        """Return the value that *raw*, a text or a JSON value, stands for.

        Raises Unreadable with a message that does not repeat it.
        """
        try:
            value = self._adapter.validate_python(self.chosen(raw))
        except ValidationError as exc:
            raise Unreadable(next(iter(messages_of(exc).values()))) from None
        if isinstance(value, float) and not math.isfinite(value):
            msg = "Enter a number"
            raise Unreadable(msg)
        return value

    def from_form(
        self, values: Mapping[str, object], lists: Mapping[str, list[str]], *, complete: bool
    ) -> object:
        """Return what a form says of this field as something to `read`, or MISSING.

        *complete*: the form showed this field, so a box that is not sent was not ticked.
        """
        if self.many:
            return lists.get(self.name, [] if complete else MISSING)
        if self.name not in values:
            return False if complete and self.boolean else MISSING
        raw = values[self.name]
        if raw == "" and self.boolean:
            return None if self.nullable else False
        return None if raw == "" and self.nullable else raw

    def dump(self, value: object) -> object:
        """Return *value* as JSON knows it."""
        return self._adapter.dump_python(value, mode="json")


def text_of(value: object) -> str:
    """Write a JSON value as a form does: None is nothing, True is ``true``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _members(annotation: Any) -> list[Any]:
    """Return the types that *annotation* is made of: those of a union, without wrappers."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [kind for member in get_args(annotation) for kind in _members(member)]
    if origin is Literal:
        return [type(value) for value in get_args(annotation) if value is None] or [annotation]
    return [annotation]
