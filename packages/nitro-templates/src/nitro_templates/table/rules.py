"""Rules inside rules, joined by "all" or "any", as the readable text that stands in a URL.

    all(population.ge.10000,any(country.is.CH,name.has."St. Gallen"))

A value with a parenthesis, a comma, a quote or a backslash in it is quoted, as in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nitro_templates.fields.formats import typed_text
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later
from nitro_templates.sources import All, AnyOf, RowSource, Test, Where

from .filtering import LONGEST, NO_VALUE, Filter, options_of, typed

DEEPEST, MOST_RULES, LONGEST_TEXT = 3, 30, 2000
_ORDER = {"is": "eq", "not": "ne", "ge": "ge", "le": "le", "gt": "gt", "lt": "lt"}
_OPS: Mapping[str, Mapping[str, str]] = {
    "text": {"has": "contains", "starts": "startswith", "is": "eq", "not": "ne"},
    "range": _ORDER,
    "bool": {"is": "eq"},
    "choice": {"is": "eq", "not": "ne"},
    "relation": {"is": "eq", "not": "ne"},
}
SAID = {
    "has": later("contains"),
    "starts": later("starts with"),
    "is": later("is"),
    "not": later("is not"),
    "ge": later("is at least"),
    "le": later("is at most"),
    "gt": later("is more than"),
    "lt": later("is less than"),
    **NO_VALUE,
}
_TOKEN = re.compile(
    r"(?P<open>all\(|any\()|(?P<close>\))|(?P<comma>,)"
    r"|(?P<rule>[A-Za-z_]\w*\.[a-z]+)(?P<dot>\.(?P<value>\"(?:[^\"\\]|\\[\"\\])*\"|[^(),\"\\]*))?",
)
_NEEDS_QUOTES = re.compile(r'[(),"\\]')


@dataclass(frozen=True, slots=True)
class Rule:
    """One field, what is asked of it, and against what."""

    field: str
    op: str
    value: str
    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Group:
    """Rules and groups, of which all or any must hold."""

    any: bool
    parts: tuple[Rule | Group, ...]

    @property
    def where(self) -> Where:
        """What it asks for."""
        made = tuple(part.where for part in self.parts)
        return AnyOf(made) if self.any else All(made)

    @property
    def text(self) -> str:
        """How it reads."""
        between = _("or") if self.any else _("and")
        return f" {between} ".join(
            part.text if isinstance(part, Rule) else f"({part.text})" for part in self.parts
        )


def operators_of(filter: Filter) -> tuple[str, ...]:
    """Answer what can be asked of a field."""
    nothing = tuple(NO_VALUE) if filter.field.optional else ()
    return (*_OPS[filter.kind], *nothing)


def write_rules(part: Rule | Group) -> str:
    """Write *part* as `read_rules` reads it."""
    if isinstance(part, Group):
        inside = ",".join(write_rules(inner) for inner in part.parts)
        return f"{'any' if part.any else 'all'}({inside})"
    if part.op in NO_VALUE:
        return f"{part.field}.{part.op}"
    value = part.value
    if _NEEDS_QUOTES.search(value):
        value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{part.field}.{part.op}.{value}"


def read_rules(text: str, filters: Sequence[Filter], source: RowSource) -> Group | None:
    """Read what `write_rules` wrote; None for nothing.

    ValueError for anything else: fields and operators that are not offered, values that the
    field cannot have, too much of it, or too deep.
    """
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        msg = f"rules of more than {LONGEST_TEXT} characters"
        raise ValueError(msg)
    found = _Reader(text, {filter.name: filter for filter in filters}).whole()
    if found.parts:
        source.check(found.where)
    return found if found.parts else None


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str, filters: Mapping[str, Filter]) -> None:
        self._text, self._at, self._rules, self._filters = text, 0, 0, filters

    def whole(self) -> Group:
        token = self._next()
        if not token["open"]:
            raise self._wrong()
        group = self._group(token, 1)
        if self._at != len(self._text):
            raise self._wrong()
        return group

    def _group(self, opening: re.Match[str], depth: int) -> Group:
        parts: list[Rule | Group] = []
        if depth > DEEPEST:
            raise self._wrong()
        token = self._next()
        while not token["close"]:
            parts.append(self._group(token, depth + 1) if token["open"] else self._rule(token))
            token = self._next()
            if token["comma"]:
                token = self._next()
                if token["close"]:
                    raise self._wrong()
            elif not token["close"]:
                raise self._wrong()
        if not parts and depth > 1:
            raise self._wrong()
        return Group(opening["open"] == "any(", tuple(parts))

    def _rule(self, token: re.Match[str]) -> Rule:
        self._rules += 1
        if not token["rule"] or self._rules > MOST_RULES:
            raise self._wrong()
        name, op = token["rule"].split(".")
        filter = self._filters.get(name)
        if filter is None or op not in operators_of(filter):
            raise self._wrong()
        value = token["value"] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        return made_rule(filter, op, value)

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._at)
        if token is None:
            raise self._wrong()
        self._at = token.end()
        return token

    def _wrong(self) -> ValueError:
        return ValueError(f"unreadable rules at character {self._at}")


def made_rule(filter: Filter, op: str, value: str) -> Rule:
    """Make a rule; ValueError for a value that the field does not offer."""
    said = f"{filter.field.label} {_(SAID[op])}"
    if op in NO_VALUE:
        return Rule(filter.name, op, "", said, Test(filter.name, "null", op == "empty"))
    value = value.strip()[:LONGEST]
    options = options_of(filter)
    if not value or (options and value not in options):
        msg = f"{filter.name} has no value {value!r} to choose"
        raise ValueError(msg)
    test = Test(filter.name, _OPS[filter.kind][op], typed(filter.field, value))
    shown = options.get(value) or typed_text(filter.field, value)
    return Rule(filter.name, op, value, f"{said} {shown}", test)
