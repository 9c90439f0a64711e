"""Stored files in a real browser: sent with progress, seen before, kept when a form is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from support.axe import violations
from support.pictures import png
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).with_name("stored_files_app.py")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("stored_files"))
    server.start()
    yield server
    server.stop()


def file(name: str, content: bytes, type: str = "application/octet-stream") -> FilePayload:
    return {"name": name, "mimeType": type, "buffer": content}


def stored(app: Server, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(app.get(f"/stored/{name}")[1])
    return found


def photo(page: Page) -> Any:
    return page.locator('.nitro-files:has(input[name="photo"][type="file"])')


def test_a_chosen_picture_is_seen_sent_and_kept_when_the_form_is_refused(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/new")
    page.get_by_label("Photo", exact=True).and_(page.locator("input")).set_input_files(
        file("me.png", png(), "image/png")
    )
    expect(photo(page).get_by_role("status")).to_have_text("me.png is uploaded")
    expect(photo(page).locator("img")).to_have_js_property("naturalWidth", 40)
    page.get_by_label("Name").fill("X")
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.locator(".nitro-summary")).to_be_visible()
    expect(photo(page).get_by_role("link", name="me.png")).to_be_visible()
    assert violations(page) == []

    page.get_by_label("Name").fill("Kept")
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.get_by_text("Exhibit created").first).to_be_visible()
    (kept,) = stored(app, "Kept")
    assert kept["photo"] == ["me.png", png().hex()]

    page.goto(f"{app.url}/show/{kept['id']}")
    expect(page.get_by_role("img", name="me.png")).to_have_js_property("naturalWidth", 40)


@pytest.mark.usefixtures("page_allows_network_errors")
def test_what_a_field_does_not_take_is_told_there(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/new")
    page.locator('input[name="photo"]').set_input_files(
        file("evil.png", b"<html><script>alert(1)</script>", "image/png")
    )

    expect(page.get_by_role("alert")).to_contain_text("evil.png: This is text/html")
    expect(photo(page).locator("li")).to_have_count(0)


def test_several_files_are_dropped_and_one_is_removed_again(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/new")
    page.get_by_label("Name").fill("Papers")
    box = page.locator(".nitro-files[data-nitro-many]")
    moved = page.evaluate_handle(
        """() => {
          const data = new DataTransfer();
          for (const name of ["a", "b", "c"]) data.items.add(new File([name], `${name}.txt`));
          return data;
        }"""
    )
    box.dispatch_event("dragover", {"dataTransfer": moved})
    expect(box).to_have_attribute("data-nitro-over", "")
    box.dispatch_event("drop", {"dataTransfer": moved})
    expect(box.locator('input[type="hidden"]')).to_have_count(3)
    assert box.locator(".nitro-size").all_inner_texts() == ["1 byte"] * 3
    box.get_by_role("button", name="Remove b.txt").press("Enter")
    expect(page.locator('input[name="papers"][type="file"]')).to_be_focused()
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.get_by_text("Exhibit created").first).to_be_visible()

    assert stored(app, "Papers")[0]["papers"] == [["a.txt", 1], ["c.txt", 1]]


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/new")
    page.route("**/-/files/*", lambda route: None)  # never answered
    page.locator('input[name="papers"]').set_input_files(file("large.bin", bytes(100_000)))
    bar = page.get_by_role("progressbar", name="Uploading large.bin")
    expect(bar).to_be_visible()
    page.get_by_label("Name").fill("Waits")
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.get_by_text("The form is sent when the upload has ended")).to_be_attached()
    assert stored(app, "Waits") == []

    page.get_by_role("button", name="Cancel large.bin").click()
    expect(bar).to_have_count(0)
    expect(page.get_by_text("Exhibit created").first).to_be_visible()  # it waited for this
    assert stored(app, "Waits")[0]["papers"] == []


@pytest.mark.usefixtures("page_allows_network_errors")
def test_without_scripts_a_refused_form_has_its_files_still(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/new", javascript=False)
    page.get_by_label("Name").fill("X")
    page.locator('input[name="photo"]').set_input_files(file("me.png", png(), "image/png"))
    page.locator('input[name="papers"]').set_input_files(
        [file("a.txt", b"a"), file("b.txt", b"b")]
    )
    page.get_by_role("button", name="Create exhibit").click()
    expect(page.get_by_role("link", name="a.txt")).to_be_visible()
    page.get_by_label("Remove a.txt").check()
    page.get_by_label("Name").fill("Plain")
    page.get_by_role("button", name="Create exhibit").click()
    page.wait_for_load_state()

    (plain,) = stored(app, "Plain")
    assert plain["photo"] == ["me.png", png().hex()]
    assert plain["papers"] == [["b.txt", 1]]
