"""The building blocks as HTML: what they say, what they escape, what they refuse."""

from __future__ import annotations

import re

import pytest

from nitro_templates import components
from nitro_templates.bundles import needed_for
from nitro_templates.components import (
    Accordion,
    Alert,
    Avatar,
    Badge,
    Breadcrumb,
    Button,
    Dialog,
    Drawer,
    Menu,
    MenuItem,
    Pagination,
    Panel,
    Progress,
    Sidebar,
    Skeleton,
    Stat,
    Tab,
    Tabs,
    ThemeSwitch,
    Tooltip,
)
from nitro_templates.components.avatar import initials
from nitro_templates.components.pagination import numbers
from nitro_templates.context import RenderContext, rendering
from nitro_templates.form.layout import Tab as FormTab
from nitro_templates.html import Element
from nitro_templates.page import Page
from nitro_templates.tags import Hr, P

HOSTILE = "\"><img src=x onerror=alert(1)>'&"


def ids_in(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', html)


@pytest.mark.parametrize(
    "block",
    [
        Accordion(Panel(HOSTILE, HOSTILE), one=True, name=HOSTILE),
        Alert(HOSTILE, title=HOSTILE, closable=True, id=HOSTILE),
        Avatar(HOSTILE, src=HOSTILE),
        Badge(HOSTILE, title=HOSTILE),
        Breadcrumb((HOSTILE, HOSTILE), HOSTILE, label=HOSTILE),
        Button(HOSTILE, label=HOSTILE, href=HOSTILE),
        Button(HOSTILE, opens=HOSTILE, value=HOSTILE),
        Dialog(HOSTILE, id=HOSTILE, title=HOSTILE, buttons=HOSTILE),
        Drawer(HOSTILE, id=HOSTILE, title=HOSTILE),
        Menu(MenuItem(HOSTILE, href=HOSTILE), label=HOSTILE, id=HOSTILE),
        Pagination(1, 3, link=lambda _page: HOSTILE, label=HOSTILE),
        Progress(HOSTILE, label=HOSTILE, shown=HOSTILE),
        Skeleton(label=HOSTILE, id=HOSTILE),
        Stat(HOSTILE, HOSTILE, change=HOSTILE, help=HOSTILE),
        Tabs(Tab(HOSTILE, HOSTILE, badge=HOSTILE), label=HOSTILE),
        Tooltip(Button(HOSTILE), HOSTILE),
    ],
)
def test_no_value_becomes_markup(block: object) -> None:
    html = str(block)

    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_all_names_are_there() -> None:
    assert all(getattr(components, name) is not None for name in dir(components))
    with pytest.raises(AttributeError, match="Buton"):
        components.Buton  # type: ignore[attr-defined] # noqa: B018


def test_a_button_is_the_tag_and_more() -> None:
    assert str(Button("Go", id="go", cls="mine")) == (
        '<button id="go" class="nitro-button mine">Go</button>'
    )
    assert 'type="submit"' in str(Button("Go", type="submit"))


def test_classes_of_any_kind_are_added() -> None:
    assert 'class="nitro-badge a b"' in str(Badge("x", cls=["a", "b"]))
    assert 'class="nitro-badge a"' in str(Badge("x", cls={"a": True, "b": False}))
    assert 'class="nitro-badge info a"' in str(Badge("x", kind="info", class_="a"))


def test_a_button_without_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match="label="):
        Button(icon="x")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Button("x", kind="blue"),  # type: ignore[arg-type]
        lambda: Button("x", size="huge"),  # type: ignore[arg-type]
        lambda: Badge("x", kind="blue"),  # type: ignore[arg-type]
        lambda: Alert("x", kind="blue"),  # type: ignore[arg-type]
        lambda: Avatar("x", size="huge"),  # type: ignore[arg-type]
        lambda: Dialog("x", id="d", title="D", size="huge"),  # type: ignore[arg-type]
        lambda: Drawer("x", id="d", title="D", side="left"),  # type: ignore[arg-type]
        lambda: MenuItem("x", kind="blue"),  # type: ignore[arg-type]
        lambda: Skeleton("round"),  # type: ignore[arg-type]
        lambda: Stat("x", 1, trend="sideways"),  # type: ignore[arg-type]
    ],
)
def test_an_unknown_kind_names_the_known_ones(make: object) -> None:
    with pytest.raises(ValueError, match="has to be one of '"):
        make()  # type: ignore[operator]


def test_a_link_that_cannot_be_followed_has_no_address() -> None:
    html = str(Button("Later", href="/later", disabled=True))

    assert "href" not in html
    assert 'aria-disabled="true"' in html


