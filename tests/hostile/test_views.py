"""Views that are kept are their owner's, and whatever they are called it is text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from nitro_entities import SQLEntity
from nitro_events.keeping import Kept
from nitro_events.with_entities.keeping import EntityKeeper

Person = Callable[..., httpx.Client]


class Locker(SQLEntity):
    label: str = ""


def menu_of(http: httpx.Client) -> str:
    return http.get("/barrel-table").text.partition("data-nitro-views")[2]


def seal_of(http: httpx.Client) -> str:
    found = re.search(r'name="_nitro" value="([^"]+)"', menu_of(http))
    assert found
    return unescape(found[1])


def change(http: httpx.Client, seal: str, **said: str) -> httpx.Response:
    sent = {"_nitro": seal, "_query": "q=a", **said}
    return http.post("/_nitro/views/barrels", data=sent, headers={"accept": "text/html"})


@pytest.mark.parametrize("what", ["rename", "replace", "delete", "share", "hide"])
def test_nobody_changes_the_view_of_somebody_else(person: Person, what: str) -> None:
    ann, ben = person(f"ann {what}"), person("ben")
    seal = seal_of(ann)
    name = f"<img src=x onerror=alert({what})>"
    assert change(ann, seal, name=name).status_code == 303
    found = re.search(r'name="_view" value="([^"]+)"', menu_of(ann))
    assert found

    asked = {"_do": what, "_view": found[1], "name": "stolen"}
    assert change(ben, seal, **asked).status_code == 400
    assert change(ben, seal_of(ben), **asked).status_code == 422
    change(ann, seal, _do="share", _view=found[1])
    assert change(ben, seal_of(ben), **asked).status_code == 403
    assert "stolen" not in menu_of(ann)
    assert "<img src=x" not in menu_of(ben)


@pytest.mark.parametrize("query", ["//evil.example", "q=%0d%0aX-Evil: 1", "q=a#//evil.example"])
def test_a_view_leads_nowhere_else(person: Person, query: str) -> None:
    eve = person(f"eve {len(query)}")
    answer = change(eve, seal_of(eve), name="There", _query=query)

    assert answer.headers["location"].startswith("/barrel-table?")
    assert "x-evil" not in answer.headers


def test_what_others_share_crowds_out_nothing_of_ones_own(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    keeper = EntityKeeper()
    for number in range(6):
        keeper.keep(Kept(f"0{number}", "place", "mallory", "x", b"1", shared=True), Locker)
    keeper.keep(Kept("9", "place", "ann", "mine", b"1"), Locker)

    found = keeper.among("place", "ann", Locker, most=3)
    assert [one.owner for one in found] == ["ann", "mallory", "mallory"]
