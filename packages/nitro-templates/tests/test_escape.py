from __future__ import annotations

import html
import random

import pytest

from nitro_templates import escape as module
from nitro_templates.escape import Safe, escape


def test_the_five_marks_become_references() -> None:
    assert escape("<a href=\"x\">'&'</a>") == (
        "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;"
    )


def test_both_escapers_agree() -> None:
    random.seed(1)
    for _ in range(500):
        text = "".join(random.choices("&<>\"'aü\x00\u2028;", k=random.randrange(20)))
        assert module._escape_slowly(text) == module.escape_exact(text)
        assert html.unescape(escape(text.replace("\x00", ""))) == text.replace("\x00", "")


def test_a_subclass_of_str_cannot_smuggle_itself_past() -> None:
    class Sly(str):
        def replace(self, *args: object, **named: object) -> str:
            return "<b>"

        def __str__(self) -> str:
            return "<b>"

    assert escape(Sly("<i>")) == "&lt;i&gt;"


def test_safe_text_is_escaped_when_asked() -> None:
    assert escape(Safe("<b>")) == "&lt;b&gt;"


def test_safe_text_vouches_for_itself() -> None:
    assert Safe("<b>").__html__() == "<b>"
    assert type(Safe("<b>").__html__()) is str


@pytest.mark.parametrize("text", ["", "plain", "Zürich", "東京"])
def test_clean_text_stays(text: str) -> None:
    assert escape(text) == text
