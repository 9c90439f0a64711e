"""The building blocks in a browser, as the gallery shows them: keys, patches, themes, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from support.axe import violations
from support.proof import PROOF
from support.server import Server

OpenPage = Callable[..., Page]

GALLERY = Path(__file__).parents[2] / "examples" / "gallery" / "gallery_app.py"
EVERY = list(product(("light", "dark"), (1280, 320), ("", "/rtl")))
SLUGS = [
    "",
    "buttons-icons",
    "messages",
    "dialogs-menus",
    "tabs-accordions",
    "ways",
    "people-numbers",
    "waiting",
    "forms",
    "tables",
    "cards",
    "charts",
]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The gallery, for tests that change nothing in it."""
    server = Server(GALLERY, {}, tmp_path_factory.mktemp("blocks"))
    server.start()
    yield server
    server.stop()


def example(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title, exact=True)


def scripts_are_there(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def send_again(page: Page, title: str) -> None:
    """Have the server patch an example, even where it lies beneath something that is open."""
    again = page.get_by_role("button", name=f"Send {title} again", include_hidden=True)
    with page.expect_response("**/again/**") as answer:
        again.evaluate("button => button.click()")
    assert "<" in answer.value.text()
    page.wait_for_timeout(100)  # what must not happen cannot be waited for


@pytest.mark.parametrize("slug", SLUGS if PROOF else SLUGS[1:5])
def test_axe_finds_nothing_in_any_theme_and_direction(
    slug: str, blocks: Server, open_page: OpenPage
) -> None:
    told: list[str] = []

    for theme, width, way in EVERY if PROOF else [EVERY[SLUGS.index(slug) * 3 % len(EVERY)]]:
        page = open_page(f"{blocks.url}{way}/{slug}", viewport=(width, 900))
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width
        assert page.evaluate("() => document.dir") == ("rtl" if way else "")
        told += [f"{theme}, {width} px{way}\n{one}" for one in violations(page)]

    assert not told, "\n\n".join(told)


def test_axe_finds_nothing_in_what_opens(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    told: list[str] = []

    for name in ("Delete the lamp…", "Cart", "Actions"):
        page.get_by_role("button", name=name, exact=True).click()
        told += [f"{name}\n{one}" for one in violations(page, covered=[".code"])]
        page.keyboard.press("Escape")

    assert not told, "\n\n".join(told)


def test_the_code_that_is_shown_is_the_code_that_runs(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/messages")

    code = example(page, "Badge").locator("code").inner_text()

    shown: dict[str, object] = {}
    exec(f"from nitro_templates import Div\n{code.replace('Div(', 'made = Div(', 1)}", shown)
    html = example(page, "Badge").locator(".row").evaluate("row => row.outerHTML")
    assert str(shown["made"]).replace("/>", ">").count("nitro-badge") == html.count("nitro-badge")


def test_a_menu_is_used_with_the_keys(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)
    button = page.get_by_role("button", name="Actions")
    item = page.get_by_role("menuitem")
    focused = page.locator(":focus")

    button.focus()
    page.keyboard.press("ArrowDown")
    expect(item.filter(has_text="Edit")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(focused).to_have_text("Delete")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(focused).to_have_text("Move…")
    page.keyboard.press("End")
    expect(focused).to_have_text("Delete")
    page.keyboard.press("Home")
    expect(focused).to_have_text("Edit")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("menu")).to_have_count(0)

    page.keyboard.press("ArrowUp")
    expect(focused).to_have_text("Delete")
    page.keyboard.press("Tab")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()


def test_a_dialog_that_a_menu_opens_gives_the_focus_back(
    blocks: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)

    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Move")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Actions")).to_be_focused()


def test_a_dialog_holds_the_focus_and_its_messages(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)
    opener = page.get_by_role("button", name="Invite somebody")

    opener.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Invite somebody")
    expect(box.get_by_label("Email")).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.matches('main *:not(dialog, dialog *)')")
    page.evaluate("nitro.toast('Hello', 'error')")
    expect(box.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(page.locator("body > #nitro-toasts")).to_contain_text("Hello")


def test_a_click_beside_a_drawer_closes_it(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)

    page.get_by_role("button", name="Cart").click()
    expect(page.get_by_role("dialog", name="Cart")).to_be_visible()
    page.mouse.click(20, 300)

    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("way", "forward", "back"),
    [
        ("", "ArrowRight", "ArrowLeft"),
        ("/rtl", "ArrowLeft", "ArrowRight"),
    ],
)
def test_tabs_are_chosen_with_the_arrows_of_the_direction(
    way: str, forward: str, back: str, blocks: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{blocks.url}{way}/tabs-accordions")
    scripts_are_there(page)
    chosen = page.get_by_role("tab", selected=True)

    chosen.focus()
    page.keyboard.press(forward)
    expect(chosen).to_contain_text("Orders")
    expect(chosen).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("Three are waiting")
    page.keyboard.press(back)
    page.keyboard.press(back)
    expect(chosen).to_contain_text("History")
    page.keyboard.press("Home")
    expect(chosen).to_contain_text("Overview")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel")).to_be_focused()


def test_a_tooltip_shows_with_the_focus_and_goes_with_escape(
    blocks: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)
    button = page.get_by_role("button", name="Archive")
    tip = page.get_by_text("Moves it out of sight", exact=True)

    button.focus()
    expect(tip).to_be_visible()
    expect(button).to_have_accessible_description("Moves it out of sight")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    button.hover()
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()


def test_a_patch_leaves_what_the_reader_opened(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/tabs-accordions")
    scripts_are_there(page)

    page.get_by_role("tab", name="History").click()
    send_again(page, "Tabs")
    expect(page.get_by_role("tab", selected=True)).to_have_text("History")
    expect(page.get_by_role("tabpanel")).to_contain_text("Ann changed")

    page.get_by_text("Can I send it back?", exact=True).click()
    page.get_by_text("When is it sent?", exact=True).click()
    send_again(page, "Accordion")
    expect(page.get_by_text("For thirty days.", exact=True)).to_be_visible()
    expect(page.get_by_text("Tomorrow.", exact=True)).to_be_hidden()


def test_a_patch_leaves_open_dialogs_and_menus_open(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus")
    scripts_are_there(page)

    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Email").fill("ann@")
    page.evaluate("nitro.toast('Hello', 'error')")
    send_again(page, "With fields")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_label("Email")).to_be_focused()
    expect(page.get_by_label("Email")).to_have_value("ann@")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Hello")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    page.keyboard.press("ArrowDown")
    send_again(page, "Menu")
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_focused()


def test_what_was_put_away_stays_away(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/messages")
    scripts_are_there(page)
    alert = page.get_by_text("Your address is missing", exact=True)

    example(page, "With more to say").get_by_role("button", name="Close").click()
    expect(alert).to_be_hidden()
    send_again(page, "With more to say")

    expect(alert).to_be_hidden()


def test_the_theme_is_remembered_by_the_next_page_and_other_tabs(
    blocks: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{blocks.url}/messages")
    other = page.context.new_page()
    other.goto(f"{blocks.url}/waiting")
    scripts_are_there(page)
    scripts_are_there(other)

    page.get_by_role("group", name="Theme").get_by_role("radio", name="System").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    answer = page.goto(f"{blocks.url}/cards")

    assert answer is not None
    assert 'data-theme="dark"' in answer.text()[:300]
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()


def test_the_sidebar_is_a_drawer_on_a_phone(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/messages", viewport=(390, 800))
    scripts_are_there(page)
    opener = page.get_by_role("button", name="Menu")
    link = page.get_by_role("link", name="Waiting")

    expect(link).to_be_hidden()
    opener.click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#nitro-sidebar:popover-open")).to_have_count(0)
    expect(link).to_be_visible()


@pytest.mark.parametrize("way", ["", "/rtl"])
def test_a_chart_begins_where_reading_begins(
    way: str, blocks: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{blocks.url}{way}/charts")
    line, lying = example(page, "LineChart"), example(page, "BarChart, lying")

    places = [
        middle(line.locator(".nitro-chart-values")),
        middle(line.locator(".nitro-point.series-0").first),
        middle(line.locator(".nitro-point.series-0").last),
    ]
    assert places == sorted(places, reverse=bool(way))
    assert abs(middle(line.get_by_text("Jan", exact=True).first) - places[1]) < 2

    places = [
        middle(lying.locator(".nitro-chart-labels")),
        *(middle(lying.locator(".nitro-bar").nth(shorter)) for shorter in (1, 2, 0)),
        middle(lying.get_by_text("15", exact=True).first),
    ]
    assert places == sorted(places, reverse=bool(way))


def middle(shown: Locator) -> float:
    """Answer where something stands, from the left."""
    box = shown.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


def test_rows_on_a_phone_are_all_drawn_alike(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/tables", viewport=(320, 800))

    lines = page.locator("tbody th").evaluate_all(
        "all => all.map(one => getComputedStyle(one).borderBottomWidth)"
    )
    assert len(lines) > 1
    assert set(lines) == {"1px"}


def test_without_scripts_everything_can_be_reached(blocks: Server, open_page: OpenPage) -> None:
    page = open_page(f"{blocks.url}/dialogs-menus", javascript=False, viewport=(390, 800))

    page.get_by_role("button", name="Delete the lamp…").click()
    expect(page.get_by_role("dialog", name="Delete Lamp 7?")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Tabs and accordions").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("Ann changed the price.", exact=True)).to_be_visible()
    page.get_by_text("Is it repaired?", exact=True).click()
    expect(page.get_by_text("For ten years.", exact=True)).to_be_visible()
