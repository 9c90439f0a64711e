"""What stands around the content of a page, in its head, and in its corner."""

from __future__ import annotations

import pytest

from nitro_templates import Frame, Navigation, Toast, configure, social
from nitro_templates.component import Component
from nitro_templates.context import LiveView, RenderContext, rendering
from nitro_templates.error_pages import Failure, error_page, page_of, plain_page_of
from nitro_templates.html import Element
from nitro_templates.page import Page
from nitro_templates.tags import Div, Footer, Header, P


def text(page: Page, **context: object) -> str:
    with rendering(RenderContext(**{"live": True, **context})):  # type: ignore[arg-type]
        return str(page)


def framed(content: Element, context: RenderContext) -> Element:
    return Div(Header(context.path), content, Footer("end"))


class Beat(Component):
    """A live part for a frame."""

    def build(self, context: RenderContext) -> Element:
        return P("beat")

    def views(self, context: RenderContext) -> list[LiveView]:
        return [self]  # type: ignore[list-item]

    key = "beat"
    topics = frozenset({"Beat"})


class AppPage(Page):
    def layout(self, content: Element, context: RenderContext) -> Element:
        return Div(Header("mine"), content)


def test_a_function_puts_its_frame_around_the_content() -> None:
    html = text(Page(P("x"), title="T").within(framed), path="/a")

    main = '<main id="nitro-main" tabindex="-1"><h1>T</h1><p>x</p></main>'
    assert f"<div><header>/a</header>{main}<footer>end</footer></div>" in html


def test_a_subclass_puts_its_frame_around_the_content() -> None:
    assert "<div><header>mine</header><main" in text(AppPage("x"))


def test_a_configured_frame_is_for_every_page_that_has_none_of_its_own() -> None:
    configure(layout=framed)

    assert "<header>/</header>" in text(Page("x"))
    assert "<header>mine</header>" in text(AppPage("x"))
    assert "<header" not in text(Page("x").within(None))


def test_within_answers_another_page() -> None:
    page = Page("x")

    assert page.within(framed) is not page
    assert "<header" not in text(page)


def test_the_dialog_shows_the_content_without_the_frame() -> None:
    shown = str(Page(P("x"), title="T").within(framed).for_dialog(RenderContext()))

    assert "<p>x</p>" in shown
    assert "<header" not in shown


def test_what_is_live_in_the_frame_is_live_on_the_page_and_not_in_the_dialog() -> None:
    context = RenderContext(live=True)
    page = Page("x").within(lambda content, _: Div(Beat(), content))

    assert [view.key for view in page.views(context)] == ["beat"]
    assert 'id="nitro-live"' in text(page)
    assert "nitro-dialog-live" not in str(page.for_dialog(context))


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", ['href="/" aria-current="page"']),
        ("/towns", ['href="/towns" aria-current="page"']),
        ("/towns/1/edit", ['href="/towns" aria-current="true"']),
        ("/townships", []),
        ("/größe", ['href="/gr%C3%B6%C3%9Fe" aria-current="page"']),
    ],
)
def test_the_navigation_marks_where_one_is(path: str, marked: list[str]) -> None:
    links = Navigation(("Start", "/"), ("Towns", "/towns"), ("Size", "/gr%C3%B6%C3%9Fe"))

    html = str(links.build(RenderContext(path=path)))

    assert html.count("aria-current") == len(marked)
    assert all(one in html for one in marked)


def test_links_elsewhere_are_never_the_current_page() -> None:
    links = Navigation(("Out", "https://other.example/towns"), ("Part", "#part"))

    assert "aria-current" not in str(links.build(RenderContext(path="/towns")))


def test_a_frame_has_name_navigation_and_footer() -> None:
    frame = Frame("Atlas & Co", [("Towns", "/towns")], beside=P("Ann"), footer="Bye")

    html = text(Page("x").within(frame), path="/towns")

    assert '<a href="/" class="nitro-brand">Atlas &amp; Co</a>' in html
    assert '<nav aria-label="Main" class="nitro-nav">' in html
    assert '<div class="nitro-beside"><p>Ann</p></div>' in html
    assert '<footer class="nitro-footer"><div>Bye</div></footer>' in html


def test_a_frame_of_only_a_name_leaves_the_rest_away() -> None:
    html = text(Page("x").within(Frame("Atlas")))

    assert "<nav" not in html
    assert "<footer" not in html
    assert "nitro-beside" not in html


def test_hostile_texts_stay_texts_in_the_frame(hostile: str) -> None:
    frame = Frame(hostile, [(hostile, hostile)], beside=hostile, footer=hostile)

    html = text(Page("x", description=hostile, icon=hostile).within(frame))

    assert html.count("<script") == 2
    assert "<img" not in html


