"""A shop with two people in it: each feature, done by one while the other is in the middle.

What Ben has under his hands (focus, caret, scroll, ticked rows, open panels, typed text, the
dialog) stays while Ann works; afterwards both pages are what a fresh load shows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser.people import dialog, live, press_save, same_as_a_fresh_load
from support.proof import PROOF
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("shop_app.py")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all; each test has products, a category and a customer of its own."""
    server = Server(APP, {}, tmp_path_factory.mktemp("shop"))
    server.start()
    yield server
    server.kill()


_groups = count(1)


@dataclass
class Shop:
    """The part of the shop that belongs to one test, and who comes in."""

    server: Server
    open_page: Open
    group: str

    def of(self, number: int) -> str:
        """The name of one of its products."""
        return f"{self.group} {number:02}"

    @property
    def products(self) -> str:
        """The address of the table that finds them."""
        return f"/?q={self.group}&sort=name"

    def come(self, who: str, path: str, *, javascript: bool = True) -> Page:
        page = self.open_page(javascript=javascript)
        page.context.add_cookies([{"name": "who", "value": who, "url": self.server.url}])
        page.goto(self.server.url + path)
        if javascript:
            live(page)
        return page

    def two(self, path: str | None = None) -> tuple[Page, Page]:
        where = path or self.products
        return self.come("ann", where), self.come("ben", where)

    def fresh(self, *pages: Page) -> None:
        """What these see is what a fresh load shows; here the last is asked, in a proof all."""
        for page in pages if PROOF else pages[-1:]:
            same_as_a_fresh_load(page, self.server)

    @property
    def customer(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.server.get(f"/stored/{self.group}")[1])
        return found


@pytest.fixture
def shop(served: Server, open_page: Open) -> Shop:
    return _filled(served, open_page, 14)


def _filled(server: Server, open_page: Open, size: int) -> Shop:
    group = f"G{next(_groups):02}x"
    assert server.get(f"/fill/{group}/{size}")[0] == 200
    return Shop(server, open_page, group)


