"""The view of a table in Chromium: sorting, filters, conditions, columns, sizes, count."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from support.axe import violations
from support.proof import some
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.browser import Pages

expect = pytest.importorskip("playwright.sync_api").expect
APP = Path(__file__).with_name("table_app.py")
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def served(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The table over the 34,000 cities, for tests that change little in it."""
    folder = tmp_path_factory.mktemp("table") / "app"
    shutil.copytree(filled, folder)
    server = Server(APP, {}, folder)
    server.start()
    yield server
    server.stop()


def ready(page: Page) -> Page:
    page.wait_for_function("document.querySelector('#nitro-live')?.dataset.state !== undefined")
    return page


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


SHOWN = """() => {
  const write = (node) => node.nodeType !== 1 ? node.textContent : `<${node.tagName} ${
    [...node.attributes].map((a) => `${a.name}=${a.value}`).sort()}>${
    [...node.childNodes].map(write).join("")}`;
  return write(document.querySelector("#cities-view"));
}"""


def as_a_fresh_load(page: Page) -> None:
    """Fail if what is shown is not what the URL shows to somebody new."""
    shown = page.evaluate(SHOWN)
    page.reload()
    assert page.evaluate(SHOWN) == shown


def test_sorting_by_several_columns_with_the_mouse_and_the_keyboard(
    open_page: Open, served: Server
) -> None:
    page = ready(open_page(served.url + "/"))
    page.locator("#cities-sort-country").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Country")
    page.locator("#cities-sort-population").click(modifiers=["Shift"])
    expect(page.locator("#cities-sort-population")).to_contain_text("2")
    page.locator("#cities-sort-population").focus()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("th[data-sorted=descending]")).to_contain_text("Population")
    assert query(page) == {"sort": ["country,-population"]}
    assert page.evaluate("document.activeElement.id") == "cities-sort-population"
    expect(page.locator("tbody th").first).to_have_text("Andorra la Vella")
    as_a_fresh_load(page)
    page.go_back()
    expect(page.locator("th[data-sorted=ascending]")).to_have_count(2)


def test_filters_apply_at_once_and_chips_take_them_back_by_keyboard(
    open_page: Open, served: Server
) -> None:
    page = ready(open_page(served.url + "/"))
    page.get_by_text("Filters", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Population, from").fill("5000000")
    page.get_by_role("textbox", name="Country", exact=True).fill("CN")
    chips = page.locator(".nitro-chips span")
    expect(chips).to_have_text(["Country contains “CN”", "Population: from 5000000"])
    assert query(page) == {"f-country": ["CN"], "f-population-min": ["5000000"]}
    assert "Shanghai" in names(page)
    as_a_fresh_load(page)
    ready(page)
    page.locator("#cities-chip-0").focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_text(["Population: from 5000000"])
    assert page.locator("#cities-f-country").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "cities-chip-0"
    page.get_by_role("link", name="Clear all").press("Enter")
    expect(chips).to_have_count(0)
    expect(page.locator("#cities-filters > summary")).to_be_focused()
    assert query(page) == {}
    page.go_back()
    expect(chips).to_have_text(["Population: from 5000000"])
    assert page.locator("#cities-f-population-min").input_value() == "5000000"


def test_conditions_in_groups_are_built_by_keyboard_and_shared_by_url(
    open_page: Open, served: Server
) -> None:
    page = ready(open_page(served.url + "/"))
    page.get_by_text("Filters", exact=True).press("Enter")
    page.get_by_text("More conditions").press("Enter")
    outer = page.locator("#cities-rules > [data-nitro-group]")
    outer.get_by_role("button", name="Add condition").press("Enter")
    expect(outer.locator("[data-nitro-rule] > select").first).to_be_focused()
    outer.get_by_label("Field").select_option("Population")
    outer.get_by_label("How it is compared").select_option("is at least")
    outer.get_by_label("Value of Population").fill("8000000")
    outer.get_by_role("button", name="Add group").press("Enter")
    group = outer.locator("[data-nitro-group]")
    group.get_by_label("Value of Name").fill('o"(,')
    group.get_by_label("How these conditions are joined").select_option("any")
    group.get_by_role("button", name="Add condition").click()
    second = group.locator("[data-nitro-rule]").nth(1)
    second.get_by_label("Field").select_option("Country")
    second.get_by_label("How it is compared").select_option("is")
    second.get_by_label("Value of Country").fill("TR")
    expect(page.locator(".nitro-chips span")).to_have_text(
        ["Population is at least 8000000", '(Name contains o"(, or Country is TR)']
    )
    expect(page.locator("tbody th")).to_have_text(["Istanbul"])
    where = query(page)["where"]
    assert where == ['all(population.ge.8000000,any(name.has."o\\"(,",country.is.TR))']

    other = ready(open_page(page.url))
    expect(other.locator("tbody th")).to_have_text(["Istanbul"])
    other.get_by_text("Filters", exact=True).click()
    other.get_by_text("More conditions").click()
    expect(other.locator("#cities-rules [data-nitro-parts] [data-nitro-rule]")).to_have_count(3)
    other.get_by_role("button", name="Remove group").click()
    expect(other.locator(".nitro-chips span")).to_have_text(["Population is at least 8000000"])
    other.locator("#cities-chip-0").click()
    expect(other.locator("#cities-rules [data-nitro-parts] [data-nitro-rule]")).to_have_count(0)


def test_columns_are_chosen_in_a_menu(open_page: Open, served: Server) -> None:
    page = ready(open_page(served.url + "/"))
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Latitude").last.check()
    expect(page.get_by_role("columnheader", name="Latitude")).to_be_visible()
    page.get_by_label("Timezone").last.uncheck()
    expect(page.get_by_role("columnheader", name="Timezone")).to_have_count(0)
    assert query(page) == {"cols": ["name,country,population,latitude,north"]}
    as_a_fresh_load(page)
    page.get_by_text("Columns", exact=True).press("Enter")
    page.get_by_label("Latitude").last.uncheck()
    page.get_by_label("Timezone").last.check()
    expect(page.get_by_role("columnheader", name="Timezone")).to_be_visible()
    assert query(page) == {}
    page.keyboard.press("Escape")
    expect(page.locator("#cities-columns > summary")).to_be_focused()


def test_sizes_of_pages_and_the_exact_count(open_page: Open, served: Server) -> None:
    page = ready(open_page(served.url + "/"))
    expect(page.locator(".nitro-count")).to_have_text("10,000+ cities")
    page.get_by_role("link", name="50 rows on a page").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Count exactly").click()
    expect(page.locator(".nitro-count")).to_have_text(re.compile(r"^3\d,\d{3} cities$"))
    assert query(page) == {"size": ["50"]}
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("link", name="Previous")).to_be_visible()


