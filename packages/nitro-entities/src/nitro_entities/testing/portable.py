"""The types of fields that every store has to keep, and values that tell stores apart."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from nitro_entities.testing.shapes import Colour, Grade, Part


class Cat(BaseModel):
    """One case of a discriminated union."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    """The other case."""

    kind: Literal["dog"] = "dog"
    tricks: list[str] = []


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Portable(NamedTuple):
    """A type: values to try in any case, more to draw, and what has to be refused."""

    annotation: Any
    corners: Sequence[Any]
    drawn: st.SearchStrategy[Any]
    refused: Sequence[Any] = ()
    comparable: bool = True


_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
_WHOLE = st.integers(-(2**63), 2**63 - 1)
_FLOAT = st.floats(allow_nan=False)
_DAY = st.dates()
_ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_MOMENT = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=_ZONES)
_DECIMAL = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
)
_SPAN = st.timedeltas(timedelta(days=-100_000_000), timedelta(days=100_000_000))
_PART = st.recursive(
    st.builds(Part, name=_TEXT, sizes=st.lists(_WHOLE, max_size=3)),
    lambda inner: st.builds(Part, name=_TEXT, more=st.dictionaries(_TEXT, inner, max_size=2)),
    max_leaves=4,
)
_PET = st.builds(Cat, lives=_WHOLE) | st.builds(Dog, tricks=st.lists(_TEXT, max_size=3))

_AWKWARD_TEXTS = (
    "", " ", "  a  ", "a\n", "\r\n", "\t", "\\", "'", '"', "''", "%_", "{}", "[]", "null", "None",
    "0", "1e3", "true", "\u00e9", "e\u0301", "\U0001f600", "\uffff", "\ufeffa", "\u2028", "\x01",
    "\x7f", "\x1f", "<b>&amp;", "x" * 20_000, "2024-01-01", "\u0130\u0131", "\u202eabc",
)  # fmt: skip

PORTABLE: dict[str, Portable] = {
    "text": Portable(str, _AWKWARD_TEXTS, _TEXT, refused=("a\0b", "\0", "\ud800", "a\udfff")),
    "whole number": Portable(
        int,
        (0, 1, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)),
        _WHOLE,
        refused=(2**63, -(2**63) - 1, 10**30),
    ),
    "number": Portable(
        float,
        (0.0, -0.0, 0.1, 0.1 + 0.2, 1e308, 5e-324, -1.5, math.inf, -math.inf, 2.0**53 + 2, 1e16),
        _FLOAT,
        refused=(math.nan,),
    ),
    "truth": Portable(bool, (True, False), st.booleans()),
    "bytes": Portable(
        bytes,
        (b"", b"\0", b"\xff\xfe", b"abc", bytes(range(256)), b"\r\n"),
        st.binary(max_size=40),
    ),
    "aware datetime": Portable(
        AwareDatetime,
        (
            datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            datetime(2024, 7, 1, 0, 30, tzinfo=timezone(-timedelta(hours=11))),
            datetime(1, 1, 2, tzinfo=UTC),
            datetime(9999, 12, 30, 1, 2, 3, 4, tzinfo=UTC),
        ),
        _MOMENT,
    ),
    "naive datetime": Portable(
        NaiveDatetime,
        (
            datetime(1, 1, 1),
            datetime(9999, 12, 31, 23, 59, 59, 999999),
            datetime(2024, 3, 31, 2, 30),
        ),
        st.datetimes(),
    ),
    "date": Portable(date, (date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)), _DAY),
    "time": Portable(time, (time(0), time(23, 59, 59, 999999), time(1, 2, 3, 4)), st.times()),
    "duration": Portable(
        timedelta,
        (
            timedelta(0),
            timedelta(microseconds=1),
            timedelta(microseconds=-1),
            timedelta(days=-3, hours=5, microseconds=7),
            timedelta(days=100_000_000, microseconds=1),
        ),
        _SPAN,
    ),
    "decimal": Portable(
        Decimal,
        tuple(
            Decimal(text)
            for text in (
                "0",
                "-0",
                "0.1",
                "1.10",
                "1E+20",
                "1E-20",
                "-12345678901234567890.123456789",
                "0.10000000000000000000000000000000001",
                "9" * 60,
            )
        ),
        _DECIMAL,
        refused=(Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")),
    ),
    "uuid": Portable(UUID, (UUID(int=0), UUID(int=2**128 - 1), UUID(int=0xA << 124)), st.uuids()),
    "text enum": Portable(Colour, tuple(Colour), st.sampled_from(Colour)),
    "number enum": Portable(Grade, tuple(Grade), st.sampled_from(Grade)),
    "text literal": Portable(
        Literal["", "a", "A"], ("", "a", "A"), st.sampled_from(["", "a", "A"])
    ),
    "number literal": Portable(Literal[0, 1, 7], (0, 1, 7), st.sampled_from([0, 1, 7])),
    "list": Portable(
        list[int], ([], [0], [3, 1, 2, 1]), st.lists(_WHOLE, max_size=5), comparable=False
    ),
    "list of text": Portable(
        list[str],
        ([], [""], ["b", "a", "b"], list(_AWKWARD_TEXTS[:-6])),
        st.lists(_TEXT, max_size=4),
        comparable=False,
    ),
    "list of lists": Portable(
        list[list[str]],
        ([], [[]], [["a"], []]),
        st.lists(st.lists(_TEXT, max_size=2), max_size=3),
        comparable=False,
    ),
    "list of decimals": Portable(
        list[Decimal],
        ([Decimal("0.10000000000000000000000001")],),
        st.lists(_DECIMAL, max_size=3),
        comparable=False,
    ),
    "list of bytes": Portable(
        list[bytes],
        ([b"\xff\x00", b""],),
        st.lists(st.binary(max_size=9), max_size=3),
        comparable=False,
    ),
    "list of numbers": Portable(
        list[float],
        ([0.1, -0.0, math.inf, -math.inf, 5e-324],),
        st.lists(_FLOAT, max_size=4),
        comparable=False,
    ),
    "set": Portable(
        set[int], (set(), {1, 2, 3}, {-1}), st.sets(_WHOLE, max_size=5), comparable=False
    ),
    "frozen set": Portable(
        frozenset[str],
        (frozenset(), frozenset("ab")),
        st.frozensets(_TEXT, max_size=4),
        comparable=False,
    ),
    "tuple": Portable(
        tuple[int, str, bool],
        ((1, "x", True), (0, "", False)),
        st.tuples(_WHOLE, _TEXT, st.booleans()),
        comparable=False,
    ),
    "tuple of any length": Portable(
        tuple[float, ...],
        ((), (0.5, 1.0)),
        st.lists(_FLOAT, max_size=4).map(tuple),
        comparable=False,
    ),
    "dict": Portable(
        dict[str, Any],
        ({}, {"": None}, {"a": {"b": [1, "x", None, True, 1.5]}}, {"1": 1, "2": [[]]}),
        st.dictionaries(_TEXT, st.none() | st.booleans() | _WHOLE | _TEXT, max_size=4),
        comparable=False,
    ),
    "dict of numbers": Portable(
        dict[str, float],
        ({}, {"a": 0.1, "b": -0.0, "c": math.inf}),
        st.dictionaries(_TEXT, _FLOAT, max_size=4),
        comparable=False,
    ),
    "dict by whole numbers": Portable(
        dict[int, str],
        ({}, {1: "a", -2: "b", 10: "c"}),
        st.dictionaries(_WHOLE, _TEXT, max_size=4),
        comparable=False,
    ),
    "dict by dates": Portable(
        dict[date, list[datetime]],
        ({}, {date(2024, 1, 1): [datetime(2024, 1, 1, 5, 6, 7, 8)]}),
        st.dictionaries(_DAY, st.lists(st.datetimes(), max_size=2), max_size=3),
        comparable=False,
    ),
    "model": Portable(
        Part,
        (Part(name=""), Part(name="p", sizes=[1], more={"q": Part(name="q")})),
        _PART,
        comparable=False,
    ),
    "list of models": Portable(
        list[Part],
        ([], [Part(name="b"), Part(name="a")]),
        st.lists(_PART, max_size=3),
        comparable=False,
    ),
    "discriminated union": Portable(
        Pet, (Cat(), Cat(lives=0), Dog(), Dog(tricks=["sit"])), _PET, comparable=False
    ),
    "list of a union": Portable(
        list[Pet], ([], [Cat(), Dog(tricks=["x"])]), st.lists(_PET, max_size=3), comparable=False
    ),
}

DOUBTFUL: dict[str, tuple[Any, Any]] = {
    "nan in a list": (list[float], [1.0, math.nan]),
    "nan in a dict": (dict[str, float], {"a": math.nan}),
    "NUL in a list": (list[str], ["a\0b"]),
    "NUL in a key": (dict[str, int], {"\0": 1}),
    "NUL in a model": (Part, Part(name="\0")),
    "a lone surrogate in a list": (list[str], ["\ud800"]),
    "a lone surrogate in a key": (dict[str, int], {"\udfff": 1}),
    "a huge number in a list": (list[int], [2**70]),
    "an aware time": (time, time(1, 2, tzinfo=UTC)),
    "any number": (int | float, 2**60 + 1),
    "text or number": (int | str, "1"),
    "an object of any type": (Any, {"a": [1, None]}),
    "complex": (complex, 1 + 2j),
}
"""Values that a store may refuse, and must not change."""


def same(one: Any, other: Any) -> bool:
    """Say whether *other* is what *one* was, down to the types inside.

    A datetime may come back in another zone if it is the same moment. The sign of zero may be
    lost: databases take -0.0 for the 0.0 that it equals, and so does the dirty tracking.
    """
    if type(one) is not type(other):
        return False
    if type(one) is datetime:
        return one == other and (one.tzinfo is None) is (other.tzinfo is None)
    if isinstance(one, BaseModel):
        return same(dict(one), dict(other))
    inside = _INSIDE.get(one.__class__)
    if inside is not None:
        return len(one) == len(other) and inside(one, other)
    return bool(one == other)


def _same_parts(one: Any, other: Any) -> bool:
    return all(map(same, one, other))


def _same_items(one: Any, other: Any) -> bool:
    by_key: dict[Any, Any] = {(type(key), key): value for key, value in other.items()}
    return all(
        (type(key), key) in by_key and same(value, by_key[type(key), key])
        for key, value in one.items()
    )


_INSIDE: dict[type, Callable[[Any, Any], bool]] = {
    list: _same_parts,
    tuple: _same_parts,
    dict: _same_items,
}