def test_the_head_says_what_the_page_is_about() -> None:
    page = Page("x", description="Every city", icon="/mine.png")

    html = text(page)

    assert '<meta name="description" content="Every city">' in html
    assert '<link rel="icon" href="/mine.png">' in html


def test_what_others_show_of_a_link_is_in_the_head() -> None:
    head = str(social("T<", "D", image="https://a.example/i.png", url="https://a.example/"))

    assert '<meta property="og:title" content="T&lt;">' in head
    assert '<meta property="og:description" content="D">' in head
    assert '<meta property="og:image" content="https://a.example/i.png">' in head
    assert '<meta property="og:url" content="https://a.example/">' in head
    assert 'content="summary_large_image"' in head
    assert "og:image" not in str(social("T"))


def test_language_theme_and_icon_can_be_configured() -> None:
    configure(lang="de", theme="dark", icon="/i.svg")

    assert '<html lang="de" data-theme="dark">' in text(Page("x"))
    assert '<html lang="fr">' in text(Page("x", lang="fr", theme="system"))
    assert 'href="/i.svg"' in text(Page("x"))


def test_a_page_without_files_has_an_icon_only_if_one_is_configured() -> None:
    assert 'rel="icon"' not in str(Page("x"))
    configure(icon="/i.svg")
    assert 'rel="icon"' in str(Page("x"))


def test_a_page_opens_with_messages() -> None:
    html = text(Page("x").toasting("Saved").toasting(Toast("Careful", kind="warning")))

    assert html.index("Saved") < html.index("Careful")
    assert 'class="nitro-toast success"' in html
    assert "Saved" in str(Page("x").toasting("Saved"))


def test_errors_and_warnings_are_read_out_at_once_and_stay() -> None:
    for kind in ("error", "warning"):
        html = str(Toast("No", kind=kind))
        assert 'role="alert" data-seconds="0"' in html
        assert f'<span class="nitro-hidden">{kind.capitalize()}: </span>No' in html


def test_other_messages_go_after_a_while() -> None:
    assert 'data-seconds="6"' in str(Toast("Yes"))
    assert 'data-seconds="1.5"' in str(Toast("Yes", seconds=1.5))
    assert "role=" not in str(Toast("Yes", kind="info"))


def test_a_message_holds_elements_and_escapes_texts() -> None:
    assert "<p>a</p>&lt;b&gt;" in str(Toast(P("a"), "<b>"))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'loud'.*success, info, warning, error"):
        Toast("x", kind="loud")  # type: ignore[arg-type]


def test_an_error_page_says_what_happened_and_where_to_go() -> None:
    html = text(page_of(Failure(404, "Not found", back="/towns")))

    assert "<h1>Not found</h1>" in html
    assert "There is nothing at this address" in html
    assert 'href="/towns"' in html
    assert 'id="nitro-live"' not in html


def test_an_error_page_lists_what_is_wrong_with_which_field() -> None:
    html = text(page_of(Failure(422, "Not valid", errors={"age": "too <young>", "": "all of it"})))

    assert "<li>age: too &lt;young&gt;</li><li>all of it</li>" in html


def test_an_error_page_tells_the_number_in_the_log() -> None:
    assert "<code>abc</code>" in text(page_of(Failure(500, "Oh", id="abc")))


def test_an_unusual_status_has_a_page_too() -> None:
    assert "This could not be done." in text(page_of(Failure(418, "Teapot")))


def test_an_application_writes_the_page_for_a_status_or_for_all() -> None:
    @error_page(403, 404)
    def refused(failure: Failure) -> Page:
        return Page(P(f"no {failure.status}"), title="Mine")

    @error_page()
    def other(failure: Failure) -> Element:
        return P("other")

    assert "no 404" in text(page_of(Failure(404, "Not found")))
    assert "<p>other</p>" in text(page_of(Failure(500, "Oh")))
    assert "<h1>Oh</h1>" in text(page_of(Failure(500, "Oh")))


def test_an_error_page_of_the_application_has_no_stream() -> None:
    @error_page(404)
    def live(failure: Failure) -> Page:
        return Page(Beat())

    assert 'id="nitro-live"' not in text(page_of(Failure(404, "Not found")))


def test_the_plain_error_page_has_no_frame() -> None:
    configure(layout=framed)

    assert "<header" in text(page_of(Failure(500, "Oh")))
    assert "<header" not in text(plain_page_of(Failure(500, "Oh")))
