"""Pages without a mouse: every stop is seen, nothing is lost, nothing holds the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.people import dialog, live, press_save
from support.proof import PROOF
from support.server import Server

OpenPage = Callable[..., Page]
APP = Path(__file__).with_name("gallery_app.py")

WHERE = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const { left, top, width, height } = at.getBoundingClientRect();
  // of what is larger than the window, the part that is in it
  const inside = (at, most) => Math.min(Math.max(at, 1), most - 1);
  const seen = document.elementFromPoint(
    inside(left + width / 2, innerWidth), inside(top + height / 2, innerHeight));
  const style = getComputedStyle(at);
  window.stops ??= [];
  const before = window.stops.at(-1);
  window.stops.push(at);
  const follows = Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY;
  return {
    html: at.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: !!seen && (at.contains(seen) || seen.contains(at) || at.labels?.[0]?.contains(seen)),
    again: window.stops.indexOf(at) < window.stops.length - 1,
    ordered: !before || !!(before.compareDocumentPosition(at) & follows),
  };
}"""

SPOKEN = """() => {
  window.spoken = [];
  const regions = "[role=status], [role=alert], [aria-live]";
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const near = target.nodeType === 1 ? target : target.parentElement;
      const region = near?.closest(regions);
      if (region) window.spoken.push(region.textContent);
      const alerts = [...addedNodes].filter((one) => one.matches?.("[role=alert]"));
      window.spoken.push(...alerts.map((one) => one.textContent));
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def shop(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("shop"))
    server.start()
    yield server
    server.stop()


PATHS = ["/wide", "/order/one", "/none"]
EVERY = list(product(PATHS, (1280, 320)))


@pytest.mark.parametrize(
    ("path", "width"), EVERY if PROOF else list(zip(PATHS, (1280, 320, 1280), strict=True))
)
def test_every_stop_is_seen_in_the_order_of_the_page_and_the_last_one_is_left(
    shop: Server, open_page: OpenPage, path: str, width: int
) -> None:
    page = open_page(shop.url + path, viewport=(width, 700))
    live(page)
    stops = 0
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(WHERE)
        if stop is None or stop["again"]:
            break
        stops += 1
        assert stop["ring"], f"no ring: {stop}"
        assert stop["seen"], f"hidden: {stop}"
        assert stop["ordered"], f"out of order: {stop}"
    else:
        pytest.fail("the focus never leaves the page")
    assert stops > 2


def test_escape_closes_what_is_innermost_and_the_focus_goes_back(
    shop: Server, open_page: OpenPage
) -> None:
    page = open_page(shop.url)
    live(page)
    page.locator("summary", has_text="Filters").press("Enter")
    link = page.get_by_role("link", name="Edit Lamp 0001", exact=True)
    link.press("Enter")
    box = dialog(page).get_by_role("combobox", name="Maker")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="Maker 001")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#nitro-dialog")).to_be_hidden()
    expect(link).to_be_focused()
    expect(page.locator("#products-filters")).to_have_attribute("open", "")

    page.get_by_role("link", name="Edit stock of Lamp 0002").press("F2")
    expect(page.locator(".nitro-cell").get_by_label("Stock")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Edit stock of Lamp 0002")).to_be_focused()
    expect(page.locator("#products-filters")).to_have_attribute("open", "")

    page.locator("#products-filters select").first.press("Escape")
    expect(page.locator("#products-filters")).not_to_have_attribute("open", "")
    expect(page.locator("summary", has_text="Filters")).to_be_focused()


def test_the_focus_survives_what_others_do(shop: Server, open_page: OpenPage) -> None:
    page, other = open_page(shop.url), open_page()
    live(page)
    page.get_by_role("link", name="Edit Lamp 0005", exact=True).focus()

    other.goto(f"{shop.url}/products/p0005/edit")
    other.get_by_label("Name").fill("Lamp 0005b")
    press_save(other.locator("form.nitro-form"))
    expect(page.get_by_role("link", name="Edit Lamp 0005b", exact=True)).to_be_focused()

    other.goto(f"{shop.url}/products/p0005/delete")
    other.locator("button[type=submit]:visible").click()
    expect(page.get_by_role("link", name="Edit Lamp 0005b", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="Edit Lamp 0006", exact=True)).to_be_focused()


def test_only_who_asks_hears_how_many_there_are(shop: Server, open_page: OpenPage) -> None:
    page, other = open_page(f"{shop.url}/ticking"), open_page()
    live(page)
    page.evaluate(SPOKEN)
    for number in range(3):
        other.goto(f"{shop.url}/makers/new")
        other.get_by_label("Name").fill(f"A new maker {number}")
        press_save(other.locator("form.nitro-form"))
        expect(page.locator(".nitro-count")).to_have_text(f"{61 + number} makers")
    assert page.evaluate("spoken") == []

    page.get_by_role("searchbox").fill("new maker")
    page.wait_for_function("spoken.length")
    assert page.evaluate("spoken") == ["3 makers found for “new maker”"]


def test_nothing_moves_for_who_does_not_want_it(shop: Server, open_page: OpenPage) -> None:
    page = open_page(shop.url)
    page.emulate_media(reduced_motion="reduce")
    live(page)
    page.get_by_role("link", name="New product").press("Enter")
    expect(dialog(page)).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
