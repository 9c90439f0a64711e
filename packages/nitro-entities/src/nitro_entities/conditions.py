"""Conditions that mean the same in every store.

``City.population > 5`` makes one, ``&``, ``|`` and ``~`` combine them. Logic is two-valued:
a comparison with a value that is missing is false, ``!=`` and ``~`` of it are true.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import FieldSpec, Kind, Primitive, checked_text
from nitro_entities.search import Needle, found, needle

T = TypeVar("T")

Specs = Mapping[str, FieldSpec]
Test = Callable[[Mapping[str, Any]], bool]

DEEPEST = 32  # Python, and databases too, go down only so many levels


class Condition:
    """Say which entities are meant. Combine with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: "Condition | bool") -> "Condition":
        return all_of((self, _condition(other)))

    def __or__(self, other: "Condition | bool") -> "Condition":
        return any_of((self, _condition(other)))

    def __invert__(self) -> "Condition":
        return Not(self)

    def __bool__(self) -> bool:
        msg = (
            "A condition is neither true nor false by itself. Combine conditions with &, | and ~ "
            "instead of and, or and not, and write (a < x) & (x < b) instead of a < x < b"
        )
        raise TypeError(msg)

    @property
    def depth(self) -> int:
        """Answer how many levels of other conditions there are below."""
        return 0

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer what is left without the values: conditions of one shape share a statement."""
        raise NotImplementedError

    def bound(self, specs: Specs) -> "Condition":
        """Check the fields, and turn values into what the fields would hold."""
        raise NotImplementedError

    def test(self, specs: Specs) -> Test:
        """Answer a function that tests the values of one entity; the condition is bound."""
        raise NotImplementedError


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """A field against one value; *op* is eq, ne, lt, le, gt or ge."""

    field: str
    op: str
    value: Any

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return (self.op, self.field, self.value is None)

    def bound(self, specs: Specs) -> "Compare":
        """Answer the same with a value of the field's type."""
        spec = comparable(specs, self.field)
        if self.value is None and self.op in _COMPARE:
            msg = f"{self.field} cannot be smaller or greater than None. Use is_null()"
            raise InvalidQuery(msg)
        return replace(self, value=spec.coerce(self.value))

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        spec, name = specs[self.field], self.field
        key, value = spec.key, spec.key(self.value)
        if self.op == "eq":
            return lambda row: bool(key(row[name]) == value)
        if self.op == "ne":
            return lambda row: bool(key(row[name]) != value)
        compare = _COMPARE[self.op]

        def test(row: Mapping[str, Any]) -> bool:
            own = key(row[name])
            return own is not None and compare(own, value)

        return test


@dataclass(frozen=True, slots=True)
class In(Condition):
    """A field against several values."""

    field: str
    values: tuple[Any, ...]

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("in", self.field, self.padded_size, None in self.values)

    @property
    def padded_size(self) -> int:
        """Answer a number of places, a power of two, so that there are few shapes."""
        count = sum(value is not None for value in self.values)
        return 1 << (count - 1).bit_length() if count else 0

    def bound(self, specs: Specs) -> "In":
        """Answer the same with values of the field's type."""
        spec = comparable(specs, self.field)
        return replace(self, values=tuple(spec.coerce(value) for value in self.values))

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        spec, name = specs[self.field], self.field
        key, values = spec.key, {spec.key(value) for value in self.values}
        return lambda row: key(row[name]) in values


@dataclass(frozen=True, slots=True)
class Text(Condition):
    """A part of a text; *op* is contains or startswith, both with regard to case."""

    field: str
    op: str
    value: str

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return (self.op, self.field)

    def bound(self, specs: Specs) -> "Text | In":
        """Check that the field is text."""
        textual(specs, self.field, self.op, self.value)
        return self if _is_text(self.value) else In(self.field, ())

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        spec, name, value = specs[self.field], self.field, self.value
        method = str.startswith if self.op == "startswith" else str.__contains__

        def test(row: Mapping[str, Any]) -> bool:
            own = spec.primitive(row[name])
            return isinstance(own, str) and method(own, value)

        return test


