"""Forms as people fill them in: arranged, checked on the way, sent twice, and without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from browser.people import dialog, live
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).with_name("forms_app.py")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One application for all tests here that do not count what is in it."""
    server = Server(APP, {}, tmp_path_factory.mktemp("forms"))
    server.start()
    yield server
    server.stop()


def fill(page: Page, **values: str) -> None:
    """Fill in fields by their labels."""
    for label, value in values.items():
        page.get_by_label(label.replace("_", " "), exact=False).first.fill(value)


def checks_of(page: Page) -> list[str]:
    """The fields that the page asks about from now on."""
    asked: list[str] = []

    def listen(request: Request) -> None:
        if "nitro-check" in request.headers:
            asked.append(request.headers["nitro-check"])

    page.on("request", listen)
    return asked


def trouble(page: Page, server: Server, kind: str) -> None:
    """Let what is sent from now on meet with *kind*; nothing any more if it is empty."""
    page.context.add_cookies([{"name": "trouble", "value": kind, "url": server.url}])


def stored(server: Server) -> dict[str, int]:
    """The ids of all customers, with their visits."""
    found: dict[str, int] = json.loads(server.get("/count")[1])
    return found


def test_a_field_is_shown_while_it_applies(shared: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared.url + "/new")
    vat = page.get_by_label("VAT number")
    expect(vat).to_be_hidden()

    page.get_by_label("Kind").select_option("company")
    expect(vat).to_be_visible()
    vat.fill("CH-1")
    page.get_by_label("Kind").select_option("person")
    expect(vat).to_be_hidden()
    fill(page, Name="Hidden", Email="hidden@example.org")
    with page.expect_request("**/customers") as sent:
        page.get_by_role("button", name="Create customer").click()

    assert "vat=" not in (sent.value.post_data or "")
    expect(page.locator("#nitro-toasts")).to_contain_text("Customer created")


def test_leaving_a_field_tells_what_is_wrong_and_the_focus_stays_where_it_went(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url + "/new")
    asked = checks_of(page)

    page.get_by_label("Email").press("Tab")
    fill(page, Name="x")
    page.get_by_label("Name").press("Tab")

    error = page.locator("#form-customers-new-name-error")
    expect(error).to_have_text("Enter at least 2 characters")
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    described = page.get_by_label("Name").get_attribute("aria-describedby")
    assert described == "form-customers-new-name-help form-customers-new-name-error"
    expect(page.get_by_label("Email")).to_be_focused()
    assert asked == ["name"]
    page.get_by_label("Name").press("End")
    page.get_by_label("Name").press_sequentially("y")
    expect(error).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("xy")
    expect(page.get_by_label("Email")).not_to_have_attribute("aria-invalid", "true")


def test_what_is_taken_already_is_told_on_the_way_and_by_the_store(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url + "/new")
    fill(page, Email="ann@example.org")
    page.get_by_label("Email").press("Tab")
    error = page.locator("#form-customers-new-email-error")
    expect(error).to_have_text("This is taken already")

    fill(page, Name="Bea")
    page.get_by_role("button", name="Create customer").click()

    expect(page.get_by_role("link", name="Email: This is taken already")).to_be_visible()
    expect(page.get_by_label("Email")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Bea")


def test_an_error_about_two_fields_stands_at_the_one_it_names(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url + "/edit/ann")

    fill(page, Until="1999")
    page.get_by_label("Until").press("Tab")

    error = page.locator("#form-customers-ann-until-error")
    expect(error).to_have_text("This is before the start")
    fill(page, Since="1990")
    expect(error).to_have_count(0)


def test_an_error_behind_a_tab_opens_it(shared: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared.url + "/edit/ann")
    page.get_by_role("tab", name="Address").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="More")).to_be_focused()
    fill(page, Credit="many")
    page.get_by_role("tab", name="More").press("Home")
    expect(page.get_by_label("Credit")).to_be_hidden()

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("Credit")).to_be_focused()
    expect(page.get_by_label("Credit")).to_have_value("many")
    expect(page.get_by_role("tab", name="More 1 to look at")).to_have_attribute(
        "aria-selected", "true"
    )


