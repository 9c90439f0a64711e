"""A click that calls a method: ``on_click=call(counter.increment, by=5)``."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from browser.people import live
from support.server import Server

APP = """
from fastapi import FastAPI
import nitro
from nitro import Page, SQLEntity, Table, action, call
from nitro_templates.tags import Button

class Counter(SQLEntity, table=True):
    count_: int = 0
    note: str = ""

    @action
    def increment(self, by: int, note: str = "") -> None:
        self.count_ += by
        self.note = note

    @action
    def told(self) -> str:
        return f"It is {self.count_}"

app = FastAPI()
nitro.install(app)
if Counter.first() is None:
    Counter.create(id="b'c")

@app.get("/")
def index():
    counter = Counter.get("b'c")
    return Page(
        Button("Plus", on_click=call(counter.increment, by=5, note="'); alert(1); ('")),
        Button("Tell", on_click=call(counter.told)),
        Table.from_entity(Counter).reactive(),
        title="Counter",
    )
"""


def test_a_click_runs_the_method_and_the_page_shows_what_became_of_it(
    tmp_path: Path, run_server: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    script = tmp_path / "counter_app.py"
    script.write_text(APP)
    page = open_page(run_server(script).url)
    live(page)

    page.get_by_role("button", name="Plus").click()
    expect(page.locator("tbody")).to_contain_text("5")
    expect(page.locator("tbody")).to_contain_text("'); alert(1); ('")
    page.get_by_role("button", name="Plus").click()
    expect(page.locator("tbody")).to_contain_text("10")
    page.get_by_role("button", name="Tell").click()

    expect(page.locator("#nitro-toasts")).to_contain_text("It is 10")