@dataclass(frozen=True, slots=True)
class Search(Condition):
    """A part of a text without regard to case, in any script."""

    field: str
    needle: Needle

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        special = self.needle.special
        count = None if special is None else len(special)
        return ("icontains", self.field, self.needle.pattern is None, count)

    def bound(self, specs: Specs) -> "Search | In":
        """Check that the field is text."""
        textual(specs, self.field, "icontains", self.needle.folded)
        return self if _is_text(self.needle.folded) else In(self.field, ())

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        spec, name, folded = specs[self.field], self.field, self.needle.folded

        def test(row: Mapping[str, Any]) -> bool:
            own = spec.primitive(row[name])
            return isinstance(own, str) and found(folded, own)

        return test


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]
    depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth_over(self.parts))

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("and", *(part.shape for part in self.parts))

    def bound(self, specs: Specs) -> "All":
        """Bind the parts."""
        return All(tuple(part.bound(specs) for part in self.parts))

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        tests = [part.test(specs) for part in self.parts]
        return lambda row: all(test(row) for test in tests)


@dataclass(frozen=True, slots=True)
class Any_(Condition):  # noqa: N801 - Any is taken
    """At least one part holds."""

    parts: tuple[Condition, ...]
    depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth_over(self.parts))

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("or", *(part.shape for part in self.parts))

    def bound(self, specs: Specs) -> "Any_":
        """Bind the parts."""
        return Any_(tuple(part.bound(specs) for part in self.parts))

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        tests = [part.test(specs) for part in self.parts]
        return lambda row: any(test(row) for test in tests)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition
    depth: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth_over((self.part,)))

    def __invert__(self) -> Condition:
        return self.part

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("not", self.part.shape)

    def bound(self, specs: Specs) -> "Not":
        """Bind the part."""
        return Not(self.part.bound(specs))

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        test = self.part.test(specs)
        return lambda row: not test(row)


def all_of(parts: Iterable[Condition]) -> Condition:
    """Answer what holds where all *parts* do, on one level however many are joined."""
    return All(tuple(_side_by_side(All, parts)))


def any_of(parts: Iterable[Condition]) -> Condition:
    """Answer what holds where one of *parts* does, on one level however many are joined."""
    return Any_(tuple(_side_by_side(Any_, parts)))


def _side_by_side(kind: type[All] | type[Any_], parts: Iterable[Condition]) -> Iterator[Condition]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def _depth_over(parts: Iterable[Condition]) -> int:
    depth = 1 + max(map(attrgetter("depth"), parts), default=0)
    if depth > DEEPEST:
        raise too_deep()
    return depth


def too_deep() -> InvalidQuery:
    """Answer what is raised for conditions in conditions in conditions."""
    return InvalidQuery(
        f"Conditions are nested more than {DEEPEST} levels deep. Put them side by side: all of "
        f"a | b | c are on one level, and col(field).in_(values) takes many values at once"
    )


