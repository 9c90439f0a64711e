"""One person in the atlas, by mouse, by keyboard, and without scripts."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.people import dialog, edit, live, names, press_save, row, search
from support.proof import some
from support.server import Server

Open = Callable[..., Page]


def test_the_list_shows_pages_of_cities_in_order(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    first = names(page)

    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody th").first).not_to_have_text(first[0])
    second = names(page)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("tbody th").first).to_have_text(first[0])

    assert len(first) == len(second) == 20
    assert not set(first) & set(second) or first != second
    assert names(page) == first


def test_a_header_sorts_and_sorts_back(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    header = page.get_by_role("columnheader", name="Population")

    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "descending")

    expect(page.locator("tbody th").first).to_have_text("Shanghai")
    assert "sort=" in page.url


def test_search_answers_while_typing_and_keeps_the_focus(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)

    search(page, "zürich")

    expect(row(page, "Zürich")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("zürich")
    assert "q=z" in page.url


@pytest.mark.parametrize("text", some(["%", "\\", "_", "%25", "'"], 2))
def test_wildcards_in_a_search_are_plain_characters(
    atlas: Server, open_page: Open, text: str
) -> None:
    page = open_page(atlas.url)
    live(page)

    search(page, f"q{text}q")

    expect(page.locator("tbody tr td[data-label]")).to_have_count(0)


def test_the_back_button_undoes_a_sort(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    first = names(page)
    page.get_by_role("columnheader", name="Population").get_by_role("link").click()
    expect(page.locator("tbody th").first).not_to_have_text(first[0])

    page.go_back()

    expect(page.locator("tbody th").first).to_have_text(first[0])


def fill_in(box: Page, name: str) -> None:
    for label, value in (
        ("Name", name),
        ("Country", "FR"),
        ("Population", "12000"),
        ("Latitude", "48.5"),
        ("Longitude", "2.25"),
    ):
        box.get_by_label(label, exact=False).first.fill(value)


def test_create_edit_grow_and_delete_by_mouse(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)

    page.get_by_role("link", name="New city").click()
    fill_in(dialog(page), "Aaa Newtown")  # type: ignore[arg-type]
    press_save(dialog(page))
    expect(dialog(page)).to_be_hidden()
    search(page, "aaa newtown")
    expect(row(page, "Aaa Newtown")).to_be_visible()

    box = edit(page, "Aaa Newtown")
    box.get_by_label("Population").fill("13000")
    press_save(box)
    expect(row(page, "Aaa Newtown")).to_contain_text("13,000")

    page.get_by_role("link", name="Grow Aaa Newtown").click()
    dialog(page).get_by_label("People").fill("7")
    press_save(dialog(page))
    expect(row(page, "Aaa Newtown")).to_contain_text("13,007")

    page.get_by_role("link", name="Delete Aaa Newtown").click()
    press_save(dialog(page))
    expect(row(page, "Aaa Newtown")).to_be_hidden()


def tab_to(page: Page, name: str, *, most: int = 150) -> None:
    """Press Tab until the focused thing is called *name*."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.labels?.[0]?.innerText"
            " || document.activeElement.innerText || ''"
        )
        if found.strip().rstrip("*").strip() == name:
            return
    raise AssertionError(f"Tab never reached {name!r}")


def test_create_edit_grow_and_delete_by_keyboard_alone(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)

    tab_to(page, "New city")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    tab_to(page, "Name")
    page.keyboard.type("Aaa Keytown")
    for label, value in (("Country", "FR"), ("Latitude", "1"), ("Longitude", "2")):
        tab_to(page, label)
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()

    tab_to(page, "Search cities")
    page.keyboard.type("aaa keytown")
    expect(row(page, "Aaa Keytown")).to_be_visible()

    tab_to(page, "Edit Aaa Keytown")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Name")).to_have_value("Aaa Keytown")
    tab_to(page, "Region")
    page.keyboard.type("K9")
    page.keyboard.press("Enter")
    expect(row(page, "Aaa Keytown")).to_contain_text("K9")

    tab_to(page, "Grow Aaa Keytown")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("People")).to_be_visible()
    tab_to(page, "People")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()

    tab_to(page, "Delete Aaa Keytown")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    tab_to(page, "Delete city")
    page.keyboard.press("Enter")
    expect(row(page, "Aaa Keytown")).to_be_hidden()


