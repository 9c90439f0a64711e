"""Choosing one of 20,000 by typing: with keys alone, without scripts, while others change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.people import dialog, live, press_save, row
from support.server import Server

APP = Path(__file__).parent / "relations_app.py"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all: every test has a book of its own."""
    server = Server(APP, {}, tmp_path_factory.mktemp("books"))
    server.start(timeout=120)
    yield server
    server.stop()


def box(page: Page | Locator, label: str = "Author") -> Locator:
    return page.get_by_role("combobox", name=label)


def options(page: Page | Locator) -> Locator:
    return page.get_by_role("option").filter(visible=True)


def shown(page: Page, book: str) -> Locator:
    return row(page, book).locator("[data-label=Author]")


def edit(page: Page, book: str) -> Locator:
    page.get_by_role("link", name=f"Edit {book}", exact=True).click()
    expect(box(dialog(page))).to_be_visible()
    return dialog(page)


def test_the_keyboard_alone_chooses_another_one(books: Server, open_page: Open) -> None:
    page, other = open_page(books.url), open_page(books.url)
    live(page)
    live(other)
    form = edit(page, "Keys")
    author = box(form)
    expect(author).to_have_value("Author 00007")
    author.focus()
    author.press("Control+a")
    author.press_sequentially("author 1234", delay=10)
    expect(options(page)).to_have_count(10)
    expect(form.get_by_role("status").filter(has_text="10 found")).to_have_count(1)
    author.press("ArrowDown")
    author.press("ArrowDown")
    active = author.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_text("Author 12341")
    author.press("ArrowUp")
    author.press("Enter")
    expect(author).to_have_value("Author 12340")
    expect(options(page)).to_have_count(0)
    author.press("Enter")

    expect(shown(page, "Keys")).to_have_text("Author 12340")
    expect(shown(other, "Keys")).to_have_text("Author 12340")


def test_escape_closes_the_list_first_and_then_the_dialog(books: Server, open_page: Open) -> None:
    page = open_page(books.url)
    live(page)
    author = box(edit(page, "Escape"))
    author.press("Alt+ArrowDown")
    expect(options(page)).to_have_count(20)
    expect(author).to_have_attribute("aria-expanded", "true")
    assert author.get_attribute("aria-activedescendant") is None
    author.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(author).to_be_visible()
    author.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_tab_takes_what_is_marked_and_home_and_end_stay_in_the_text(
    books: Server, open_page: Open
) -> None:
    page = open_page(f"{books.url}/books/typed/edit")
    live(page)
    author = box(page)
    author.fill("00042")
    expect(options(page)).to_have_count(1)
    author.press("ArrowDown")
    author.press("Home")
    assert author.get_attribute("aria-activedescendant") is None
    assert author.evaluate("box => box.selectionStart") == 0
    author.press("ArrowDown")
    author.press("Tab")
    expect(author).to_have_value("Author 00042")
    expect(author).not_to_be_focused()


def test_what_is_typed_and_not_chosen_is_an_error_that_keeps_the_text(
    books: Server, open_page: Open
) -> None:
    page = open_page(f"{books.url}/books/typed/edit")
    live(page)
    page.get_by_label("Name").fill("Changed")
    box(page).fill("nobody at all")
    expect(page.get_by_role("listbox", name="Authors")).to_be_visible()
    press_save(page.locator("form"))
    expect(page.locator(".nitro-error").first).to_contain_text("No author is called")
    expect(box(page)).to_have_value("nobody at all")
    expect(page.get_by_label("Name")).to_have_value("Changed")
    expect(box(page)).to_have_attribute("aria-invalid", "true")


def test_old_answers_never_stand_over_newer_ones(books: Server, open_page: Open) -> None:
    page = open_page(f"{books.url}/books/typed/edit")
    live(page)
    slow: list[object] = []

    def hold(route: object) -> None:
        slow.append(route)

    page.route(re.compile(r"_q=1999$"), hold)
    box(page).fill("1999")
    page.wait_for_timeout(300)
    assert slow
    box(page).fill("00042")
    expect(options(page)).to_have_text(["Author 00042"])
    slow[0].continue_()  # type: ignore[attr-defined]
    page.wait_for_timeout(200)
    expect(options(page)).to_have_text(["Author 00042"])


def test_an_optional_one_can_be_cleared(books: Server, open_page: Open) -> None:
    page = open_page(f"{books.url}/books/typed/edit")
    live(page)
    editor = box(page, "Editor")
    editor.fill("00042")
    options(page).click()
    expect(editor).to_have_value("Author 00042")
    page.get_by_role("button", name="Clear editor").click()
    expect(editor).to_have_value("")
    expect(editor).to_be_focused()
    expect(page.get_by_role("button", name="Clear author")).to_have_count(0)


