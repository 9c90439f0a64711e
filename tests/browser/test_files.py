"""A file is chosen in a real browser, with scripts and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from browser.people import live, press_save
from support.axe import violations
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).with_name("files_app.py")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One application for all tests, with a person for each."""
    server = Server(APP, {}, tmp_path_factory.mktemp("files"))
    server.start()
    yield server
    server.stop()


_ids = count(1)


@pytest.fixture
def url(app: Server) -> str:
    return f"{app.url}/{next(_ids)}"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "me.png"
    path.write_bytes(PICTURE)
    return path


def stored(app: Server, name: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in json.loads(app.get(f"/stored/{name}")[1])]


def choose(page: Page, file: Path) -> None:
    page.locator('input[type="file"]').set_input_files(file)


def chosen(page: Page) -> int:
    found: int = page.locator('input[type="file"]').evaluate("el => el.files.length")
    return found


def save(page: Page) -> None:
    press_save(page.locator("form.nitro-form"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_new_one_is_stored_with_its_file(
    app: Server, open_page: Callable[..., Page], picture: Path, scripts: bool
) -> None:
    name = f"New{scripts}"
    page = open_page(f"{app.url}/new", javascript=scripts)
    page.get_by_label("Name").fill(name)
    choose(page, picture)
    page.get_by_role("button", name="Create person").click()
    expect(page.get_by_label("Name")).to_have_value("")  # the form of the next one

    assert stored(app, name) == [PICTURE]


def test_a_file_is_replaced_kept_and_removed(
    app: Server, url: str, open_page: Callable[..., Page], picture: Path
) -> None:
    page = open_page(url)
    live(page)
    page.get_by_label("Name").fill("Replaced")
    choose(page, picture)
    save(page)
    expect(page.get_by_text("5.1 KB stored")).to_be_visible()
    assert stored(app, "Replaced") == [PICTURE]
    assert chosen(page) == 0

    page.get_by_label("Name").fill("Kept")
    save(page)
    expect(page.get_by_text("Person saved").last).to_be_visible()
    assert stored(app, "Kept") == [PICTURE]

    page.get_by_label("Remove the file of Photo").check()
    save(page)
    expect(page.get_by_text("5.1 KB stored")).to_have_count(0)
    assert stored(app, "Kept") == [b""]


def test_after_a_refusal_elsewhere_the_browser_still_has_the_file(
    app: Server, url: str, open_page: Callable[..., Page], picture: Path
) -> None:
    page = open_page(url)
    live(page)
    page.get_by_label("Name").fill("X")
    choose(page, picture)
    save(page)
    expect(page.locator(".nitro-summary")).to_be_visible()
    assert chosen(page) == 1
    expect(page.get_by_text("Choose the file again")).to_have_count(0)

    page.get_by_label("Name").fill("Again")
    save(page)
    expect(page.get_by_text("5.1 KB stored")).to_be_visible()
    assert stored(app, "Again") == [PICTURE]


def test_a_new_one_that_is_refused_still_has_the_file(
    app: Server, open_page: Callable[..., Page], picture: Path
) -> None:
    page = open_page(f"{app.url}/new")
    page.get_by_label("Name").fill("X")
    choose(page, picture)
    page.get_by_role("button", name="Create person").click()
    expect(page.locator(".nitro-summary")).to_be_visible()

    assert chosen(page) == 1
    expect(page.get_by_text("Choose the file again")).to_have_count(0)


@pytest.mark.usefixtures("page_allows_network_errors")
def test_without_scripts_the_file_is_asked_for_again(
    url: str, open_page: Callable[..., Page], picture: Path
) -> None:
    page = open_page(url, javascript=False)
    page.get_by_label("Name").fill("X")
    choose(page, picture)
    save(page)

    expect(page.get_by_text("Choose the file again")).to_be_visible()


def test_what_others_save_leaves_a_chosen_file_chosen(
    url: str, open_page: Callable[..., Page], picture: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small.png"
    small.write_bytes(b"small")
    page, other = open_page(url), open_page(url)
    live(page)
    live(other)
    choose(page, picture)
    other.get_by_label("Name").fill("Meanwhile")
    choose(other, small)
    save(other)

    expect(page.get_by_label("Name")).to_have_value("Meanwhile")
    expect(page.get_by_text("changed this to “a file of 5 bytes”").first).to_be_visible()
    assert chosen(page) == 1
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_text("5 bytes stored")).to_be_visible()
    assert chosen(page) == 0


def test_a_file_that_is_too_large_is_told_when_it_is_chosen(
    url: str, open_page: Callable[..., Page], picture: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(9001))
    page = open_page(url)
    live(page)
    choose(page, large)
    expect(page.get_by_text("This file is too large. Choose one of 9 KB at most")).to_be_visible()
    choose(page, picture)
    expect(page.get_by_text("This file is too large")).to_have_count(0)


def test_a_form_with_a_file_is_usable_by_everybody(
    url: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(url)

    assert violations(page) == []
