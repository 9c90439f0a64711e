"""Scripts and other pages, sent as patches that nobody's text can turn into something else."""

from __future__ import annotations

import pytest

from nitro_events.scripts import patch_location, patch_script

HOSTILE = "</script><script>alert(1)</script><!--\u2028&\"'"


def test_a_script_runs_once_and_is_gone() -> None:
    assert patch_script("go()").encode() == (
        b"event: datastar-patch-elements\ndata: selector body\ndata: mode append\n"
        b'data: elements <script data-effect="el.remove()">go()</script>\n\n'
    )


def test_values_arrive_as_json_and_never_as_a_program() -> None:
    text = patch_script("say(word)", values={"word": HOSTILE, "n": [1]}).encode().decode()

    assert text.count("</script>") == 1
    assert text.count("<script") == 1
    assert "<!--" not in text
    assert "\u2028" not in text
    assert "const n=[1];" in text


@pytest.mark.parametrize("script", ["a('</script>')", "a('</SCRIPT x')", "<!--", "'<script>'"])
def test_a_script_that_would_end_itself_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match="values="):
        patch_script(script)


@pytest.mark.parametrize("name", ["a b", "a-b", "1", "", "a=1;b", "ä"])
def test_a_value_is_named_like_a_variable(name: str) -> None:
    with pytest.raises(ValueError, match="named like"):
        patch_script("x", values={name: 1})


def test_attributes_are_quoted_and_named_like_attributes() -> None:
    text = patch_script("x", attributes={"type": 'a"><b'}, keep=True).encode()
    assert b'<script type="a&quot;&gt;&lt;b">x</script>' in text

    for name in ("a b", "a=", ">", "", "x\n"):
        with pytest.raises(ValueError, match="attributes"):
            patch_script("x", attributes={name: ""})


def test_a_page_is_led_to_a_path_of_the_application() -> None:
    text = patch_location("/orders?sort=a&b=<c>").encode().decode()

    assert 'const url="/orders?sort=a\\u0026b=\\u003cc\\u003e";' in text
    assert "window.location.assign(url)" in text


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x",
        "", " /x", "/x\n", "\\\\evil", "https:evil.example", "data:text/html,x",
        "/\t/evil.example",
        "https://pay.example.evil.example/", "https://pay.example@evil.example/",
        "https://pay.example\\@evil.example", "http://pay.example/", "https://pay.example:444/",
        "https://x@pay.example/",
    ],
)  # fmt: skip
def test_a_page_is_led_nowhere_else(url: str) -> None:
    with pytest.raises(ValueError, match="led to a path"):
        patch_location(url, allowed=["https://pay.example"])


def test_another_site_must_be_allowed_by_its_origin() -> None:
    text = patch_location("https://pay.example/now?x=1", allowed=["https://pay.example/"]).encode()

    assert b'"https://pay.example/now?x=1"' in text
