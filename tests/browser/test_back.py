"""A live page that somebody leaves and comes back to, out of the memory of the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.people import live
from support.browser import CHROMIUM_ARGS, find_chromium
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

APP = Path(__file__).with_name("back_app.py")


@pytest.fixture
def ferries(tmp_path: Path) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def forgetful(chromium: Browser) -> Iterator[Browser]:
    """A browser that goes back as those of people do; Playwright turns that off."""
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(),
        args=CHROMIUM_ARGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


def saved(page: Page, url: str, cars: int) -> None:
    page.goto(f"{url}/ferries/f1/edit")
    page.get_by_label("Cars").fill(str(cars))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#nitro-toasts")).to_contain_text("saved")


def test_a_page_out_of_the_back_forward_cache_shows_what_happened_and_goes_on(
    ferries: Server, forgetful: Browser
) -> None:
    context = forgetful.new_context(base_url=ferries.url)
    ann, ben = context.new_page(), context.new_page()
    ann.goto("/")
    live(ann)
    ann.evaluate("addEventListener('pageshow', (evt) => (window.kept = evt.persisted))")
    ann.goto("/elsewhere")
    saved(ben, ferries.url, 20)

    ann.go_back(wait_until="commit")

    cars = ann.locator("#ferries-f1 td[data-label=Cars]")
    expect(cars).to_have_text("20")
    assert ann.evaluate("window.kept") is True
    saved(ben, ferries.url, 30)
    expect(cars).to_have_text("30")
