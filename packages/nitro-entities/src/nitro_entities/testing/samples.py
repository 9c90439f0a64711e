"""Rows for queries: few values, so that there are ties; awkward ones, so that order matters."""

import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from nitro_entities.testing.oracle import COMPARE, TEXT, Rule
from nitro_entities.testing.shapes import Colour, Grade

TEXTS = (
    "", "a", "A", "b", "B", "ab", "aB", "a_b", "a%b", "%", "_", "a\\b", "\\", "'", "*", "a*b",
    " a", "a ", "\u00e9", "e\u0301", "\u00c9", "Stra\u00dfe", "STRASSE", "strasse", "\u0130", "z",
    "\uffff", "\U00010000", "\U0001f600", "10", "9", "\n", "\U0010ffff", "a\U0010ffff", "[a]",
)  # fmt: skip

_EAST, _WEST = timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))

VALUES: dict[str, tuple[Any, ...]] = {
    "text": TEXTS,
    "note": (*TEXTS[:12], None, None),
    "number": (0, 1, 2, 10, -1, 2**53, 2**53 + 1, -(2**63), 2**63 - 1),
    "count_": (0, 1, 2, None),
    "flag": (False, True),
    "price": (
        0.0,
        -0.0,
        0.1,
        0.1 + 0.2,
        0.3,
        1.5,
        -1.5,
        float("inf"),
        float("-inf"),
        5e-324,
        None,
    ),
    "amount": (
        *(Decimal(text) for text in ("0", "10", "9.5", "9.50", "-1", "-10", "1E+3", "0.1")),
        Decimal("0.1000000000000000000000000001"),
        None,
    ),
    "day": (date(999, 1, 1), date(1500, 12, 31), date(2024, 2, 29), date(9999, 12, 31), None),
    "hour": (time(0), time(9), time(10), time(9, 0, 0, 1), time(23, 59, 59, 999999), None),
    "moment": (
        datetime(2024, 1, 1, 12, tzinfo=UTC),
        datetime(2024, 1, 1, 14, tzinfo=_EAST),  # earlier, though it reads as later
        datetime(2024, 1, 1, 5, tzinfo=_WEST),  # later, though it reads as earlier
        datetime(2024, 1, 1, 4, tzinfo=_WEST),  # the same as the first
        datetime(999, 5, 5, 1, 2, 3, 4, tzinfo=UTC),
        datetime(2024, 1, 1, 12, 0, 0, 1, tzinfo=UTC),
        None,
    ),
    "span": (
        timedelta(0),
        timedelta(microseconds=-1),
        timedelta(days=-2, hours=3),
        timedelta(days=10),
        timedelta(days=9, microseconds=1),
        None,
    ),
    "raw": (b"", b"\x00", b"\x7f", b"\x80", b"\xff", b"a", b"A", b"a\x00", None),
    "key": (UUID(int=0), UUID(int=9), UUID(int=10), UUID(int=2**127), UUID(int=2**128 - 1), None),
    "colour": (*Colour, None),
    "grade": (*Grade, None),
}
FIELDS = tuple(VALUES)
OPTIONAL = tuple(name for name, choices in VALUES.items() if None in choices)
TEXT_FIELDS = ("text", "note", "colour", "id")


def rows(number: int, seed: int = 0) -> list[dict[str, Any]]:
    """Make *number* rows for `shapes.thing`, the same for the same *seed*."""
    chance = random.Random(f"{number} {seed}")
    ids = [f"{prefix}{place}" for place in range(number) for prefix in "bBa"]
    return [
        {"id": id} | {field: chance.choice(choices) for field, choices in VALUES.items()}
        for id in chance.sample(ids, number)
    ]


def _leaf(ids: list[str]) -> st.SearchStrategy[Rule]:
    choices = {**VALUES, "id": (*ids[:6], "", "zz")}

    def known(field: str) -> st.SearchStrategy[Any]:
        return st.sampled_from([value for value in choices[field] if value is not None])

    def compare(field: str) -> st.SearchStrategy[Rule]:
        either = st.tuples(st.sampled_from([*COMPARE, "eq", "ne"]), st.just(field), known(field))
        equal = st.tuples(st.sampled_from(["eq", "ne"]), st.just(field), st.none())
        return st.one_of(either, either, equal) if field in OPTIONAL else either

    def choose(field: str) -> st.SearchStrategy[Rule]:
        some = st.lists(st.sampled_from(choices[field]), max_size=5).map(tuple)
        return st.tuples(st.just("in"), st.just(field), some)

    fields = st.sampled_from([*FIELDS, "id"])
    parts = st.sampled_from([*TEXTS, "tra", "SS", "ss", "b", "C", "i"])
    return st.one_of(
        fields.flatmap(compare),
        fields.flatmap(compare),
        fields.flatmap(choose),
        st.tuples(st.sampled_from([*TEXT]), st.sampled_from(TEXT_FIELDS), parts),
        st.tuples(st.just("null"), st.sampled_from([*OPTIONAL, "tags"])),
    )


def rules(ids: list[str]) -> st.SearchStrategy[Rule]:
    """Draw conditions, nested a few levels deep."""

    def deeper(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            inner.map(lambda part: ("not", part)),
            several.map(lambda parts: ("and", *parts)),
            several.map(lambda parts: ("or", *parts)),
        )

    return st.recursive(_leaf(ids), deeper, max_leaves=5)


def orders() -> st.SearchStrategy[list[tuple[str, bool]]]:
    """Draw fields to sort by."""
    one = st.tuples(st.sampled_from([*FIELDS, "id"]), st.booleans())
    return st.lists(one, max_size=3, unique_by=lambda pair: pair[0])
