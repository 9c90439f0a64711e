"""One request, one unit of work: all that it changed is stored, or nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from behaviour.people import make, read, tells


def count(http: httpx.Client) -> int:
    """Count once more and return what has been counted."""
    found: int = http.post("/count", json={}).json()["count"]
    return found


@pytest.mark.parametrize("path", ["/count", "/acount"])
def test_a_change_without_a_save_is_stored_when_the_handler_returned(
    http: httpx.Client, path: str
) -> None:
    first = http.post(path, json={}).json()["count"]
    second = http.post(path, json={}).json()["count"]

    assert second == first + 1
    assert count(http) == second + 1


def test_a_change_of_a_handler_that_fails_is_taken_back(http: httpx.Client) -> None:
    before = count(http)

    failed = http.post("/fail", json={})

    assert failed.status_code == 500
    assert not tells(failed.text)
    assert count(http) == before + 1


def test_a_change_of_a_handler_that_refuses_is_taken_back(http: httpx.Client) -> None:
    before = count(http)

    refused = http.post("/refuse", json={})

    assert refused.status_code == 409
    assert count(http) == before + 1


def test_a_change_over_a_newer_one_is_refused_and_the_newer_one_stays(http: httpx.Client) -> None:
    before = count(http)

    refused = http.post("/stale", json={})

    assert refused.status_code == 409
    assert count(http) == before + 10 + 1


def test_a_change_of_an_action_that_fails_is_taken_back(http: httpx.Client) -> None:
    id = make(http, "Taken back", weight=2)

    failed = http.post(f"/parcels/{id}/afail", json={})

    assert failed.status_code == 500
    assert read(http, id)["weight"] == 2


def test_a_background_task_has_no_unit_and_saves_for_itself(http: httpx.Client) -> None:
    before = count(http)

    later = http.post("/later", json={})
    assert later.json() == {"later": True}

    deadline = time.monotonic() + 3
    seen, asked = count(http), 1
    while seen - asked != before + 1 and time.monotonic() < deadline:
        time.sleep(0.05)
        seen, asked = count(http), asked + 1
    assert seen == before + asked + 1


def test_a_streaming_answer_of_the_framework_comes_whole(http: httpx.Client) -> None:
    answer = http.get("/drip")

    assert answer.status_code == 200
    assert answer.text == "one,two,three"


def test_requests_at_the_same_time_lose_no_action(http: httpx.Client) -> None:
    id = make(http, "Contended")

    def grow(_: int) -> int:
        return http.post(f"/parcels/{id}/grow", json={"by": 1}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(grow, range(12)))

    assert set(statuses) <= {204, 409}
    assert read(http, id)["weight"] == statuses.count(204) > 0


def test_what_a_get_changes_is_not_stored(http: httpx.Client) -> None:
    before = count(http)

    for path in ("/count", "/acount", "/fail"):
        http.get(path)  # refused, but where a framework lets a handler answer every verb

    assert count(http) == before + 1
