"""Filters by type: which fields offer one, and what the parameters of a URL ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nitro_templates.fields.formats import typed_text
from nitro_templates.fields.view import FieldView
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import later
from nitro_templates.sources import All, RowSource, Test, Where

LONGEST = 200
"""How much of a value is looked at."""
MOST_VALUES = 50
_TEXTS = frozenset({"text", "textarea", "email", "url", "phone", "timezone"})
_RANGES = frozenset({"integer", "decimal", "money", "date", "datetime", "moment", "time"})
NO_VALUE = {"empty": later("is empty"), "filled": later("is not empty")}
_TEXT_OPS = {"": "contains", "starts": "startswith", "is": "eq"}
TEXT_SAID = {"": later("contains"), "starts": later("starts with"), "is": later("is")}
Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Range:
    """A filter from one value to another: `with_filters(Range("price"))`.

    Fields of numbers, dates and times have it anyway.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that a table offers; *kind* is text, range, bool, choice or relation."""

    field: FieldView
    kind: str

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, after "f-"."""
        tails = ("-min", "-max", "-op") if self.kind == "range" else ("", "-op")
        return tuple(f"{self.name}{tail}" for tail in tails)


@dataclass(frozen=True, slots=True)
class Active:
    """One filter that is on: its parameters, how it reads, and what it asks for."""

    field: str
    pairs: tuple[tuple[str, str], ...]
    text: str
    where: Where
    by_key: bool = False
    """Whether its values are keys, which people read as titles."""


def kind_of(field: FieldView) -> str | None:
    """Answer which filter suits *field*, None if there is none."""
    if field.many or field.fields or field.secret or field.item is not None:
        return None
    if field.reference is not None:
        return "relation"
    if field.kind is bool or field.widget == "checkbox":
        return "bool"
    if field.choices:
        return "choice"
    if field.widget in _RANGES or field.numeric:
        return "range"
    return "text" if field.searchable or field.widget in _TEXTS else None


def offer_filters(
    wanted: Sequence[str | Range], fields: Sequence[FieldView]
) -> tuple[Filter, ...]:
    """Match *wanted*, or by default all fields with a filter, with the declared fields.

    LookupError names a field that is not there, ValueError one that has no such filter.
    """
    if not wanted:
        usual = (field for field in fields if field.filterable and "table" not in field.hidden_in)
        return tuple(Filter(f, kind) for f in usual if (kind := kind_of(f)) is not None)
    known = {field.name: field for field in fields}
    return tuple(_offered(item, known) for item in wanted)


def _offered(item: str | Range, known: Mapping[str, FieldView]) -> Filter:
    name = item.name if isinstance(item, Range) else item
    field = known.get(name)
    if field is None:
        msg = f"No field {name!r} to filter by. Known fields: {', '.join(known)}"
        raise LookupError(msg)
    kind = kind_of(field)
    if kind is None or (isinstance(item, Range) and kind != "range"):
        msg = f"{item!r}: the values of {name} cannot be filtered like that"
        raise ValueError(msg)
    return Filter(field, kind)


def read_filters(
    filters: Sequence[Filter], query: Query, prefix: str, source: RowSource
) -> tuple[tuple[Active, ...], list[str]]:
    """Answer the filters that *query* turns on, and what it says that makes no sense."""
    active: list[Active] = []
    problems: list[str] = []
    start = f"{prefix}f-"
    given = {key.removeprefix(start): v for key, v in query.items() if key.startswith(start)}
    if given.keys() - {name for filter in filters for name in filter.parameters}:
        problems.append(_("A filter of this address is not offered here. It was left out."))
    for filter in filters if given else ():
        try:
            found = _read(filter, given)
            if found is not None:
                source.check(found.where)
                active.append(found)
        except ValueError:
            label = filter.field.label
            problems.append(
                _("The filter for {field} cannot be read. It was left out.", field=label)
            )
    return tuple(active), problems


def _read(filter: Filter, given: Query) -> Active | None:
    name, label = filter.name, filter.field.label
    op = _one(given, f"{name}-op")
    if op in NO_VALUE:
        test = Test(name, "null", op == "empty")
        return Active(name, ((f"{name}-op", op),), f"{label} {_(NO_VALUE[op])}", test)
    if filter.kind == "range":
        return _range(filter, given, op)
    values = tuple(dict.fromkeys(v for v in _cut(given.get(name, ())) if v))
    if op not in (_TEXT_OPS if filter.kind == "text" else ("",)):
        raise ValueError(op)
    if not values:
        return None
    pairs = tuple((name, value) for value in values)
    if filter.kind == "text":
        more = ((f"{name}-op", op),) if op else ()
        said = {"field": label, "comparison": _(TEXT_SAID[op]), "value": values[-1]}
        text = _("{field} {comparison} “{value}”", **said)
        return Active(name, (pairs[-1], *more), text, Test(name, _TEXT_OPS[op], values[-1]))
    if filter.kind == "relation":
        return Active(name, pairs, label, _one_of(name, values), by_key=True)
    return _choice(filter, values)


def _one_of(name: str, values: tuple[str, ...]) -> Test:
    return Test(name, "eq", values[0]) if len(values) == 1 else Test(name, "in", values)


def options_of(filter: Filter) -> dict[str, str]:
    """Answer what can be chosen, by value."""
    if filter.kind == "bool":
        return {"true": _("Yes"), "false": _("No")}
    return {choice.value: choice.label for choice in filter.field.choices}


def _choice(filter: Filter, values: tuple[str, ...]) -> Active:
    labels = options_of(filter)
    if any(value not in labels for value in values):
        raise ValueError(filter.name)
    chosen = tuple(value for value in labels if value in values)  # one order, one key
    text = f"{filter.field.label}: {', '.join(labels[value] for value in chosen)}"
    pairs = tuple((filter.name, value) for value in chosen)
    return Active(filter.name, pairs, text, _one_of(filter.name, chosen))


def _range(filter: Filter, given: Query, op: str) -> Active | None:
    if op:
        raise ValueError(op)
    name, label = filter.name, filter.field.label
    low, high = (_one(given, f"{name}-{end}") for end in ("min", "max"))
    if not (low or high):
        return None
    bounds = (("min", "ge", low), ("max", "le", high))
    tests = tuple(Test(name, op, typed(filter.field, v)) for _, op, v in bounds if v)
    pairs = tuple((f"{name}-{end}", value) for end, _, value in bounds if value)
    said = _bounds(typed_text(filter.field, low), typed_text(filter.field, high))
    return Active(name, pairs, f"{label}: {said}", tests[0] if len(tests) == 1 else All(tests))


def _bounds(low: str, high: str) -> str:
    if low and high:
        return _("{low} to {high}", low=low, high=high)
    return _("from {low}", low=low) if low else _("up to {high}", high=high)


def typed(field: FieldView, text: str) -> str:
    """Answer *text* as the field is compared with: without a time zone a moment is in UTC."""
    plain = field.widget == "moment" and "T" in text
    zoned = text.endswith("Z") or "+" in text or text.count("-") > 2
    return text + "Z" if plain and not zoned else text


def _cut(values: Sequence[str]) -> Iterator[str]:
    return (value.strip()[:LONGEST] for value in values[:MOST_VALUES])


def _one(query: Query, name: str) -> str:
    values = query.get(name)
    return values[-1].strip()[:LONGEST] if values else ""