def test_sorting_and_turning_pages_by_keyboard_alone(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)

    tab_to(page, "Population")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=population"))
    first = page.locator("tbody th").first.inner_text()
    expect(page.locator("th[aria-sort] a")).to_be_focused()
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th").first).not_to_have_text(first)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("sort=population"))


def test_escape_closes_the_dialog_and_gives_the_focus_back(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)
    link = page.get_by_role("link", name="New city")
    link.focus()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog(page)).to_be_hidden()
    expect(link).to_be_focused()


def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(
    atlas: Server, open_page: Open
) -> None:
    page = open_page(atlas.url)
    live(page)
    page.get_by_role("link", name="New city").click()
    box = dialog(page)
    fill_in(box, "Aaa Badtown")  # type: ignore[arg-type]
    box.get_by_label("Population").fill("12 thousand")
    box.get_by_label("Country").fill("france")

    press_save(box)

    field = box.get_by_label("Population")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("12 thousand")
    told = field.get_attribute("aria-describedby") or ""
    texts = [page.locator(f"[id='{part}']").inner_text() for part in told.split()]
    assert any("whole number" in text.lower() or "integer" in text.lower() for text in texts), (
        texts
    )
    expect(box.get_by_label("Country")).to_have_value("france")
    expect(box.get_by_label("Name")).to_have_value("Aaa Badtown")
    expect(box.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    search(page, "aaa badtown")
    expect(row(page, "Aaa Badtown")).to_be_hidden()


def test_a_double_click_on_save_creates_one_city(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url)
    live(page)
    page.get_by_role("link", name="New city").click()
    fill_in(dialog(page), "Aaa Doubletown")  # type: ignore[arg-type]

    dialog(page).locator("button[type=submit]:not([name]):visible").dblclick()

    expect(dialog(page)).to_be_hidden()
    search(page, "aaa doubletown")
    expect(row(page, "Aaa Doubletown")).to_have_count(1)


# a refused form is a page with status 422, which the browser itself logs
@pytest.mark.usefixtures("page_allows_network_errors")
def test_create_edit_grow_and_delete_without_scripts(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url, javascript=False)

    page.get_by_role("link", name="New city").click()
    fill_in(page, "Aaa Plaintown")
    page.get_by_label("Population").fill("many")
    press_save(page.locator("main form"))
    expect(page.get_by_label("Population")).to_have_value("many")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Population").fill("10")
    press_save(page.locator("main form"))

    page.goto(f"{atlas.url}/?q=aaa+plaintown")
    expect(row(page, "Aaa Plaintown")).to_be_visible()
    page.get_by_role("link", name="Edit Aaa Plaintown").click()
    page.get_by_label("Population").fill("20")
    press_save(page.locator("main form"))
    expect(row(page, "Aaa Plaintown")).to_contain_text("20")

    page.get_by_role("link", name="Grow Aaa Plaintown").click()
    page.get_by_label("People").fill("3")
    press_save(page.locator("main form"))
    expect(row(page, "Aaa Plaintown")).to_contain_text("23")

    page.get_by_role("link", name="Delete Aaa Plaintown").click()
    press_save(page.locator("main form"))
    expect(row(page, "Aaa Plaintown")).to_be_hidden()


def test_the_page_asks_no_other_host(atlas: Server, open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(atlas.url)
    live(page)

    assert asked
    assert all(url.startswith((atlas.url, "data:")) for url in asked), asked


def test_nothing_sticks_out_of_the_screen(atlas: Server, open_page: Open) -> None:
    page = open_page(atlas.url, viewport=(1440, 800))
    too_wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

    for width in (1440, 768, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(too_wide) <= 0, width


def test_the_database_is_where_the_readme_says(atlas: Server, database: Path) -> None:
    assert database.exists()
