from __future__ import annotations

import pytest

from nitro_templates import assets, configure, shell
from nitro_templates.component import Component
from nitro_templates.context import LiveView, PlainLinks, RenderContext, current_context, rendering
from nitro_templates.html import Element
from nitro_templates.layout import Frame, Navigation
from nitro_templates.page import Page
from nitro_templates.tags import H1, Meta, P


class Shown:
    key = "shown"
    topics = frozenset({"City"})

    def render(self) -> str:
        return ""


class Live(Component):
    def build(self, context: RenderContext) -> Element:
        return P("live")

    def views(self, context: RenderContext) -> list[LiveView]:
        return [Shown()]


def page_text(page: Page, **context: object) -> str:
    with rendering(RenderContext(**{"live": True, "cursor": "7", **context})):  # type: ignore[arg-type]
        return str(page)


def test_a_page_is_a_whole_document() -> None:
    html = page_text(Page(P("hello"), title="A & B", head=[Meta(name="x", content="y")]))

    assert html.startswith('<!doctype html><html lang="en"><head><meta charset="utf-8">')
    assert "<title>A &amp; B</title>" in html
    assert '<meta name="x" content="y"></head>' in html
    assert '<main id="nitro-main" tabindex="-1"><h1>A &amp; B</h1><p>hello</p></main>' in html


def test_a_page_with_a_heading_of_its_own_gets_no_second() -> None:
    assert page_text(Page(H1("Mine"), title="T")).count("<h1") == 1
    assert "<h1" not in page_text(Page(title="T", heading=False))


def test_a_page_with_views_or_topics_has_a_stream() -> None:
    assert 'id="nitro-live" hidden data-cursor="7"' in page_text(Page(Live()))
    assert 'id="nitro-live" ' in page_text(Page("x", topics="news"))
    assert Page("x", topics="news").topics == {"news"}
    assert 'id="nitro-live" ' not in page_text(Page("x"))
    assert 'id="nitro-live" ' not in page_text(Page(Live(), live=False))


def test_a_page_knows_its_views() -> None:
    assert [view.key for view in Page(Live(), "x").views(RenderContext())] == ["shown"]


def test_our_script_runs_before_datastar() -> None:
    html = page_text(Page("x"))

    assert html.index("/nitro.js") < html.index("/datastar.js")


def test_a_page_without_an_adapter_stands_alone() -> None:
    html = str(Page(Live(), title="T"))

    assert "/_nitro/" not in html
    assert "<script" not in html
    assert "<style>" in html


def test_an_application_may_serve_the_files_itself() -> None:
    configure(asset_base="/static/")

    assert 'href="/static/' in str(Page("x"))
    assert 'href="/static/' in page_text(Page("x"), root="/shop", assets="/shop/_nitro", live=True)


def test_below_another_path_the_page_says_so_and_asks_for_its_files_there() -> None:
    html = page_text(
        Page(Navigation(("Here", "/shop/a"), ("There", "/a"))).within(Frame("Atlas")),
        root="/shop", path="/a", url="/shop/a", assets="/shop/_nitro", live=True,
    )  # fmt: skip

    assert '<meta name="nitro-root" content="/shop">' in html
    assert 'href="/shop/_nitro/' in html
    assert 'href="/_nitro/' not in html
    assert '<a href="/shop/a" aria-current="page">' in html
    assert '<a href="/a">' in html
    assert '<a href="/shop/" class="nitro-brand">' in html


def test_the_theme_and_the_language_can_be_pinned() -> None:
    assert '<html lang="de" data-theme="dark">' in page_text(Page(theme="dark"), lang="de")
    assert '<html lang="fr">' in page_text(Page(lang="fr"), lang="de")


def test_the_nonce_stands_on_every_script() -> None:
    html = page_text(Page("x"), nonce="abc")

    assert html.count("<script") == html.count('nonce="abc"') == 2


def test_a_missing_client_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_DATASTAR", "/nowhere/datastar.js")

    html = page_text(Page("x"))

    assert '<meta name="nitro-missing" content="NITRO_DATASTAR names' in html


def test_another_client_is_loaded_with_its_integrity() -> None:
    configure(datastar="https://cdn.example/datastar.js", datastar_integrity="sha256-x")

    assert (
        '<script type="module" src="https://cdn.example/datastar.js" integrity="sha256-x"'
        ' crossorigin="anonymous"></script>'
    ) in page_text(Page("x"))


def test_hostile_titles_stay_titles(hostile: str) -> None:
    html = page_text(Page(hostile, title=hostile, topics=[hostile]))

    assert html.count("<script") == 2
    assert html.count("<title>") == html.count("</title>") == 1
    assert html.count("<h1>") == 1
    assert "<img" not in html
    assert "onerror" not in html or "onerror" in hostile


def test_a_page_fills_the_dialog() -> None:
    element = Page(P("x"), title="Edit <b>").for_dialog()

    assert str(element) == (
        '<div id="nitro-dialog-content"><h2 id="nitro-dialog-title">Edit &lt;b&gt;</h2>'
        "<p>x</p></div>"
    )


def test_the_patches_of_the_shell() -> None:
    assert str(shell.dialog_closed()) == '<div id="nitro-dialog-content" data-nitro-close></div>'
    assert '<div class="nitro-toast-text">a&lt;</div>' in str(shell.toast("a<"))
    assert str(shell.go_to("javascript:alert(1)", message='a"')) == (
        '<div id="nitro-go" hidden><a href="#" data-nitro-toast="a&#34;"'
        ' data-nitro-kind="success" data-init="nitro.go(el)">javascript:alert(1)</a></div>'
    )


def test_the_context_is_that_of_the_innermost_block() -> None:
    with rendering(RenderContext(path="/a")):
        with rendering(RenderContext(path="/b")):
            assert current_context().path == "/b"
        assert current_context().path == "/a"
    assert current_context().path == "/"


def test_ids_cannot_climb_out_of_a_link() -> None:
    links = PlainLinks("/x")

    assert links.create("cities") == "/x/cities"
    assert links.new("cities") == "/x/cities/new"
    assert links.edit("cities", "../a b?#") == "/x/cities/..%2Fa%20b%3F%23/edit"
    assert links.delete("cities", "..") == "/x/cities/%2E%2E/delete"
    assert links.update("cities", "1") == "/x/cities/1"
    assert links.action("cities", "1", "grow") == "/x/cities/1/grow"
    assert links.action("cities", None, "import") == "/x/cities/import"


def test_assets_are_found_under_their_own_hash_only() -> None:
    css = assets.asset("nitro.css")

    assert assets.find(css.url) is css
    assert assets.find(css.url.replace(css.hash, "0" * 16)) is None
    assert assets.find("/_nitro/../nitro.css") is None
    assert assets.find("/elsewhere") is None