def test_few_are_a_plain_select(books: Server, open_page: Open) -> None:
    page = open_page(f"{books.url}/books/few/edit")
    page.get_by_role("combobox", name="Shelf").select_option("Lower")
    press_save(page.locator("form"))
    page.goto(books.url)
    expect(row(page, "Few").locator("[data-label=Shelf]")).to_have_text("Lower")


@pytest.mark.usefixtures("page_allows_network_errors")  # a refused form is answered with 422
def test_without_scripts_a_title_is_typed_and_one_of_several_is_picked(
    books: Server, open_page: Open
) -> None:
    page = open_page(f"{books.url}/books/bare/edit", javascript=False)
    box(page).fill("author 00042")
    press_save(page.locator("form"))
    page.goto(books.url)
    expect(shown(page, "Bare")).to_have_text("Author 00042")

    page.goto(f"{books.url}/books/bare/edit")
    box(page).fill("1234")
    press_save(page.locator("form"))
    expect(page.locator(".nitro-error")).to_contain_text("12 authors match")
    page.get_by_label("Did you mean").select_option("Author 01234")
    press_save(page.locator("form"))
    page.goto(books.url)
    expect(shown(page, "Bare")).to_have_text("Author 01234")


def test_hostile_titles_are_text_everywhere(books: Server, open_page: Open) -> None:
    page = open_page(books.url)
    live(page)
    expect(shown(page, "Hostile")).to_have_text("<img src=x onerror=alert(1)>")
    form = edit(page, "Hostile")
    expect(box(form)).to_have_value("<img src=x onerror=alert(1)>")
    box(form).fill("alert(1)")
    expect(options(page)).to_have_count(4)
    options(page).filter(has_text="script").click()
    expect(box(form)).to_have_value('"><script>alert(1)</script>')
    press_save(form)
    expect(shown(page, "Hostile")).to_have_text('"><script>alert(1)</script>')
    form = edit(page, "Hostile")
    box(form).fill("% of it_")
    expect(options(page)).to_have_text(["100% of it_all"])


def test_a_renamed_one_is_seen_in_the_table_in_the_form_and_in_the_open_list(
    books: Server, open_page: Open
) -> None:
    page, other = open_page(f"{books.url}/books/followed/edit"), open_page(books.url)
    live(page)
    live(other)
    editor = box(page, "Editor")
    editor.fill("author 0000")
    expect(options(page).nth(8)).to_have_text("Author 00008")

    rename = open_page(f"{books.url}/authors/a8/edit")
    live(rename)
    rename.get_by_label("Name").fill("Author 00008, renamed")
    press_save(rename.locator("form"))

    expect(shown(other, "Followed")).to_have_text("Author 00008, renamed")
    expect(box(page)).to_have_value("Author 00008, renamed")
    expect(options(page).nth(8)).to_have_text("Author 00008, renamed")
    expect(editor).to_have_value("author 0000")
    expect(editor).to_be_focused()


def test_one_that_is_deleted_meanwhile_is_told_at_the_field(
    books: Server, open_page: Open
) -> None:
    page = open_page(f"{books.url}/books/gone/edit")
    live(page)
    box(page).fill("author 00077")
    options(page).click()
    other = open_page(f"{books.url}/authors/a77/delete")
    other.get_by_role("button", name="Delete author").click()
    expect(other.get_by_role("status").filter(has_text="Author deleted")).to_be_visible()
    press_save(page.locator("form"))
    expect(page.locator(".nitro-error").first).to_contain_text("not there any more")


def test_a_page_may_offer_less_and_nothing_else_is_taken(books: Server, open_page: Open) -> None:
    page = open_page(f"{books.url}/narrow")
    live(page)
    box(page).fill("5")
    expect(options(page)).to_have_count(19)
    box(page).fill("19999")
    expect(options(page)).to_have_count(0)
    page.locator("input[name=author_id]").evaluate("input => (input.value = 'a19999')")
    press_save(page.locator("form"))
    expect(page.locator(".nitro-error").first).to_be_visible()


def test_a_title_in_a_table_leads_to_its_form(books: Server, open_page: Open) -> None:
    page = open_page(books.url)
    live(page)
    shown(page, "Link").get_by_role("link").click()
    expect(dialog(page).get_by_label("Name")).to_have_value("Author 00007")
