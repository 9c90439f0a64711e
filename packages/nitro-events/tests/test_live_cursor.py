"""A cursor says where its client stands, and nobody else can write one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_events import Hub, configure
from nitro_events.live.cursor import UNKNOWN, Cursor, read, taken_up
from nitro_events.state import state


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


def test_a_cursor_is_read_by_the_hub_that_wrote_it() -> None:
    hub = Hub()

    cursor = read(hub.cursor())

    assert cursor == Cursor(hub.identity, hub.position)
    assert hub.knows(cursor)
    assert not Hub().knows(cursor)


def test_a_cursor_is_signed_once_for_all_who_get_it() -> None:
    hub = Hub()
    first = hub.cursor()

    assert hub.cursor() is first
    hub.touch("City")
    assert hub.cursor() != first


def test_the_cursor_of_another_application_says_nothing() -> None:
    hub = Hub()
    text = hub.cursor()
    state.reset()
    configure(secret="another secret, longer than sixteen")

    assert read(text) is UNKNOWN


@given(st.text() | st.binary().map(repr))
def test_any_other_text_says_nothing(text: str) -> None:
    configure(secret="a secret for these tests alone")

    assert read(text) is UNKNOWN


@given(st.data())
def test_a_changed_cursor_says_nothing(data: st.DataObject) -> None:
    configure(secret="a secret for these tests alone")
    text = Hub().cursor()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda one: one != text[at]))

    changed = read(text[:at] + other + text[at + 1 :])

    # the last character of a signature carries bits that mean nothing
    assert changed is UNKNOWN or (at == len(text) - 1 and changed == read(text))


def test_seals_for_other_purposes_are_no_cursors() -> None:
    assert read(state.sealer.sign("form", {"h": "a", "p": 1})) is UNKNOWN
    assert read(state.sealer.sign("live", {"h": 1, "p": "a"})) is UNKNOWN
    strange = state.sealer.sign("live", {"h": "a", "p": 1, "b": 2, "q": "c"})
    assert read(strange) == Cursor("a", 1)


def test_a_page_that_shows_another_view_keeps_its_place() -> None:
    hub = Hub()

    assert taken_up(None) == taken_up("") == taken_up("!") == (None, True)
    assert taken_up(hub.cursor()) == (read(hub.cursor()), False)
    assert taken_up("!" + hub.cursor()) == (read(hub.cursor()), True)
