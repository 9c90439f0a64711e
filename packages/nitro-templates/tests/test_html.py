from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from enum import Enum
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from nitro_templates import component, context, tags
from nitro_templates.escape import Safe
from nitro_templates.html import Element, Tag
from nitro_templates.tags import Br, Div, Fragment, Li, P, Script, Span, Style, Ul

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nitro_templates.context import LiveView, RenderContext


def test_children_stand_in_order() -> None:
    assert str(Div("a", P("b"), 3, 1.5, "c")) == "<div>a<p>b</p>31.5c</div>"


def test_nothing_stands_for_none_and_booleans() -> None:
    assert str(Div(None, True, False, "")) == "<div></div>"


def test_lists_and_generators_are_laid_out_flat() -> None:
    items = (Li(n) for n in ("a", "b"))

    assert str(Ul(items, [Li("c"), (Li("d"),)])) == (
        "<ul><li>a</li><li>b</li><li>c</li><li>d</li></ul>"
    )


def test_ordinary_values_are_shown_as_text() -> None:
    class Color(str, Enum):  # noqa: UP042 - the older spelling is what people have
        RED = "red<"

    shown = Div(Decimal("1.50"), date(2026, 1, 2), UUID(int=1), Color.RED)

    assert str(shown) == ("<div>1.502026-01-0200000000-0000-0000-0000-000000000001red&lt;</div>")


def test_an_element_can_be_called_for_more_children() -> None:
    box = Div("a", cls="box")
    more = box(P("b"), "<c>")

    assert str(box) == '<div class="box">a</div>'
    assert str(more) == '<div class="box">a<p>b</p>&lt;c&gt;</div>'
    assert str(more("d")) == '<div class="box">a<p>b</p>&lt;c&gt;d</div>'


def test_safe_text_and_foreign_html_are_put_in_unchanged() -> None:
    class Foreign:
        def __html__(self) -> str:
            return "<i>x</i>"

    assert str(Div(Safe("<b>y</b>"), Foreign())) == "<div><b>y</b><i>x</i></div>"


def test_foreign_html_must_be_text() -> None:
    class Foreign:
        def __html__(self) -> Any:
            return 3

    with pytest.raises(TypeError, match=r"Foreign.__html__\(\) answered int"):
        Div(Foreign())


@pytest.mark.parametrize("child", [b"x", {"a": 1}, {1}, object(), print, Div, int])
def test_what_has_no_place_in_html_is_refused(child: object) -> None:
    with pytest.raises(TypeError, match="cannot stand in HTML"):
        Div(child)


def test_void_elements_take_no_children() -> None:
    assert str(Br(cls="x")) == '<br class="x">'
    with pytest.raises(TypeError, match="<br> is a void element"):
        Br("x")
    with pytest.raises(TypeError, match="void"):
        Br()("x")


def test_elements_are_values() -> None:
    assert Div("a") == Div("a")
    assert hash(Div("a")) == hash(Div("a"))
    assert Div("a") != Div("b")
    assert Div("a") != "<div>a</div>"
    assert repr(Div("a")) == "<Element <div>a</div>>"
    assert len(repr(Div("a" * 500))) < 100


def test_a_fragment_has_no_element_around() -> None:
    assert str(Fragment("a<", P("b"))) == "a&lt;<p>b</p>"
    assert str(Fragment()) == ""
    assert str(Div(Fragment("a"), Fragment())) == "<div>a</div>"


@pytest.mark.parametrize("tag", [Script, Style])
def test_scripts_and_styles_take_only_what_is_vouched_for(tag: Tag) -> None:
    name = tag.name

    assert str(tag(Safe("a < b"))) == f"<{name}>a < b</{name}>"
    assert str(tag(Safe("a"))(Safe("b"))) == f"<{name}>ab</{name}>"
    with pytest.raises(TypeError, match="text is not escaped in there"):
        tag("alert(1)")
    with pytest.raises(TypeError, match="text is not escaped in there"):
        tag()("alert(1)")
    with pytest.raises(ValueError, match="must not contain"):
        tag(Safe(f"x</{name.upper()}>"))
    with pytest.raises(ValueError, match="must not contain"):
        tag(Safe("<!--"))


class Where(component.Component):
    def __init__(self, *views: LiveView) -> None:
        self.given = views

    def build(self, context: RenderContext) -> Element:
        return Span(context.path)

    def views(self, context: RenderContext) -> list[LiveView]:
        return list(self.given)


class View:
    topics = frozenset({"City"})

    def __init__(self, key: str) -> None:
        self.key = key

    def render(self) -> str:
        return self.key


