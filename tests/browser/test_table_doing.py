"""What is done in tables: selecting, many at once, editing in place, actions, files."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.people import live, same_as_a_fresh_load
from support.put_back import put_back
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("doing_app.py")


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a first start: 2,000 products."""
    folder = tmp_path_factory.mktemp("stocked")
    server = Server(APP, {}, folder)
    server.start(timeout=120)
    server.stop()
    return folder


@pytest.fixture(scope="module")
def served(
    chromium: Browser, stocked: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served") / "shop"
    shutil.copytree(stocked, folder)
    server = Server(APP, {}, folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shop(served: Server, stocked: Path) -> Server:
    """The shop, served; every test starts from the same products."""
    if not served.runs:
        served.start()
    data = Path(".nitro", "data.db")
    put_back(served.folder / data, stocked / data, "product")
    return served


Open = Callable[..., Page]
LAMPS = "/?q=Lamp+000&sort=name"


def row(page: Page, name: str) -> Locator:
    box = page.get_by_role("checkbox", name=f"Select {name}", exact=True)
    return page.locator("tbody tr").filter(has=box)


def stock(page: Page, name: str) -> Locator:
    return row(page, name).locator("td[data-label=Stock]")


def tick(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()


def bar(page: Page) -> Locator:
    return page.locator(".nitro-bulk")


def at(page: Page, url: str) -> Page:
    page.goto(url)
    live(page)
    return page


@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_button_does_its_own_thing_where_its_script_does_not_come(
    shop: Server, open_page: Open
) -> None:
    ann = open_page()
    ann.route("**/selection.js", lambda route: route.abort())
    at(ann, shop.url + LAMPS)
    tick(ann, "Lamp 0001")
    restock = ann.locator("[data-nitro-bulk-action=restock]")
    own = restock.evaluate("button => button.form.getAttribute('action')")
    bulk = "**/_nitro/bulk/**"
    ann.route(bulk, lambda route: route.fulfill(status=204))  # who is answered so stays
    with ann.expect_request(bulk):
        restock.dispatch_event("click")  # it is shown by its script
    assert restock.evaluate("button => button.form.getAttribute('action')") == own

    ann.unroute(bulk)
    with ann.expect_navigation():
        restock.dispatch_event("click")

    expect(ann).to_have_url(f"{shop.url}/_nitro/bulk/products/restock")
    expect(ann.get_by_role("heading", level=1)).to_have_text("Restock 1 product")


def test_an_action_with_an_argument_is_done_to_the_selection_and_seen_by_others(
    shop: Server, open_page: Open
) -> None:
    ann, bob = at(open_page(), shop.url + LAMPS), at(open_page(), shop.url + LAMPS)
    expect(bar(ann)).to_be_hidden()

    tick(ann, "Lamp 0001", "Lamp 0003")
    expect(bar(ann)).to_contain_text("2 selected")
    bar(ann).get_by_role("button", name="Restock").click()
    box = ann.get_by_role("dialog")
    expect(box).to_contain_text("Restock 2 products")
    box.get_by_label("Quantity").fill("7")
    box.get_by_role("button", name="Restock", exact=True).click()

    expect(ann.locator("#nitro-toasts")).to_contain_text("Restock: 2 done")
    expect(box).to_be_hidden()
    expect(bar(ann)).to_be_hidden()
    for page in (ann, bob):
        expect(stock(page, "Lamp 0001")).to_have_text("7")
        expect(stock(page, "Lamp 0002")).to_have_text("0")
        expect(stock(page, "Lamp 0003")).to_have_text("7")
    same_as_a_fresh_load(bob, shop)


@pytest.mark.proof
def test_a_selection_survives_pages_orders_searches_and_changes_by_others(
    shop: Server, open_page: Open
) -> None:
    ann, bob = at(open_page(), f"{shop.url}/?q=Lamp+00&sort=name"), open_page()
    tick(ann, "Lamp 0001", "Lamp 0002")
    ann.get_by_role("link", name="Next").click()
    expect(row(ann, "Lamp 0021")).to_be_visible()
    tick(ann, "Lamp 0021")
    expect(bar(ann)).to_contain_text("3 selected")
    ann.get_by_role("link", name="Previous").click()
    expect(ann.get_by_role("checkbox", name="Select Lamp 0002")).to_be_checked()

    bob.goto(f"{shop.url}/products/p0003/edit")
    bob.get_by_label("Stock").fill("55")
    bob.get_by_role("button", name="Save").click()

    expect(stock(ann, "Lamp 0003")).to_have_text("55")
    expect(ann.get_by_role("checkbox", name="Select Lamp 0001")).to_be_checked()
    expect(bar(ann)).to_contain_text("3 selected")


def test_a_row_that_others_delete_is_no_longer_selected(shop: Server, open_page: Open) -> None:
    ann, bob = at(open_page(), shop.url + LAMPS), open_page()
    tick(ann, "Lamp 0001", "Lamp 0002")

    bob.goto(f"{shop.url}/products/p0002/delete")
    bob.locator("button[type=submit]:visible").click()

    expect(row(ann, "Lamp 0002")).to_have_count(0)
    expect(bar(ann)).to_contain_text("1 selected")


def test_all_that_match_are_done_with_progress_and_reasons(shop: Server, open_page: Open) -> None:
    ann, bob = at(open_page(), f"{shop.url}/?q=00&sort=name"), at(open_page(), shop.url + LAMPS)
    ann.get_by_role("checkbox", name="Select all on this page").check()
    ann.get_by_role("button", name="Select all").click()
    expect(bar(ann)).to_contain_text("that match are selected")
    bar(ann).get_by_role("button", name="Restock").click()
    ann.get_by_role("dialog").get_by_label("Quantity").fill("2")
    ann.get_by_role("dialog").get_by_role("button", name="Restock", exact=True).click()

    place = ann.locator("#products-doing")
    expect(place).to_contain_text("Locked products are not restocked (Locked Lamp")
    expect(ann.locator("#nitro-toasts")).to_contain_text("done, 3 not")
    expect(stock(bob, "Lamp 0007")).to_have_text("2")
    place.get_by_role("button", name="Close").click()
    expect(place).to_be_hidden()


def test_stop_ends_it_and_what_was_done_stays(shop: Server, open_page: Open) -> None:
    ann = at(open_page(), f"{shop.url}/?sort=name")
    ann.get_by_role("checkbox", name="Select all on this page").check()
    ann.get_by_role("button", name="Select all").click()
    bar(ann).get_by_role("button", name="Restock").click()
    ann.get_by_role("dialog").get_by_label("Quantity").fill("2")
    ann.get_by_role("dialog").get_by_role("button", name="Restock", exact=True).click()

    ann.get_by_role("button", name="Stop").click()

    expect(ann.locator("#nitro-toasts")).to_contain_text("stopped after")
    expect(ann.locator("#products-doing")).to_be_hidden()


def test_only_what_the_policy_allows_is_deleted(shop: Server, open_page: Open) -> None:
    ann = at(open_page(), f"{shop.url}/?q=Lamp+0500")
    tick(ann, "Locked Lamp 0500")
    bar(ann).get_by_role("button", name="Delete").click()
    expect(ann.get_by_role("dialog")).to_contain_text("You can undo it for 10 minutes")
    ann.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(ann.locator("#products-doing")).to_contain_text("may not do this (Locked Lamp 0500)")
    expect(row(ann, "Locked Lamp 0500")).to_be_visible()


def test_rows_are_selected_by_the_keyboard_and_in_a_range(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url + LAMPS)
    page.get_by_role("checkbox", name="Select Lamp 0002").focus()
    page.keyboard.press("Space")
    expect(bar(page)).to_contain_text("1 selected")
    page.get_by_role("checkbox", name="Select Lamp 0005").click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("4 selected")
    bar(page).get_by_role("button", name="Clear").click()
    expect(bar(page)).to_be_hidden()


def test_a_cell_is_edited_by_the_keyboard_and_others_see_it(shop: Server, open_page: Open) -> None:
    ann, bob = at(open_page(), shop.url + LAMPS), at(open_page(), shop.url + LAMPS)
    ann.get_by_role("link", name="Edit stock of Lamp 0001").focus()
    ann.keyboard.press("F2")
    editor = ann.get_by_role("group", name="Edit stock of Lamp 0001")
    expect(editor.get_by_label("Stock")).to_be_focused()
    ann.keyboard.type("12")
    ann.keyboard.press("Enter")

    expect(stock(bob, "Lamp 0001")).to_have_text("12")
    expect(stock(ann, "Lamp 0001")).to_have_text("12")
    expect(ann.get_by_role("link", name="Edit stock of Lamp 0001")).to_be_focused()
    expect(editor).to_have_count(0)


def test_tab_saves_and_goes_on_escape_restores(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url + LAMPS)
    page.get_by_role("link", name="Edit price of Lamp 0001").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".nitro-cell").get_by_label("Price")).to_be_focused()
    page.keyboard.type("3.5")
    page.keyboard.press("Tab")
    expect(page.locator(".nitro-cell").get_by_label("Stock")).to_be_focused()
    page.keyboard.type("99")
    page.keyboard.press("Escape")

    expect(row(page, "Lamp 0001").locator("td[data-label=Price]")).to_have_text("3.5")
    expect(stock(page, "Lamp 0001")).to_have_text("0")
    expect(page.get_by_role("link", name="Edit stock of Lamp 0001")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Edit stock of Lamp 0002")).to_be_focused()


def test_an_error_is_shown_in_place_and_the_text_is_kept(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url + LAMPS)
    page.get_by_role("link", name="Edit stock of Lamp 0001").click()
    field = page.locator(".nitro-cell").get_by_label("Stock")
    expect(field).to_be_focused()
    field.fill("-4")
    page.keyboard.press("Enter")

    expect(page.locator(".nitro-cell .nitro-error")).to_be_visible()
    expect(field).to_have_value("-4")
    expect(field).to_be_focused()
    field.fill("4")
    page.keyboard.press("Enter")
    expect(stock(page, "Lamp 0001")).to_have_text("4")


def test_the_editor_stays_under_live_changes_and_shows_mine_and_theirs(
    shop: Server, open_page: Open
) -> None:
    ann, bob = at(open_page(), shop.url + LAMPS), at(open_page(), shop.url + LAMPS)
    ann.get_by_role("link", name="Edit stock of Lamp 0001").click()
    field = ann.locator(".nitro-cell").locator("input[name=stock]")
    field.fill("5")
    bob.get_by_role("link", name="Edit stock of Lamp 0001").click()
    bob.locator(".nitro-cell").get_by_label("Stock").fill("6")
    bob.keyboard.press("Enter")
    expect(stock(ann, "Lamp 0001")).to_have_text("6")

    expect(field).to_have_value("5")
    field.press("Enter")
    expect(ann.locator(".nitro-cell")).to_contain_text("6")
    expect(ann.locator(".nitro-cell").get_by_role("button", name="Take theirs")).to_be_visible()
    field.press("Enter")
    expect(stock(bob, "Lamp 0001")).to_have_text("5")


def test_a_choice_and_a_box_are_edited_in_their_cells(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url + LAMPS)
    page.get_by_role("link", name="Edit colour of Lamp 0001").click()
    page.locator(".nitro-cell").get_by_label("Colour").select_option("Dark blue")
    page.keyboard.press("Enter")
    expect(row(page, "Lamp 0001").locator("td[data-label=Colour]")).to_have_text("Dark blue")
    page.get_by_role("link", name="Edit sold of Lamp 0001").click()
    page.locator(".nitro-cell").get_by_label("Sold").check()
    page.keyboard.press("Enter")
    expect(row(page, "Lamp 0001").locator("td[data-label=Sold]")).to_have_text("Yes")


def test_an_action_without_questions_runs_at_one_click(shop: Server, open_page: Open) -> None:
    ann, bob = at(open_page(), f"{shop.url}/?q=img"), at(open_page(), f"{shop.url}/?q=img")
    name = "<img src=x onerror=alert(1)>"
    ann.get_by_role("link", name=f"Sell one {name}").click()

    expect(ann.locator("#nitro-toasts")).to_contain_text(f"Sell one {name}: done")
    expect(stock(bob, name)).to_have_text("0")
    ann.get_by_role("link", name=f"Sell one {name}").click()
    expect(ann.locator("#nitro-toasts")).to_contain_text("There is none left")


def test_what_does_not_fit_into_a_row_is_in_a_menu(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url + LAMPS)
    page.get_by_role("button", name="More actions for Lamp 0002").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Discount Lamp 0002").click()
    expect(page.get_by_role("dialog")).to_contain_text("Customers see it at once.")
    page.get_by_role("dialog").get_by_role("button", name="Discount").click()
    expect(row(page, "Lamp 0002").locator("td[data-label=Price]")).to_have_text("1.0")


def download(page: Page, kind: str) -> tuple[str, bytes]:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=kind, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_file_holds_what_the_table_finds_on_all_pages(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url)
    page.get_by_role("searchbox").fill("lamp 00")
    expect(page.locator(".nitro-count")).to_contain_text("99 products")

    name, body = download(page, "CSV")
    rows = [*csv.reader(io.StringIO(body.decode("utf-8-sig")))]
    assert name == "Products.csv"
    assert rows[0] == ["Name", "Price", "Stock", "Colour", "Sold"]
    assert len(rows) == 100

    _, body = download(page, "JSON")
    assert len(json.loads(body)) == 99
    name, body = download(page, "Excel")
    assert name == "Products.xlsx"
    assert body.startswith(b"PK")


def test_hostile_names_are_harmless_in_a_file(shop: Server, open_page: Open) -> None:
    page = at(open_page(), shop.url)
    _, body = download(page, "CSV")
    names = {line[0] for line in csv.reader(io.StringIO(body.decode("utf-8-sig")))}
    assert "'=cmd|' /C calc'!A0" in names
    assert "'@SUM(1+1)" in names
    assert "'+1-1" in names
    assert len(names) == 2001


def test_without_scripts_many_are_changed_and_files_are_had(shop: Server, open_page: Open) -> None:
    page = open_page(shop.url + LAMPS, javascript=False)
    tick(page, "Lamp 0001", "Lamp 0002")
    bar(page).get_by_role("button", name="Restock").click()
    page.get_by_label("Quantity").fill("3")
    page.locator("button[type=submit]:visible").click()
    expect(page.locator("main")).to_contain_text("Restock: 2 done")
    page.get_by_role("link", name="Back").click()
    expect(stock(page, "Lamp 0001")).to_have_text("3")

    page.get_by_role("link", name="Edit stock of Lamp 0001").click()
    page.get_by_label("Stock").fill("4")
    page.locator("button[type=submit]:visible").click()
    expect(stock(page, "Lamp 0001")).to_have_text("4")


def test_a_table_that_is_only_looked_at_has_nothing_of_it(shop: Server, open_page: Open) -> None:
    page = at(open_page(), f"{shop.url}/looked-at")
    expect(page.locator("tbody tr")).to_have_count(20)
    assert page.locator(".nitro-select, .nitro-bulk, .nitro-edit, .nitro-cell").count() == 0


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_row_that_fails_late_breaks_the_download_off(shop: Server, kind: str) -> None:
    address = f"{shop.url}/fails-late?_ask=export:products:{kind}"
    answer = urllib.request.urlopen(address, timeout=30)
    with answer, pytest.raises(IncompleteRead) as cut:
        answer.read()
    assert b"Lamp 0001" in cut.value.partial
    assert b"Lamp 1501" not in cut.value.partial


def test_a_power_cut_in_the_middle_leaves_whole_batches(
    shop: Server, open_page: Open, page_allows_network_errors: None
) -> None:
    page = at(open_page(), f"{shop.url}/?sort=name")
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Select all").click()
    bar(page).get_by_role("button", name="Restock").click()
    box = page.get_by_role("dialog")
    box.get_by_label("Quantity").fill("2")
    box.get_by_role("button", name="Restock", exact=True).click()
    expect(page.locator("#products-doing-text")).to_contain_text("of 2,000")
    shop.kill()

    with closing(sqlite3.connect(shop.folder / ".nitro" / "data.db")) as database:
        rows = dict(database.execute("select id, stock from product"))
    done = [id for id, stock in rows.items() if stock in (2, 3)]
    locked = {f"p{number:04}" for number in (500, 1000, 1500)}
    seen = sorted(rows)[: (len(done) + 199) // 200 * 200]
    assert sorted(done) == [id for id in seen if id not in locked]
