"""Readers of several languages in Chromium: one table, each in their own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.axe import violations
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("babel")
APP = Path(__file__).with_name("languages_app.py")
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("harbours"))
    server.start()
    yield server
    server.stop()


def ready(page: Page) -> Page:
    page.wait_for_function("document.querySelector('#nitro-live')?.dataset.state !== undefined")
    return page


def test_what_one_saves_every_reader_sees_in_their_own_language(
    open_page: Open, harbours: Server
) -> None:
    german = ready(open_page(harbours.url + "/", locale="de-DE", timezone_id="Europe/Berlin"))
    english = ready(open_page(harbours.url + "/", locale="en-GB", timezone_id="Asia/Tokyo"))
    expect(german.locator(".nitro-count")).to_have_text("32 Häfen")
    expect(english.locator(".nitro-count")).to_have_text("32 harbours")
    # the first page was written before the server knew the zone: the stream mends it
    expect(german.locator("#harbours-h1")).to_contain_text("21.11.2026, 19:05")
    expect(english.locator("#harbours-h1")).to_contain_text("22 Nov 2026, 03:05")

    german.get_by_role("link", name="Hamburg: Bearbeiten").click()
    dialog = german.locator("#nitro-dialog")
    dialog.get_by_label("Schiffe").fill("x")
    dialog.get_by_role("button", name="Speichern").click()
    expect(dialog).to_contain_text("Geben Sie eine ganze Zahl ein")
    dialog.get_by_label("Schiffe").fill("23456")
    dialog.get_by_role("button", name="Speichern").click()

    expect(german.locator("#harbours-h1")).to_contain_text("23.456")
    expect(english.locator("#harbours-h1")).to_contain_text("23,456")
    expect(german.locator("#harbours-h1")).to_contain_text("1.234,50\xa0€")
    expect(english.locator("#harbours-h1")).to_contain_text("€1,234.50")
    german.locator("[data-nitro-select]").first.check()
    expect(german.locator(".nitro-selected")).to_have_text("1 ausgewählt")
    assert german.locator("html").get_attribute("lang") == "de-DE"


def test_a_page_with_a_language_of_its_own_is_answered_in_that(
    open_page: Open, harbours: Server
) -> None:
    page = ready(open_page(harbours.url + "/deutsch", locale="en-GB", timezone_id="Asia/Tokyo"))
    dialog = page.locator("#nitro-dialog")

    page.get_by_role("link", name="Marseille: Ausbaggern").click()
    dialog.get_by_role("textbox").fill("x")
    dialog.get_by_role("button", name="Ausbaggern").click()
    expect(dialog).to_contain_text("Geben Sie eine ganze Zahl ein")
    dialog.get_by_role("textbox").fill("20")
    dialog.get_by_role("button", name="Ausbaggern").click()

    expect(page.locator("#nitro-toasts")).to_contain_text("Ausbaggern: erledigt")
    expect(page.locator("#harbours-h2")).to_contain_text("1000")


def test_arabic_is_written_from_right_to_left(open_page: Open, harbours: Server) -> None:
    page = ready(open_page(harbours.url + "/", locale="ar", timezone_id="Africa/Cairo"))

    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    expect(page.locator(".nitro-count")).to_have_text("32 ميناءً")
    name = page.locator("tbody th").first.bounding_box()
    ships = page.locator("tbody td.number").first.bounding_box()
    assert name is not None
    assert ships is not None
    assert name["x"] > ships["x"]
    assert violations(page) == []
