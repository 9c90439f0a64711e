"""The third example: an API on one framework, the pages on another, the entities of both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from browser.people import live
from support.server import Server

EXAMPLE = Path(__file__).parents[2] / "examples" / "api_and_ui"
Open = Callable[..., Page]


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """The API and the pages, two processes in one folder."""
    ui, api = (Server(EXAMPLE / f"{name}_app.py", {}, tmp_path) for name in ("ui", "api"))
    ui.start()
    api.start()
    yield api, ui
    api.kill()
    ui.kill()


def test_what_programs_send_to_the_api_is_on_the_pages_at_once(
    both: tuple[Server, Server], open_page: Open
) -> None:
    api, ui = both
    page = open_page(ui.url)
    live(page)

    order = {"customer": "Ann", "product": "<b>Lamp"}
    made = httpx.post(f"{api.url}/api/orders", params=order)

    assert made.status_code == 201
    expect(page.locator("tbody")).to_contain_text("<b>Lamp")
    page.get_by_role("link", name="Ship Ann", exact=True).click()
    expect(page.locator("#nitro-toasts")).to_contain_text("done")
    assert httpx.get(f"{api.url}/api/orders/waiting").json() == []
