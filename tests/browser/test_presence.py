"""Who else is here, in real browsers; with two instances also when one of them is killed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from support import postgres, redis
from support.proof import PROOF
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = Path(__file__).with_name("presence_app.py")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(APP, {}, tmp_path_factory.mktemp("presence"))
    server.start()
    yield server
    server.kill()


def boat(server: Server, name: str) -> str:
    id: str = json.loads(server.get(f"/boat?name={name}")[1])
    return id


def people(page: Page) -> list[str]:
    found = page.locator("#nitro-main .nitro-here [role=img]").all()
    return [str(one.get_attribute("aria-label")) for one in found]


def test_who_edits_the_same_is_seen_with_the_field_until_they_leave(
    server: Server, open_page: Open
) -> None:
    id = boat(server, "Argo")
    ann = open_page(f"{server.url}/login/ann?to=/boats/{id}/form")
    ben = open_page(f"{server.url}/login/ben?to=/boats/{id}/edit")
    doing = ann.locator(".nitro-here-doing")
    expect(doing).to_have_text("Ben is editing this")

    ben.get_by_label("Home port").focus()
    expect(doing).to_have_text("Ben is editing this: Home port")
    expect(ann.locator(".nitro-here [role=status]")).to_have_text("Editing this now: Ben")

    ben.close()
    expect(doing).to_have_count(0)
    expect(ann.locator(".nitro-here [role=status]")).to_have_text("")


def test_several_tabs_are_one_person_and_nobody_is_shown_against_the_policy(
    server: Server, open_page: Open
) -> None:
    ann = open_page(f"{server.url}/login/ann?to=/boats")
    ben = open_page(f"{server.url}/login/ben?to=/boats?q=a")
    more = ben.context.new_page()
    more.goto(f"{server.url}/boats?q=b")
    open_page(f"{server.url}/login/mallory?to=/boats")
    open_page(f"{server.url}/boats")

    here = ann.locator("#nitro-main .nitro-here")
    expect(here.locator("li")).to_have_text(["B", "1 visitor"])
    assert people(ann) == ["Ben"]
    expect(ben.locator("#nitro-main .nitro-here li")).to_have_text(["A", "1 visitor"])
    assert people(ben) == ["Ann"]

    more.close()  # ben stays
    ann.wait_for_timeout(4000 if PROOF else 0)
    assert people(ann) == ["Ben"]


def test_reloading_a_page_is_no_coming_and_going(server: Server, open_page: Open) -> None:
    ann = open_page(f"{server.url}/login/ann?to=/boats?q=reload")
    ben = open_page(f"{server.url}/login/ben?to=/boats?q=reload")
    expect(ann.locator(".nitro-here li")).to_have_count(1)
    ann.evaluate(
        """() => {
            window.went = 0;
            const watch = () => document.querySelector(".nitro-here li") || window.went++;
            new MutationObserver(watch).observe(document.body, {childList: true, subtree: true});
        }"""
    )

    ben.reload()
    expect(ben.locator(".nitro-here li")).to_have_count(1)

    assert ann.evaluate("window.went") == 0


@pytest.fixture(params=["redis", "postgresql"] if PROOF else ["redis"])
def two(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path
) -> Iterator[list[Server]]:
    """Two instances of one application, with one database."""
    url = redis.namespace() if request.param == "redis" else postgres.database().url
    env = {
        "NITRO_EVENTS_URL": url,
        "NITRO_SECRET": "a secret of both instances",
        "NITRO_DATABASE_URL": f"sqlite:///{tmp_path / 'data.db'}",
    }
    servers: list[Server] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        servers.append(Server(APP, env, folder))
        servers[-1].start()
    yield servers
    for server in servers:
        server.kill()


@pytest.mark.skipif(not PROOF, reason="in the proof: it waits for a time to live")
@pytest.mark.usefixtures("page_allows_network_errors")
def test_who_was_at_an_instance_that_was_killed_is_gone_within_seconds(
    two: list[Server], open_page: Open
) -> None:
    one, other = two
    id = boat(one, "Between")
    ann = open_page(f"{one.url}/login/ann?to=/boats/{id}/form")
    ben = open_page(f"{other.url}/login/ben?to=/boats/{id}/form")
    expect(ann.locator(".nitro-here-doing")).to_have_text("Ben is editing this")
    expect(ben.locator(".nitro-here-doing")).to_have_text("Ann is editing this")
    ben.get_by_label("Home port").focus()
    expect(ann.locator(".nitro-here-doing")).to_have_text(re.compile("Home port"))

    other.kill()

    expect(ann.locator(".nitro-here-doing")).to_have_count(0, timeout=15_000)
