"""Parts that were taken over as code, and changed by hand: all works on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.people import dialog, live, press_save
from support.server import Server

APP = Path(__file__).with_name("ejected_app.py")
LABEL = 'Label(row.field.label, for_=row.id),\n        row.unfit("date")'
BY_HAND = {
    LABEL: LABEL.replace("for_", 'cls="by-hand", for_'),
    "return parcel.name": 'return f"No. {parcel.name}"',
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application, with what the command wrote and somebody has changed since."""
    folder = tmp_path_factory.mktemp("ejected")
    command = [sys.executable, "-m", "nitro.cli", "eject", "ejected_app:app", "Parcel"]
    env = {**os.environ, "PYTHONPATH": str(APP.parent)}
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    written = folder / "parcels_views.py"
    text = written.read_text(encoding="utf-8")
    for before, after in BY_HAND.items():
        assert before in text
        text = text.replace(before, after)
    written.write_text(text, encoding="utf-8")
    server = Server(APP, {}, folder)
    server.start()
    yield server
    server.stop()


def test_a_class_is_created_refused_edited_and_followed_with_parts_of_ones_own(
    served: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(served.url + "/new")
    assert page.locator("label.by-hand").inner_text() == "Due"
    page.get_by_label("Name").fill("x")
    page.get_by_label("Weight").fill("heavy")
    expect(page.locator("p.nitro-error")).to_have_text("Enter at least 2 characters")
    page.get_by_role("button", name="Create parcel").click()

    expect(page.get_by_role("link", name="Name: Enter at least 2 characters")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Weight")).to_have_value("heavy")
    expect(page.get_by_label("Weight")).to_have_attribute("aria-invalid", "true")

    page.get_by_label("Name").fill("<Lamp>")
    page.get_by_label("Weight").fill("3")
    page.get_by_label("Kind").select_option("tube")
    page.get_by_label("Fragile").check()
    page.get_by_label("Due").fill("2026-12-24")
    page.get_by_role("button", name="Create parcel").click()
    row = page.get_by_role("row").filter(has_text="No. <Lamp>")
    expect(row).to_contain_text("3.0\N{NO-BREAK SPACE}kg")
    expect(row).to_contain_text("2.50\N{NO-BREAK SPACE}EUR")
    live(page)

    row.get_by_role("link", name="Edit").click()
    box = dialog(page)
    expect(box.locator("label.by-hand")).to_have_text("Due")
    box.get_by_label("Name").fill("Desk")
    press_save(box)
    expect(page.get_by_role("rowheader", name="No. Desk")).to_be_visible()


def test_two_people_have_a_form_of_ones_own_open(
    served: Server, open_page: Callable[..., Page]
) -> None:
    started = open_page(served.url + "/new")
    started.get_by_label("Name").fill("Shared")
    started.get_by_role("button", name="Create parcel").click()
    href = started.get_by_role("row", name="Shared").get_by_role("link", name="Edit")
    address = (href.get_attribute("href") or "").split("/")[2]
    ann, ben = (open_page(f"{served.url}/one/{address}") for _ in "ab")
    for page in (ann, ben):
        live(page)

    ann.get_by_label("Name").fill("Of Ann")
    ben.get_by_label("Name").fill("Of Ben")
    ben.get_by_label("Kind").select_option("tube")
    ben.get_by_role("button", name="Save").click()

    expect(ann.locator("article")).to_contain_text("No. Of Ben")
    expect(ann.get_by_label("Kind")).to_have_value("tube")
    expect(ann.get_by_role("textbox", name="Name")).to_have_value("Of Ann")
    ann.get_by_role("button", name="Take theirs").click()
    expect(ann.get_by_role("textbox", name="Name")).to_have_value("Of Ben")
