"""Whatever text is put wherever: an HTML parser finds that text there, and no new element."""

from __future__ import annotations

from typing import Any

import pytest

from nitro_templates import attributes, html
from nitro_templates import escape as escaping
from nitro_templates.datastar import js
from nitro_templates.html import Element, Tag
from nitro_templates.skeleton import compiled
from nitro_templates.tags import (
    A,
    B,
    Button,
    Caption,
    Circle,
    Div,
    Iframe,
    Img,
    Input,
    Option,
    P,
    Pre,
    Select,
    Span,
    Svg,
    TableTag,
    Tbody,
    Td,
    Text,
    Textarea,
    Title,
    Tr,
)  # fmt: skip

html5lib = pytest.importorskip("html5lib")
hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

# what HTML itself cannot say: NUL, and carriage returns are line feeds to it
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=40)
MARKUP = st.text(st.sampled_from(list("<>&\"'`=/! -\n\t;#x3cscriptSTYLE\\{}()")), max_size=40)
ANY = TEXT | MARKUP


def read(markup: object) -> Any:
    """Answer the root of the tree that a browser makes of *markup*, standing in a body."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return parser.parseFragment(str(markup), container="div")


def tags_in(tree: Any) -> list[str]:
    return [str(node.tag).split("}")[-1] for node in tree.iter() if isinstance(node.tag, str)][1:]


def everything(text: str) -> Element:
    table = TableTag(Caption(text), Tbody(Tr(Td(text))))
    choice = Select(Option(text, value=text))
    drawing = Svg(Text(text), Circle(id=text))
    return Div(
        text, B(text), Pre(text), Textarea(text), table, choice, drawing, [text, Span(text)]
    )


PLACES = ["div", "b", "pre", "textarea", "table", "caption", "tbody", "tr", "td"]
PLACES += ["select", "option", "svg", "text", "circle", "span"]


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_text_in_any_element_stays_that_text(text: str) -> None:
    tree = read(everything(text))

    assert tags_in(tree) == PLACES
    for tag in ("b", "pre", "textarea", "caption", "td", "option", "span"):
        assert (tree.find(f".//{tag}").text or "") == text
    svg = [node for node in tree.iter() if str(node.tag).endswith("}text")]
    assert (svg[0].text or "") == text


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_a_compiled_component_writes_the_same_text(text: str) -> None:
    assert str(Everything(text)) == str(everything(text))


Everything = compiled(everything)


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_text_in_any_attribute_stays_that_text(text: str) -> None:
    plain = {"id": text, "title": text, "value": text, "data_x": text, "aria_label": text}
    tree = read(Div(Input(**plain, cls=[text]), Img(alt=text), Iframe(srcdoc=text), Td()))

    found = tree.find(".//input").attrib
    assert tags_in(tree) == ["div", "input", "img", "iframe"]
    assert list(found) == ["id", "title", "value", "data-x", "aria-label", "class"]
    assert set(found.values()) == {text}
    assert "".join(read(tree.find(".//iframe").get("srcdoc")).itertext()) == text


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_text_in_what_has_a_meaning_adds_nothing(text: str) -> None:
    shown = Button(
        "b", style={"color": text}, cls={text: True, f"{text}!": js("$a")}, signals={"a": text}
    )
    tree = read(Div(shown, A("a", href=text), P(text)))

    assert tags_in(tree) == ["div", "button", "a", "p"]
    assert set(tree.find(".//button").attrib) <= {"style", "class", "data-class", "data-signals"}
    assert list(tree.find(".//a").attrib) == ["href"]


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_a_title_holds_its_text(text: str) -> None:
    document = html5lib.parse(f"<!doctype html>{Title(text)}", namespaceHTMLElements=False)

    # the parser of a document leaves out blanks before its head only, not those in the title
    assert (document.find(".//title").text or "") == text


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_without_markupsafe_the_text_is_the_same(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fast = str(everything(text)), str(Div(title=text, href=text))
        for module in (escaping, html, attributes):
            patch.setattr(module, "escape_exact", escaping._escape_slowly)
        slow = str(everything(text)), str(Div(title=text, href=text))

    assert fast == slow


@pytest.mark.parametrize("name", ["pre", "textarea", "script", "style", "PRE"])
def test_a_tag_of_ones_own_knows_the_rules_of_its_name(name: str) -> None:
    assert type(Tag(name)) is not Tag


@pytest.mark.parametrize("name", ["", "1a", "a b", "a>", "a/", "é", "<a"])
def test_the_name_of_a_tag_is_checked(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an element"):
        Tag(name)


def test_elements_of_ones_own_are_written_like_any() -> None:
    assert str(Tag("user-card")("<", name="a")) == '<user-card name="a">&lt;</user-card>'


def test_a_line_break_at_the_start_is_kept_when_children_follow_later() -> None:
    assert str(Pre()("\na")) == "<pre>\n\na</pre>"
    assert str(Pre(B("x"))("\na")) == "<pre><b>x</b>\na</pre>"
    assert str(Textarea("a")("\nb")) == "<textarea>a\nb</textarea>"