@dataclass(frozen=True, slots=True)
class IsNull(Condition):
    """The field has no value. The only condition that a document field can answer."""

    field: str

    @property
    def shape(self) -> tuple[Any, ...]:
        """Answer the shape."""
        return ("null", self.field)

    def bound(self, specs: Specs) -> "IsNull":
        """Check that there is such a field."""
        declared(specs, self.field)
        return self

    def test(self, specs: Specs) -> Test:
        """Answer the test."""
        name = self.field
        return lambda row: row[name] is None


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by."""

    field: str
    descending: bool = False


class FieldRef(Generic[T]):
    """A field of an entity class, to make conditions and orders of."""

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<field {self.name}>"

    def __bool__(self) -> bool:
        msg = f"{self.name} is a field here, not a value. Compare it: {self.name} == …"
        raise TypeError(msg)

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return Compare(self.name, "eq", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return Compare(self.name, "ne", other)

    def __lt__(self, other: T) -> Condition:
        return Compare(self.name, "lt", other)

    def __le__(self, other: T) -> Condition:
        return Compare(self.name, "le", other)

    def __gt__(self, other: T) -> Condition:
        return Compare(self.name, "gt", other)

    def __ge__(self, other: T) -> Condition:
        return Compare(self.name, "ge", other)

    def in_(self, values: Iterable[T]) -> Condition:
        """Match any of *values*; None among them matches a missing value."""
        if isinstance(values, str | bytes):  # which would be its letters, one by one
            msg = f"in_() takes several values, got {values!r}. Write in_([{values!r}])"
            raise InvalidQuery(msg)
        return In(self.name, tuple(values))

    def is_null(self) -> Condition:
        """Match a missing value."""
        return IsNull(self.name)

    def contains(self, text: str) -> Condition:
        """Match a part of a text, with regard to case."""
        return Text(self.name, "contains", text)

    def icontains(self, text: str) -> Condition:
        """Match a part of a text without regard to case, in any script."""
        return Search(self.name, needle(text))

    def startswith(self, text: str) -> Condition:
        """Match the beginning of a text, with regard to case."""
        return Text(self.name, "startswith", text)

    def asc(self) -> Order:
        """Sort from the smallest; missing values come last."""
        return Order(self.name)

    def desc(self) -> Order:
        """Sort from the greatest; missing values come last all the same."""
        return Order(self.name, descending=True)


@overload
def col(field: T, /) -> FieldRef[T]: ...
@overload
def col(field: type[Any], name: str, /) -> FieldRef[Any]: ...
def col(field: Any, name: str | None = None, /) -> FieldRef[Any]:
    """Name a field so that type checkers know it as one: ``col(City.x)`` or ``col(City, "x")``.

    Raises InvalidQuery for what is no field.
    """
    if name is not None:
        if name not in field.__pydantic_fields__:
            known = ", ".join(field.__pydantic_fields__)
            msg = f"{field.__name__} has no field {name!r}. Its fields: {known}"
            raise InvalidQuery(msg)
        return FieldRef(name)
    if isinstance(field, FieldRef):
        return field  # pyright: ignore[reportUnknownVariableType]
    key = getattr(field, "key", None)  # an attribute of a mapped class
    if isinstance(key, str):
        return FieldRef(key)
    msg = f"{field!r} is not a field. Write col(City.name) or col(City, 'name')"
    raise InvalidQuery(msg)


def declared(specs: Specs, name: str) -> FieldSpec:
    """Answer the field called *name*. Raises InvalidQuery."""
    spec = specs.get(name)
    if spec is None:
        msg = f"There is no field {name!r}. Fields: {', '.join(specs)}"
        raise InvalidQuery(msg)
    return spec


def comparable(specs: Specs, name: str) -> FieldSpec:
    """Answer the field called *name* if it can be compared and sorted. Raises InvalidQuery."""
    spec = declared(specs, name)
    if not spec.comparable:
        msg = f"{name} holds a {spec.kind.value}, which can be neither compared nor sorted"
        raise InvalidQuery(msg)
    return spec


def textual(specs: Specs, name: str, op: str, value: object) -> FieldSpec:
    """Answer the field called *name* if it holds text. Raises InvalidQuery."""
    spec = declared(specs, name)
    if spec.kind not in (Kind.TEXT, Kind.ENUM_TEXT):
        msg = f"{op} works on text, and {name} holds a {spec.kind.value}"
        raise InvalidQuery(msg)
    if not isinstance(value, str):
        msg = f"{op} takes text, not {value!r}"
        raise InvalidQuery(msg)
    return spec


def _is_text(value: str) -> bool:
    """Say whether any stored text could have *value* in it: databases refuse to look for NUL."""
    try:
        checked_text(value)
    except ValueError:
        return False
    return True


def _condition(other: object) -> Condition:
    if isinstance(other, Condition):
        return other
    msg = f"{other!r} is not a condition. Put comparisons beside & and | in parentheses"
    raise TypeError(msg)


__all__ = ["Condition", "FieldRef", "Order", "Primitive", "col"]
