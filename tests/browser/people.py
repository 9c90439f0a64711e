"""What a person does in the atlas, in words of the page: roles, labels, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from support.server import Server


def row(page: Page, name: str) -> Locator:
    """The row of the city that is called exactly *name*."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def names(page: Page) -> list[str]:
    """The cities on this page, in order."""
    return page.locator("tbody th").all_inner_texts()


def search(page: Page, text: str) -> None:
    """Type *text* into the search box, key by key."""
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press_sequentially(text, delay=20)


def live(page: Page) -> None:
    """Wait until the page says that it is connected."""
    expect(page.locator("#nitro-live")).to_have_attribute("data-state", "live")


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    return page.get_by_role("dialog")


def press_save(form: Locator) -> None:
    """Send the form."""
    form.locator("button[type=submit]:not([name]):visible").click()


def edit(page: Page, city: str) -> Locator:
    """Open the edit form of *city* and return the dialog."""
    page.get_by_role("link", name=f"Edit {city}", exact=True).click()
    box = dialog(page)
    expect(box.get_by_label("Name")).to_have_value(city)
    return box


def same_as_a_fresh_load(page: Page, server: Server) -> None:
    """Without a reload *page* must show what its address shows to somebody who comes now."""
    fresh = page.context.browser.new_page()  # type: ignore[union-attr]
    fresh.goto(page.url)
    shown, expected = (p.locator("#nitro-main").inner_text() for p in (page, fresh))
    fresh.close()
    assert shown == expected