def test_a_component_is_built_when_the_page_is_rendered() -> None:
    element = Div("<", Where(), P(Where()))("end")

    with context.rendering(context.RenderContext(path="/a<")):
        first = str(element)

    assert first == "<div>&lt;<span>/a&lt;</span><p><span>/a&lt;</span></p>end</div>"
    assert str(element) == "<div>&lt;<span>/</span><p><span>/</span></p>end</div>"
    assert repr(element) == "<Element <div>&lt;{Where}<p>{Where}</p>end</div>>"


def test_the_views_of_all_components_are_found() -> None:
    class Section(component.Component):
        def build(self, context: RenderContext) -> Element:
            return Div(Where(View("c")))

    element = Div(Where(View("a")), P(Where(View("b"))), Section())

    views = element.views(context.RenderContext())

    assert [view.key for view in views] == ["a", "b", "c"]


def test_a_component_without_build_says_so() -> None:
    class Empty(component.Component):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no build"):
        str(Div(Empty()))


def test_pydantic_takes_elements_as_they_are() -> None:
    pydantic = pytest.importorskip("pydantic")

    for value in (Div("a<"), Where()):
        adapter = pydantic.TypeAdapter(type(value))
        assert adapter.validate_python(value) is value
        assert adapter.dump_python(value, mode="json") == str(value)
        with pytest.raises(pydantic.ValidationError):
            adapter.validate_python("<div>")
        assert adapter.json_schema() == {"type": "string", "format": "html"}


def test_every_tag_answers_to_its_name() -> None:
    for name in tags.__all__:
        tag = getattr(tags, name)
        if name == "Fragment":
            continue
        wanted = name.removesuffix("Tag")
        assert tag.name.lower() == wanted.lower()
        assert str(tag()).startswith(f"<{tag.name}>")


class Tree(HTMLParser):
    """What a reader of the HTML finds: tags with attributes, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: object) -> Tree:
    tree = Tree()
    tree.feed(str(markup))
    tree.close()
    return tree


def test_hostile_text_stays_text(hostile: str) -> None:
    tree = read(Div(P(hostile), hostile, [hostile], Span()(hostile)))

    assert [tag for tag, _ in tree.tags] == ["div", "p", "span"]
    assert tree.text == hostile * 4


def test_hostile_values_stay_in_their_attribute(hostile: str) -> None:
    element = Div(
        title=hostile, cls=[hostile, "x"], data_note=hostile, aria_label=hostile, alt=hostile
    )
    ((tag, found),) = read(element).tags

    assert tag == "div"
    assert list(found) == ["title", "class", "data-note", "aria-label", "alt"]
    assert found["title"] == found["data-note"] == found["alt"] == hostile
    assert found["class"] == f"{hostile} x"


def test_a_hostile_style_value_stays_one_value(hostile: str) -> None:
    ((_, found),) = read(Div(style={"color": hostile, "width": "calc(1px + 2%)"})).tags

    style = found["style"] or ""
    assert list(found) == ["style"]
    assert style.count(";") == 1
    assert style.endswith(";width:calc(1px + 2%)")
    assert "url(" not in style.lower()


def test_a_hostile_url_is_harmless(hostile: str) -> None:
    for name in ("href", "src", "action", "formaction", "xlink:href"):
        ((_, found),) = read(Div(**{name: hostile})).tags
        assert list(found) == [name]
        bare = "".join(c for c in found[name] or "" if c > " ").lower()
        assert not bare.startswith(("javascript:", "vbscript:", "data:text"))


def test_hostile_signals_hold_no_code(hostile: str) -> None:
    json = pytest.importorskip("json")
    ((_, found),) = read(Div(signals={"a": {"b": [hostile]}})).tags

    text = found["data-signals"] or ""
    assert list(found) == ["data-signals"]
    assert json.loads(text) == {"a": {"b": [hostile]}}
    assert not set(text) & set("@$;/'`<>&()=!#|")
    assert text.isascii()


def test_a_hostile_attribute_name_is_refused(hostile: str) -> None:
    if hostile.isidentifier():
        return
    with pytest.raises(ValueError, match="attribute"):
        Div(**{f" {hostile}": "x"})


def test_elements_are_loaded_without_the_rest_of_the_package() -> None:
    code = (
        "import sys, nitro_templates; from nitro_templates import Div; str(Div('x'));"
        "assert not {'pydantic', 'nitro_templates.page'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_generators_are_read_once() -> None:
    def once() -> Iterator[str]:
        yield "a"
        yield "b"

    generator = once()
    assert str(Div("<", generator)) == "<div>&lt;ab</div>"
    assert list(generator) == []