def test_a_dangerous_address_is_dropped() -> None:
    assert "javascript" not in str(Button("x", href="javascript:alert(1)"))
    assert "javascript" not in str(MenuItem("x", href="javascript:alert(1)"))
    assert "javascript" not in str(Breadcrumb(("x", "javascript:alert(1)")))


def test_a_button_opens_a_dialog_without_scripts() -> None:
    html = str(Button("Open", opens="d"))

    assert 'command="show-modal" commandfor="d"' in html
    assert 'type="button"' in html
    assert 'command="close" commandfor="d"' in str(Button("Close", closes="d"))


def test_a_dialog_has_a_name() -> None:
    with pytest.raises(ValueError, match="title="):
        Dialog("x", id="d")
    assert 'aria-labelledby="d-title"' in str(Dialog("x", id="d", title="D"))
    assert 'aria-label="D"' in str(Drawer("x", id="d", aria_label="D"))


def test_an_open_dialog_is_not_closed_by_a_patch() -> None:
    assert 'data-preserve-attr="open"' in str(Dialog("x", id="d", title="D"))
    assert 'data-preserve-attr="open"' in str(Accordion(Panel("a", "b")))
    assert 'data-preserve-attr="hidden"' in str(Alert("x", closable=True))


def test_only_one_tab_is_in_the_way_of_the_tabulator() -> None:
    html = str(Tabs(Tab("One", "1"), Tab("Two", "2"), chosen=1))

    assert html.count('aria-selected="true"') == 1
    assert len(re.findall(r'role="tab"[^>]*tabindex="-1"', html)) == 1
    assert len(re.findall(r" data-nitro-off ", html)) == 1


def test_ids_stay_the_same_and_differ_with_the_content() -> None:
    once, again = str(Tabs(Tab("A", "1"))), str(Tabs(Tab("A", "changed")))

    assert ids_in(once) == ids_in(again)
    assert ids_in(once) != ids_in(str(Tabs(Tab("B", "1"))))
    assert ids_in(str(Tabs(Tab("A", "1"), id="mine")))[0] == "mine"


