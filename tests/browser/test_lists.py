"""Lists and nested models in forms: by mouse, by keyboard, and with scripts off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.people import live, press_save
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).with_name("lists_app.py")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One application for all tests, with an order for each."""
    server = Server(APP, {}, tmp_path_factory.mktemp("lists"))
    server.start()
    yield server
    server.stop()


@dataclass
class Order:
    """The order of one test."""

    server: Server
    id: int

    @property
    def url(self) -> str:
        return f"{self.server.url}/{self.id}"

    @property
    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.server.get(f"/stored/{self.id}")[1])
        return found


_ids = count(1)


@pytest.fixture
def order(app: Server) -> Order:
    return Order(app, next(_ids))


def named(page: Page, name: str) -> Locator:
    return page.locator(f'[name="{name}"]')


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def values(page: Page, field: str) -> list[str]:
    """What the inputs of the items say, in order."""
    found = page.locator(f'[data-nitro-list="{field}"] > .nitro-items > .nitro-item')
    return [item.locator("input:not([type=hidden])").first.input_value() for item in found.all()]


def save(page: Page) -> None:
    press_save(page.locator("form.nitro-form"))


def test_items_are_added_changed_moved_and_removed(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Add line")
    expect(named(page, "lines.2.what")).to_be_focused()
    page.keyboard.type("Cup")
    named(page, "lines.2.quantity").fill("6")
    press(page, "Move line 3 up")
    assert values(page, "lines") == ["Tea", "Cup", "Pot"]
    expect(page.get_by_role("button", name="Move line 2 up", exact=True)).to_be_focused()
    press(page, "Remove line 1")
    expect(page.get_by_role("button", name="Remove line 1", exact=True)).to_be_focused()
    assert values(page, "lines") == ["Cup", "Pot"]
    expect(named(page, "lines.0.quantity")).to_have_value("6")
    save(page)

    expect(page.get_by_text("Order saved")).to_be_visible()
    assert [line["what"] for line in order.stored["lines"]] == ["Cup", "Pot"]
    assert values(page, "lines") == ["Cup", "Pot"]


def test_a_list_can_be_edited_by_keyboard_alone_and_says_what_happened(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)
    said = page.locator('[data-nitro-list="tags"] > [data-nitro-said]')

    page.get_by_role("button", name="Add tag", exact=True).focus()
    page.keyboard.press("Enter")
    expect(said).to_have_text("tag 3 added")
    page.keyboard.type("c")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Move tag 3 up", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(said).to_have_text("tag 3 is number 2 now")
    page.keyboard.press("Space")
    assert values(page, "tags") == ["c", "a", "b"]
    # the first one cannot go further up: the focus stays in the item
    expect(page.get_by_role("button", name="Move tag 1 down", exact=True)).to_be_focused()
    named(page, "tags.0").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Order saved")).to_be_visible()
    assert order.stored["tags"] == ["c", "a", "b"]


def test_the_last_item_that_is_removed_leaves_the_focus_at_the_button_to_add(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Remove tag 1")
    press(page, "Remove tag 1")

    expect(page.get_by_role("button", name="Add tag", exact=True)).to_be_focused()
    save(page)
    expect(page.get_by_text("Order saved")).to_be_visible()
    assert order.stored["tags"] == []


def test_a_list_inside_an_item_goes_where_the_item_goes(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Add line")
    named(page, "lines.2.what").fill("Cup")
    page.locator('[data-nitro-list="lines.2.marks"] > [name=_add]').click()
    page.keyboard.type("blue")
    press(page, "Move line 3 up")
    press(page, "Move line 2 up")
    page.locator('[data-nitro-list="lines.0.marks"] > [name=_add]').click()
    expect(named(page, "lines.0.marks.1")).to_be_focused()
    page.keyboard.type("big")
    save(page)

    expect(page.get_by_text("Order saved")).to_be_visible()
    marks = [(line["what"], line["marks"]) for line in order.stored["lines"]]
    assert marks == [("Cup", ["blue", "big"]), ("Tea", ["hot"]), ("Pot", [])]


def test_a_full_list_takes_no_more(order: Order, open_page: Callable[..., Page]) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Add line")
    press(page, "Add line")

    expect(page.get_by_role("button", name="Add line", exact=True)).to_be_disabled()
    press(page, "Remove line 4")
    expect(page.get_by_role("button", name="Add line", exact=True)).to_be_enabled()


def test_an_error_in_an_item_is_shown_there_and_nothing_is_lost(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Add line")
    named(page, "lines.2.what").fill("C")
    named(page, "lines.2.quantity").fill("many")
    named(page, "tags.1").fill("changed")
    save(page)

    expect(page.locator("[id$='-lines--2--what-error']")).to_have_text(
        "Enter at least 2 characters"
    )
    expect(page.locator("[id$='-lines--2--quantity-error']")).to_have_text("Enter a whole number")
    expect(named(page, "lines.2.what")).to_be_focused()
    expect(named(page, "lines.2.quantity")).to_have_value("many")
    expect(named(page, "tags.1")).to_have_value("changed")
    named(page, "lines.2.what").fill("Cup")
    named(page, "lines.2.quantity").fill("3")
    save(page)
    expect(page.get_by_text("Order saved")).to_be_visible()
    assert order.stored["lines"][2]["quantity"] == 3
    assert order.stored["tags"] == ["a", "changed"]


def test_a_part_that_may_be_missing_is_added_and_removed(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    press(page, "Add ship to")
    expect(named(page, "ship_to.street")).to_be_focused()
    page.keyboard.type("Main")
    save(page)
    expect(page.get_by_text("Order saved")).to_be_visible()
    assert order.stored["ship_to"] == {"street": "Main", "city": "Ulm"}
    press(page, "Remove ship to")
    expect(page.get_by_role("button", name="Add ship to", exact=True)).to_be_focused()
    save(page)
    expect(page.get_by_role("button", name="Add ship to", exact=True)).to_be_visible()
    page.wait_for_function("!document.querySelector('form[aria-busy]')")
    assert order.stored["ship_to"] is None


def test_time_zones_are_offered_and_a_colour_can_be_picked(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url)
    live(page)

    page.get_by_label("Zone").focus()
    assert page.locator("#nitro-timezones option").count() > 300
    page.get_by_label("Zone").fill("Europe/Zurich")
    page.get_by_label("Pick Paint").fill("#00ff00")
    expect(named(page, "paint")).to_have_value("#00ff00")
    named(page, "paint").fill("#0000FF")
    expect(page.get_by_label("Pick Paint")).to_have_value("#0000ff")
    save(page)

    expect(page.get_by_text("Order saved")).to_be_visible()
    assert (order.stored["zone"], order.stored["paint"]) == ("Europe/Zurich", "#0000FF")


def test_without_scripts_the_buttons_send_the_form_and_lose_nothing(
    order: Order, open_page: Callable[..., Page]
) -> None:
    page = open_page(order.url, javascript=False)

    page.get_by_label("Customer").fill("Zoe")
    press(page, "Add line")
    named(page, "lines.2.what").fill("Cup")
    press(page, "Move line 3 up")
    press(page, "Remove line 1")
    page.locator('[data-nitro-list="lines.0.marks"] > [name=_add]').click()
    named(page, "lines.0.marks.0").fill("blue")
    press(page, "Add ship to")
    named(page, "ship_to.street").fill("Way")

    assert order.stored["customer"] == "Ann"
    assert values(page, "lines") == ["Cup", "Pot"]
    expect(page.get_by_label("Customer")).to_have_value("Zoe")
    named(page, "tags.0").press("Enter")
    now = order.stored
    assert (now["customer"], now["ship_to"]["street"]) == ("Zoe", "Way")
    assert [(line["what"], line["marks"]) for line in now["lines"]] == [
        ("Cup", ["blue"]),
        ("Pot", []),
    ]


def test_a_list_of_somebody_else_follows_and_mine_stays(
    order: Order, open_page: Callable[..., Page]
) -> None:
    ann, bob = open_page(order.url), open_page(order.url)
    live(ann)
    live(bob)

    press(ann, "Add line")
    named(ann, "lines.2.what").fill("Cup")
    press(bob, "Add tag")
    bob.keyboard.type("theirs")
    save(bob)

    expect(named(ann, "tags.2")).to_have_value("theirs")
    assert values(ann, "lines") == ["Tea", "Pot", "Cup"]
    save(ann)
    expect(ann.get_by_text("Order saved")).to_be_visible()
    assert len(order.stored["lines"]) == 3
    assert order.stored["tags"] == ["a", "b", "theirs"]


@pytest.mark.parametrize("width", [320, 1000])
def test_nothing_is_wider_than_the_page(
    order: Order, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(order.url, viewport=(width, 700))
    live(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [button.bounding_box() for button in page.locator("form button:visible").all()]
    assert all(box and min(box["width"], box["height"]) >= 24 for box in boxes)
