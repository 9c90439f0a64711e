from __future__ import annotations

import gc
from collections.abc import Mapping

from nitro_events.live.drawn import Drawn
from nitro_events.patches import patch_elements


class Pieces(str):
    """Markup that knows itself in pieces."""

    frame: object
    pieces: Mapping[str, str]


def rows(names: Mapping[str, str], head: str = "head") -> Pieces:
    pieces = {id: f'<tr id="{id}"><td>{name}</td></tr>' for id, name in names.items()}
    html = Pieces(f'<table id="t">{head}{"".join(pieces.values())}</table>')
    html.pieces, html.frame = pieces, head
    return html


def test_a_client_of_whom_nothing_is_known_gets_the_whole() -> None:
    html = rows({"a": "1"})

    assert Drawn(html).after(None) == patch_elements(html).encode()


def test_a_client_that_shows_the_state_before_gets_the_changed_piece_alone() -> None:
    before, now = Drawn(rows({"a": "1", "b": "2"})), Drawn(rows({"a": "1", "b": "3"}))

    assert now.after(before) == patch_elements('<tr id="b"><td>3</td></tr>').encode()


def test_several_changed_pieces_come_together() -> None:
    before, now = Drawn(rows({"a": "1", "b": "2"})), Drawn(rows({"a": "x", "b": "y"}))

    sent = now.after(before)

    assert sent.count(b"event:") == 1
    assert b">x<" in sent
    assert b">y<" in sent


def test_a_piece_that_came_went_or_moved_makes_it_whole() -> None:
    before = Drawn(rows({"a": "1", "b": "2"}))

    for names in ({"a": "1"}, {"a": "1", "b": "2", "c": "3"}, {"b": "2", "a": "1"}):
        now = Drawn(rows(names))
        assert now.after(before) == now.whole


def test_a_change_around_the_pieces_makes_it_whole() -> None:
    before, now = Drawn(rows({"a": "1"})), Drawn(rows({"a": "2"}, head="other"))

    assert now.after(before) == now.whole


def test_markup_without_pieces_is_sent_whole() -> None:
    before, now = Drawn('<p id="p">1</p>'), Drawn('<p id="p">2</p>')

    assert now.after(before) == now.whole


def test_a_client_that_missed_a_state_gets_all_that_changed_since() -> None:
    first, second = Drawn(rows({"a": "1", "b": "1"})), Drawn(rows({"a": "2", "b": "1"}))
    third = Drawn(rows({"a": "2", "b": "2"}))

    assert b">2<" in second.after(first)
    assert third.after(second).count(b"<tr") == 1
    assert third.after(first).count(b"<tr") == 2


def test_states_that_nobody_shows_any_more_are_forgotten() -> None:
    drawn = Drawn(rows({"a": "0"}))
    gc.collect()
    known = sum(type(one) is Drawn for one in gc.get_objects())

    for number in range(1, 50):
        following = Drawn(rows({"a": str(number)}))
        following.after(drawn)
        drawn = following

    gc.collect()
    assert sum(type(one) is Drawn for one in gc.get_objects()) <= known + 2