def test_tabs_of_a_form_are_told_apart() -> None:
    with pytest.raises(TypeError, match=r"nitro\.components"):
        Tabs(FormTab("Address", "street"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 tabs"):
        Tabs(Tab("A", "1"), Tab("B", "2"), chosen=2)


def test_panels_share_a_name_if_one_is_open_at_a_time() -> None:
    names = re.findall(
        r'<details name="([^"]+)"', str(Accordion(Panel("a", 1), Panel("b", 2), one=True))
    )

    assert len(names) == 2
    assert len(set(names)) == 1
    assert "name=" not in str(Accordion(Panel("a", 1)))


def test_titles_of_panels_can_be_headings() -> None:
    assert "<h3>Why?</h3>" in str(Accordion(Panel("Why?", "Because."), level=3))
    with pytest.raises(TypeError, match=r"takes Panel\(…\), not str"):
        Accordion("text")  # type: ignore[arg-type]


def test_a_menu_belongs_to_its_button() -> None:
    html = str(Menu(MenuItem("Edit"), Hr(), label="Actions", id="m"))

    assert 'popovertarget="m"' in html
    assert 'aria-haspopup="menu"' in html
    assert 'role="menu" aria-labelledby="m-button"' in html


def test_items_say_whether_they_are_on() -> None:
    assert 'role="menuitemcheckbox" aria-checked="false"' in str(MenuItem("Pin", checked=False))
    assert 'role="menuitem"' in str(MenuItem("Edit"))
    assert 'aria-disabled="true"' in str(MenuItem("Edit", disabled=True))


def test_a_tooltip_describes_what_it_is_about() -> None:
    html = str(Tooltip(Button("Merge", id="b"), "Joins both", id="tip"))

    assert 'class="nitro-button" aria-describedby="tip">Merge<' in html
    assert '<span id="tip" role="tooltip" class="nitro-tip-text">Joins both</span>' in html


def test_a_description_that_is_there_stays() -> None:
    html = str(Tooltip(Button("x", aria_describedby="own"), "text", id="tip"))

    assert html.count("aria-describedby") == 1
    assert 'aria-describedby="own"' in html


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 0, []),
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (1, 7, [1, 2, 3, 4, 5, 6, 7]),
        (1, 9, [1, 2, 3, 4, 5, None, 9]),
        (4, 9, [1, 2, 3, 4, 5, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (9, 9, [1, None, 5, 6, 7, 8, 9]),
        (12, 24, [1, None, 11, 12, 13, None, 24]),
    ],
)
def test_numbers_around_a_page(page: int, pages: int, shown: list[int | None]) -> None:
    assert list(numbers(page, pages)) == shown


def test_pages_are_links_to_the_same_address() -> None:
    context = RenderContext(
        path="/news", url="/news?q=a&page=2", query={"q": ["a"], "page": ["2"]}
    )
    with rendering(context):
        html = str(Pagination(2, 3))

    assert 'href="/news?q=a&amp;page=3" rel="next"' in html
    assert 'aria-label="Page 2" aria-current="page"' in html


def test_at_the_end_there_is_no_next_page() -> None:
    html = str(Pagination(3, 3))

    assert 'rel="next"' not in html
    assert 'role="link" aria-disabled="true" aria-label="Next page"' in html
    with pytest.raises(ValueError, match="counted from 1"):
        Pagination(0, 3)


def test_a_progress_has_a_name() -> None:
    with pytest.raises(ValueError, match="label="):
        Progress(value=0.5)
    assert '<progress value="3" max="12"' in str(Progress(value=3, max=12, label="Pictures"))
    assert "value=" not in str(Progress(aria_label="Searching"))


def test_a_skeleton_says_that_something_comes() -> None:
    html = str(Skeleton())

    assert 'role="status"' in html
    assert "Loading…" in html
    assert html.count("<span></span>") == 3


def test_the_last_crumb_is_the_page() -> None:
    html = str(Breadcrumb(("Shop", "/"), "Lamp"))

    assert '<span aria-current="page">Lamp</span>' in html
    assert html.count("aria-current") == 1


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ann Lee", "AL"), ("Ann Maria van Lee", "AL"), ("ann", "A"), ("", ""), ("(x) Bo", "B")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_has_one_colour() -> None:
    hue = re.compile(r"hue-\d")

    assert hue.findall(str(Avatar("Ann Lee"))) == hue.findall(str(Avatar("Ann Lee", size="large")))
    assert 'aria-label="Ann Lee"' in str(Avatar("Ann Lee"))
    assert "aria-label" not in str(Avatar("Ann Lee", decorative=True))


def test_going_down_can_be_good() -> None:
    assert 'class="nitro-stat-change bad"' in str(Stat("x", 1, change="-1", trend="down"))
    assert 'class="nitro-stat-change good"' in str(
        Stat("x", 1, change="-1", trend="down", good=True)
    )
    assert 'class="nitro-stat-change"' in str(Stat("x", 1, change="0", trend="flat"))


def test_the_remembered_theme_is_chosen() -> None:
    with rendering(RenderContext(theme="dark")):
        html = str(ThemeSwitch())
        page = str(Page("x", title="t"))

    assert 'value="dark" checked' in html
    assert 'data-theme="dark"' in page


def test_a_page_keeps_the_theme_of_its_own() -> None:
    with rendering(RenderContext(theme="dark")):
        assert 'data-theme="light"' in str(Page("x", title="t", theme="light"))


def test_the_nearest_link_of_a_sidebar_is_marked() -> None:
    links = [("Start", "/"), ("Shop", [("Lamps", "/lamps"), ("New", "/lamps/new")])]
    with rendering(RenderContext(path="/lamps/7", url="/lamps/7")):
        html = str(Page(P("x"), title="t").within(Sidebar("Atlas", links)))

    assert html.count("aria-current=") == html.count('aria-current="true"') == 1
    assert '<a href="/lamps" aria-current="true">Lamps</a>' in html


def test_a_sidebar_opens_without_scripts() -> None:
    html = str(Page("x", title="t").within(Sidebar("Atlas", [("Start", "/")])))

    assert html.count('popovertarget="nitro-sidebar"') == 2
    assert html.count('popovertargetaction="hide"') == html.count('aria-label="Close"') == 1
    assert 'id="nitro-sidebar" popover="auto"' in html


def test_pages_load_what_their_blocks_need_and_no_more() -> None:
    assert needed_for(str(Button("x"))) == []
    assert needed_for(str(Badge("x"))) == ["blocks.css"]
    assert needed_for(str(Menu(MenuItem("x"), label="y"))) == ["blocks.css", "blocks.js"]
    assert needed_for(str(Tabs(Tab("x", "y")))) == ["tablist.js"]


def test_what_is_inside_of_a_block_lives() -> None:
    inside = Skeleton()
    made = Tabs(Tab("A", inside))

    assert isinstance(made, Element)
    assert inside in made.parts
