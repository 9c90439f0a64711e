"""States in which people meet our pages, and how each is reached: for axe-core and for the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from playwright.sync_api import Locator, Page, expect

from browser.people import dialog, live, press_save


def nothing(page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class State:
    """A page in some state: where it is, and how it gets there."""

    name: str
    app: str
    """The fixture that serves it."""
    path: str = "/"
    reach: Callable[[Page], None] = nothing
    leave: Callable[[Page], None] = nothing
    """What is done after somebody has looked at it."""
    on_the_way: bool = False
    """Whether others come by here too: then it is looked at in a proof run only."""
    covered: tuple[str, ...] = ()
    """What lies beneath something that is open, and is not to be used before that is closed."""


def sent_wrong(form: Locator) -> None:
    """Send what the browser itself would not send."""
    form.evaluate("form => form.noValidate = true")
    press_save(form)
    expect(form.page.locator(".nitro-summary").last).to_be_visible()


def ticked(page: Page) -> None:
    """Three rows are selected."""
    live(page)
    for name in ("Lamp 0001", "Lamp 0002", "Lamp 0003"):
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()
    expect(page.locator(".nitro-bulk")).to_be_visible()


def bulk_asked(page: Page) -> None:
    ticked(page)
    page.locator(".nitro-bulk").get_by_role("button", name="Restock").click()
    expect(dialog(page).get_by_label("Quantity")).to_be_visible()


def bulk_told(page: Page) -> None:
    """One of them was refused: the reasons stay."""
    bulk_asked(page)
    dialog(page).get_by_label("Quantity").fill("1")
    dialog(page).get_by_role("button", name="Restock", exact=True).click()
    expect(page.locator(".nitro-doing")).to_contain_text("locked", timeout=20_000)


def bulk_running(page: Page) -> None:
    live(page)
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Select all").click()
    page.locator(".nitro-bulk").get_by_role("button", name="Restock").click()
    dialog(page).get_by_label("Quantity").fill("1")
    dialog(page).get_by_role("button", name="Restock", exact=True).click()
    expect(page.locator(".nitro-doing progress")).to_be_visible()


def bulk_goes_on(page: Page) -> None:
    page.request.get(urljoin(page.url, "/go-on"))
    expect(page.locator("#nitro-toasts")).to_contain_text("419 done, 1 not", timeout=20_000)


def filters_open(page: Page) -> None:
    live(page)
    page.locator("summary", has_text="Filters").click()


def builder_open(page: Page) -> None:
    filters_open(page)
    page.get_by_text("More conditions").click()
    page.get_by_role("button", name="Add condition").first.click()
    page.get_by_role("button", name="Add group").first.click()
    expect(page.locator("[data-nitro-rule]")).to_have_count(2)


def columns_open(page: Page) -> None:
    live(page)
    page.locator("summary", has_text="Columns").click()


def menu_open(page: Page) -> None:
    page.locator("tbody .nitro-more").first.click()
    expect(page.locator(".nitro-menu:popover-open")).to_be_visible()


def exports_open(page: Page) -> None:
    page.locator(".nitro-toolbar .nitro-more, .nitro-toolbar [popovertarget]").first.click()


def cell_open(page: Page) -> None:
    live(page)
    page.get_by_role("link", name="Edit stock of Lamp 0001").click()
    expect(page.locator(".nitro-cell").get_by_label("Stock")).to_be_visible()


def cell_wrong(page: Page) -> None:
    cell_open(page)
    page.locator(".nitro-cell").get_by_label("Stock").fill("-1")
    page.keyboard.press("Enter")
    expect(page.locator(".nitro-cell .nitro-error")).to_be_visible()


def dialog_open(page: Page) -> None:
    live(page)
    page.get_by_role("link", name="Edit Lamp 0001", exact=True).click()
    expect(dialog(page).get_by_label("Name")).to_be_visible()


def dialog_wrong(page: Page) -> None:
    dialog_open(page)
    dialog(page).get_by_label("Name").fill("")
    sent_wrong(dialog(page).locator("form"))


def question(page: Page) -> None:
    live(page)
    page.locator("tbody a", has_text="Discount").first.evaluate("link => link.click()")
    expect(dialog(page)).to_be_visible()


def picker_open(page: Page) -> None:
    page.get_by_role("combobox", name="Maker").click()
    expect(page.get_by_role("option", name="Maker 00").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def picker_empty(page: Page) -> None:
    page.get_by_role("combobox", name="Maker").fill("nobody")
    expect(page.locator("[role=listbox][data-said^=Nothing]")).to_be_visible()


def order_wrong(page: Page) -> None:
    """A summary, errors in items of a list, and one in a tab that is not open."""
    live(page)
    page.get_by_label("Customer").fill("A")
    page.get_by_label("What *").first.fill("x")
    page.get_by_role("tab", name="More").click()
    page.get_by_label("Credit").fill("5000")
    page.get_by_role("tab", name="Address").click()
    sent_wrong(page.locator("form.nitro-form"))


def changed_by_another(page: Page, value: str) -> None:
    """Somebody else saves another stock, while here another one is typed."""
    live(page)
    page.get_by_label("Stock").fill("77")
    other = page.context.browser.new_page()  # type: ignore[union-attr]
    other.goto(page.url)
    other.get_by_label("Stock").fill(value)
    press_save(other.locator("form.nitro-form"))
    expect(other.locator("#nitro-toasts")).to_contain_text("saved", timeout=20_000)
    other.close()


def conflict_told(page: Page) -> None:
    changed_by_another(page, "31")
    expect(page.get_by_role("button", name="Take theirs")).to_be_visible()


def conflict_sent(page: Page) -> None:
    changed_by_another(page, "32")
    press_save(page.locator("form.nitro-form"))
    expect(page.locator(".nitro-summary, .nitro-conflict").first).to_be_visible()


def scrolled(page: Page) -> None:
    page.locator(".nitro-scroll").evaluate("box => box.scrollLeft = 400")


def nothing_found(page: Page) -> None:
    live(page)
    page.get_by_role("searchbox").fill("no such thing anywhere")
    expect(page.locator(".nitro-empty")).to_be_visible()


def errors(page: Page) -> None:
    sent_wrong(page.locator("form.nitro-form"))


def messages(page: Page) -> None:
    for kind in ("warning", "error", "info", "success"):
        page.get_by_role("button", name=kind, exact=True).click()
        expect(page.locator(f".nitro-toast.{kind}")).to_be_visible()


def skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


NARROWED = "/?f-colour=red&f-price-min=10&q=Lamp&where=any(price.gt.5,name.has.9)&sort=-price,name"

STATES = [
    State("list", "gallery", on_the_way=True),
    State("filters", "gallery", "/", filters_open, on_the_way=True),
    State("builder", "gallery", "/", builder_open),
    State("columns", "gallery", "/", columns_open),
    State("chips", "gallery", NARROWED),
    State("menu of a row", "gallery", "/", menu_open),
    State("menu of exports", "gallery", "/", exports_open, on_the_way=True),
    State("selection", "gallery", "/", ticked, on_the_way=True),
    State("bulk question", "gallery", "/", bulk_asked, on_the_way=True),
    State("bulk progress", "gallery", "/", bulk_running, bulk_goes_on),
    State("bulk reasons", "gallery", "/", bulk_told),
    State("cell", "gallery", "/", cell_open, on_the_way=True, covered=(".nitro-table tbody",)),
    State("cell with error", "gallery", "/", cell_wrong, covered=(".nitro-table tbody",)),
    State("dialog", "gallery", "/", dialog_open, on_the_way=True),
    State("dialog with errors", "gallery", "/", dialog_wrong),
    State("question", "gallery", "/", question),
    State("nothing found", "gallery", "/", nothing_found),
    State("empty", "gallery", "/none"),
    State("store down", "gallery", "/down"),
    State("wide", "gallery", "/wide", scrolled),
    State("new order", "gallery", "/order", on_the_way=True),
    State("lists", "gallery", "/order/one"),
    State("order with errors", "gallery", "/order/one", order_wrong),
    State("every widget", "gallery", "/everything"),
    State("picker", "gallery", "/product/p0005", picker_open),
    State("picker without result", "gallery", "/product/p0005", picker_empty, on_the_way=True),
    State("conflict", "gallery", "/product/p0005", conflict_told, on_the_way=True),
    State("conflict when sent", "gallery", "/product/p0006", conflict_sent),
    State("frame", "places", "/", skip_link, on_the_way=True),
    State("messages", "places", "/", messages),
    State("list in a frame", "places", "/towns"),
    State("cards", "places", "/cards"),
    State("many cards", "places", "/grid", on_the_way=True),
    State("detail", "places", "/towns/t1/show"),
    State("template", "places", "/template"),
    State("form in a frame", "places", "/add", errors),
    State("error page in a frame", "places", "/towns/nowhere/edit", on_the_way=True),
    State("error page of the application", "places", "/secret"),
    State("error page", "gallery", "/products/nowhere/edit"),
]
