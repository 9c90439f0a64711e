"""What a check is given, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["Finding", "Level", "Patient", "error", "note", "ok", "warning"]

Level: TypeAlias = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check has found; *remedy* is what to type or write against it."""

    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the environment, and the application if one was named."""

    name: str | None = None
    application: object = None

    @property
    def classes(self) -> list[Any]:
        """List the entity classes of the application; none without one."""
        if self.name is None:
            return []
        from nitro_entities import classes

        return list(classes.all())

    @property
    def has_files(self) -> bool:
        """Has a class a field that holds stored files?"""
        from nitro_entities.traits import traits

        return any(traits(cls).files for cls in self.classes)

    def stores(self) -> dict[str, list[str]]:
        """Return the names of the classes by the name of the store that keeps them."""
        from nitro_entities.backends import backend_of

        found: dict[str, list[str]] = {}
        for cls in self.classes:
            found.setdefault(backend_of(cls).__name__, []).append(cls.__name__)
        return found


def ok(text: str) -> Finding:
    """Return that something is as it should be."""
    return Finding("ok", text)


def note(text: str, remedy: str = "") -> Finding:
    """Return something good to know."""
    return Finding("note", text, remedy)


def warning(text: str, remedy: str = "") -> Finding:
    """Return something that will be in the way."""
    return Finding("warning", text, remedy)


def error(text: str, remedy: str = "") -> Finding:
    """Return something that does not work."""
    return Finding("error", text, remedy)
