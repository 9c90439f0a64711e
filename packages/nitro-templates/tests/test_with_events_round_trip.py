"""Whatever value a field has: rendered and posted back unchanged, it is the same value."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("nitro_events")

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AnyUrl, AwareDatetime, BaseModel
from pydantic import Field as Limits

from nitro_events.fields import MISSING, Field, text_of
from nitro_events.form_seal import digest
from nitro_events.http.inputs import form_input
from nitro_events.reading import read_fields
from nitro_events.resources import Given
from nitro_templates.fields import Shown, fields_of, ui
from nitro_templates.fields.formats import input_text
from nitro_templates.fields.inputs import input_of
from nitro_templates.form.seal import digest as shown_digest
from nitro_templates.sources.values import json_values
from support.form_html import sent_by

# what HTML can carry at all: no control characters, no halves of surrogate pairs
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t"), max_size=9
)


class Hue(enum.Enum):
    RED = "r"
    TWO = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Part(BaseModel):
    text: str
    count: int
    on: bool
    maybe: bool | None = None
    hue: Hue = Hue.RED
    tags: list[str] = []


class Deep(BaseModel):
    parts: list[Part]
    one: Part | None
    levels: set[Level]
    days: tuple[date, ...] = ()


parts = st.builds(
    Part,
    text=texts,
    count=st.integers(-(10**12), 10**12),
    on=st.booleans(),
    maybe=st.none() | st.booleans(),
    hue=st.sampled_from(Hue),
    tags=st.lists(texts, max_size=3),
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3)
moments = st.datetimes(timezones=st.just(UTC)) | st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)

KINDS: Mapping[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (str, texts),
    "long text": (Annotated[str, Limits(max_length=900)], texts),
    "perhaps text": (str | None, st.none() | texts),
    "url": (Annotated[str, ui(widget="url")], texts),
    "email": (Annotated[str, ui(widget="email")], texts),
    "colour": (
        Annotated[str, ui(widget="colour")],
        texts | st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True),
    ),
    "real url": (AnyUrl, st.just(AnyUrl("https://example.org/?a=1&b=<x>"))),
    "integer": (int, st.integers()),
    "perhaps integer": (int | None, st.none() | st.integers()),
    "number": (float, st.floats(allow_nan=False, allow_infinity=False)),
    "decimal": (Decimal, decimals),
    "money": (Annotated[Decimal, ui(currency="EUR")], decimals),
    "box": (bool, st.booleans()),
    "perhaps": (bool | None, st.none() | st.booleans()),
    "enum": (Hue, st.sampled_from(Hue)),
    "level": (Level, st.sampled_from(Level)),
    "literal": (Literal["a", "b", 3], st.sampled_from(["a", "b", 3])),
    "date": (date | None, st.none() | st.dates()),
    "datetime": (datetime, st.datetimes() | moments),
    "moment": (AwareDatetime, moments),
    "time": (time, st.times()),
    "duration": (timedelta, st.timedeltas(timedelta(days=-9), timedelta(days=900))),
    "zone": (ZoneInfo, st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Europe/Zurich")])),
    "uuid": (UUID, st.uuids()),
    "texts": (list[str], st.lists(texts, max_size=4)),
    "perhaps texts": (list[str] | None, st.none() | st.lists(texts, max_size=4)),
    "integers": (list[int], st.lists(st.integers(), max_size=4)),
    "perhaps integers": (list[int | None], st.lists(st.none() | st.integers(), max_size=4)),
    "sequence": (deque[int], st.lists(st.integers(), max_size=4).map(deque)),
    "set": (set[int], st.sets(st.integers(), max_size=4)),
    "choices": (set[Hue], st.sets(st.sampled_from(Hue))),
    "perhaps choices": (
        frozenset[Level] | None,
        st.none() | st.frozensets(st.sampled_from(Level)),
    ),
    "lists": (list[list[str]], st.lists(st.lists(texts, max_size=3), max_size=3)),
    "nested": (Part, parts),
    "perhaps nested": (Part | None, st.none() | parts),
    "list of nested": (list[Part], st.lists(parts, max_size=3)),
    "list of perhaps nested": (list[Annotated[Part, "said"]], st.lists(parts, max_size=2)),
    "deep": (
        Deep,
        st.builds(
            Deep,
            parts=st.lists(parts, max_size=2),
            one=st.none() | parts,
            levels=st.sets(st.sampled_from(Level)),
            days=st.lists(st.dates(), max_size=2).map(tuple),
        ),
    ),
}


def model_of(annotation: Any) -> type[BaseModel]:
    return type("Thing", (BaseModel,), {"__annotations__": {"value": annotation}})


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_value_that_is_posted_back_unchanged_is_the_same(kind: str) -> None:
    annotation, values = KINDS[kind]
    model, field = model_of(annotation), Field("value", annotation)
    [view] = fields_of(model)

    @settings(max_examples=40, deadline=None, database=None)
    @given(values)
    def check(value: Any) -> None:
        thing = model.model_construct(value=value)
        seen = json_values(thing, [view])["value"]
        shown = Shown(view, "form-value", input_text(view, seen))
        lists: dict[str, list[str]] = {}
        for name, text in sent_by(str(input_of(shown))).sent:
            lists.setdefault(name, []).append(text.replace("\n", "\r\n"))
        sent = form_input(lists)
        raw = field.from_form(sent.values, sent.lists, complete=True)
        given_ = Given(sent.values, sent.lists, form=True)
        reading = read_fields({"value": field}, {"value": raw}, given_, defaults=False)

        assert raw is not MISSING
        base = shown_digest(seen)
        assert base == digest(field.dump(value))
        # as `update` compares: the text as it was shown, else what it is read as
        assert base in (digest(text_of(raw)), reading.digests.get("value"))
        if "value" in reading.values and '""]' not in shown.text:  # blank items are dropped
            assert reading.values["value"] == (None if value == "" else value)

    check()
