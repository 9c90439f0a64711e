"""Scripts that only some pages need, and what happens while they are on their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

from browser.people import dialog, live, row

if TYPE_CHECKING:
    from support.server import Server

    Open = Callable[..., Page]


def loaded(page: Page) -> set[str]:
    """The scripts that the page has asked for."""
    urls = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    return {url.rpartition("/")[2] for url in urls if url.endswith(".js")}


def edited(page: Page, name: str) -> None:
    row(page, "les Escaldes").get_by_role("link", name="Edit").click()
    dialog(page).get_by_label("Name").fill(name)


def pressed(page: Page) -> None:
    dialog(page).locator(".nitro-form button[type=submit]").click()


def test_the_scripts_of_forms_come_with_the_first_form(atlas: Server, open_page: Open) -> None:
    ann = open_page(atlas.url)
    live(ann)
    assert loaded(ann) == {"nitro.js", "datastar.js"}

    edited(ann, "Les Escaldes")
    pressed(ann)

    expect(row(ann, "Les Escaldes")).to_be_visible()
    assert "forms.js" in loaded(ann)
    ann.goto(f"{atlas.url}/new")
    assert ann.locator("head script[src$='/forms.js']").count() == 1


def test_what_is_pressed_before_its_script_is_there_is_done_when_it_is(
    atlas: Server, open_page: Open
) -> None:
    ann = open_page()
    held: list[Route] = []
    ann.route("**/forms.js", lambda route: held.append(route))
    ann.goto(atlas.url)
    live(ann)
    edited(ann, "Les Escaldes")
    pressed(ann)
    ann.wait_for_timeout(300)
    expect(dialog(ann)).to_be_visible()

    held[0].continue_()

    expect(row(ann, "Les Escaldes")).to_be_visible()
    expect(dialog(ann)).to_be_hidden()
    assert len(held) == 1


@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_form_is_sent_by_the_browser_where_its_script_does_not_come(
    atlas: Server, open_page: Open
) -> None:
    ann = open_page()
    ann.route("**/forms.js", lambda route: route.abort())
    ann.goto(atlas.url)
    live(ann)
    edited(ann, "Les Escaldes")
    expect(ann.locator("#nitro-toasts")).to_contain_text("could not be loaded")
    with ann.expect_navigation():
        pressed(ann)

    expect(row(ann, "Les Escaldes")).to_be_visible()


@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_page_that_is_older_than_the_application_says_so(atlas: Server, open_page: Open) -> None:
    ann = open_page()
    ann.route("**/forms.js", lambda route: route.fulfill(status=404))
    ann.goto(atlas.url)
    live(ann)
    edited(ann, "Les Escaldes")

    toast = ann.locator("#nitro-toasts .nitro-toast")
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("There is a newer version of this page")
    expect(toast.get_by_role("button", name="Reload")).to_be_visible()
    with ann.expect_navigation():
        pressed(ann)

    expect(row(ann, "Les Escaldes")).to_be_visible()
