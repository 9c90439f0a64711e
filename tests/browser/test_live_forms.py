"""Two people with the same form open: nobody's typing is lost, and nobody is overwritten."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from browser.people import dialog, live, press_save
from support.proof import PROOF
from support.server import Server

SCRIPT = Path(__file__).with_name("live_forms_app.py")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all: what is in the shop is put back before each test."""
    server = Server(SCRIPT, {}, tmp_path_factory.mktemp("shop"))
    server.start()
    server.get("/lamp")
    yield server
    server.kill()


@pytest.fixture
def shop(served: Server) -> Server:
    with closing(database(served)) as raw, raw:
        raw.execute("delete from product")
        names = "id, name, price, kind, sold, since, notes"
        lamp = ("lamp", "Lamp", 30, "lamp", False, "2026-01-01", "")
        raw.execute(f"insert into product ({names}) values (?, ?, ?, ?, ?, ?, ?)", lamp)
    return served


def database(server: Server) -> sqlite3.Connection:
    return sqlite3.connect(server.folder / ".nitro" / "data.db", timeout=10)


@dataclass
class Desk:
    """What the two have in front of them."""

    server: Server
    open_page: Open

    def sit(self, who: str, path: str) -> Page:
        page = self.open_page()
        page.context.add_cookies([{"name": "who", "value": who, "url": self.server.url}])
        page.goto(self.server.url + path)
        live(page)
        return page

    def on_the_page(self) -> tuple[Page, Page]:
        return self.sit("Ann", "/lamp"), self.sit("Ben", "/lamp")

    def in_the_dialog(self) -> tuple[Page, Page]:
        ann, ben = self.sit("Ann", "/"), self.sit("Ben", "/")
        for page in (ann, ben):
            page.get_by_role("link", name="Edit Lamp").click()
            expect(field_of(page, "Name")).to_be_visible()
        return ann, ben

    def same_as_fresh(self, page: Page) -> None:
        """Without what its user has touched, the form is that of somebody who comes now."""
        fresh = self.sit("Ben", "/lamp")
        assert contents(page) == contents(fresh)
        fresh.context.close()


@pytest.fixture
def desk(shop: Server, open_page: Open) -> Desk:
    return Desk(shop, open_page)


CONTENTS = """
() => {
  const form = document.querySelector("form[data-nitro-live]");
  return [...form.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .map(f => [f.name, f.type === "checkbox" ? f.checked : f.value])
    .concat([["text", form.innerText]]);
}
"""


def contents(page: Page) -> object:
    return page.evaluate(CONTENTS)


def field_of(page: Page, label: str) -> Locator:
    """The input with exactly this label, with the star of what is required or without."""
    return page.get_by_label(re.compile(rf"^{label}( \*)?$"))


def put(page: Page, label: str, value: str | bool) -> None:
    """Fill in one field as its kind wants it."""
    field = field_of(page, label)
    if isinstance(value, bool):
        field.set_checked(value)
    elif field.evaluate("el => el.localName") == "select":
        field.select_option(value)
    else:
        field.fill(value)


def shown(page: Page, label: str, value: str | bool) -> None:
    field = field_of(page, label)
    if isinstance(value, bool):
        expect(field).to_be_checked(checked=value)
    else:
        expect(field).to_have_value(value)


def saved(page: Page) -> None:
    """Save, and send the message away, so that the next one is another."""
    press_save(page.locator("form[data-nitro-live]"))
    expect(page.locator("#nitro-toasts")).to_contain_text("saved")
    page.keyboard.press("Escape")


def mark(page: Page, field: str) -> Locator:
    return page.locator(f"[data-nitro-field={field}] .nitro-conflict")


# label, what Ann makes of it, what Ben makes of it, how Ann's reads
FIELDS = {
    "name": ("Name", "Big lamp", "My lamp", "Big lamp"),
    "price": ("Price", "31.5", "99.0", "31.5"),
    "kind": ("Kind", "desk", "chair", "Desk"),
    "since": ("Since", "2026-02-03", "2026-04-05", "2026-02-03"),
    "notes": ("Notes", "one\n two <b>", "mine\nown", "one"),
}