def test_answers_that_come_late_never_touch_newer_typing(
    run_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    page = open_page(run_server(APP, {"CHECK_DELAY": "0.4"}).url + "/new")
    asked = checks_of(page)
    name = page.get_by_label("Name")
    name.fill("x")
    name.press("Tab")
    expect(page.locator("#form-customers-new-name-error")).to_be_visible()

    name.fill("")
    name.press_sequentially("Berta", delay=90)

    expect(page.locator("#form-customers-new-name-error")).to_have_count(0)
    expect(name).to_have_value("Berta")
    expect(name).to_be_focused()
    assert len(asked) <= 4, asked


def test_however_often_it_is_sent_there_is_one(
    run_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = run_server(APP)
    page = open_page(server.url + "/new")
    trouble(page, server, "slow")
    fill(page, Name="Once", Email="once@example.org")
    button = page.get_by_role("button", name="Create customer")
    button.dblclick()
    page.keyboard.press("Enter")
    expect(page.locator("form.nitro-form")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#nitro-toasts")).to_contain_text("Customer created")
    expect(page.get_by_label("Name")).to_have_value("")

    assert len(stored(server)) == 2


@pytest.mark.usefixtures("page_allows_network_errors")
def test_a_lost_answer_is_no_second_visit(
    run_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = run_server(APP)
    page = open_page(server.url)
    live(page)
    page.get_by_role("link", name="Visit Ann").click()
    box = dialog(page)
    box.get_by_label("Times").fill("3")
    trouble(page, server, "lost")
    box.get_by_role("button", name="Visit").click()
    expect(page.locator("#nitro-toasts")).to_contain_text("502")
    assert stored(server) == {"ann": 3}

    trouble(page, server, "")
    box.get_by_role("button", name="Visit").click()

    expect(box).to_be_hidden()
    assert stored(server) == {"ann": 3}


@pytest.mark.usefixtures("page_allows_network_errors")
@pytest.mark.parametrize("status", ["413", "429", "500"])
def test_what_was_typed_outlives_a_refusal(
    shared: Server, open_page: Callable[..., Page], status: str
) -> None:
    page = open_page(shared.url + "/new")
    fill(page, Name="Kept", Since="not a number")
    trouble(page, shared, status)

    page.get_by_role("button", name="Create customer").click()

    expect(page.locator("#nitro-toasts")).to_contain_text(status)
    expect(page.get_by_label("Since")).to_have_value("not a number")
    expect(page.locator("form.nitro-form")).not_to_have_attribute("aria-busy", "true")


def test_closing_with_something_typed_asks_first(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url)
    live(page)
    said: list[str] = []

    def stay(asked: Dialog) -> None:
        said.append(asked.message)
        asked.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Edit Ann").click()
    box = dialog(page)
    box.get_by_label("City").fill("Ulm")

    page.keyboard.press("Escape")

    expect(box.get_by_label("City")).to_have_value("Ulm")
    assert said == ["Close without saving what you typed?"]
    page.once("dialog", lambda asked: asked.accept())
    box.get_by_role("button", name="Close").click()
    expect(box).to_be_hidden()


@pytest.mark.usefixtures("page_allows_network_errors")
def test_without_scripts_everything_is_there_and_the_server_leaves_out_what_does_not_apply(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url + "/new", javascript=False)
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_role("heading", name="More")).to_be_visible()
    fill(page, Name="N", Email="plain@example.org", VAT_number="typed", Credit="7")
    page.get_by_role("button", name="Create customer").click()
    expect(page.get_by_role("link", name="Name: Enter at least 2 characters")).to_be_visible()
    expect(page.get_by_label("VAT number")).to_have_value("typed")

    fill(page, Name="Nora")
    page.get_by_role("button", name="Create customer").click()
    page.goto(shared.url)
    row = page.get_by_role("row").filter(has_text="Nora")
    expect(row).not_to_contain_text("typed")
    row.get_by_role("link", name="Edit Nora").click()

    expect(page.get_by_label("VAT number")).to_have_value("")
    expect(page.get_by_label("Credit")).to_have_value("7")
    page.get_by_label("Kind").select_option("company")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="VAT number: A company has one")).to_be_visible()


def test_at_320_pixels_one_field_stands_below_the_other(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    def places(width: int) -> tuple[float, float]:
        page = open_page(shared.url + "/new", viewport=(width, 900))
        boxes = [page.get_by_label(name).bounding_box() for name in ("Name", "Email")]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        return boxes[0]["y"], boxes[1]["y"]  # type: ignore[index]

    first, second = places(1440)
    assert first == second
    first, second = places(320)
    assert first < second


def test_the_form_on_the_page_is_marked_as_what_may_not_be_left_unseen(
    shared: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared.url + "/edit/ann")
    fill(page, City="Bonn")
    asked: list[str] = []

    def leave(found: Dialog) -> None:
        asked.append(found.type)
        found.accept()

    page.on("dialog", leave)

    page.goto(shared.url)

    assert asked == ["beforeunload"]
    expect(page).to_have_url(re.compile(r"/$"))
