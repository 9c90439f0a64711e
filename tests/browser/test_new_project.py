"""What ``nitro new`` writes, served as its README says, and looked at in two windows."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from nitro.projects import FRAMEWORKS
from support.projects import Served, generate
from support.proof import some

if TYPE_CHECKING:
    from playwright.sync_api import Page

INSTALLED = [name for name in FRAMEWORKS if find_spec(name)]


@pytest.fixture(scope="module", params=some(INSTALLED, 1))
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    framework: str = request.param
    server = Served(framework, generate(framework, tmp_path_factory.mktemp("projects")))
    server.start()
    yield server
    server.end()


def test_what_one_window_changes_appears_in_the_other(
    served: Served, open_page: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    ann, ben = open_page(f"{served.url}/"), open_page(f"{served.url}/done")
    for window in (ann, ben):
        expect(window.locator("#nitro-live")).to_have_attribute("data-state", "live")
    expect(ann.get_by_text("Nothing to do.")).to_be_visible()

    ann.get_by_role("link", name="New task").click()
    ann.get_by_label("Title").fill("Water the <plants>")
    ann.get_by_role("button", name="Create task").click()
    row = ann.get_by_role("row", name="Water the <plants>")
    expect(row).to_be_visible()
    row.get_by_role("link", name="Finish").click()

    expect(ben.get_by_role("rowheader", name="Water the <plants>")).to_be_visible(timeout=15_000)
    expect(row).to_be_hidden()


def test_axe_finds_nothing_in_it(served: Served, open_page: Callable[..., "Page"]) -> None:
    from support.axe import violations

    page = open_page(f"{served.url}/", viewport=(320, 800))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for path in ("/", "/done", "/team", "/tasks/new"):
            page.goto(served.url + path)

            assert violations(page) == [], f"{path}, {scheme}"
