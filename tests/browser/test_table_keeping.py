"""What a table keeps: views under a name, files between two looks, what was there before."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from browser.people import live
from support.put_back import put_back
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("stable_app.py")


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("stable") / "app"
    folder.mkdir()
    server = Server(APP, {}, folder)
    server.start(timeout=120)
    shutil.copytree(folder / ".nitro", folder.parent / "first")
    yield server
    server.stop()


@pytest.fixture
def stable(served: Server) -> Server:
    """The stable, served; every test starts from the same horses."""
    first = served.folder.parent / "first" / "data.db"
    put_back(served.folder / ".nitro" / "data.db", first, "horse")
    return served


Open = Callable[..., Page]


def ages(server: Server) -> dict[str, int]:
    with closing(sqlite3.connect(server.folder / ".nitro" / "data.db")) as database:
        return dict(database.execute("SELECT name, age FROM horse"))


def as_ann(page: Page, server: Server, path: str = "/", *, who: str = "ann") -> Page:
    page.context.add_cookies([{"name": "who", "value": who, "url": server.url}])
    page.goto(server.url + path)
    live(page)
    return page


def toasts(page: Page) -> Locator:
    return page.locator("#nitro-toasts")


def start_of(place: Locator) -> float:
    """Where *place* starts in the line."""
    start: float = place.evaluate("it => it.getBoundingClientRect().x")
    return start


def test_what_is_deleted_edited_and_done_to_many_is_taken_back(
    stable: Server, open_page: Open
) -> None:
    before = ages(stable)
    ann = as_ann(open_page(), stable, "/?sort=name")
    console: list[str] = []
    ann.on("console", lambda message: console.append(message.text))
    ann.get_by_role("link", name="Delete Horse 03").click()
    expect(ann.get_by_role("dialog")).to_contain_text("You can undo it for 10 minutes")
    ann.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(ann.get_by_role("link", name="Edit Horse 03")).to_have_count(0)

    toasts(ann).get_by_role("button", name="Undo").click()
    expect(ann.get_by_role("link", name="Edit Horse 03")).to_be_visible()
    expect(toasts(ann)).to_contain_text("Undone: Horse deleted")
    expect(toasts(ann).get_by_role("button", name="Undo")).to_have_count(0)

    ann.locator("#horses-h04-age-cell").click()
    ann.locator("#horses-cell").get_by_role("textbox").fill("33")
    ann.keyboard.press("Enter")
    expect(toasts(ann)).to_contain_text("Horse 04 saved")
    expect(ann.locator("#horses-h04-age-cell")).to_have_text("33")
    toasts(ann).get_by_role("button", name="Undo").click()
    expect(ann.locator("#horses-h04-age-cell")).to_have_text("4")

    ann.get_by_role("checkbox", name="Select all on this page").check()
    ann.get_by_role("button", name="Select all").click()
    ann.locator(".nitro-bulk").get_by_role("button", name="Delete").click()
    ann.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(toasts(ann)).to_contain_text("Delete: 60 done")
    toasts(ann).get_by_role("button", name="Undo").click()
    expect(ann.locator(".nitro-count")).to_contain_text("60 horses")
    assert ages(stable) == before
    assert not any("NoTargetsFound" in line for line in console), console


def test_what_is_shown_is_saved_and_opens_by_itself(stable: Server, open_page: Open) -> None:
    ann = as_ann(open_page(), stable)
    ann.get_by_role("searchbox").fill("Horse 1")
    expect(ann.locator(".nitro-count")).to_contain_text("10 horses")
    ann.get_by_role("link", name="Age", exact=True).click()
    expect(ann).to_have_url(re.compile("sort=age"))
    menu = ann.locator("#horses-views")
    menu.get_by_text("Views", exact=True).click()
    menu.get_by_label("Save what is shown now as").fill("Tens")
    ann.keyboard.press("Enter")
    expect(toasts(ann)).to_contain_text("View “Tens” saved")

    menu.get_by_text("Change Tens").click()
    menu.get_by_role("button", name="Open by itself").click()
    expect(toasts(ann)).to_contain_text("opens by itself from now on")
    ann.goto(stable.url + "/")
    expect(ann.locator(".nitro-count")).to_contain_text("10 horses")
    expect(ann).to_have_url(re.compile(r"q=Horse\+1&sort=age"))

    ann.get_by_role("searchbox").fill("Horse 15")
    expect(ann.locator(".nitro-count")).to_contain_text("1 horse")
    ann.locator("#horses-views > summary").click()
    ann.get_by_role("link", name="Horses", exact=True).click()
    expect(ann.locator(".nitro-count")).to_contain_text("60 horses")


def test_a_file_is_looked_at_mended_and_imported(stable: Server, open_page: Open) -> None:
    ann = as_ann(open_page(), stable, who="eve")  # who has no view that opens by itself
    ann.locator("#horses-import > summary").click()
    rows = "".join(f"New {n:03};{n % 50}\n" for n in range(300))
    content = f"Pferd;Age\nHorse 01;9\nX;1\n{rows}".encode()
    file: FilePayload = {"name": "horses.csv", "mimeType": "text/csv", "buffer": content}
    ann.get_by_label("File to import").set_input_files(file)
    ann.get_by_role("button", name="Look at it").click()

    ann.get_by_label("Becomes, column Pferd").select_option("name")
    ann.get_by_role("button", name="Check again").click()
    result = ann.locator("#horses-import-result")
    expect(result.locator(".nitro-counts")).to_contain_text("1changed")
    expect(result).to_contain_text("Age: 1 → 9")
    expect(result).to_contain_text("Name: Enter")
    result.get_by_role("button", name="Import only the").click()

    expect(toasts(ann)).to_contain_text("changed")
    expect(ann).to_have_url(stable.url + "/")
    assert ages(stable)["Horse 01"] == 9
    assert len(ages(stable)) > 300
    ann.set_viewport_size({"width": 320, "height": 700})  # no room for the button beside the text
    text, button = (toasts(ann).locator(one) for one in (".nitro-toast-text", ".nitro-undo"))
    assert start_of(button) == start_of(text)
    toasts(ann).get_by_role("button", name="Undo").click()
    expect(ann.locator(".nitro-count")).to_contain_text("60 horses")


def test_all_of_it_works_without_scripts(stable: Server, open_page: Open) -> None:
    ann = open_page(javascript=False)
    ann.context.add_cookies([{"name": "who", "value": "ann", "url": stable.url}])
    ann.goto(stable.url + "/?q=Horse+0&sort=name")
    ann.get_by_role("link", name="Edit Horse 02").click()
    ann.get_by_label("Age").fill("30")
    ann.get_by_role("button", name="Save").click()
    assert ages(stable)["Horse 02"] == 30
    ann.get_by_role("button", name="Undo").click()
    expect(ann.locator("main")).to_contain_text("Undone: Horse saved")
    assert ages(stable)["Horse 02"] == 2
    ann.get_by_role("link", name="Back").click()

    ann.locator("#horses-views > summary").click()
    ann.get_by_label("Save what is shown now as").fill("Low")
    ann.get_by_role("button", name="Save view").click()
    expect(ann.locator("#horses-views > summary")).to_contain_text("View: Low")

    ann.locator("#horses-import > summary").click()
    file: FilePayload = {
        "name": "a.csv",
        "mimeType": "text/csv",
        "buffer": b"name,age\nHorse 02,31\n",
    }
    ann.get_by_label("File to import").set_input_files(file)
    ann.get_by_role("button", name="Look at it").click()
    ann.get_by_role("button", name="Import 1 row").click()
    expect(ann.locator("main")).to_contain_text("Imported: 0 created, 1 changed")
    assert ages(stable)["Horse 02"] == 31
