"""A form in steps, in a real browser: its draft survives what happens to windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from support.axe import violations
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).with_name("steps_app.py")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("steps"))
    server.start()
    yield server
    server.stop()


def next_step(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name=heading)).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_form_in_steps_goes_on_back_and_on_and_is_finished(
    app: Server, open_page: Callable[..., Page], scripts: bool
) -> None:
    name = f"Ann {scripts}"
    page = open_page(f"{app.url}/book", javascript=scripts)
    page.get_by_label("Name").fill("A")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter at least 2 characters")
    page.get_by_label("Name").fill(name)
    next_step(page, "What")
    expect(page).to_have_url(f"{app.url}/book?step=what")
    expect(page.locator('[aria-current="step"]')).to_have_text("What")
    page.get_by_label("Kind").select_option("train")
    paper = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"paper"}
    page.locator('input[type="file"]').set_input_files(paper)  # type: ignore[arg-type]
    if scripts:
        expect(page.get_by_text("a.txt is uploaded")).to_be_attached()
        assert violations(page) == []
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Name")).to_have_value(name)
    next_step(page, "What")
    expect(page.get_by_label("Kind")).to_have_value("train")
    expect(page.get_by_role("link", name="a.txt")).to_be_visible()
    next_step(page, "Notes")
    page.get_by_label("Notes").fill("Done")
    page.get_by_role("button", name="Create voyage").click()
    expect(page).to_have_url(f"{app.url}/voyages")
    expect(page.get_by_role("row", name=name)).to_contain_text("a.txt")

    page.goto(f"{app.url}/book")
    expect(page.get_by_label("Name")).to_have_value("")


def test_who_comes_back_goes_on_where_they_were(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/book")
    page.get_by_label("Name").fill("Comes back")
    next_step(page, "What")
    again = page.context.new_page()
    page.close()
    again.goto(f"{app.url}/book")

    expect(again.get_by_role("heading", name="What")).to_be_visible()
    again.get_by_role("button", name="Who").click()
    expect(again.get_by_label("Name")).to_have_value("Comes back")
    again.get_by_role("button", name="Discard draft").click()
    expect(again.get_by_label("Name")).to_have_value("")


def test_two_windows_ask_before_one_takes_from_the_other(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/book")
    page.get_by_label("Name").fill("First")
    next_step(page, "What")
    page.goto(f"{app.url}/book?step=who")
    other = page.context.new_page()
    other.goto(f"{app.url}/book?step=who")
    page.get_by_label("Name").fill("Second")
    next_step(page, "What")
    other.get_by_label("Name").fill("Third")
    other.get_by_role("button", name="Next").click()

    said = "Changed to “Second” by you, in another window. You typed “Third”."
    expect(other.get_by_text(said)).to_be_visible()
    other.get_by_role("button", name="Take theirs for Name: Second").click()
    expect(other.get_by_role("textbox", name="Name")).to_have_value("Second")
    other.close()


def test_a_slow_save_is_marked_until_it_has_ended(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/slow/one")
    slow = app.folder / "slow"
    slow.touch()
    form, grow = page.locator("form.nitro-form"), page.get_by_role("button", name="Grow")
    page.get_by_label("Name").fill("Quick")
    form.get_by_role("button", name="Save").dblclick()
    grow.dblclick()
    expect(form.get_by_role("status").filter(has_text="Saving…")).to_be_visible()
    expect(form).to_have_attribute("aria-busy", "true")
    expect(grow).to_have_attribute("data-nitro-saving", "")
    slow.unlink()

    expect(form.get_by_text("Saving…")).to_have_count(0)
    expect(grow).not_to_have_attribute("data-nitro-saving", "")
    expect(page.get_by_text("Slow saved").first).to_be_visible()
    assert app.get("/count/one")[1] == "2"  # each click counts


@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_slow_save_that_fails_takes_its_mark_back(
    app: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app.url}/slow/two")
    slow = app.folder / "slow"
    slow.touch()
    page.get_by_label("Name").fill("X")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saving…")).to_be_visible()
    slow.unlink()

    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_text("Saving…")).to_have_count(0)
    expect(page.locator("form.nitro-form")).not_to_have_attribute("data-nitro-saving", "")
    expect(page.get_by_label("Name")).to_have_value("X")
