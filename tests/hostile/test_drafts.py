"""Nobody reads the draft of somebody else, and no step is taken that was not checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx

Person = Callable[..., httpx.Client]


def seal_at(http: httpx.Client, step: str = "") -> str:
    page = http.get("/voyage", params={"step": step}).text
    found = re.search(r'name="_nitro" value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])


def send(http: httpx.Client, seal: str, **values: str) -> str:
    answer = http.post("/voyages", data={"_nitro": seal, **values})
    return str(answer.headers.get("location", answer.status_code))


def voyages_of(http: httpx.Client, name: str) -> list[dict[str, object]]:
    return [one for one in http.get("/stored").json()["voyages"] if one["name"] == name]


def test_what_cannot_be_chosen_is_not_chosen_by_going_back(person: Person) -> None:
    http = person("backwards")
    piers = http.post("/piers-made").json()
    who = {"name": "Backwards", "pier_id": piers["open"]}
    assert send(http, seal_at(http), **who) == "/voyage?step=kind"
    assert send(http, seal_at(http), kind="person") == "/voyage?step=what"
    last = seal_at(http)

    send(http, seal_at(http, "who"), name="Backwards", pier_id=piers["closed"], _step="kind")

    assert send(http, last, note="n") == "/voyage?step=who"
    assert voyages_of(http, "Backwards") == []


def test_what_does_not_apply_any_more_is_not_stored(person: Person) -> None:
    http = person("applying")
    send(http, seal_at(http), name="Applying")
    send(http, seal_at(http), kind="company", vat="CH-1")
    last = seal_at(http)
    send(http, seal_at(http, "kind"), kind="person", vat="CH-2")

    assert send(http, last, note="n") == "/voyage"
    assert [(one["kind"], one["vat"]) for one in voyages_of(http, "Applying")] == [("person", "")]


def test_the_draft_for_one_tenant_is_not_shown_in_another(person: Person) -> None:
    here, there = person("1", tenant="a"), person("1", tenant="b")
    send(here, seal_at(here), name="Secret of a")

    assert "Secret of a" in here.get("/voyage?step=who").text
    assert "Secret of a" not in there.get("/voyage?step=who").text


def test_the_draft_of_a_browser_is_for_that_browser_and_its_seal_for_its_caller(
    person: Person,
) -> None:
    one, other, ben = person(), person(), person("ben")
    seal = seal_at(one)
    send(one, seal, name="Anonymous")

    assert "Anonymous" in one.get("/voyage?step=who").text
    assert "Anonymous" not in other.get("/voyage?step=who").text
    other.cookies.set("nitro_draft", "'; drop table")
    assert other.get("/voyage?step=who").status_code == 200
    assert send(ben, seal, name="Ben") == "400"


def test_a_form_that_is_finished_many_times_at_once_is_finished_once(person: Person) -> None:
    http = person("racing")
    send(http, seal_at(http), name="Racing")
    send(http, seal_at(http), kind="person")
    last = seal_at(http)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: send(http, last, note=str(number)), range(6)))

    assert len(voyages_of(http, "Racing")) == 1


def test_a_step_sets_no_field_of_another_one_and_none_that_is_in_no_step(person: Person) -> None:
    http = person("setting")
    send(http, seal_at(http), name="Setting", note="early", price="1", id="chosen")
    send(http, seal_at(http), kind="person", price="1")
    send(http, seal_at(http), note="late", price="1")

    (made,) = voyages_of(http, "Setting")
    assert (made["note"], made["price"], made["id"] == "chosen") == ("late", 100, False)
