"""Fixtures of the tests that need a browser and a running example."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.proof import PROOF
from support.server import Server
from support.services import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from support.browser import Pages

ROOT = Path(__file__).parents[1]
LONGEST = {"test_shop_together"}  # begun early, so that no worker has it alone at the end


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Put the tests with a browser last: Playwright leaves an event loop running in the thread.

    Several workers take the groups in this order, a file with both kinds is two of them. Long
    stories of behaviours that other tests hold are left to the proof.
    """
    left_out = [] if PROOF else [item for item in items if item.get_closest_marker("proof")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:  # before xdist reads it
        if item.get_closest_marker("xdist_group") is None:
            kind = "browser" if _turn(item) else "plain"
            item.add_marker(pytest.mark.xdist_group(f"{kind}-{item.path.stem}"))
    yield
    # pytest has brought the tests of one server together by now, and some with a browser forward
    items.sort(key=lambda item: (_turn(item), item.path.stem not in LONGEST))


def _turn(item: pytest.Item) -> int:
    """Say when *item* runs: nitro-templates has a browser of its own, which ends with a file."""
    names = getattr(item, "fixturenames", ())
    if "chromium" in names:
        return 2
    return 1 if "browser" in names and "nitro-templates" in item.path.parts else 0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this run, without pages."""
    try:
        from playwright.sync_api import sync_playwright

        from support.browser import CHROMIUM_ARGS, find_chromium
    except ImportError:
        missing("Playwright is not installed")
    path = find_chromium()
    if path is None:
        missing("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def pages(chromium: Browser) -> Iterator[Pages]:
    """The pages of one test; at its end none may have had an error."""
    from support.browser import Pages

    pages = Pages(chromium)
    yield pages
    pages.close()
    if pages.complaints:
        pytest.fail("errors inside a page:\n" + "\n".join(pages.complaints), pytrace=False)


@pytest.fixture
def open_page(pages: Pages) -> Callable[..., Page]:
    """``open_page(url=None, *, javascript=True, viewport=None)``: a page of somebody new."""
    return pages.open


@pytest.fixture
def page_allows_network_errors(pages: Pages) -> None:
    """For tests that kill the server or are refused: that is no error of the page."""
    pages.allows_network_errors = True


@pytest.fixture
def run_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``run_server(script, env=None)``: the app of *script*, served and answering.

    A relative *script* is one of the repository. Each server works in its own folder.
    """
    servers: list[Server] = []

    def run(script: Path | str, env: Mapping[str, str] | None = None) -> Server:
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        server = Server(ROOT / script, env or {}, folder)
        servers.append(server)
        server.start()
        return server

    yield run
    for server in servers:
        server.kill()
