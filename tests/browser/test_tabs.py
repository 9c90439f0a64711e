"""Many tabs of one browser, which has six connections to a host over HTTP/1.1."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from support.proof import PROOF
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("tabs_app.py")
MANY = [8, 12] if PROOF else [8]


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("tabs"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(served: Server) -> Server:
    """The server, without anybody looking at it any more."""
    if not served.runs:
        served.start()
    wait_for(lambda: counted(served)["open"] == 0)
    return served


@pytest.fixture
def tabs(server: Server, open_page: Callable[..., Page]) -> Callable[..., list[Page]]:
    """``tabs(path, path, …)``: pages in one browser, each with its stream."""
    first: list[Page] = []

    def open_all(*paths: str) -> list[Page]:
        if not first:
            first.append(open_page())
        opened = [first[0], *(first[0].context.new_page() for _ in paths[1:])]
        for tab, path in zip(opened, paths, strict=True):
            tab.goto(server.url + path)
        for tab in opened:
            is_live(tab)
        return opened

    return open_all


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def counted(server: Server) -> dict[str, int]:
    found: dict[str, int] = json.loads(server.get("/counted")[1])
    return found


def is_live(tab: Page) -> None:
    expect(tab.locator("#nitro-live[data-state=live]")).to_be_attached(timeout=15_000)


def fed(tab: Page) -> list[int]:
    texts: list[str] = tab.locator("#feed > li").all_inner_texts()
    return [int(text) for text in texts]


def see(tab: Page, visible: bool) -> None:
    """Hide or show a tab, as far as its page can tell."""
    tab.evaluate(
        """(visible) => {
            Object.defineProperty(document, "hidden", { value: !visible, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visible,
    )


def rain(server: Server, drops: int, pause: float = 0.004) -> list[int]:
    first = int(server.get(f"/rain?drops={drops}&pause={pause}")[1])
    return list(range(first, first + drops))


@pytest.mark.parametrize("many", MANY)
def test_many_tabs_load_and_follow_over_one_stream(
    server: Server, tabs: Callable[..., list[Page]], many: int
) -> None:
    paths = [f"/feed/{number}" if number % 2 else f"/drops?q=D{number}" for number in range(many)]
    opened = tabs(*paths)
    wait_for(lambda: counted(server)["open"] == 1 and counted(server)["followed"] == many)

    for number in range(0, many, 2):
        server.get(f"/drop?name=D{number}")
    expected = rain(server, 20)

    for number, tab in enumerate(opened):
        if number % 2:
            expect(tab.locator("#feed > li")).to_have_count(20)
            assert fed(tab) == expected
        else:
            expect(tab.locator("tbody tr", has_text=f"D{number}").first).to_be_visible()
    assert counted(server)["open"] == 1


def test_a_tab_alone_asks_for_its_page_and_its_stream_only(
    server: Server, open_page: Callable[..., Page]
) -> None:
    tab = open_page()
    asked: list[tuple[str, str]] = []
    tab.on("request", lambda request: asked.append((request.method, request.url)))
    tab.goto(f"{server.url}/feed/alone")
    is_live(tab)

    pages = [one for one in asked if "/_nitro/" not in one[1]]
    assert pages == [("GET", f"{server.url}/feed/alone")] * 2
    assert [one for one in asked if one[0] == "POST"] == []


def test_every_tab_stays_complete_and_in_order_while_leaders_are_closed(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    many, drops = (12, 1500) if PROOF else (5, 250)
    opened = tabs(*(f"/feed/{number}" for number in range(many)))
    expected = rain(server, drops)

    while len(opened) > many - 3:
        opened[0].wait_for_timeout(drops)
        opened.pop(0).close()  # the one that leads: it came first

    for tab in opened:
        expect(tab.locator("#feed > li")).to_have_count(drops, timeout=30_000)
        assert fed(tab) == expected
    wait_for(lambda: counted(server)["open"] == 1)


def test_hidden_tabs_have_no_stream_and_miss_nothing(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    opened = tabs("/feed/a", "/feed/b", "/feed/c")
    see(opened[0], False)  # the leader hands over
    wait_for(lambda: counted(server)["followed"] == 2)
    expected = rain(server, 30)
    expect(opened[1].locator("#feed > li")).to_have_count(30)

    for tab in opened[1:]:
        see(tab, False)
    wait_for(lambda: counted(server)["open"] == 0)
    expected += rain(server, 30)
    for tab in reversed(opened):
        see(tab, True)

    for tab in opened:
        expect(tab.locator("#feed > li")).to_have_count(60)
        assert fed(tab) == expected
    wait_for(lambda: counted(server)["open"] == 1)


@pytest.mark.usefixtures("page_allows_network_errors")
def test_all_tabs_go_on_after_the_server_was_killed(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    opened = tabs(*(f"/drops?q=K{number}" for number in range(8 if PROOF else 4)))
    server.kill()
    expect(opened[-1].locator("#nitro-connection")).to_contain_text("Connection lost")
    server.start()
    for number in range(len(opened)):
        server.get(f"/drop?name=K{number}")

    for number, tab in enumerate(opened):
        expect(tab.locator("tbody tr", has_text=f"K{number}").first).to_be_visible()
        expect(tab.locator("#nitro-connection")).to_be_hidden()
    wait_for(lambda: counted(server)["open"] == 1)


@pytest.mark.usefixtures("page_allows_network_errors")
def test_after_logging_out_in_one_tab_no_other_shows_what_was_theirs(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    opened = tabs("/login/ann", "/own", "/feed/x")
    server.get("/tell/ann/Hello")
    expect(opened[1].locator("#news")).to_have_text("Hello")

    answer: Any = opened[2].evaluate("fetch('/logout').then((answer) => answer.text())")
    assert answer == "Gone"
    expect(opened[1].locator("#nitro-live[data-state=closed]")).to_be_attached()
    server.get("/tell/ann/Secret")
    rain(server, 5)

    expect(opened[2].locator("#feed > li")).to_have_count(5)
    for tab in opened[:2]:
        expect(tab.locator("#news")).not_to_have_text("Secret")
        expect(tab.locator(".nitro-toast")).to_contain_text("kept up to date")


def test_a_dialog_follows_over_the_stream_of_all(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    id = json.loads(server.get("/drop?name=Dialog")[1])
    tab, other = tabs("/drops?q=Dialog", "/feed/x")
    tab.locator("a[data-nitro-dialog]").first.click()
    expect(tab.locator("#nitro-dialog[open] input[name=name]")).to_have_value("Dialog")
    wait_for(lambda: counted(server)["followed"] == 3)

    other.evaluate(
        "(id) => fetch(`/raindrops/${id}`, {method: 'PATCH', body: '{\"name\": \"Dialog 2\"}',"
        " headers: {'content-type': 'application/json'}})",
        id,
    )

    expect(tab.locator("#nitro-dialog input[name=name]")).to_have_value("Dialog 2")
    assert counted(server)["open"] == 1
    tab.locator("#nitro-dialog .nitro-close").click()
    wait_for(lambda: counted(server)["followed"] == 2)


def test_another_view_in_one_tab_leaves_the_others_their_streams(
    server: Server, tabs: Callable[..., list[Page]]
) -> None:
    server.get("/drop?name=Searched")
    tab, other = tabs("/drops", "/feed/x")
    wait_for(lambda: counted(server)["open"] == 1)
    streams = counted(server)["streams"]
    tab.locator("input[name=q]").fill("Searched")

    expect(tab.locator(".nitro-count")).to_contain_text("1")
    rain(server, 3)
    expect(other.locator("#feed > li")).to_have_count(3)
    assert counted(server)["streams"] == streams


def test_without_web_locks_each_tab_has_a_stream_of_its_own(
    server: Server, open_page: Callable[..., Page]
) -> None:
    tab = open_page()
    tab.context.add_init_script("delete Navigator.prototype.locks")
    other = tab.context.new_page()
    for page in (tab, other):
        page.goto(f"{server.url}/feed/x")
        is_live(page)

    assert counted(server)["open"] == 2
    expected = rain(server, 5)
    for page in (tab, other):
        expect(page.locator("#feed > li")).to_have_count(5)
        assert fed(page) == expected
