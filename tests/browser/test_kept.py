"""Entities that live in the browser: there in the next request, and after a reload."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support.server import Server

APP = """
from fastapi import FastAPI
import nitro
from nitro import DatastarRepo, Entity, Page, ReadSignals, action, call
from nitro_templates.datastar import js
from nitro_templates.tags import Button, Div, Input, P

class Prefs(Entity):
    _persistence_backend_class = DatastarRepo
    __plural__ = "Prefs"
    theme: str = "light"
    clicks: int = 0

    @action
    def click(self) -> None:
        self.clicks += 1

app = FastAPI()
nitro.install(app)

@app.get("/")
def index():
    return Page(
        P(id="theme", text=js("$kept.prefs?.me?.theme ?? 'none'")),
        P(id="clicks", text=js("$kept.prefs?.me?.clicks ?? 0")),
        P(id="told", text=js("$told ?? ''")),
        Input(bind="wish", aria_label="Wish"),
        Button("Save", on_click=js("@post('/save')")),
        Button("Tell", on_click=js("@get('/tell')")),
        Button("Forget", on_click=js("@post('/forget')")),
        Button("Click", on_click=call(Prefs(id="me").click)),
        title="Prefs",
    )

@app.get("/welcome")
def welcome():
    prefs = Prefs.get_or_none("me") or Prefs(id="me")
    prefs.theme = "welcome"
    prefs.save()
    return Page(P(id="theme", text=js("$kept.prefs?.me?.theme ?? 'none'")), title="Welcome")

@app.post("/save")
def save(signals: ReadSignals):
    prefs = Prefs.get_or_none("me") or Prefs(id="me")
    prefs.theme = signals.wish
    prefs.save()

@app.get("/tell")
def tell():
    prefs = Prefs.get_or_none("me")
    return nitro.patch_signals({"told": "nothing" if prefs is None else prefs.theme})

@app.post("/forget")
def forget():
    Prefs.get("me").delete()
"""


@pytest.fixture(scope="module")
def server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all: what is kept is in the browsers."""
    folder = tmp_path_factory.mktemp("prefs")
    script = folder / "prefs_app.py"
    script.write_text(APP)
    server = Server(script, {}, folder)
    server.start()
    yield server
    server.kill()


def wish(page: Page, text: str) -> None:
    page.get_by_label("Wish").fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#theme")).to_have_text(text)


def told(page: Page, text: str) -> None:
    page.get_by_role("button", name="Tell").click()
    expect(page.locator("#told")).to_have_text(text)


def test_what_is_saved_is_there_in_the_next_request_and_after_a_reload(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    told(page, "nothing")
    wish(page, "'); alert(1); ('")
    told(page, "'); alert(1); ('")

    page.reload()

    expect(page.locator("#theme")).to_have_text("'); alert(1); ('")
    told(page, "'); alert(1); ('")


def test_it_survives_a_restart_of_the_server(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    wish(page, "dark")

    server.stop()
    server.start()
    page.reload()

    told(page, "dark")


def test_a_click_runs_an_action_of_what_the_browser_keeps(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    wish(page, "dark")

    for number in ("1", "2"):
        page.get_by_role("button", name="Click").click()
        expect(page.locator("#clicks")).to_have_text(number)


def test_another_tab_has_the_newer_one_at_once(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    wish(page, "dark")
    other = page.context.new_page()
    other.goto(server.url)
    expect(other.locator("#theme")).to_have_text("dark")

    wish(other, "blue")
    expect(page.locator("#theme")).to_have_text("blue")
    wish(page, "green")
    expect(other.locator("#theme")).to_have_text("green")
    page.get_by_role("button", name="Forget").click()

    expect(other.locator("#theme")).to_have_text("none")
    told(other, "nothing")


def test_somebody_else_has_nothing_of_it(server: Server, open_page: Callable[..., Page]) -> None:
    wish(open_page(server.url), "dark")

    told(open_page(server.url), "nothing")


def test_what_somebody_writes_into_the_signals_is_not_believed(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url)
    wish(page, "dark")

    page.evaluate(
        "localStorage.setItem('nitro-kept', localStorage.getItem('nitro-kept')"
        ".replace('dark', 'forged').replace(/\\.ey/, '.ez'))"
    )
    page.reload()

    expect(page.locator("#theme")).to_have_text("forged")
    told(page, "nothing")


def test_a_page_brings_what_its_handler_saved(
    server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(server.url + "/welcome")
    expect(page.locator("#theme")).to_have_text("welcome")

    page.goto(server.url)

    told(page, "welcome")