def row(page: Page, name: str) -> Locator:
    """The row of the product that is called exactly *name*."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def cell(page: Page, name: str, label: str) -> Locator:
    return row(page, name).locator(f"[data-label={label}]")


def tick(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select {name}", exact=True)


def bar(page: Page) -> Locator:
    return page.locator("#products-bulk")


def open_form(page: Page, what: str, name: str) -> Locator:
    page.get_by_role("link", name=f"{what} {name}", exact=True).first.click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def named(scope: Page | Locator, name: str) -> Locator:
    return scope.locator(f'[name="{name}"]:visible')


def saved(box: Locator) -> None:
    press_save(box)
    expect(box).to_be_hidden()


def told(page: Page, text: str) -> None:
    expect(page.locator("#nitro-toasts")).to_contain_text(text)


HANDS = """
() => {
  const here = document.activeElement;
  const id = (el) => el.id || el.getAttribute("name") || el.localName;
  const inputs = [...document.querySelectorAll("input:not([type=hidden]), textarea")];
  const boxes = inputs.filter((el) => el.matches("[data-nitro-select]") && el.checked);
  const typed = inputs.filter((el) => el.type !== "checkbox" && el.value !== el.defaultValue);
  return {
    focus: id(here),
    caret: "selectionStart" in here && [here.selectionStart, here.selectionEnd],
    scroll: [scrollX, scrollY],
    ticked: boxes.map((el) => el.value),
    typed: typed.map((el) => [id(el), el.value]),
    open: [...document.querySelectorAll("details[open], dialog[open]")].map(id),
  };
}
"""


def hands(page: Page) -> dict[str, Any]:
    """Where somebody is in the middle of a page."""
    found: dict[str, Any] = page.evaluate(HANDS)
    return found


def in_the_middle(page: Page, shop: Shop) -> dict[str, Any]:
    """Ben opens the filters, ticks two rows, scrolls, and stands in the search box."""
    page.get_by_text("Filters", exact=True).click()
    tick(page, shop.of(2)).check()
    tick(page, shop.of(4)).check()
    box = page.get_by_role("searchbox", name="Search products")
    box.evaluate("el => (el.focus(), el.setSelectionRange(1, 3), scrollTo(0, 60))")
    return hands(page)


def pick(page: Page | Locator, label: str, typed: str, title: str) -> None:
    """Choose from a picker by typing."""
    picker = page.get_by_role("combobox", name=label)
    picker.fill("")
    picker.press_sequentially(typed)
    page.get_by_role("option", name=title, exact=True).click()
    expect(picker).to_have_value(title)


@pytest.mark.proof
def test_a_new_one_with_every_kind_of_field_after_an_error(shop: Shop) -> None:
    ann, ben = shop.two()
    looking = shop.come("ben", f"/cards/{shop.group}")
    before = in_the_middle(ben, shop)
    ann.get_by_role("link", name="New product").click()
    box = dialog(ann)
    named(box, "name").fill("x")
    named(box, "price").fill("cheap")
    named(box, "stock").fill("7")
    named(box, "state").select_option("On sale")
    named(box, "since").fill("2026-05-04")
    named(box, "colour").fill("#00ff00")
    named(box, "notes").fill("two\nlines")
    pick(box, "Category", shop.group, f"{shop.group} category")

    press_save(box)

    expect(box.locator("form")).not_to_have_attribute("aria-busy", "true")
    expect(box.locator(".nitro-error:visible")).to_have_count(2)
    expect(named(box, "price")).to_have_value("cheap")
    expect(named(box, "notes")).to_have_value("two\nlines")
    named(box, "name").fill(shop.of(0))
    named(box, "price").fill("12.50")
    saved(box)
    for page in (ann, ben):
        expect(cell(page, shop.of(0), "Worth")).to_have_text("87.50")
        expect(cell(page, shop.of(0), "Category")).to_have_text(f"{shop.group} category")
    expect(looking.get_by_role("heading", name=shop.of(0), exact=True)).to_be_visible()
    assert hands(ben) == before
    shop.fresh(ann, ben, looking)


def test_what_is_typed_while_a_refusal_is_on_its_way_stays(shop: Shop) -> None:
    ann = shop.come("ann", shop.products)
    ann.get_by_role("link", name="New product").click()
    box = dialog(ann)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if "nitro-check" in route.request.headers:
            route.continue_()
        else:
            waiting.append(route)

    ann.route("**/products", hold)
    named(box, "name").fill("x")
    named(box, "notes").fill("sent")
    press_save(box)
    expect(box.locator("form")).to_have_attribute("aria-busy", "true")
    named(box, "name").fill(shop.of(0))
    named(box, "notes").fill("typed since")
    ann.wait_for_timeout(100)
    waiting[0].continue_()

    expect(box.locator("form")).not_to_have_attribute("aria-busy", "true")
    expect(named(box, "name")).to_have_value(shop.of(0))
    expect(named(box, "notes")).to_have_value("typed since")
    expect(box.locator(".nitro-error:visible")).to_have_count(0)
    ann.unroute("**/products")
    saved(box)
    expect(row(ann, shop.of(0))).to_be_visible()


EDITS = {
    "price": ("99.90", "99.90"),
    "stock": ("0", "0"),
    "state": ("SOLD_OUT", "sold out"),
    "since": ("2027-01-31", "2027-01-31"),
}


@pytest.mark.proof
def test_each_kind_of_field_is_changed_while_the_other_types_in_the_same_form(shop: Shop) -> None:
    ann, ben = shop.two()
    name = shop.of(1)
    of_ben = open_form(ben, "Edit", name)
    named(of_ben, "notes").fill("half typ")
    named(of_ben, "notes").evaluate("el => el.setSelectionRange(1, 3)")
    before = hands(ben)

    for field, (value, shown) in EDITS.items():
        box = open_form(ann, "Edit", name)
        if field == "state":
            named(box, field).select_option("Sold out")
        else:
            named(box, field).fill(value)
        saved(box)
        for page in (ann, ben):
            expect(cell(page, name, field.capitalize())).to_contain_text(shown)
    box = open_form(ann, "Edit", name)
    pick(box, "Category", "Category 07", "Category 07")
    named(box, "colour").fill("#123456")
    saved(box)

    expect(of_ben.get_by_role("combobox", name="Category")).to_have_value("Category 07")
    expect(named(of_ben, "colour")).to_have_value("#123456")
    expect(named(of_ben, "price")).to_have_value("99.90")
    assert hands(ben)["typed"] == before["typed"]
    assert hands(ben) == before
    saved(of_ben)
    expect(open_form(ann, "Edit", name).locator("[name=notes]")).to_have_value("half typ")
    ann.keyboard.press("Escape")
    expect(dialog(ann)).to_be_hidden()
    shop.fresh(ann, ben)


def test_disjoint_changes_merge_and_the_same_field_asks(shop: Shop) -> None:
    ann, ben = shop.two()
    name = shop.of(2)
    of_ann, of_ben = open_form(ann, "Edit", name), open_form(ben, "Edit", name)
    named(of_ben, "stock").fill("55")
    named(of_ben, "price").fill("5.00")

    named(of_ann, "price").fill("6.00")
    named(of_ann, "notes").fill("by ann")
    saved(of_ann)

    expect(named(of_ben, "notes")).to_have_value("by ann")
    expect(of_ben.locator(".nitro-conflict")).to_contain_text("Ann changed this to “6.00”")
    of_ben.get_by_role("button", name="Keep mine for Price").click()
    saved(of_ben)
    for page in (ann, ben):
        expect(cell(page, name, "Price")).to_contain_text("5.00")
        expect(cell(page, name, "Stock")).to_have_text("55")
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_lists_and_blocks_of_two_people_merge_and_tabs_stay(shop: Shop) -> None:
    ann, ben = shop.two(f"/customer/{shop.group}")
    ben.get_by_role("tab", name="Order").click()
    ben.get_by_role("button", name="Add line", exact=True).click()
    ben.keyboard.type("Cup")
    ben.evaluate("scrollTo(0, 120)")
    before = hands(ben)

    named(ann, "address.city").fill("Ulm")
    ann.get_by_role("button", name="Add phone", exact=True).click()
    ann.keyboard.type("3")
    ann.get_by_role("button", name="Move phone 3 up", exact=True).click()
    ann.get_by_role("button", name="Remove phone 1", exact=True).click()
    press_save(ann.locator("form.nitro-form"))
    told(ann, "Customer saved")

    expect(ben.locator("[name='phones.0']")).to_have_value("3")
    expect(ben.locator("[name='address.city']")).to_have_value("Ulm")
    expect(ben.get_by_role("tab", name="Order")).to_have_attribute("aria-selected", "true")
    assert hands(ben) == before
    ben.get_by_role("button", name="Move line 3 up", exact=True).click()
    press_save(ben.locator("form.nitro-form"))
    told(ben, "Customer saved")
    expect(ann.locator("[name='lines.1.what']")).to_have_value("Cup")
    assert shop.customer["phones"] == ["3", "2"]
    assert [line["what"] for line in shop.customer["lines"]] == ["Tea", "Cup", "Pot"]
    shop.fresh(ann)
    ben.get_by_role("tab", name="Address").click()
    shop.fresh(ben)


@pytest.mark.proof
def test_the_same_list_asks_and_an_error_inside_is_mended(shop: Shop) -> None:
    ann, ben = shop.two(f"/customer/{shop.group}")
    for page in (ann, ben):
        page.get_by_role("tab", name="Order").click()
    named(ben, "lines.0.what").fill("B")
    named(ann, "lines.1.quantity").fill("9")
    press_save(ann.locator("form.nitro-form"))
    told(ann, "Customer saved")

    expect(ben.locator(".nitro-conflict")).to_contain_text("Ann changed this")
    expect(named(ben, "lines.0.what")).to_have_value("B")
    ben.get_by_role("button", name="Keep mine for Lines").click()
    press_save(ben.locator("form.nitro-form"))
    expect(ben.locator("[id$='-lines--0--what-error']")).to_contain_text("at least 2")
    named(ben, "lines.0.what").fill("Bee")
    press_save(ben.locator("form.nitro-form"))
    told(ben, "Customer saved")
    expect(named(ann, "lines.0.what")).to_have_value("Bee")
    assert [line["what"] for line in shop.customer["lines"]] == ["Bee", "Pot"]


def test_a_field_that_applies_at_times_follows_the_other(shop: Shop) -> None:
    ann, ben = shop.two(f"/customer/{shop.group}")
    expect(named(ben, "vat")).to_have_count(0)

    named(ann, "kind").select_option("Company")
    press_save(ann.locator("form.nitro-form"))
    expect(ann.locator(".nitro-error:visible").first).to_contain_text("A company has one")
    named(ann, "vat").fill("DE1")
    press_save(ann.locator("form.nitro-form"))
    told(ann, "Customer saved")

    expect(named(ben, "vat")).to_have_value("DE1")
    shop.fresh(ann, ben)


PIN = "47!11"  # which no sealed text has in it by chance


def test_a_secret_is_set_and_shown_to_nobody(shop: Shop) -> None:
    ann, ben = shop.two(f"/customer/{shop.group}")
    ann.get_by_role("tab", name="Secret").click()
    named(ann, "pin").fill(PIN)
    press_save(ann.locator("form.nitro-form"))
    told(ann, "Customer saved")

    assert json.loads(shop.server.get(f"/pin/{shop.group}")[1]) == PIN
    for page in (ann, ben):
        assert PIN not in page.content()
        expect(page.locator("[name=pin]")).to_have_value("")
    ann.get_by_role("tab", name="Address").click()
    shop.fresh(ann, ben)


def test_what_a_relation_points_at_is_renamed_and_deleted(shop: Shop) -> None:
    ann, ben = shop.come("ann", f"/two?categories-q={shop.group}"), shop.come("ben", shop.products)
    box = open_form(ben, "Edit", shop.of(1))
    named(box, "notes").fill("typed")
    named(box, "notes").focus()
    before = hands(ben)

    of_ann = open_form(ann, "Edit", f"{shop.group} category")
    named(of_ann, "name").fill(f"{shop.group} renamed")
    saved(of_ann)

    expect(cell(ben, shop.of(3), "Category")).to_have_text(f"{shop.group} renamed")
    expect(box.get_by_role("combobox", name="Category")).to_have_value(f"{shop.group} renamed")
    assert hands(ben) == before
    saved(box)
    shop.fresh(ann, ben)


def test_a_relation_that_is_deleted_under_an_open_form_is_told(shop: Shop) -> None:
    ann, ben = shop.come("ann", "/two?q=nothing"), shop.come("ben", f"/customer/{shop.group}")
    ben.get_by_role("tab", name="Order").click()
    picker = ben.get_by_role("combobox", name="Likes")
    picker.fill("Category 2")
    ben.get_by_role("option", name="Category 29", exact=True).click()
    ann.goto(f"{shop.server.url}/categories/c29/delete")
    ann.locator("button[type=submit]:visible").click()
    told(ann, "deleted")

    press_save(ben.locator("form.nitro-form"))

    expect(ben.locator(".nitro-error:visible").first).to_contain_text("not there any more")
    picker.fill("Category 2")
    expect(ben.get_by_role("option", name="Category 29", exact=True)).to_have_count(0)
    ben.get_by_role("option", name="Category 28", exact=True).click()
    press_save(ben.locator("form.nitro-form"))
    told(ben, "Customer saved")
    assert shop.customer["likes_id"] == "c28"


def test_cells_are_edited_while_the_other_edits_beside_them(shop: Shop) -> None:
    ann, ben = shop.two()
    name = shop.of(3)
    ben.get_by_role("link", name=f"Edit stock of {name}").click()
    mine = ben.locator(".nitro-cell [name=stock]")
    mine.fill("1234")
    mine.evaluate("el => el.setSelectionRange(1, 2)")
    before = hands(ben)

    ann.get_by_role("link", name=f"Edit price of {name}").click()
    ann.locator(".nitro-cell [name=price]").fill("3.33")
    ann.keyboard.press("Enter")
    expect(cell(ben, name, "Price")).to_contain_text("3.33")
    ann.get_by_role("link", name=f"Edit state of {name}").click()
    ann.locator(".nitro-cell [name=state]").select_option("Sold out")
    ann.keyboard.press("Enter")
    expect(cell(ben, name, "State")).to_contain_text("sold out")
    ann.get_by_role("link", name=f"Edit category of {name}").click()
    pick(ann.locator(".nitro-cell"), "Category", "Category 05", "Category 05")
    ann.keyboard.press("Enter")
    expect(cell(ben, name, "Category")).to_have_text("Category 05")

    assert hands(ben) == before
    ben.keyboard.press("Enter")
    expect(cell(ann, name, "Stock")).to_have_text("1234")
    expect(ann.locator(".nitro-cell form")).to_have_count(0)
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_many_are_changed_and_deleted_while_the_other_has_ticked_some(shop: Shop) -> None:
    ann, ben = shop.two()
    before = in_the_middle(ben, shop)

    tick(ann, shop.of(1)).check()
    tick(ann, shop.of(3)).check()
    bar(ann).get_by_role("button", name="Restock").click()
    named(dialog(ann), "quantity").fill("many")
    press_save(dialog(ann))
    expect(dialog(ann).locator(".nitro-error:visible").first).to_be_visible()
    named(dialog(ann), "quantity").fill("100")
    saved(dialog(ann))
    told(ann, "Restock: 2 done")
    for page in (ann, ben):
        expect(cell(page, shop.of(3), "Stock")).to_have_text("103")
    assert hands(ben) == before

    tick(ann, shop.of(2)).check()
    tick(ann, shop.of(5)).check()
    bar(ann).get_by_role("button", name="Delete").click()
    saved(dialog(ann))
    for page in (ann, ben):
        expect(row(page, shop.of(5))).to_have_count(0)
    expect(bar(ben)).to_contain_text("1 selected")
    assert hands(ben) == before | {"ticked": [f"{shop.group}-4"]}
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_all_that_match_are_changed_with_progress(shop: Shop) -> None:
    ann, ben = shop.two()
    box = open_form(ben, "Edit", shop.of(6))
    named(box, "name").fill(f"{shop.of(6)} of ben")
    before = hands(ben)

    ann.get_by_role("checkbox", name="Select all on this page").check()
    ann.get_by_role("button", name="Select all 14 that match").click()
    bar(ann).get_by_role("button", name="Restock").click()
    named(dialog(ann), "quantity").fill("1000")
    saved(dialog(ann))

    place = ann.locator("#products-doing")
    expect(place).to_contain_text("Restock: 13 done, 1 not")
    expect(place).to_contain_text(f"Locked products are not restocked (Locked {shop.group})")
    expect(named(box, "stock")).to_have_value("1006")
    assert hands(ben) == before
    saved(box)
    place.get_by_role("button", name="Close").click()
    for page in (ann, ben):
        expect(cell(page, f"{shop.of(6)} of ben", "Stock")).to_have_text("1006")
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_actions_of_a_row_with_and_without_a_form(shop: Shop) -> None:
    ann, ben = shop.two()
    looking = shop.come("ben", f"/show/{shop.group}-4")
    before = in_the_middle(ben, shop)

    ann.get_by_role("link", name=f"Sell one {shop.of(4)}", exact=True).click()
    told(ann, "done")
    expect(cell(ben, shop.of(4), "Stock")).to_have_text("3")
    box = open_form(ann, "Restock", shop.of(4))
    named(box, "quantity").fill("0")
    press_save(box)
    expect(box.locator(".nitro-error:visible").first).to_be_visible()
    named(box, "quantity").fill("20")
    saved(box)

    for page in (ann, ben):
        expect(cell(page, shop.of(4), "Stock")).to_have_text("23")
    expect(looking.locator("dl")).to_contain_text("23")
    assert hands(ben) == before
    shop.fresh(ann, ben, looking)


@pytest.mark.proof
def test_rows_enter_and_leave_what_the_other_has_narrowed(shop: Shop) -> None:
    ann, ben = shop.two()
    ben.get_by_text("Filters", exact=True).click()
    ben.get_by_label("Stock, from").fill("10")
    expect(ben.locator("tbody tr")).to_have_count(5)
    ben.get_by_text("Columns", exact=True).click()
    ben.locator("#products-columns").get_by_label("Since").uncheck()
    ben.locator("#products-columns").get_by_label("Colour").check()
    expect(ben.get_by_role("columnheader", name="Since")).to_have_count(0)
    ben.get_by_role("link", name="Stock", exact=True).click()
    expect(ben.locator("th[data-sorted]")).to_contain_text("Stock")
    tick(ben, shop.of(12)).check()
    ben.get_by_role("searchbox", name="Search products").focus()
    before = hands(ben)

    ann.get_by_role("link", name=f"Edit stock of {shop.of(1)}").click()
    ann.locator(".nitro-cell [name=stock]").fill("99")
    ann.keyboard.press("Enter")
    expect(ben.locator("tbody th").last).to_have_text(shop.of(1))
    ann.goto(f"{shop.server.url}/?q={shop.of(1)}0".replace(" ", "+").replace("010", "10"))
    live(ann)
    ann.get_by_role("link", name=f"Edit stock of {shop.of(10)}").click()
    ann.locator(".nitro-cell [name=stock]").fill("2")
    ann.keyboard.press("Enter")
    expect(row(ben, shop.of(10))).to_have_count(0)

    assert hands(ben) == before
    shop.fresh(ann, ben)
    ben.go_back()
    expect(ben.locator("th[data-sorted]")).to_contain_text("Name")
    shop.fresh(ben)


@pytest.mark.proof
def test_a_builder_and_several_sorts_follow_too(shop: Shop) -> None:
    conditions = "where=any(stock.ge.14,price.le.2)&sort=-state,name"
    ben = shop.come("ben", f"/?q={shop.group}&{conditions}")
    ann = shop.come("ann", shop.products)
    ben.get_by_text("Filters", exact=True).click()
    ben.get_by_text("More conditions").click()
    value = ben.get_by_label("Value of Stock")
    expect(value).to_have_value("14")
    value.focus()
    before = hands(ben)
    expect(ben.locator("tbody tr")).to_have_count(3)

    box = open_form(ann, "Edit", shop.of(8))
    named(box, "price").fill("1.00")
    named(box, "state").select_option("On sale")
    saved(box)

    expect(ben.locator("tbody tr")).to_have_count(4)
    expect(row(ben, shop.of(8))).to_be_visible()
    assert hands(ben) == before
    value.fill("13")
    expect(ben.locator("tbody tr")).to_have_count(5)
    expect(value).to_be_focused()
    shop.fresh(ben)


@pytest.mark.proof
def test_a_file_is_whole_while_rows_change(shop: Shop) -> None:
    ann, ben = shop.two()
    before = in_the_middle(ben, shop)
    for turn in range(3):
        open_form(ann, "Restock", shop.of(9))
        named(dialog(ann), "quantity").fill("100")
        press_save(dialog(ann))
        ann.locator("[popovertarget=products-exports]").evaluate("el => el.click()")
        with ann.expect_download() as waiting:
            ann.get_by_role("link", name="CSV", exact=True).evaluate("el => el.click()")
        text = Path(waiting.value.path()).read_text("utf-8-sig")
        rows = [*csv.DictReader(io.StringIO(text))]
        assert [one["Name"] for one in rows] == [*sorted(one["Name"] for one in rows)]
        assert len({one["Name"] for one in rows}) == 14
        assert {one["Category"] for one in rows} == {f"{shop.group} category"}
        expect(dialog(ann)).to_be_hidden()
        expect(cell(ben, shop.of(9), "Stock")).to_have_text(str(9 + 100 * (turn + 1)))
    assert hands(ben) == before
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_two_tables_on_one_page_do_not_meddle(shop: Shop) -> None:
    path = f"/two?q={shop.group}&sort=name&categories-q={shop.group}"
    ann, ben = shop.two(path)
    categories = ben.locator("#categories-view")
    tick(ben, shop.of(2)).check()
    ben.get_by_role("searchbox", name="Search categories").evaluate(
        "el => (el.focus(), el.setSelectionRange(1, 2))"
    )
    before = hands(ben)

    box = open_form(ann, "Edit", f"{shop.group} category")
    named(box, "name").fill(f"{shop.group} other")
    saved(box)
    expect(categories.locator("tbody th")).to_have_text(f"{shop.group} other")
    expect(cell(ben, shop.of(2), "Category")).to_have_text(f"{shop.group} other")
    assert hands(ben) == before
    ben.keyboard.press("End")
    ben.keyboard.type(" o", delay=10)
    ben.wait_for_url("**categories-q=*+o*")
    ben.locator("#products-next").click()
    expect(row(ben, shop.of(11))).to_be_visible()
    expect(ben.get_by_role("searchbox", name="Search categories")).to_have_value(f"{shop.group} o")
    open_form(ann, "Delete", shop.of(1))
    saved(dialog(ann))
    shop.fresh(ann, ben)


@pytest.mark.proof
def test_a_card_and_a_page_of_one_follow(shop: Shop) -> None:
    ann, ben = shop.come("ann", shop.products), shop.come("ben", f"/cards/{shop.group}")
    detail = shop.come("ben", f"/show/{shop.group}-2")
    ben.evaluate("scrollTo(0, 200)")
    before = hands(ben)

    box = open_form(ann, "Edit", shop.of(2))
    named(box, "price").fill("77.70")
    saved(box)
    expect(ben.locator(f"#products-card-{shop.group}-2")).to_contain_text("77.70")
    expect(detail.locator("dl")).to_contain_text("77.70")
    box = open_form(ann, "Edit", shop.of(3))
    pick(box, "Category", "Category 03", "Category 03")
    saved(box)

    expect(ben.locator(f"#products-card-{shop.group}-3")).to_have_count(0)
    expect(row(detail, shop.of(3))).to_have_count(0)
    assert hands(ben) == before
    shop.fresh(ben)
    open_form(ann, "Delete", shop.of(2))
    saved(dialog(ann))
    expect(ben.locator(f"#products-card-{shop.group}-2")).to_have_count(0)
    expect(detail.locator("article")).to_contain_text("was deleted by")
    shop.fresh(ann, ben)


def test_the_table_behind_an_open_dialog_changes_and_the_focus_comes_back(shop: Shop) -> None:
    ann, ben = shop.two()
    box = open_form(ben, "Edit", shop.of(7))
    picker = box.get_by_role("combobox", name="Category")
    picker.fill("Category 1")
    expect(box.get_by_role("option", name="Category 12", exact=True)).to_be_visible()
    before = hands(ben)

    open_form(ann, "Delete", shop.of(6))
    saved(dialog(ann))
    open_form(ann, "Restock", shop.of(8))
    named(dialog(ann), "quantity").fill("5")
    saved(dialog(ann))

    expect(row(ben, shop.of(6))).to_have_count(0)
    expect(cell(ben, shop.of(8), "Stock")).to_have_text("13")
    assert hands(ben) == before
    box.get_by_role("option", name="Category 12", exact=True).click()
    saved(box)
    expect(cell(ann, shop.of(7), "Category")).to_have_text("Category 12")
    expect(ben.get_by_role("link", name=f"Edit {shop.of(7)}", exact=True)).to_be_focused()
    shop.fresh(ann, ben)


# By keyboard alone: nothing below touches the mouse, and every place is reached by Tab.


def tab_to(page: Page, name: str, *, back: bool = False, most: int = 80) -> None:
    """Press Tab until what is called *name* has the focus."""
    seen: list[str] = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        seen.append(page.evaluate(CALLED))
        if seen[-1] == name:
            return
    pytest.fail(f"{name!r} is not reached by Tab, but {seen}", pytrace=False)


CALLED = """
() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.innerText ?? "";
  const by = document.getElementById(here.getAttribute("aria-labelledby"))?.innerText;
  const said = here.getAttribute("aria-label") ?? by ?? (label || here.innerText);
  return (said ?? "").replace(/[*]/g, "").trim().split("\\n").at(-1);
}
"""


@pytest.mark.proof
def test_by_keyboard_a_table_is_searched_sorted_narrowed_and_paged(shop: Shop) -> None:
    page = shop.come("ann", "/")
    tab_to(page, "Search products")
    page.keyboard.type(shop.group)
    expect(page.locator(".nitro-count")).to_contain_text("14 products")
    tab_to(page, "Filters")
    page.keyboard.press("Enter")
    tab_to(page, "Stock, from")
    page.keyboard.type("2")
    expect(page.locator(".nitro-count")).to_contain_text("13 products")
    page.keyboard.press("Escape")
    expect(page.locator("#products-filters > summary")).to_be_focused()
    expect(page.locator("#products-filters")).not_to_have_attribute("open", "")
    tab_to(page, "Columns")
    page.keyboard.press("Enter")
    tab_to(page, "Colour")
    page.keyboard.press("Space")
    expect(page.get_by_role("columnheader", name="Colour")).to_be_visible()
    page.keyboard.press("Escape")
    tab_to(page, "Price")
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Price")
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Price")
    tab_to(page, "Stock")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("th[data-sorted]")).to_have_count(2)
    shop.fresh(page)
    page.locator("#products-size-100").focus()
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#products-next")).to_be_focused()
    tab_to(page, "Previous", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(10)
    shop.fresh(page)


@pytest.mark.proof
def test_by_keyboard_rows_are_ticked_and_changed_and_a_message_is_closed(shop: Shop) -> None:
    page = shop.come("ann", shop.products)
    tab_to(page, "Select all on this page")
    tab_to(page, f"Select {shop.of(1)}")
    page.keyboard.press("Space")
    tab_to(page, f"Select {shop.of(2)}")
    page.keyboard.press("Space")
    expect(bar(page)).to_contain_text("2 selected")
    tab_to(page, "Restock", back=True)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    expect(named(dialog(page), "quantity")).to_be_focused()
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    told(page, "Restock: 2 done")
    expect(cell(page, shop.of(2), "Stock")).to_have_text("32")
    expect(dialog(page)).to_be_hidden()
    assert page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("Escape")
    expect(page.locator(".nitro-toast")).to_have_count(0)
    shop.fresh(page)


@pytest.mark.proof
def test_by_keyboard_an_action_is_run_and_its_messages_are_closed(shop: Shop) -> None:
    page = shop.come("ann", f"/?q={shop.group}+01")
    tab_to(page, f"Sell one {shop.of(1)}")
    page.keyboard.press("Enter")
    told(page, "Sell one")
    expect(cell(page, shop.of(1), "Stock")).to_have_text("0")
    page.keyboard.press("Escape")
    expect(page.locator(".nitro-toast")).to_have_count(0)
    assert page.evaluate(CALLED) == f"Sell one {shop.of(1)}"
    page.keyboard.press("Enter")
    told(page, "There is none left")
    tab_to(page, "Close message")
    page.keyboard.press("Enter")
    expect(page.locator(".nitro-toast")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    shop.fresh(page)


@pytest.mark.proof
def test_by_keyboard_all_that_match_are_chosen_and_let_go(shop: Shop) -> None:
    page = shop.come("ann", shop.products)
    tab_to(page, "Select all on this page")
    page.keyboard.press("Space")
    tab_to(page, "Select all 14 that match", back=True)
    page.keyboard.press("Enter")
    expect(bar(page)).to_contain_text("All 14 that match are selected")
    assert page.evaluate("document.activeElement !== document.body")
    tab_to(page, "Clear")
    page.keyboard.press("Enter")
    expect(bar(page)).to_be_hidden()
    assert page.evaluate("document.activeElement !== document.body")


@pytest.mark.proof
def test_by_keyboard_cells_are_edited_and_a_picker_in_one(shop: Shop) -> None:
    page = shop.come("ann", shop.products)
    tab_to(page, f"Edit stock of {shop.of(1)}: 1")
    page.keyboard.press("F2")
    expect(page.locator(".nitro-cell [name=stock]")).to_be_focused()
    page.keyboard.type("17")
    page.keyboard.press("Tab")
    expect(page.locator(".nitro-cell [name=state]")).to_be_focused()
    expect(cell(page, shop.of(1), "Stock")).to_have_text("17")
    page.keyboard.type("On")
    page.keyboard.press("Tab")
    picker = page.locator(".nitro-cell").get_by_role("combobox", name="Category")
    expect(picker).to_be_focused()
    page.keyboard.type("category 11")
    expect(page.get_by_role("option", name="Category 11", exact=True)).to_be_visible()
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(1)  # no more those of a shorter text
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(picker).to_have_value("Category 11")
    page.keyboard.press("Enter")
    expect(cell(page, shop.of(1), "Category")).to_have_text("Category 11")
    expect(cell(page, shop.of(1), "State")).to_have_text("On sale")
    expect(page.locator(".nitro-cell form")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".nitro-cell [name=state]")).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate(CALLED) == f"Edit state of {shop.of(2)}: New"
    shop.fresh(page)


def test_keys_that_an_open_list_takes_leave_the_cell_around_it_alone(shop: Shop) -> None:
    page = shop.come("ann", shop.products)
    tab_to(page, f"Edit category of {shop.of(1)}: {shop.group} category")
    page.keyboard.press("F2")
    picker = page.locator(".nitro-cell").get_by_role("combobox", name="Category")
    expect(picker).to_be_focused()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.keyboard.type("category 11")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(picker).to_have_value("Category 11")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(picker).to_be_focused()
    assert "POST" not in sent
    page.keyboard.press("Enter")
    expect(cell(page, shop.of(1), "Category")).to_have_text("Category 11")
    expect(page.locator(".nitro-cell form")).to_have_count(0)


@pytest.mark.proof
def test_by_keyboard_a_form_with_tabs_and_lists_is_filled_in(shop: Shop) -> None:
    page = shop.come("ann", f"/customer/{shop.group}")
    tab_to(page, "Name")
    tab_to(page, "Address")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Order")).to_be_focused()
    expect(page.get_by_role("tab", name="Order")).to_have_attribute("aria-selected", "true")
    tab_to(page, "Add line")
    page.keyboard.press("Enter")
    page.keyboard.type("Cup")
    tab_to(page, "Move line 3 up")
    page.keyboard.press("Enter")
    tab_to(page, "Remove line 1", back=True)
    page.keyboard.press("Space")
    tab_to(page, "Likes")
    page.keyboard.press("Control+a")
    page.keyboard.type("Category 2")
    expect(page.get_by_role("option", name="Category 20", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    told(page, "Customer saved")
    assert [line["what"] for line in shop.customer["lines"]] == ["Cup", "Pot"]
    assert shop.customer["likes_id"] == "c20"
    tab_to(page, "Close message")
    page.keyboard.press("Escape")
    expect(page.locator(".nitro-toast")).to_have_count(0)


@pytest.mark.proof
def test_by_keyboard_the_dialog_is_opened_kept_and_closed(shop: Shop) -> None:
    page = shop.come("ann", shop.products)
    tab_to(page, f"Restock {shop.of(1)}")
    page.keyboard.press("Enter")
    expect(named(dialog(page), "quantity")).to_be_focused()
    page.keyboard.type("-5")
    page.keyboard.press("Enter")
    expect(dialog(page).locator(".nitro-error:visible").first).to_be_visible()
    expect(named(dialog(page), "quantity")).to_be_focused()
    for _ in range(8):  # the focus never leaves it for the page behind
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => [document.body, document.querySelector('dialog[open]')]"
            ".some(el => el === document.activeElement || (el !== document.body"
            " && el.contains(document.activeElement)))"
        )
    page.once("dialog", lambda question: question.accept())
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate(CALLED) == f"Restock {shop.of(1)}"
    tab_to(page, f"Delete {shop.of(1)}")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    tab_to(page, "Delete product")
    page.keyboard.press("Enter")
    expect(row(page, shop.of(1))).to_have_count(0)
    page.wait_for_function("document.activeElement !== document.body")
    shop.fresh(page)


# A restart of the server in the middle


@pytest.fixture
def own(chromium: Browser, tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed."""
    server = Server(APP, {}, tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.mark.proof
@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_restart_keeps_a_half_filled_form_and_ends_what_was_running(
    own: Server, open_page: Open
) -> None:
    shop = _filled(own, open_page, 800)
    ann, ben = shop.come("ann", shop.products), shop.come("ben", f"/customer/{shop.group}")
    ben.get_by_role("tab", name="Order").click()
    ben.get_by_role("button", name="Add line", exact=True).click()
    ben.keyboard.type("Half")
    ben.get_by_role("button", name="Move line 3 up", exact=True).click()
    named(ben, "lines.1.quantity").fill("many")
    before = hands(ben)
    ann.get_by_role("checkbox", name="Select all on this page").check()
    ann.get_by_role("button", name="Select all 800 that match").click()
    bar(ann).get_by_role("button", name="Look over").click()
    press_save(dialog(ann))
    doing = ann.locator("#products-doing-text")
    expect(doing).to_contain_text("200 of 800", timeout=20_000)

    own.kill()
    own.start()
    live(ann)
    live(ben)

    told(ann, "Look over: ended after")
    expect(ann.locator("#products-doing")).to_be_hidden()
    assert hands(ben) == before
    assert ben.get_by_role("tab", name="Order").get_attribute("aria-selected") == "true"
    press_save(ben.locator("form.nitro-form"))
    expect(ben.locator("[id$='-lines--1--quantity-error']")).to_be_visible()
    named(ben, "lines.1.quantity").fill("3")
    press_save(ben.locator("form.nitro-form"))
    told(ben, "Customer saved")
    lines = [(line["what"], line["quantity"]) for line in shop.customer["lines"]]
    assert lines == [("Tea", 1), ("Half", 3), ("Pot", 2)]
    shop.fresh(ann)


# With scripts switched off


@pytest.mark.proof
@pytest.mark.usefixtures("page_allows_network_errors")  # a refused form is answered with 422
def test_without_scripts_products_are_made_changed_and_deleted(shop: Shop) -> None:
    watching = shop.come("ben", shop.products)
    page = shop.come("ann", shop.products, javascript=False)
    page.get_by_role("link", name="New product").click()
    named(page, "name").fill(shop.of(0))
    named(page, "price").fill("cheap")
    page.get_by_role("combobox", name="Category").fill(f"{shop.group} category")
    press_save(page.locator("form.nitro-form"))
    expect(page.locator(".nitro-error:visible").first).to_be_visible()
    expect(named(page, "price")).to_have_value("cheap")
    named(page, "price").fill("3")
    press_save(page.locator("form.nitro-form"))
    expect(cell(watching, shop.of(0), "Category")).to_have_text(f"{shop.group} category")

    page.goto(shop.server.url + shop.products)
    page.get_by_role("link", name=f"Edit {shop.of(0)}", exact=True).click()
    page.get_by_role("combobox", name="Category").fill("Category 0")
    press_save(page.locator("form.nitro-form"))
    expect(page.locator(".nitro-error:visible").first).to_contain_text("match")
    page.get_by_label("Did you mean").select_option("Category 04")
    press_save(page.locator("form.nitro-form"))
    expect(cell(watching, shop.of(0), "Category")).to_have_text("Category 04")

    page.goto(shop.server.url + shop.products)
    page.get_by_role("link", name=f"Sell one {shop.of(5)}", exact=True).click()
    press_save(page.locator("main"))
    expect(cell(watching, shop.of(5), "Stock")).to_have_text("4")
    page.goto(shop.server.url + shop.products)
    page.get_by_role("link", name=f"Delete {shop.of(0)}", exact=True).click()
    press_save(page.locator("form.nitro-form"))
    expect(row(watching, shop.of(0))).to_have_count(0)
    shop.fresh(watching)


@pytest.mark.proof
def test_without_scripts_lists_are_changed(shop: Shop) -> None:
    page = shop.come("ann", f"/customer/{shop.group}", javascript=False)
    named(page, "name").fill("Zoe")
    page.get_by_role("button", name="Add phone", exact=True).click()
    named(page, "phones.2").fill("3")
    page.get_by_role("button", name="Move line 2 up", exact=True).click()
    page.get_by_role("button", name="Remove line 2", exact=True).click()
    assert shop.customer["name"] == f"{shop.group} Smith"
    named(page, "address.city").fill("Ulm")
    press_save(page.locator("form.nitro-form"))
    assert shop.customer["name"] == "Zoe"
    assert shop.customer["phones"] == ["1", "2", "3"]
    assert [line["what"] for line in shop.customer["lines"]] == ["Pot"]
    assert shop.customer["address"]["city"] == "Ulm"


@pytest.mark.proof
def test_without_scripts_rows_are_narrowed_and_many_are_changed(shop: Shop) -> None:
    watching = shop.come("ben", shop.products)
    page = shop.come("ann", "/", javascript=False)
    page.get_by_role("searchbox", name="Search products").fill(shop.group)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Stock, from").fill("12")
    page.get_by_role("button", name="Apply").first.click()
    page.get_by_role("link", name="Stock", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(3)
    tick(page, shop.of(12)).check()
    tick(page, shop.of(14)).check()
    bar(page).get_by_role("button", name="Restock").click()
    named(page, "quantity").fill("50")
    press_save(page.locator("main"))
    expect(page.locator("main")).to_contain_text("Restock: 2 done")
    page.get_by_role("link", name="Back").click()

    expect(cell(page, shop.of(12), "Stock")).to_have_text("62")
    watching.locator("#products-next").click()
    expect(cell(watching, shop.of(14), "Stock")).to_have_text("64")
    bar(page).get_by_label("All that match").check()
    bar(page).get_by_role("button", name="Delete").click()
    press_save(page.locator("main"))
    expect(page.locator("main")).to_contain_text("3 done")
    expect(row(watching, shop.of(14))).to_have_count(0)
    shop.fresh(watching)
