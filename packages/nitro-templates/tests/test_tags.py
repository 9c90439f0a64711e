"""Attributes: their names, their kinds, and Datastar's."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any

import pytest

from nitro_templates import tags
from nitro_templates.attributes import safe_url
from nitro_templates.datastar import Expression, js
from nitro_templates.escape import Safe
from nitro_templates.tags import A, Circle, Div, Iframe, Img, Input, Label, Meta, P, Svg


@pytest.mark.parametrize(
    ("element", "wanted"),
    [
        (Div(cls="a"), '<div class="a"></div>'),
        (Div(class_=["a", None, False, "b"]), '<div class="a b"></div>'),
        (Div(cls={"a": True, "b": 0, "c": "yes"}), '<div class="a c"></div>'),
        (Label(for_="x"), '<label for="x"></label>'),
        (Meta(http_equiv="x"), '<meta http-equiv="x">'),
        (Div(data_user_id=3), '<div data-user-id="3"></div>'),
        (Div(data_x={"a": "<"}), '<div data-x="{&#34;a&#34;: &#34;&lt;&#34;}"></div>'),
        (Input(disabled=True, required=False, value=None), "<input disabled>"),
        (
            Div(aria_hidden=True, aria_busy=False),
            '<div aria-hidden="true" aria-busy="false"></div>',
        ),
        (Div(aria_describedby=["a", "b"]), '<div aria-describedby="a b"></div>'),
        (Div(draggable=True), '<div draggable="true"></div>'),
        (Input(value=Decimal("1.50"), tabindex=-1), '<input value="1.50" tabindex="-1">'),
        (
            Div(style={"margin_top": "1px", "--x": 2, "a": None}),
            '<div style="margin-top:1px;--x:2"></div>',
        ),
        (Div(style="color: red"), '<div style="color: red"></div>'),
        (Svg(viewBox="0 0 1 1"), '<svg viewBox="0 0 1 1"></svg>'),
        (Circle(stroke_width=2), '<circle stroke-width="2"></circle>'),
        (Div(**{"xml:lang": "de"}), '<div xml:lang="de"></div>'),
        (Div(title=Safe('a"b')), '<div title="a&#34;b"></div>'),
    ],
)
def test_attributes_are_written_like_this(element: object, wanted: str) -> None:
    assert str(element) == wanted


def test_attributes_keep_the_order_they_are_given_in() -> None:
    assert str(P(id="a", title="b", lang="c")) == '<p id="a" title="b" lang="c"></p>'
    assert str(P(lang="c", id="a", title="b")) == '<p lang="c" id="a" title="b"></p>'


@pytest.mark.parametrize(
    "name", ["a b", 'a"', "a>", "a=b", "a/b", "", "1a", "@click", "a\n", "é", "<"]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an attribute"):
        Div(**{name: "x"})


@pytest.mark.parametrize("name", ["onclick", "ONCLICK", "onError", "onload", "on-click"])
def test_inline_scripts_are_refused(name: str) -> None:
    for value in ("alert(1)", True, js("alert(1)")):
        with pytest.raises(ValueError, match="inline script"):
            Div(**{name: value})


@pytest.mark.parametrize("value", [b"x", object(), Div("x"), Div, {"a": 1}, {1}, js("x")])
def test_a_value_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="title cannot be"):
        Div(title=value)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript\r:alert(1)",
        "\x00\x01javascript:alert(1)",
        "\x80javascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/png;base64,AAAA,javascript:",
        "blob:https://x/1",
        "file:///etc/passwd",
    ],
)
def test_urls_that_could_run_lead_nowhere(url: str) -> None:
    assert safe_url(url) == "#"
    assert str(A(href=url)) == '<a href="#"></a>'
    assert str(A(href=Safe(url))) == '<a href="#"></a>'


@pytest.mark.parametrize(
    "url",
    [
        "/cities?q=a:b",
        "cities",
        "?q=javascript:x",
        "#javascript:x",
        "https://x.org/a?b=c&d=e",
        "HTTP://x",
        "//x.org",
        "mailto:a@b.c",
        "tel:+41",
        "",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_ordinary_urls_stay(url: str) -> None:
    assert safe_url(url) == url


def test_a_document_in_an_attribute_is_escaped_for_both_readers() -> None:
    assert str(Iframe(srcdoc="<b>")) == '<iframe srcdoc="&amp;lt;b&amp;gt;"></iframe>'
    assert str(Iframe(srcdoc=P("<"))) == ('<iframe srcdoc="&lt;p&gt;&amp;lt;&lt;/p&gt;"></iframe>')


@pytest.mark.parametrize("value", ["url(//x)", "URL (x)", "image-set('x')", "expression(1)"])
def test_a_style_value_loads_nothing(value: str) -> None:
    assert str(Div(style={"background": value})) == '<div style="background:initial"></div>'


def test_the_name_of_a_style_is_checked() -> None:
    with pytest.raises(ValueError, match="is not the name of a style property"):
        Div(style={"a;b": "c"})


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"on_click": js("$n++")}, 'data-on:click="$n++"'),
        ({"on_my_event": js("x")}, 'data-on:my-event="x"'),
        ({"on_keydown__window": js("x")}, 'data-on:keydown__window="x"'),
        ({"on_input__debounce_200ms": js("x")}, 'data-on:input__debounce.200ms="x"'),
        (
            {"on_x__throttle_1s_trailing__once": js("x")},
            'data-on:x__throttle.1s.trailing__once="x"',
        ),
        ({"on_interval__duration_1s": js("x")}, 'data-on-interval__duration.1s="x"'),
        ({"on_load": js("x")}, 'data-init="x"'),
        ({"init": js("x")}, 'data-init="x"'),
        ({"show": js("$a && '<'")}, 'data-show="$a &amp;&amp; &#39;&lt;&#39;"'),
        ({"text": js("$a")}, 'data-text="$a"'),
        ({"bind": "user.name"}, 'data-bind="user.name"'),
        ({"indicator": "busy"}, 'data-indicator="busy"'),
        ({"signals": {"n": 0, "on": True}}, 'data-signals="{&#34;n&#34;: 0, &#34;on&#34;: true}"'),
        ({"data-class:active": js("$a")}, 'data-class:active="$a"'),
        ({"data_ignore_morph": True}, "data-ignore-morph"),
        ({"data_preserve_attr": "open"}, 'data-preserve-attr="open"'),
        ({"data_textile": "x"}, 'data-textile="x"'),
    ],
)
def test_datastar_attributes_are_written_like_this(
    attributes: dict[str, Any], wanted: str
) -> None:
    assert str(Div(**attributes)) == f"<div {wanted}></div>"


@pytest.mark.parametrize(
    "name",
    [
        "on_click",
        "show",
        "text",
        "init",
        "effect",
        "data_text",
        "data-on:click",
        "data-text",
        "data_show",
        "DATA-SHOW",
        "data-on-interval__duration.1s",
        "data-attr:href",
        "data_class",
        "data-computed:x",
        "data-style",
        "data-on:click__once",
        "data-init__delay.1s",
        "on_load",
    ],
)
def test_plain_text_is_never_a_program(name: str) -> None:
    for value in ("alert(1)", True, Safe("alert(1)"), 1, ["x"], P("x")):
        with pytest.raises(TypeError, match="is run as a program"):
            Div(**{name: value})


@pytest.mark.parametrize("name", ["a b", "$a", "a-b", "a.", "a__b", "", "a'", "é", 3, None])
def test_the_name_of_a_signal_is_checked(name: Any) -> None:
    if name is None:
        assert str(Div(bind=None)) == "<div></div>"
        return
    for attribute in ("bind", "ref", "indicator", "data-bind"):
        with pytest.raises(ValueError, match="a signal is named"):
            Div(**{attribute: name})


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("{n: 1}", TypeError),
        (js("{n: 1}"), TypeError),
        ({"a": object()}, TypeError),
        ({1: 2}, TypeError),
        ({"a": [{2: 3}]}, TypeError),
        ({"a": float("nan")}, ValueError),
        ({"a": [{"__proto__": {"x": 1}}]}, ValueError),
    ],
)
def test_signals_that_are_no_data_are_refused(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Div(signals=value)


def test_a_call_brings_its_data_beside_its_expression() -> None:
    class Call:
        def __nitro_expression__(self) -> Expression:
            return js("@post(el.dataset.url)")

        def __nitro_attributes__(self) -> dict[str, object]:
            return {"data_url": "/x?a='\"", "data_args": {"q": "<"}}

    assert str(Div(on_click=Call())) == (
        '<div data-on:click="@post(el.dataset.url)" data-url="/x?a=&#39;&#34;"'
        ' data-args="{&#34;q&#34;: &#34;&lt;&#34;}"></div>'
    )


@pytest.mark.parametrize("name", ["on_", "on___once", "on_click__"])
def test_an_event_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="names no event"):
        Div(**{name: js("x")})


def test_an_image_may_be_embedded() -> None:
    url = "data:image/png;base64,iVBORw0KGgo="
    assert str(Img(src=url, alt="")) == f'<img src="{url}" alt="">'


HTML_TAGS = """
a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption
cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset
figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins
kbd label legend li link main map mark math menu meta meter nav noscript object ol optgroup option
output p picture pre progress q rp rt ruby s samp script search section select selectedcontent
slot small source span strong style sub summary sup svg table tbody td template textarea tfoot th
thead time title tr track u ul var video wbr
"""
SVG_TAGS = """
a animate animateMotion animateTransform circle clipPath defs desc discard ellipse feBlend
feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting
feSpotLight feTile feTurbulence filter foreignObject g image line linearGradient marker mask
metadata mpath path pattern polygon polyline radialGradient rect script set stop style svg switch
symbol text textPath title tspan use view
"""
VOID = "area base br col embed hr img input link meta source track wbr"


def test_every_tag_of_the_standards_is_there_and_no_other() -> None:
    named = {name: getattr(tags, name) for name in tags.__all__ if name != "Fragment"}

    assert {tag.name for tag in named.values()} == set((HTML_TAGS + SVG_TAGS).split())
    assert {tag.name for tag in named.values() if "</" not in str(tag())} == set(VOID.split())


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"cls": {"a": True, "b": js("$b")}}, 'class="a" data-class:b="$b"'),
        ({"cls": {"b": js("$b")}}, 'data-class:b="$b"'),
        (
            {"cls": {"w-1/2": js("$b"), "A": js("$c")}},
            'data-class="{&#34;w-1\\u002f2&#34;: (\n$b\n), &#34;A&#34;: (\n$c\n)}"',
        ),
        (
            {"style": {"top": "1px", "margin_top": js("$m"), "--x": js("$x")}},
            'style="top:1px" data-style:margin-top="$m" data-style:--x="$x"',
        ),
        ({"attr": {"title": js("$t"), "open": None}}, 'data-attr:title="$t"'),
        ({"attr_aria_label": js("$t")}, 'data-attr:aria-label="$t"'),
        ({"data-attr:title": js("$t")}, 'data-attr:title="$t"'),
        (
            {"computed": {"a": js("$b")}},
            'data-computed="{&#34;a&#34;: () =&gt; (\n$b\n)}"',
        ),
        ({"signals__ifmissing": {"n": 0}}, 'data-signals__ifmissing="{&#34;n&#34;: 0}"'),
        ({"on_signal_patch": js("x")}, 'data-on-signal-patch="x"'),
        (
            {"on_signal_patch_filter": ["a", "b.c"]},
            'data-on-signal-patch-filter="{include: /^(a|b[.]c)([.]|$)/}"',
        ),
        (
            {"on_signal_patch_filter": {"exclude": "a"}},
            'data-on-signal-patch-filter="{exclude: /^(a)([.]|$)/}"',
        ),
        ({"json_signals": True}, "data-json-signals"),
        ({"json_signals__terse": "a"}, 'data-json-signals__terse="{include: /^(a)([.]|$)/}"'),
        ({"json_signals": js("{include: /a/}")}, 'data-json-signals="{include: /a/}"'),
        ({"on_intersect__threshold_25": js("x")}, 'data-on-intersect__threshold.25="x"'),
        ({"on_my_event__case_camel": js("x")}, 'data-on:my-event__case.camel="x"'),
        ({"ignore": True}, "data-ignore"),
        ({"ignore": "self"}, "data-ignore__self"),
        ({"ignore_morph": True, "data_ignore": False}, "data-ignore-morph"),
        ({"preserve_attr": ["open", "class"]}, 'data-preserve-attr="open class"'),
    ],
)
def test_what_follows_signals_is_written_like_this(
    attributes: dict[str, Any], wanted: str
) -> None:
    assert str(Div(**attributes)) == f"<div {wanted}></div>"


@pytest.mark.parametrize(
    ("keyword", "message"),
    [
        ("on_input__debounce", "a whole number of ms or s"),
        ("on_input__debounce_0.5s", "a whole number of ms or s"),
        ("on_input__debounce_0_5s", "a whole number of ms or s"),
        ("on_input__debounce_1_5s", "a whole number of ms or s"),
        ("on_input__debounce_0", "a whole number of ms or s"),
        ("data-on:input__debounce.0.5s", "a whole number of ms or s"),
        ("data-on:input__debounce..5s", "a whole number of ms or s"),
        ("on_input__debounce_leading", "a whole number of ms or s"),
        ("on_interval__duration_1.5s", "a whole number of ms or s"),
        ("init__delay_1min", "a whole number of ms or s"),
        ("on_click__throttle_300ms_noleading", "would never fire. Add trailing"),
        ("data-on:click__throttle.300ms.noleading", "would never fire. Add trailing"),
        ("on_click__debounce_300ms_notrailing", "would never fire. Add leading"),
        ("on_click__debounce_300ms_trailing", "may come leading, notrailing, not trailing"),
        ("on_click__delay_1s_leading", "may come nothing, not leading"),
        ("on_click__onec", "knows no modifier 'onec'"),
        ("on_click__once_2", "knows no modifier 'once_2'"),
        ("on_intersect__threshold_0", "after threshold comes one of 1 to 100"),
        ("on_click__case_upper", "after case comes one of camel, kebab"),
    ],
)
def test_a_modifier_that_would_do_something_else_is_refused(keyword: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Div(**{keyword: js("x")})


@pytest.mark.parametrize(
    "attributes",
    [
        {"attr": {"onclick": js("x")}},
        {"attr_onclick": js("x")},
        {"data-attr:onclick": js("x")},
        {"attr": {"srcdoc": js("x")}},
        {"attr": {"a b": js("x")}},
        {"computed": {"a-b": js("x")}},
        {"computed": {"a.b": js("x")}},
        {"style": {"--Own": js("x")}},
        {"json_signals": "$a"},
        {"on_signal_patch_filter": {"includes": "a"}},
        {"ignore": "yes"},
        {"ignore_morph": "self"},
        {"preserve_attr": ""},
        {"preserve_attr": "a'b"},
    ],
    ids=ascii,
)
def test_a_name_that_is_no_name_is_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says it in its own words
        Div(**attributes)


@pytest.mark.parametrize(
    "attributes",
    [
        {"attr": {"title": "$x"}},
        {"attr": js("{title: $x}")},
        {"attr_title": "$x"},
        {"computed": {"a": "$x"}},
        {"computed": js("{a: 1}")},
    ],
    ids=["attr value", "attr", "attr_title", "computed value", "computed"],
)
def test_text_follows_no_signals(attributes: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Div(**attributes)


def test_a_hostile_class_name_stays_a_name(hostile: str) -> None:
    text = str(Div(cls={hostile: js("$x")}))

    code = html.unescape(text.partition('"')[2].partition('"')[0])
    if "data-class:" not in text:
        assert json.loads(code.replace("(\n$x\n)", "1")) == {hostile: 1}
        assert not set(code) & set("@;/'`<>&=!#|")