def test_without_scripts_filters_columns_and_sizes_work(open_page: Open, served: Server) -> None:
    page = open_page(served.url + "/?sort=-population&tab=2", javascript=False)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("textbox", name="Country", exact=True).fill("FR")
    page.get_by_role("button", name="Apply").first.click()
    expect(page.locator("tbody th").first).to_have_text("Paris")
    assert query(page)["tab"] == ["2"]
    page.goto(served.url + "/?where=all(country.is.DE)&count=exact&sort=-population")
    expect(page.locator(".nitro-count")).to_contain_text("cities")
    assert names(page)[0] == "Berlin"
    page.get_by_role("link", name="Remove filter Country is DE").click()
    expect(page.locator("tbody th").first).to_have_text("Shanghai")
    expect(page.locator(".nitro-count")).to_have_text(re.compile(r"^3\d,\d{3} cities$"))


def test_what_a_forged_url_says_is_a_message(open_page: Open, served: Server) -> None:
    page = open_page(
        served.url
        + "/?sort=password&f-password=x&f-population-min=many&where=all(x&cols=id,secret&size=7"
        "&after=rubbish"
    )
    expect(page.get_by_role("alert")).to_have_count(6)
    expect(page.locator("tbody tr")).to_have_count(20)


def test_a_colleague_s_change_reaches_a_filtered_view(open_page: Open, served: Server) -> None:
    page = ready(open_page(served.url + "/few?few-f-population-min=7777777"))
    expect(page.locator(".nitro-empty")).to_contain_text("No cities match.")
    other = ready(open_page(served.url + "/few"))
    other.get_by_role("link", name="Edit Vaduz").click()
    other.get_by_role("dialog").get_by_label("Population").fill("8000000")
    other.get_by_role("button", name="Save").click()
    expect(page.locator("tbody th")).to_have_text(["Vaduz"])
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("tbody tr")).to_have_count(other.locator("tbody tr").count())


def test_a_store_that_is_down_says_so_and_the_page_recovers(
    pages: Pages, open_page: Open, served: Server
) -> None:
    down = served.folder / "down"
    down.touch()
    page = open_page(served.url + "/down")
    expect(page.get_by_role("alert")).to_contain_text("cannot be read at the moment")
    expect(page.get_by_role("searchbox")).to_be_visible()
    down.unlink()
    expect(page.locator("tbody tr").first).to_be_visible(timeout=10_000)


def test_a_table_is_looked_at_again_by_itself(open_page: Open, served: Server) -> None:
    page = open_page(served.url + "/clock")
    cell = page.locator("tbody td").first
    before = int(cell.inner_text())
    (served.folder / "ticks" / f"tick-{before}").touch()
    expect(cell).to_have_text(str(before + 1))


def test_on_a_phone_nothing_is_too_wide(open_page: Open, served: Server) -> None:
    page = ready(
        open_page(
            served.url + "/?f-country=CH&where=any(population.ge.10000,name.has.Basel)",
            viewport=(320, 700),
        )
    )
    page.get_by_text("Filters", exact=True).click()
    page.get_by_text("More conditions").click()
    expect(page.locator("#cities-rules [data-nitro-parts] [data-nitro-rule]")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_text("Columns", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", some([320, 1280], 1))
def test_axe_finds_nothing_with_everything_open(
    open_page: Open, served: Server, width: int
) -> None:
    page = ready(
        open_page(
            served.url + "/?f-country=CH&where=any(population.ge.10000,name.has.Basel)"
            "&sort=-population,name&f-x=1",
            viewport=(width, 900),
        )
    )
    page.get_by_text("Filters", exact=True).click()
    page.get_by_text("More conditions").click()
    page.get_by_text("Columns", exact=True).click()
    expect(page.locator("#cities-rules [data-nitro-parts] [data-nitro-rule]")).to_have_count(2)
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert violations(page) == []
    page.goto(served.url + "/few?few-f-population-min=999999999")
    assert violations(page) == []
