"""Of many patches for one element only the last has to be sent, and nothing else changes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_events import patch_elements, patch_signals, remove_elements
from nitro_events.live import pending as pending_module
from nitro_events.live.frames import Frame, coalesced
from nitro_events.live.pending import Pending
from nitro_events.patches import Patch


def frame(patch: Patch, position: int = 1) -> Frame:
    return Frame(position, patch.encode())


@pytest.mark.parametrize(
    ("html", "given", "target"),
    [
        ('<p id="a">1</p>', {}, b"outer a"),
        ("<p id=a>1</p>", {}, b"outer a"),
        ('<div class="x" id="a">\n<div>1</div>\n</div>\n', {}, b"outer a"),
        ('<p title="a id=b" id="c">1</p>', {}, b"outer c"),
        ('<p id="a">1</p>', {"mode": "replace"}, b"replace a"),
        ('<p id="a">1</p>', {"selector": "#a"}, b"outer a"),
        ("<li>1</li>", {"selector": "#a", "mode": "inner"}, b"inner a"),
        # nothing that can be told from its text alone
        ('<p id="a">1</p><p id="b">2</p>', {}, b""),
        ('<p id="a">1</p>text', {}, b""),
        ('<p id="b">1</p>', {"selector": "#a"}, b""),
        ("<p>1</p>", {}, b""),
        ("text", {"selector": "#a"}, b""),
        ('<p id="a">1</p>', {"selector": ".a"}, b""),
        ("<li>1</li>", {"selector": "#a > ul", "mode": "inner"}, b""),
        ("<li>1</li>", {"selector": "#a", "mode": "append"}, b""),
    ],
)
def test_the_element_that_a_patch_sets_as_a_whole(
    html: str, given: dict[str, Any], target: bytes
) -> None:
    assert frame(patch_elements(html, **given)).target == target


def test_patches_that_set_nothing_as_a_whole_have_no_target() -> None:
    assert frame(patch_signals({"a": 1})).target == b""
    assert frame(remove_elements("#a")).target == b""


def test_the_last_patch_of_an_element_stands_for_all() -> None:
    frames = [frame(patch_elements(f'<p id="{id}">{n}</p>'), n) for n, id in enumerate("abacab")]

    assert [one.position for one in coalesced(frames)] == [3, 4, 5]


def test_nothing_is_left_out_across_an_insertion() -> None:
    first = frame(patch_elements('<ul id="a"></ul>'), 1)
    item = frame(patch_elements("<li>1</li>", selector="#a", mode="append"), 2)
    last = frame(patch_elements('<ul id="a"><li>2</li></ul>'), 3)

    assert coalesced([first, item, last]) == [first, item, last]
    assert coalesced([first, frame(patch_signals({"a": 1}), 2), last])[0].position == 2


def apply(frames: list[Frame]) -> dict[str, list[str]]:
    """Be a page with the elements a, b and c."""
    page: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    for one in frames:
        text = one.data.decode()
        inserted, _, value = text.partition("elements ")[2].partition(">")
        if "mode append" in text:
            page[text.partition("selector #")[2][0]].append(value)
        else:
            page[inserted.partition("id=")[2][0]] = [value]
    return page


actions = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40)


@given(actions)
def test_the_page_is_the_same_in_the_end(actions: list[tuple[str, bool]]) -> None:
    frames = [
        frame(patch_elements(f"<i>{n}</i>", selector=f"#{id}", mode="append"), n)
        if appends
        else frame(patch_elements(f"<p id={id}>{n}</p>"), n)
        for n, (id, appends) in enumerate(actions, 1)
    ]

    left = coalesced(frames)

    assert apply(left) == apply(frames)
    assert [one.position for one in left] == sorted(one.position for one in left)


def test_what_waits_is_bounded_in_number_and_in_bytes() -> None:
    many, large = Pending(), Pending()

    taken = [many.add(frame(patch_signals({"n": n}), n)) for n in range(300)]
    large_taken = [large.add(Frame(n, b"x" * 100_000)) for n in range(10)]

    assert taken.index(False) == pending_module.MAX_FRAMES
    assert large_taken.index(False) == 5
    assert Pending().add(Frame(1, b"x" * 10_000_000))  # one alone has to go somehow


def test_one_element_does_not_fill_the_queue() -> None:
    pending = Pending()

    for n in range(5000):
        assert pending.add(frame(patch_elements(f'<p id="a">{n}</p>' + "x" * 0), n))

    assert len(pending) <= pending_module.FEW + 1
    assert pending.take()[-1].position == 4999


def test_what_waits_is_taken_in_pieces() -> None:
    pending = Pending()
    for n in range(5):
        pending.add(Frame(n, b"x" * 30_000))

    assert [one.position for one in pending.take()] == [0, 1]
    assert pending.next_position() == 2
    assert [one.position for one in pending.take()] == [2, 3]
    assert [one.position for one in pending.take()] == [4]
    assert pending.take() == []
