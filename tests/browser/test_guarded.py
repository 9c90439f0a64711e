"""Everything that a page does, under a Content-Security-Policy: nothing is reported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from browser.people import dialog, live, press_save
from support.browser import Pages
from support.proof import some
from support.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    Open = Callable[..., Page]

APP = Path(__file__).with_name("guarded_app.py")
ALL = [("fastapi", "no-eval"), ("flask", "strict"), ("fastapi", "strict"), ("flask", "no-eval")]


class Threaded(Server):
    """The same for a script that serves itself."""

    def spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process: subprocess.Popen[bytes] | None = self._popen(
                [sys.executable, str(self.script), str(self.port)], log
            )


@pytest.fixture(params=some(ALL, 2), ids="-".join)
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    host, csp = request.param
    kind = Threaded if host == "flask" else Server
    server = kind(APP, {**os.environ, "NITRO_ON": host, "NITRO_CSP": csp}, tmp_path)
    server.start()
    yield server, csp
    server.stop()


def test_a_table_its_dialog_and_its_stream_need_nothing_that_the_policy_forbids(
    guarded: tuple[Server, str], open_page: Open
) -> None:
    server, csp = guarded
    ann, ben = open_page(), open_page()
    ann.on("dialog", lambda asked: asked.accept())  # close without saving
    answer = ann.goto(server.url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    nonce = ann.evaluate("document.querySelector('script[nonce]').nonce")
    assert f"script-src 'self' 'nonce-{nonce}'" in policy
    assert ("'unsafe-eval'" in policy) is (csp == "strict")
    ben.goto(server.url)
    live(ann)
    live(ben)

    # a form in the dialog, its picker, a live update for somebody else, a message
    ann.locator("#guarded-lamps-l1-edit").click()
    form = dialog(ann)
    form.get_by_label("Name").fill("Lamp of Ann")
    form.get_by_role("combobox").fill("Maker 07")
    form.get_by_role("option", name="Maker 07").click()
    press_save(form)
    expect(ann.locator("#nitro-toasts")).to_contain_text("saved")
    expect(ben.get_by_role("row", name="Lamp of Ann")).to_contain_text("Maker 07")

    # a search in the address, a filter, what is wrong with a form
    ann.get_by_role("searchbox").fill("Lamp 1")
    expect(ann.locator("tbody tr")).to_have_count(10)
    ann.get_by_role("link", name="New").click()
    dialog(ann).locator(".nitro-form").evaluate("form => form.noValidate = true")
    press_save(dialog(ann).locator(".nitro-form"))
    expect(dialog(ann).locator(".nitro-summary")).to_be_visible()
    dialog(ann).get_by_role("button", name="Close", exact=True).click()

    # editing in place, an action of a row, many at once, a file
    ann.locator("tbody a[data-nitro-cell]", has_text="Lamp 12").click()
    ann.locator(".nitro-cell input[type=text]").fill("Lamp in place")
    ann.keyboard.press("Enter")
    expect(ben.get_by_role("row", name="Lamp in place")).to_be_visible()
    ann.get_by_role("row", name="Lamp 13").get_by_role("link", name="Discount").click()
    expect(ben.get_by_role("row", name="Lamp 13")).to_contain_text("6.5")
    ann.get_by_role("checkbox", name="Select Lamp 14").check()
    ann.locator(".nitro-bulk").get_by_role("button", name="Delete").click()
    dialog(ann).get_by_role("button", name="Delete").click()
    expect(ben.get_by_role("row", name="Lamp 14")).to_have_count(0)
    ann.get_by_role("button", name="Export").click()
    with ann.expect_download() as download:
        ann.get_by_role("link", name="CSV").click()
    assert "Lamp 13,6.5" in download.value.path().read_text()

    # a click that calls a method, a script of the server, an expression of the application
    ben.get_by_role("button", name="Greet").click()
    expect(ben.locator("#nitro-toasts")).to_contain_text("Hello from Lamp of Ann")
    ben.get_by_role("button", name="Run").click()
    expect(ben).to_have_title("A script has run")
    ben.get_by_role("button", name="Own").click()
    expect(ben.locator("#pressed")).to_have_text("1")


@pytest.fixture
def without_eval(tmp_path: Path) -> Iterator[Server]:
    server = Server(APP, {**os.environ, "NITRO_CSP": "no-eval"}, tmp_path)
    server.start()
    yield server
    server.stop()


def test_what_a_page_may_not_run_does_not_run(without_eval: Server, chromium: Any) -> None:
    pages = Pages(chromium)  # not those of the fixture: what is reported is wanted here
    page = pages.open(without_eval.url)
    live(page)
    page.evaluate(
        """() => {
          const added = document.createElement("div");
          added.innerHTML = "<img src=x onerror='window.evil = 1'>";
          added.setAttribute("data-on:click", "window.evil = 2");
          document.body.append(added);
          const script = document.createElement("script");
          script.textContent = "window.evil = 3";
          document.body.append(script);
          setTimeout(() => added.click(), 200);
        }"""
    )
    page.wait_for_timeout(600)
    assert page.evaluate("window.evil") is None
    assert pages.complaints
    pages.close()
