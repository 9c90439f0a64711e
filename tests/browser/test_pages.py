"""Pages with frames, messages, cards, details and templates, under a strict security policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.people import dialog, live, press_save, same_as_a_fresh_load
from support.server import Server

OpenPage = Callable[..., Page]
APP = Path(__file__).with_name("pages_app.py")


@pytest.fixture(scope="module")
def own(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same application for tests that change something, each another town."""
    server = Server(APP, {}, tmp_path_factory.mktemp("own"))
    server.start()
    yield server
    server.kill()


def show(page: Page, kind: str) -> None:
    page.get_by_role("button", name=kind, exact=True).click()
    expect(page.locator(f".nitro-toast.{kind}")).to_be_visible()


def test_a_page_works_under_a_strict_policy(places: Server, open_page: OpenPage) -> None:
    page = open_page()
    answers: list[str] = []
    page.on("response", lambda one: answers.append(one.headers.get("content-security-policy", "")))
    page.goto(f"{places.url}/towns")

    live(page)
    page.get_by_role("searchbox").press_sequentially("Town 3")

    expect(page.locator("tbody th")).to_have_text(["Town 3"])
    assert "'nonce-" in answers[0]
    assert "'unsafe-inline'" not in answers[0]
    # a policy that is not kept is a console error, which would fail this test


def test_a_script_without_the_nonce_does_not_run(places: Server, open_page: OpenPage) -> None:
    page = open_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{places.url}/towns/evil/show")
    live(page)

    assert page.evaluate("() => document.querySelectorAll('script:not([nonce])').length") == 0
    assert page.locator("main img").count() == 0
    assert said == []


def test_the_current_page_is_marked(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/towns")

    expect(page.locator(".nitro-nav [aria-current]")).to_have_text("Towns")
    page.get_by_role("link", name="Cards", exact=True).click()
    expect(page.locator(".nitro-nav [aria-current=page]")).to_have_text("Cards")


def test_the_dialog_shows_no_frame(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/towns")
    live(page)

    page.get_by_role("link", name="Edit Town 1", exact=True).click()

    expect(dialog(page).get_by_label("Name")).to_have_value("Town 1")
    assert dialog(page).locator(".nitro-header, .nitro-footer").count() == 0


def test_a_message_goes_by_itself_but_not_under_the_pointer(
    places: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{places.url}/")
    page.clock.install()
    show(page, "success")
    message = page.locator(".nitro-toast.success")

    message.hover()
    page.clock.run_for(20_000)
    expect(message).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(7_000)

    expect(message).to_have_count(0)


def test_a_message_waits_while_the_keyboard_is_in_it(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/")
    page.clock.install()
    show(page, "info")
    close = page.get_by_role("button", name="Close message")

    close.focus()
    page.clock.run_for(20_000)
    expect(close).to_be_focused()
    page.keyboard.press("Enter")

    expect(close).to_have_count(0)
    assert page.evaluate("() => document.activeElement.id") == "nitro-main"


def test_an_error_stays_until_it_is_closed(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/")
    page.clock.install()
    show(page, "error")

    page.clock.run_for(60_000)
    expect(page.get_by_role("alert")).to_contain_text("Error: Hello from Town 1")
    page.keyboard.press("Escape")

    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_message_follows_to_the_next_page(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/")

    page.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/towns")

    expect(page.locator(".nitro-toast.info")).to_contain_text("You left Town 1")


def test_a_page_opens_with_a_message_without_scripts_too(
    places: Server, open_page: OpenPage
) -> None:
    for javascript in (True, False):
        page = open_page(f"{places.url}/hello", javascript=javascript)
        expect(page.locator(".nitro-toast.info")).to_contain_text("Welcome back")


def test_cards_follow_what_somebody_else_does(own: Server, open_page: OpenPage) -> None:
    ann, bob = open_page(f"{own.url}/cards"), open_page(f"{own.url}/towns")
    live(ann)
    live(bob)
    card = ann.locator("#towns-card-t1")

    bob.get_by_role("link", name="Edit Town 1", exact=True).click()
    dialog(bob).get_by_label("People").fill("4321")
    press_save(dialog(bob))
    expect(card).to_contain_text("4321")
    same_as_a_fresh_load(ann, own)

    bob.get_by_role("link", name="Delete Town 1", exact=True).click()
    press_save(dialog(bob))
    expect(card).to_contain_text("This town was deleted")


@pytest.mark.parametrize("path", ["/grid", "/template", "/towns/t2/show"])
def test_each_kind_of_page_is_live(own: Server, open_page: OpenPage, path: str) -> None:
    ann, bob = open_page(own.url + path), open_page(f"{own.url}/towns")
    live(ann)
    live(bob)

    bob.get_by_role("link", name="Edit Town 2", exact=True).click()
    dialog(bob).get_by_label("Motto").fill(f"<i>onwards</i> to {path}")
    press_save(dialog(bob))

    expect(ann.locator("main")).to_contain_text(f"<i>onwards</i> to {path}")
    same_as_a_fresh_load(ann, own)


def test_a_card_is_edited_in_the_dialog(own: Server, open_page: OpenPage) -> None:
    page = open_page(f"{own.url}/towns/t3/show")
    live(page)

    page.get_by_role("link", name="Edit Town 3", exact=True).click()
    dialog(page).get_by_label("Name").fill("Newtown")
    press_save(dialog(page))

    expect(page.get_by_role("heading", level=1)).to_have_text("Newtown")


def test_hostile_values_are_texts_on_every_kind_of_page(
    places: Server, open_page: OpenPage
) -> None:
    for path in ("/cards", "/grid", "/template", "/towns/evil/show"):
        page = open_page(places.url + path)
        expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
        assert page.locator("main img, main script").count() == 0


@pytest.mark.usefixtures("page_allows_network_errors")
def test_the_application_has_an_error_page_of_its_own(places: Server, open_page: OpenPage) -> None:
    page = open_page(f"{places.url}/secret")

    expect(page.get_by_role("heading", level=1)).to_have_text("Members only")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
