import pytest
from datastar_py import ServerSentEventGenerator

from nitro_events import Patch, patch_elements, patch_signals, remove_elements
from nitro_events.patches import comment


class Html:
    def __html__(self) -> str:
        return "<p>hello</p>"


def test_elements_are_one_event() -> None:
    assert patch_elements('<div id="a">x</div>').encode() == (
        b'event: datastar-patch-elements\ndata: elements <div id="a">x</div>\n\n'
    )


def test_all_fields_of_elements() -> None:
    patch = patch_elements(
        "<i/>", selector="#a", mode="append", namespace="svg", view_transition=True
    )

    assert patch.encode("e1", retry=2000) == (
        b"event: datastar-patch-elements\nid: e1\nretry: 2000\ndata: selector #a\n"
        b"data: mode append\ndata: useViewTransition true\ndata: namespace svg\n"
        b"data: elements <i/>\n\n"
    )


def test_markup_may_have_lines_and_only_real_line_ends_split_it() -> None:
    patch = patch_elements("<pre>\r\n a\rb\n\u2028c\x0bd\x85e</pre>")

    assert patch.lines == (
        "elements <pre>",
        "elements  a",
        "elements b",
        "elements \u2028c\x0bd\x85e</pre>",
    )


def test_objects_with_html_are_markup() -> None:
    assert patch_elements(Html()).lines == ("elements <p>hello</p>",)


def test_what_is_no_markup_is_refused() -> None:
    with pytest.raises(TypeError, match="Expected markup"):
        patch_elements(3)  # type: ignore[arg-type]


def test_removing_needs_no_markup() -> None:
    assert remove_elements("#a").lines == ("selector #a", "mode remove")


def test_signals_are_json() -> None:
    patch = patch_signals({"a": "first\nline\u2028", "b": None, "ö": {"x": [1]}})

    assert patch.encode(7).decode() == (
        "event: datastar-patch-signals\nid: 7\n"
        'data: signals {"a":"first\\nline\u2028","b":null,"ö":{"x":[1]}}\n\n'
    )
    assert patch_signals({"a": 1}, True).lines[0] == "onlyIfMissing true"


def test_signals_that_are_no_json_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        patch_signals({"a": float("nan")})
    with pytest.raises(TypeError):
        patch_signals({"a": object()})


@pytest.mark.parametrize("evil", ["\n", "\r", "\0", "\u2028", "\u2029", "\x85", "\x0b", "\x1b"])
def test_no_value_can_end_its_line(evil: str) -> None:
    attack = f"#a{evil}data: elements <script>alert(1)</script>"

    with pytest.raises(ValueError, match="one line"):
        patch_elements("<p>", selector=attack)
    with pytest.raises(ValueError, match="one line"):
        remove_elements(attack)
    with pytest.raises(ValueError, match="one line"):
        patch_elements("<p>").encode(attack)
    with pytest.raises(ValueError, match="one line"):
        comment(attack)
    with pytest.raises(ValueError, match="one line"):
        Patch(attack, ())


def test_a_patch_made_by_hand_is_checked_too() -> None:
    with pytest.raises(ValueError, match="line break"):
        Patch("datastar-patch-elements", ("elements a\n\nevent: x",))


def test_modes_are_checked() -> None:
    with pytest.raises(ValueError, match="Unknown patch mode 'Outer'"):
        patch_elements("<p>", mode="Outer")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs a selector"):
        patch_elements("<p>", mode="append")
    with pytest.raises(ValueError, match="namespace"):
        patch_elements("<p>", namespace="xml")  # type: ignore[arg-type]


def test_half_a_surrogate_pair_does_not_end_a_stream() -> None:
    assert b"a?b" in patch_elements("a\ud800b").encode()


def test_the_bytes_are_those_of_the_sdk() -> None:
    ours = patch_elements("<b>\n</b>", selector="#x", mode="inner").encode()
    theirs = ServerSentEventGenerator.patch_elements("<b>\n</b>", selector="#x", mode="inner")  # type: ignore[call-overload]

    assert sorted(ours.decode().splitlines()) == sorted(theirs.splitlines())


def test_the_element_of_a_view_transition_may_be_named() -> None:
    text = patch_elements(
        "<p id=a/>", view_transition=True, view_transition_selector="#a"
    ).encode()

    assert b"data: viewTransitionSelector #a\n" in text
    with pytest.raises(ValueError, match="one line"):
        patch_elements("<p/>", view_transition_selector="a\nb")
