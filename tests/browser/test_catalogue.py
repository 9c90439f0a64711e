"""The second example: an order, its event, and the side effects that all pages show."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.people import dialog, live, press_save
from support.server import Server

Open = Callable[..., Page]


def order(page: Page, product: str, customer: str, quantity: int) -> None:
    page.get_by_role("link", name=f"Order {product}", exact=True).click()
    dialog(page).get_by_label("Customer name").fill(customer)
    dialog(page).get_by_label("Quantity").fill(str(quantity))
    press_save(dialog(page))


def test_an_order_takes_from_the_stock_and_is_logged_for_everybody(
    run_server: Callable[..., Server], open_page: Open
) -> None:
    server = run_server("examples/catalogue/app.py")
    buyer, other = open_page(server.url), open_page(server.url)
    live(buyer)
    live(other)

    order(buyer, "Desk", "Alice", 2)

    desk = other.get_by_role("row").filter(
        has=other.get_by_role("rowheader", name="Desk", exact=True)
    )
    expect(desk.locator("[data-label=Stock]")).to_have_text("0")
    expect(other.get_by_role("rowheader", name="Alice ordered 2")).to_be_visible()


def test_what_the_business_refuses_is_told_in_its_own_words(
    run_server: Callable[..., Server], open_page: Open
) -> None:
    page = open_page(run_server("examples/catalogue/app.py").url)
    live(page)

    order(page, "Chair", "Bob", 5)

    expect(dialog(page).get_by_role("alert")).to_contain_text("Only 4 of Chair are left")
    expect(dialog(page).get_by_label("Customer name")).to_have_value("Bob")
    expect(page.get_by_role("rowheader", name="Bob ordered 5")).to_have_count(0)
