"""A plain JSON object is read in one go; that comes to the same as reading it carefully."""

from __future__ import annotations

import json
import string
from typing import Annotated, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field

from nitro_events import signals
from nitro_events.arguments import Arguments
from nitro_events.handed import Handed
from nitro_events.outcomes import Invalid
from nitro_events.policy import Caller
from nitro_events.resources import Given
from nitro_events.signals import BadSignals, parse_object

_TEXTS = st.text(max_size=8) | st.text(string.printable, max_size=8)
_NUMBERS = st.integers() | st.integers(-(10**110), 10**110) | st.floats()
_SCALARS = st.none() | st.booleans() | _NUMBERS | _TEXTS
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=5,
)
_WRITTEN = st.builds(
    lambda value, plain, space: json.dumps(value, ensure_ascii=plain, indent=space).encode(
        "utf-8", "surrogatepass"
    ),
    st.dictionaries(_TEXTS, _VALUES, max_size=4) | _VALUES,
    st.booleans(),
    st.sampled_from([None, 1]),
)
_PIECES = ["{", "}", '"a"', '"a"', '"b"', ":", ":", ",", "1", "-0", "01", "1e3", "null", " ", "["]
_TYPED = st.lists(st.sampled_from([*_PIECES, "]", "\\", "\x00", "\t"]), max_size=12).map(
    lambda pieces: "".join(pieces).encode()
)


def came_to(raw: bytes, **limits: Any) -> object:
    """Return what was read, with the types of what is in it, or what was wrong."""
    try:
        found = parse_object(raw, **limits)
    except BadSignals as exc:
        return exc.status, str(exc)
    return repr(found)


@settings(max_examples=400, deadline=None)
@given(raw=_WRITTEN | _TYPED | st.binary(max_size=20), max_keys=st.sampled_from([0, 1, 1000]))
@example(raw=b'{"a": 1, "a": 2}', max_keys=1000)
@example(raw=b'{"a": 1, "b": "x", "a": "y"}', max_keys=1000)
@example(raw=b'{"a": NaN}', max_keys=1000)
@example(raw=b'{"a": -0, "b": 1e999}', max_keys=1000)
@example(raw=b'{"a": ' + b"1" * 101 + b"}", max_keys=1000)
def test_both_ways_to_read_an_object_come_to_the_same(raw: bytes, max_keys: int) -> None:
    quick = came_to(raw, max_keys=max_keys)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signals, "_plain", lambda *_: None)
        assert came_to(raw, max_keys=max_keys) == quick


def test_what_nearly_all_requests_bring_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_load", pytest.fail)

    assert parse_object(b'{"id": 7, "note": "a few words", "late": true, "by": null}') == {
        "id": 7,
        "note": "a few words",
        "late": True,
        "by": None,
    }


def grow(by: Annotated[int, Field(ge=0)], note: str = "", tags: list[int] | None = None) -> None:
    """Take what was read."""


@settings(max_examples=300, deadline=None)
@given(
    values=st.dictionaries(
        st.sampled_from(["by", "note", "tags", "more"]),
        st.sampled_from([1, -1, "2", "", None, 1.5, True, [1], ["x"], {"by": 1}]),
    )
)
def test_both_ways_to_read_arguments_come_to_the_same(values: dict[str, object]) -> None:
    def came_to(arguments: Arguments) -> object:
        try:
            found = arguments.read(Given(values), Handed(Caller()), complete=False)
        except Invalid as exc:
            return exc.errors, exc.values
        return repr(sorted(found.items()))

    quick, careful = Arguments.of(grow), Arguments.of(grow)
    careful = Arguments(careful.name, careful.fields, careful.handed_in)
    vars(careful)["_plain"] = False

    assert came_to(careful) == came_to(quick)
