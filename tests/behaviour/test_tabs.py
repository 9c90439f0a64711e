"""Tabs of one browser ask for the streams of all of them at once."""

from __future__ import annotations

import httpx

from behaviour.hosts import Hosted
from behaviour.people import Tabs, make


def test_two_pages_follow_over_one_stream(server: Hosted, http: httpx.Client) -> None:
    with Tabs(server, a="/?q=One", b="/?q=Two") as tabs:
        tabs.until("retry:", "a")
        tabs.until("retry:", "b")
        one, two = make(http, "One"), make(http, "Two")
        tabs.until(f"parcels-{one}", "a")
        tabs.until(f"parcels-{two}", "b")

    assert two not in tabs.text["a"]
    assert one not in tabs.text["b"]


def test_a_page_comes_to_the_stream_and_another_goes(server: Hosted, http: httpx.Client) -> None:
    with Tabs(server, a="/?q=Going", b="/?q=Staying") as tabs:
        tabs.until("retry:", "b")
        # who has several processes may be answered by another one, and then asks for all anew
        changed = tabs.ask(to=tabs.id, shown={"c": "/?q=Coming"}, drop=["a"])
        if not changed.json()["changed"]:
            return
        tabs.until("retry:", "c")
        going, coming = make(http, "Going"), make(http, "Coming")
        tabs.until(f"parcels-{coming}", "c")

    assert going not in tabs.text.get("a", "")


def test_a_page_that_is_none_is_told_apart(server: Hosted, http: httpx.Client) -> None:
    with Tabs(server, a="/?q=Fine", b="/markup", c="/nowhere/at/all") as tabs:
        tabs.until("retry:", "a")
        tabs.until("b", "closed")
        tabs.until("c", "closed")
        id = make(http, "Fine")
        tabs.until(f"parcels-{id}", "a")


def test_a_stream_of_another_application_is_not_asked_for(server: Hosted) -> None:
    with Tabs(server) as tabs:
        for url in ("//e.x/", "https://e.x/", "/\\e.x"):
            assert tabs.ask(shown={"a": url}).status_code == 400
