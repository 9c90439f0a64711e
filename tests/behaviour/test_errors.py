"""What went wrong has one shape, and tells nothing of our insides."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from behaviour.hosts import Hosted
from behaviour.people import HTML, form_at, make, tells


def problems(http: httpx.Client) -> dict[int, tuple[str, str, dict[str, object]]]:
    """A request for each status that the framework and Nitro share."""
    id = make(http, "Wrong")
    return {
        404: ("POST", "/parcels/nobody/grow", {"json": {"by": 1}}),
        405: ("DELETE", f"/parcels/{id}/grow", {}),
        400: ("POST", "/parcels", {"content": b"{", "headers": TYPE}),
        413: ("POST", "/parcels", {"content": b'"' + b"x" * 1_200_000, "headers": TYPE}),
        415: ("POST", "/parcels", {"content": b"x", "headers": {"content-type": "x/y"}}),
        422: ("POST", f"/parcels/{id}/grow", {"json": {"by": "much"}}),
        429: ("POST", "/parcels/hurry", {"json": {}}),
        500: ("POST", f"/parcels/{id}/afail", {"json": {}}),
    }


TYPE = {"content-type": "application/json"}
STATUSES = (400, 404, 405, 413, 415, 422, 429, 500)


@pytest.mark.parametrize("status", STATUSES)
def test_a_program_gets_a_problem(http: httpx.Client, status: int) -> None:
    verb, path, given = problems(http)[status]

    answer = http.request(verb, path, **given)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    assert not tells(answer.text)


@pytest.mark.parametrize("status", [404, 405, 429, 500])
def test_a_browser_gets_a_page(http: httpx.Client, plain: httpx.Client, status: int) -> None:
    verb, path, given = problems(http)[status]

    answer = plain.request(verb, path, **given)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert not tells(answer.text)


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_page_with_datastar_gets_a_patch_of_status_200(
    http: httpx.Client, page: httpx.Client, status: int
) -> None:
    verb, path, given = problems(http)[status]

    answer = page.request(verb, path, **given)  # type: ignore[arg-type]

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "nitro-toast" in answer.text
    assert not tells(answer.text)


def test_an_unforeseen_error_has_an_id_that_is_in_the_log(
    server: Hosted, http: httpx.Client
) -> None:
    id = make(http, "Unforeseen")

    told = http.post(f"/parcels/{id}/afail", json={}).json()["id"]

    deadline = time.monotonic() + 5  # what was logged has to reach the file
    while told not in server.log and time.monotonic() < deadline:
        time.sleep(0.05)
    assert re.search(rf"Problem {told}\n(.*\n)+?.*RuntimeError: secret detail", server.log)


def test_an_entity_that_is_not_there_is_not_found_in_a_handler_too(
    http: httpx.Client, plain: httpx.Client
) -> None:
    asked, opened = http.get("/one/nobody"), plain.get("/one/nobody", headers=HTML)

    assert asked.status_code == opened.status_code == 404
    assert asked.headers["content-type"] == "application/problem+json"
    assert opened.text.startswith("<!doctype html>")


def test_a_stale_entity_of_a_handler_is_a_conflict(http: httpx.Client) -> None:
    answer = http.post("/stale", json={})

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert not tells(answer.text)


def test_the_frameworks_own_refusal_keeps_its_words(http: httpx.Client) -> None:
    answer = http.post("/refuse", json={})

    assert answer.status_code == 409
    assert answer.headers.get("content-type") != "application/problem+json"


def test_an_unforeseen_error_of_a_handler_tells_nothing(
    http: httpx.Client, plain: httpx.Client
) -> None:
    for client in (http, plain):
        answer = client.post("/fail", json={})
        assert answer.status_code == 500
        assert not tells(answer.text)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b'{"a":NaN}'])
def test_signals_that_are_rubbish_are_refused_in_a_handler(
    http: httpx.Client, body: bytes
) -> None:
    answer = http.post("/add", content=body, headers=TYPE)

    assert answer.status_code == 400
    assert not tells(answer.text)


def test_a_signal_that_did_not_come_is_the_callers_mistake(http: httpx.Client) -> None:
    answer = http.post("/add", json={"a": 1})

    assert answer.status_code == 422
    assert "b" in answer.text


def test_signals_that_are_too_large_are_refused(http: httpx.Client) -> None:
    answer = http.post("/add", json={"a": "x" * 70_000})

    assert answer.status_code == 413


def test_a_form_that_was_altered_is_refused(plain: httpx.Client) -> None:
    form = form_at(plain, "/new", name="Altered")
    form.sent = [(n, text[:-3] + "xyz" if n == "_nitro" else text) for n, text in form.sent]

    assert plain.post(form.action, data=dict(form.sent)).status_code == 400


def test_a_path_that_nobody_has_is_not_found_as_the_framework_says_it(http: httpx.Client) -> None:
    answer = http.get("/nowhere/at/all")

    assert answer.status_code == 404
    assert answer.headers.get("content-type") != "application/problem+json"
