"""Events as classes: named, versioned, with facts that are checked.

A typed event and the signal of its name are the same event: who listens by name or pattern hears
both, and so does who listens to the class.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from nitro_events.known import EventTypes
from nitro_events.state import state

__all__ = ["DuplicateEvent", "Event", "event_type", "name_of"]

_VERSION = re.compile(r"(.+)\.v([1-9][0-9]*)")
_NAME = re.compile(r"[^\s*?\[\]]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class DuplicateEvent(TypeError):
    """Two classes claim the name of one event."""

    def __init__(self, name: str, first: type, second: type) -> None:
        super().__init__(
            f"{_full(first)} and {_full(second)} are both the event {name!r}. Rename one of them, "
            f"or give it another version: class {second.__name__}(Event, version=2)"
        )
        self.name = name
        self.classes = (first, second)


class Event(BaseModel):
    """Something that happened, with its facts as fields.

    The name on the wire ends in the version: ``class OrderPlaced(Event)`` is ``order.placed.v1``,
    with ``version=2`` it is ``order.placed.v2``. ``name="order.placed.v2"`` says all of it. Change
    the version when the fields change their meaning: messages of the old one may be on their way.

    With ``strict_event=True`` the first error of a handler stops the others and is raised as it
    is. An event cannot be changed. Its class is defined by one place: a second class of the same
    name raises `DuplicateEvent`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    __event_name__: ClassVar[str] = ""
    __event_strict__: ClassVar[bool] = False
    __event_fields__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        version: int | None = None,
        strict_event: bool | None = None,
        **options: Any,
    ) -> None:
        """Name the event. Raises TypeError for a name that cannot be, or is another's."""
        super().__init_subclass__(**options)
        cls.__event_name__ = _wire_name(cls.__name__, name, version)
        if strict_event is not None:
            cls.__event_strict__ = strict_event

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Claim the name, now that the class is complete."""
        cls.__event_fields__ = tuple(cls.model_fields)
        _claim(cls)

    def facts(self) -> dict[str, object]:
        """Return the fields and their values, for handlers by name."""
        own = self.__dict__
        return {name: own[name] for name in self.__event_fields__}


def name_of(kind: type[Event]) -> str:
    """Return the name of a typed event. Raises DuplicateEvent, or TypeError for `Event` itself."""
    if not kind.__event_name__:
        msg = "Event is what typed events are made of, no event itself. Every event is '*'"
        raise TypeError(msg)
    if state.part(EventTypes).get(kind.__event_name__) is not kind:
        _claim(kind)  # it was defined before a reset
    return kind.__event_name__


def event_type(name: str) -> type[Event] | None:
    """Return the typed event of this name, or None."""
    return state.part(EventTypes).get(name)


def _claim(kind: type[Event]) -> None:
    types = state.part(EventTypes)
    name = kind.__event_name__
    known = types.setdefault(name, kind)
    # the same place defined again, in a notebook or by a reload, takes over
    if _full(known) != _full(kind):
        raise DuplicateEvent(name, known, kind)
    types[name] = kind


def _wire_name(of_class: str, name: str | None, version: int | None) -> str:
    stem = name or ".".join(_HUMP.split(of_class)).lower()
    if _NAME.fullmatch(stem) is None:
        msg = f"An event is named without spaces and wildcards, got {stem!r}"
        raise TypeError(msg)
    versioned = _VERSION.fullmatch(stem)
    if version is not None and (versioned or version < 1):
        msg = f"Say the version once, 1 or more: got name={name!r} and version={version}"
        raise TypeError(msg)
    if versioned:
        return stem
    if name is not None and version is None:
        msg = f"A typed event has a version: write name='{name}.v1', or add version=1"
        raise TypeError(msg)
    return f"{stem}.v{version or 1}"


def _full(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
