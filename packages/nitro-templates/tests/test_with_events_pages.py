"""Pages of failures, messages and nonces, with requests as an adapter makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nitro_events")

from nitro_events import Caller, Request, Response
from nitro_events.http.dispatch import present
from nitro_events.http.problems import Problem, unforeseen
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_templates import Failure, Page, configure, error_page
from nitro_templates.html import Element
from nitro_templates.tags import B, P
from nitro_templates.with_events.toasts import go_to, toast

HTML = {"accept": "text/html", "host": "testserver", "referer": "http://testserver/list?q=1"}
BOB = Caller("bob", "Bob", host="testclient")


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    events.reset()
    connect()
    yield
    events.reset()


def request(path: str = "/x", framework: object = None, **headers: str) -> Request:
    return Request("GET", path, headers={**HTML, **headers}, caller=BOB, framework=framework)


def text(response: Response | None) -> str:
    assert response is not None
    return response.body.decode()


def told(problem: Problem, **headers: str) -> Response:
    return asyncio.run(present(request(**headers), problem))


@pytest.mark.parametrize("status", [403, 404, 409, 422, 500])
def test_every_failure_has_a_page(status: int) -> None:
    response = told(Problem(status, "Title of it"))

    assert response.status == status
    assert "<h1>Title of it</h1>" in text(response)
    assert 'href="/list?q=1"' in text(response)


def test_nothing_of_the_inside_is_on_the_page() -> None:
    problem = unforeseen(RuntimeError("the password is 1234"))

    page = text(told(problem))

    assert "password" not in page
    assert "RuntimeError" not in page
    assert problem.id is not None
    assert problem.id in page


def test_an_application_replaces_the_page_and_keeps_the_status() -> None:
    @error_page(404)
    def missing(failure: Failure) -> Page:
        return Page(P("Gone fishing"), title="Nobody here")

    response = told(Problem(404, "Not found"))

    assert response.status == 404
    assert "Gone fishing" in text(response)
    assert "Gone fishing" not in text(told(Problem(403, "Not allowed")))


def test_a_page_that_fails_itself_does_not_hide_what_happened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(content: Element, context: Any) -> Element:
        msg = "the frame asks the database"
        raise RuntimeError(msg)

    configure(layout=broken)

    response = told(Problem(404, "Not found"))

    assert response.status == 404
    assert "<h1>Not found</h1>" in text(response)
    assert "database" not in text(response)
    assert "The page for status 404 failed" in caplog.text


def test_pages_have_the_headers_that_protect_them() -> None:
    for response in (told(Problem(404, "Not found")), to_response(Page("x"), request())):
        assert response is not None
        headers = dict(response.headers)
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_nonce_comes_from_the_request_of_the_framework() -> None:
    configure(nonce=lambda framework: framework["nonce"])

    page = text(to_response(Page("x"), request(framework={"nonce": "abc"})))

    assert page.count("<script") == page.count('nonce="abc"') == 2


def test_a_message_is_a_patch() -> None:
    sent = toast("<Saved> ", B("well"), kind="warning", seconds=3).encode().decode()

    assert "data: selector #nitro-toasts" in sent
    assert "data: mode append" in sent
    assert "&lt;Saved&gt; <b>well</b>" in sent
    assert 'data-seconds="3"' in sent


def test_a_handler_answers_messages_and_other_patches() -> None:
    response = to_response([toast("one"), go_to("/next", message="two", kind="info")], request())

    sent = text(response)
    assert sent.count("event: datastar-patch-elements") == 2
    assert 'data-nitro-toast="two" data-nitro-kind="info"' in sent
    assert 'href="/next"' in sent


def test_a_message_cannot_end_the_event_it_is_in(hostile: str) -> None:
    sent = toast(hostile).encode().decode()

    assert sent.count("event:") == 1 or "event:" in hostile
    assert "<script" not in sent
    assert "<img" not in sent


def test_a_page_comes_in_the_theme_that_its_reader_has_chosen() -> None:
    page = to_response(Page("x", title="t"), request(cookie="a=b; nitro-theme=dark"))
    pinned = to_response(Page("x", title="t", theme="light"), request(cookie="nitro-theme=dark"))

    assert 'data-theme="dark"' in text(page)[:200]
    assert 'data-theme="light"' in text(pinned)[:200]


def test_a_theme_that_nobody_offered_is_none() -> None:
    page = to_response(Page("x", title="t"), request(cookie='nitro-theme="><b>"'))

    assert "data-theme" not in text(page)[:200]
