"""Where the fields of a form stand: beside each other, in sections, behind tabs.

Plain values, made once and shared: `Form.from_entity(City).layout(Row("name", "price"), …)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

__all__ = ["FormSection", "Part", "Row", "Section", "Tab", "Tabs", "checked", "names_in"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True, init=False)
class Row:
    """Fields beside each other, as many as there is room for; on a phone one below the other."""

    fields: tuple[str, ...]

    def __init__(self, *fields: str) -> None:
        object.__setattr__(self, "fields", fields)


@dataclass(frozen=True, slots=True, init=False)
class Section:
    """Parts that belong together, under a title; *help* says more about all of them."""

    title: str
    parts: tuple[Part, ...]
    help: str | None = None

    def __init__(self, title: str, *parts: Part, help: str | None = None) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "help", help)


@dataclass(frozen=True, slots=True, init=False)
class Tab:
    """Parts that are seen when the tab called *label* is chosen."""

    label: str
    parts: tuple[Part, ...]

    def __init__(self, label: str, *parts: Part) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True, init=False)
class Tabs:
    """Tabs of which one is seen at a time; without scripts all are, under headings.

    Fields behind every tab are sent. One with an error is opened.
    """

    tabs: tuple[Tab, ...] = field(default=())

    def __init__(self, *tabs: Tab) -> None:
        object.__setattr__(self, "tabs", tabs)


FormSection = Section
"""The name that goes beside the HTML tag ``Section``."""

Part: TypeAlias = "str | Row | Section | Tabs"
"""The name of a field, or what holds such names."""


def names_in(parts: Iterable[Part]) -> Iterator[str]:
    """Yield the fields named in *parts*, from top to bottom.

    TypeError for anything else than names and the classes here.
    """
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Row):
            yield from _all(part.fields, str, "Row(…) takes names of fields")
        elif isinstance(part, Section):
            yield from names_in(part.parts)
        elif isinstance(part, Tabs):
            for tab in _all(part.tabs, Tab, "Tabs(…) takes Tab(…)"):
                yield from names_in(tab.parts)
        else:
            raise TypeError(_wrong(part, "layout(…) takes names of fields, Row, Section and Tabs"))


def checked(parts: tuple[Part, ...], known: Iterable[str]) -> tuple[Part, ...]:
    """Answer *parts*. LookupError for an unknown field, ValueError for one named twice."""
    names, fields, seen = list(names_in(parts)), list(known), set[str]()
    for name in names:
        if name not in fields:
            msg = f"layout(…) names {name!r}, which is no field. Known: {', '.join(fields)}"
            raise LookupError(msg)
        if name in seen:
            msg = f"layout(…) names {name!r} twice. A field stands in one place"
            raise ValueError(msg)
        seen.add(name)
    return parts


def _all(parts: tuple[T, ...], kind: type[T], takes: str) -> Iterator[T]:
    for part in parts:
        if not isinstance(part, kind):
            raise TypeError(_wrong(part, takes))
        yield part


def _wrong(part: object, takes: str) -> str:
    found = type(part).__name__
    hint = ""
    if found == "Element":
        hint = ". HTML has no place here; the Section of a form is nitro_templates.FormSection"
    return f"{takes}, not {found}{hint}"