def test_untouched_fields_of_every_kind_follow(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "half typ")

    for label, theirs, _, _ in list(FIELDS.values())[1:]:
        put(ann, label, theirs)
    put(ann, "Sold", True)
    saved(ann)

    for label, theirs, _, _ in list(FIELDS.values())[1:]:
        shown(ben, label, theirs)
    shown(ben, "Sold", True)
    shown(ben, "Name", "half typ")
    expect(ben.locator(".nitro-conflict")).to_have_count(0)
    put(ben, "Name", "whole")
    saved(ben)
    shown(ann, "Name", "whole")
    desk.same_as_fresh(ann)
    desk.same_as_fresh(ben)


def test_caret_and_text_of_who_types_stay(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    name = field_of(ben, "Name")
    name.fill("abcdef")
    name.evaluate("el => el.setSelectionRange(2, 4, 'backward')")

    put(ann, "Price", "31")
    saved(ann)
    shown(ben, "Price", "31.0")

    expect(name).to_be_focused()
    ben.keyboard.type("X")
    expect(name).to_have_value("abXef")


def test_the_caret_stays_in_a_field_that_follows(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    name = field_of(ben, "Name")
    name.focus()
    name.evaluate("el => el.setSelectionRange(1, 2)")

    put(ann, "Name", "Lamb")
    saved(ann)
    shown(ben, "Name", "Lamb")

    expect(name).to_be_focused()
    assert name.evaluate("el => [el.selectionStart, el.selectionEnd]") == [1, 2]


@pytest.mark.parametrize("choice", ["take", "keep"])
def test_fields_of_every_kind_show_mine_and_theirs_and_ask(desk: Desk, choice: str) -> None:
    ann, ben = desk.on_the_page()
    for label, theirs, mine, _ in FIELDS.values():
        put(ben, label, mine)
        put(ann, label, theirs)

    saved(ann)

    says = "Take theirs" if choice == "take" else "Keep mine"
    for name, (label, theirs, mine, read) in FIELDS.items():
        expect(mark(ben, name)).to_contain_text("Ann changed this to")
        expect(mark(ben, name)).to_contain_text(read)
        shown(ben, label, mine)
        ben.get_by_role("button", name=f"{says} for {label}").press("Enter")
        expect(mark(ben, name)).to_have_count(0)
        expect(field_of(ben, label)).to_be_focused()
        shown(ben, label, theirs if choice == "take" else mine)
    saved(ben)
    for label, theirs, mine, _ in FIELDS.values():
        shown(ann, label, theirs if choice == "take" else mine)
    desk.same_as_fresh(ann)
    desk.same_as_fresh(ben)


def test_a_box_that_both_tick_is_no_question(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Sold", True)

    put(ann, "Sold", True)
    put(ann, "Name", "Both")
    saved(ann)

    shown(ben, "Name", "Both")
    shown(ben, "Sold", True)
    expect(ben.locator(".nitro-conflict")).to_have_count(0)
    put(ann, "Sold", False)
    saved(ann)
    shown(ben, "Sold", False)


def test_who_saves_without_an_answer_is_asked_by_the_server(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")
    put(ann, "Name", "Theirs")
    saved(ann)
    expect(mark(ben, "name")).to_contain_text("Theirs")

    press_save(ben.locator("form[data-nitro-live]"))

    expect(mark(ben, "name")).to_contain_text("by Ann")
    expect(mark(ben, "name")).to_contain_text("You typed")
    shown(ben, "Name", "Mine")
    shown(ann, "Name", "Theirs")
    saved(ben)
    shown(ann, "Name", "Mine")
    desk.same_as_fresh(ben)


@pytest.mark.proof
def test_a_change_after_keep_mine_is_asked_about_again(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")
    put(ann, "Name", "First")
    saved(ann)
    ben.get_by_role("button", name="Keep mine for Name").click()

    put(ann, "Name", "Second")
    saved(ann)

    expect(mark(ben, "name")).to_contain_text("Second")
    press_save(ben.locator("form[data-nitro-live]"))
    expect(mark(ben, "name")).to_contain_text("You typed")
    shown(ann, "Name", "Second")
    desk.same_as_fresh(ann)


@pytest.mark.proof
def test_what_somebody_takes_back_is_no_question_any_more(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")
    put(ann, "Name", "Other")
    saved(ann)
    expect(mark(ben, "name")).to_contain_text("Other")

    put(ann, "Name", "Lamp")
    saved(ann)

    expect(mark(ben, "name")).to_have_count(0)
    saved(ben)
    shown(ann, "Name", "Mine")


@pytest.mark.proof
def test_a_newer_change_is_told_in_the_same_mark(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")
    for text in ("One", "Two"):
        put(ann, "Name", text)
        saved(ann)
        expect(mark(ben, "name")).to_contain_text(text)

    expect(mark(ben, "name")).to_have_count(1)
    expect(ben.locator("form [role=status]")).to_contain_text("Name: Ann changed this to “Two”")
    described = field_of(ben, "Name").get_attribute("aria-describedby")
    assert described is not None
    expect(ben.locator(f"#{described.split()[-1]}")).to_contain_text("Two")


def test_foreign_text_is_shown_as_text(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")

    put(ann, "Name", "<img src=x onerror=alert(1)>'\"&amp;")
    saved(ann)

    expect(mark(ben, "name")).to_contain_text("<img src=x onerror=alert(1)>'\"&amp;")
    ben.get_by_role("button", name=re.compile("Take theirs")).click()
    shown(ben, "Name", "<img src=x onerror=alert(1)>'\"&amp;")


def test_the_dialog_is_live_too(desk: Desk) -> None:
    ann, ben = desk.in_the_dialog()
    put(ben, "Name", "Mine")

    put(ann, "Name", "Theirs")
    put(ann, "Price", "32")
    press_save(dialog(ann))
    expect(dialog(ann)).to_be_hidden()

    shown(ben, "Price", "32.0")
    expect(mark(ben, "name")).to_contain_text("Ann changed this to “Theirs”")
    ben.get_by_role("button", name="Keep mine for Name").click()
    press_save(dialog(ben))
    expect(dialog(ben)).to_be_hidden()
    for page in (ann, ben):
        expect(page.locator("tbody")).to_contain_text("Mine")
        expect(page.locator("tbody")).to_contain_text("32.0")


def test_a_dialog_that_is_closed_has_no_stream_any_more(desk: Desk) -> None:
    ann, ben = desk.in_the_dialog()
    ended: list[str] = []
    ben.on("requestfailed", lambda request: ended.append(request.url))

    ben.keyboard.press("Escape")
    expect(dialog(ben)).to_be_hidden()
    expect(ben.locator("#nitro-dialog-live")).to_have_count(0)
    put(ann, "Name", "After")
    press_save(dialog(ann))
    expect(ben.locator("tbody")).to_contain_text("After")

    assert any("/products/lamp/edit" in url for url in ended)
    ben.get_by_role("link", name="Edit After").click()
    shown(ben, "Name", "After")


def test_an_open_form_says_at_once_that_its_thing_is_deleted(desk: Desk) -> None:
    ann, ben = desk.in_the_dialog()
    put(ben, "Name", "half typ")

    ann.keyboard.press("Escape")
    ann.get_by_role("link", name="Delete Lamp").click()
    press_save(dialog(ann))

    expect(dialog(ben).get_by_role("alert")).to_contain_text("no longer there: deleted by Ann")
    shown(ben, "Name", "half typ")


def test_a_deletion_tells_of_a_change_since_it_was_asked_about(desk: Desk) -> None:
    ann, ben = desk.in_the_dialog()
    ben.keyboard.press("Escape")
    ben.get_by_role("link", name="Delete Lamp").click()
    expect(dialog(ben)).to_contain_text("Delete “Lamp”?")

    put(ann, "Name", "Heirloom")
    press_save(dialog(ann))

    expect(dialog(ben)).to_contain_text("Delete “Heirloom”?")
    expect(dialog(ben).get_by_role("alert")).to_contain_text("Ann has changed this")
    press_save(dialog(ben))
    expect(ben.locator("main")).not_to_contain_text("Heirloom")


@pytest.mark.proof
def test_not_one_character_is_lost_under_many_foreign_changes(desk: Desk) -> None:
    ben = desk.sit("Ben", "/lamp")
    raw = database(desk.server)
    turns = 60 if PROOF else 20
    text = "The quick brown fox jumps over the lazy dog. " * 4
    notes = field_of(ben, "Notes")
    notes.focus()

    for turn in range(turns):
        with raw:
            raw.execute("update product set price = ?, name = ?", (turn, f"Lamp {turn}"))
        ben.keyboard.type(text[turn * 2 : turn * 2 + 2])
    raw.close()

    expect(notes).to_have_value(text[: turns * 2])
    shown(ben, "Price", f"{turns - 1}.0")
    shown(ben, "Name", f"Lamp {turns - 1}")
    expect(notes).to_be_focused()
    saved(ben)
    desk.same_as_fresh(ben)


def late(route: Route) -> None:
    """Let a request wait, as a slow network does."""
    time.sleep(0.5)
    route.continue_()


def test_what_is_typed_while_a_save_is_on_its_way_stays(desk: Desk) -> None:
    ben = desk.sit("Ben", "/lamp")
    ben.route("**/products/lamp", late)
    put(ben, "Name", "First")

    press_save(ben.locator("form[data-nitro-live]"))
    field_of(ben, "Name").focus()
    ben.keyboard.press("End")
    ben.keyboard.type(" and more")

    expect(ben.locator("#nitro-toasts")).to_contain_text("saved")
    shown(ben, "Name", "First and more")
    expect(ben.locator(".nitro-conflict")).to_have_count(0)
    saved(ben)
    desk.same_as_fresh(ben)


@pytest.mark.proof
def test_page_and_caret_do_not_move_when_a_mark_appears(desk: Desk) -> None:
    ann, ben = desk.on_the_page()
    put(ben, "Name", "Mine")
    notes = field_of(ben, "Notes")
    notes.focus()
    notes.evaluate("el => scrollTo(0, el.getBoundingClientRect().top + scrollY - 200)")
    before = notes.bounding_box()

    put(ann, "Name", "Theirs")
    saved(ann)
    expect(mark(ben, "name")).to_be_attached()

    after = notes.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


@pytest.mark.proof
@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_restart_keeps_what_is_half_typed(desk: Desk) -> None:
    ann, ben = desk.in_the_dialog()
    put(ben, "Name", "half typ")
    desk.server.kill()
    desk.server.start()
    live(ann)
    live(ben)

    put(ann, "Price", "77")
    press_save(dialog(ann))

    shown(ben, "Price", "77.0")
    shown(ben, "Name", "half typ")
    press_save(dialog(ben))
    expect(ann.locator("tbody")).to_contain_text("half typ")
    expect(ann.locator("tbody")).to_contain_text("77.0")


@pytest.mark.usefixtures("page_allows_network_errors")
def test_without_scripts_a_conflict_is_asked_about_as_before(desk: Desk) -> None:
    ann = desk.sit("Ann", "/lamp")
    plain = desk.open_page(javascript=False)
    plain.context.add_cookies([{"name": "who", "value": "Ben", "url": desk.server.url}])
    plain.goto(desk.server.url + "/lamp")
    put(ann, "Name", "Theirs")
    saved(ann)

    put(plain, "Name", "Mine")
    press_save(plain.locator("form"))

    expect(plain.locator(".nitro-conflict")).to_contain_text("Changed to “Theirs” by Ann")
    shown(plain, "Name", "Mine")
    press_save(plain.locator("form"))
    shown(ann, "Name", "Mine")
