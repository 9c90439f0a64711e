"""Jinja2 templates with our parts in them, and as whole pages."""

from __future__ import annotations

from typing import Any

import pytest

jinja2 = pytest.importorskip("jinja2")

from nitro_templates import Safe, Toast, configure  # noqa: E402
from nitro_templates.component import Component  # noqa: E402
from nitro_templates.context import LiveView, RenderContext, rendering  # noqa: E402
from nitro_templates.html import Element  # noqa: E402
from nitro_templates.jinja import JinjaPage, JinjaPart  # noqa: E402
from nitro_templates.page import Page  # noqa: E402
from nitro_templates.tags import P  # noqa: E402

WHOLE = (
    "<!doctype html><html {{ nitro.html }}><head><title>{{ nitro.title }}</title>"
    "{{ nitro.head }}</head><body>{{ nitro.start }}<main id='nitro-main'>"
    "{% block content %}{{ said }}{{ part }}{% endblock %}</main>{{ nitro.end }}</body></html>"
)


def env(**options: object) -> Any:
    return jinja2.Environment(
        **{"autoescape": True, "extensions": ["nitro_templates.jinja.NitroExtension"], **options}
    )


def whole(source: str = WHOLE, **values: object) -> JinjaPage:
    return JinjaPage(env().from_string(source), **values)  # type: ignore[arg-type]


def text(page: Page, **context: object) -> str:
    with rendering(RenderContext(**{"live": True, "cursor": "7", **context})):  # type: ignore[arg-type]
        return str(page)


class Beat(Component):
    def build(self, context: RenderContext) -> Element:
        return P("beat")

    def views(self, context: RenderContext) -> list[LiveView]:
        return [self]  # type: ignore[list-item]

    key = "beat"
    topics = frozenset({"Beat"})


def test_components_and_elements_are_put_in_as_they_are() -> None:
    template = env().from_string("{{ part }}{{ element }}{{ safe }}")

    html = template.render(part=Beat(), element=P("<"), safe=Safe("<b>"))

    assert html == "<p>beat</p><p>&lt;</p><b>"


def test_hostile_values_are_escaped_in_a_page(hostile: str) -> None:
    html = text(whole(said=hostile, title=hostile, description=hostile, part=hostile))

    assert html.count("<script") == 2
    assert html.count("<title>") == html.count("</title>") == 1
    assert "<img" not in html


def test_the_head_has_the_styles_and_scripts_that_the_rest_of_the_template_needs() -> None:
    source = WHOLE.replace("{{ said }}", "{{ nitro.components.Badge(said) }}")

    html = text(whole(source, said="new", part=Safe('<form class="nitro-form"></form>')))
    plain = text(whole(said="new", part=Beat()))

    head = html.partition("</head>")[0]
    assert "/blocks.css" in head
    assert "/forms.js" in head
    assert head.index("/nitro.css") < head.index("/blocks.css")
    assert "blocks.css" not in plain
    assert "<!--" not in html + plain


def test_a_template_without_our_head_stays_as_it_is() -> None:
    assert text(whole("<p>{{ said }}</p>", said="<!-- x -->")) == "<p>&lt;!-- x --&gt;</p>"


def test_a_template_is_a_whole_live_page() -> None:
    page = whole(title="T", said="x", part=Beat())

    html = text(page)

    assert [view.key for view in page.views(RenderContext())] == ["beat"]
    assert '<div id="nitro-live" hidden data-cursor="7"' in html
    assert "<title>T</title>" in html
    assert "/nitro.js" in html
    assert 'id="nitro-dialog"' in html
    assert "x<p>beat</p>" in html


def test_components_in_lists_and_mappings_are_live_too() -> None:
    page = whole(parts=[Beat()], more={"a": (Beat(),)})

    assert len(page.views(RenderContext())) == 2


def test_a_page_without_live_parts_has_no_stream() -> None:
    assert 'id="nitro-live"' not in text(whole(said="x"))
    assert 'id="nitro-live"' in text(whole(said="x", topics=["news"]))
    assert 'id="nitro-live"' not in text(whole(part=Beat(), live=False))


def test_the_dialog_shows_the_block_content() -> None:
    with rendering(RenderContext()):
        shown = str(whole(title="T", said="<", part=P("x")).for_dialog())

    assert '<div id="nitro-dialog-content"><h2 id="nitro-dialog-title">T</h2>' in shown
    assert "&lt;<p>x</p>" in shown
    assert "<html" not in shown


def test_a_template_without_that_block_opens_as_a_page() -> None:
    with rendering(RenderContext(url="/here?a=1")):
        assert 'id="nitro-go"' in str(whole("{{ said }}").for_dialog())


def test_language_theme_and_nonce_reach_the_template() -> None:
    page = whole(
        "{{ nitro.html }} {{ nitro.nonce }} {{ nitro.url }} {{ nitro.caller }}", lang="de"
    )
    configure(theme="dark")

    html = text(page, nonce="abc", url="/x", caller_name="Ann")

    assert html == 'lang="de" data-theme="dark" abc /x Ann'


def test_messages_open_with_the_page() -> None:
    assert "Welcome" in text(whole().toasting(Toast("Welcome")))


def test_the_navigation_marks_the_current_page() -> None:
    html = text(whole('{{ nitro.navigation(("A", "/a"), ("B", "/b")) }}'), path="/b")

    assert '<a href="/b" aria-current="page">B</a>' in html


def test_any_template_can_have_the_parts_of_a_page_that_is_not_live() -> None:
    with rendering(RenderContext(live=True)):
        html = env().from_string(WHOLE).render(part=Beat())

    assert "/nitro.css" in html
    assert 'id="nitro-toasts"' in html
    assert 'id="nitro-live"' not in html


def test_a_template_outside_of_an_application_has_the_styles_in_it() -> None:
    html = str(whole(said="x").toasting("Hello"))

    assert "<style>" in html
    assert "<script" not in html
    assert "Hello" in html


def test_a_template_is_a_part_of_a_page_in_python() -> None:
    template = env().from_string("<i>{{ said }}</i>{{ part }}")
    page = Page(JinjaPart(template, said="<", part=Beat()), title="T")

    assert "<i>&lt;</i><p>beat</p>" in text(page)
    assert 'id="nitro-live"' in text(page)


@pytest.mark.parametrize("escaping", [False, lambda name: False], ids=["off", "chosen off"])
def test_a_template_that_does_not_escape_is_refused(escaping: object) -> None:
    template = env(autoescape=escaping).from_string("{{ said }}")

    with pytest.raises(ValueError, match="autoescape=True"):
        JinjaPage(template)
    with pytest.raises(ValueError, match="autoescape=True"):
        JinjaPart(template)


def test_the_frame_of_a_template_is_in_the_template() -> None:
    with pytest.raises(TypeError, match="frame"):
        whole().within(None)


def test_building_blocks_are_there() -> None:
    template = env().from_string(
        "{{ nitro.components.Badge(word, kind='info') }}"
        "{% call nitro.components.Alert(title='News') %}<p>{{ word }}</p>{% endcall %}"
    )

    html = template.render(word="<b>")

    assert '<span class="nitro-badge info">&lt;b&gt;</span>' in html
    assert "<p>&lt;b&gt;</p>" in html


def test_an_unknown_block_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="Bagde"):
        env().from_string("{{ nitro.components.Bagde('x') }}").render()
