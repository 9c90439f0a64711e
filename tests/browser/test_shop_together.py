"""A shop with two people in it: each feature, done by one while the other is in the middle.

What Ben has under his hands (focus, caret, scroll, ticked rows, open panels, typed text, the
dialog) stays while Ann works; afterwards both pages are what a fresh load shows.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.people import dialog, live, press_save, same_as_a_fresh_load
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
        for page in pages:
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
  const inputs = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const changed = (el) => (el.type === "checkbox" ? el.checked !== el.defaultChecked : el.value !== el.defaultValue);
  return {
    focus: id(here),
    caret: "selectionStart" in here && [here.selectionStart, here.selectionEnd],
    scroll: [scrollX, scrollY],
    ticked: inputs.filter((el) => el.matches("[data-nitro-select]") && el.checked).map((el) => el.value),
    typed: inputs.filter((el) => el.localName !== "select" && el.type !== "checkbox" && changed(el)).map((el) => [id(el), el.value]),
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


EDITS = {
    "price": ("99.90", "99.90"),
    "stock": ("0", "0"),
    "state": ("SOLD_OUT", "sold out"),
    "since": ("2027-01-31", "2027-01-31"),
}


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


def test_a_secret_is_set_and_shown_to_nobody(shop: Shop) -> None:
    ann, ben = shop.two(f"/customer/{shop.group}")
    ann.get_by_role("tab", name="Secret").click()
    named(ann, "pin").fill("4711")
    press_save(ann.locator("form.nitro-form"))
    told(ann, "Customer saved")

    assert json.loads(shop.server.get(f"/pin/{shop.group}")[1]) == "4711"
    for page in (ann, ben):
        assert "4711" not in page.content()
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
    ben.go_back()
    shop.fresh(ben)


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
    expect(box.get_by_role("option").first).to_be_visible()
    before = hands(ben)

    open_form(ann, "Delete", shop.of(6))
    saved(dialog(ann))
    open_form(ann, "Restock", shop.of(8))
    named(dialog(ann), "quantity").fill("5")
    saved(dialog(ann))

    expect(row(ben, shop.of(6))).to_have_count(0)
    expect(cell(ben, shop.of(8), "Stock")).to_have_text("13")
    assert hands(ben) == before
    expect(box.get_by_role("option").first).to_be_visible()
    box.get_by_role("option", name="Category 12", exact=True).click()
    saved(box)
    expect(cell(ann, shop.of(7), "Category")).to_have_text("Category 12")
    expect(ben.get_by_role("link", name=f"Edit {shop.of(7)}", exact=True)).to_be_focused()
    shop.fresh(ann, ben)
