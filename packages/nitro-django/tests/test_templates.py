"""Nitro's parts in templates of Django, and whole pages that are templates."""

# mypy: disable-error-code="untyped-decorator"
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines

from nitro_entities import Entity
from nitro_templates import Div, Form, Table
from nitro_templates.template_page import TemplatePage

DOCUMENT = """{% load nitro %}<!doctype html><html {% nitro_html %}>
<head><title>{% nitro_title %}</title>{% nitro_head %}</head>
<body>{% nitro_start %}<main id="nitro-main">{% nitro boats %}</main>{% nitro_end %}</body>
</html>"""

LIVE = {"nitro-live": "", "datastar-request": "true", "sec-fetch-site": "same-origin"}


class Gondola(Entity):
    name: str


def made(text: str) -> Any:
    return engines["django"].from_string(text)


def test_an_element_is_written_as_markup_and_text_is_escaped() -> None:
    template = made("{% load nitro %}{% nitro element %}{% nitro text %}")

    text = template.render({"element": Div("<i>"), "text": "<b>"})

    assert text == "<div>&lt;i&gt;</div>&lt;b&gt;"


def test_a_form_in_a_template_carries_its_seal(site: Any) -> None:
    @site.view("new")
    def new(request: HttpRequest) -> HttpResponse:
        template = made("{% load nitro %}{% nitro_head %}{% nitro form %}")
        return HttpResponse(template.render({"form": Form.from_entity(Gondola)}, request))

    text = site.get("/new").content.decode()

    assert 'name="_nitro"' in text
    assert "nitro.js" in text


def test_a_page_may_be_a_template_and_is_live(site: Any) -> None:
    @site.view("boats")
    def boats(request: HttpRequest) -> TemplatePage:
        table = Table.from_entity(Gondola).reactive()
        return TemplatePage(made(DOCUMENT).render, title="A & B", boats=table)

    Gondola(id="1", name="Otter").save()

    text = site.get("/boats").content.decode()
    stream = site.get("/boats", headers=LIVE)

    assert "<title>A &amp; B</title>" in text
    assert "Otter" in text
    assert "nitro-live" in text
    assert stream.headers["content-type"].startswith("text/event-stream")
    stream.close()
