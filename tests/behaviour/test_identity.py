"""Whom the framework has logged in is who Nitro asks the policy about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from behaviour.hosts import Hosted
from behaviour.people import Listening, browser, form_at, make, program, send


@contextmanager
def logged_in(server: Hosted, user: str) -> Iterator[httpx.Client]:
    """A browser in which *user* is logged in."""
    with browser(server) as http:
        answer = http.post("/login", json={"user": user})
        assert (answer.status_code, answer.json()) == (200, {"user": user})
        yield http


@pytest.fixture
def ann(server: Hosted) -> Iterator[httpx.Client]:
    """A browser in which Ann is logged in."""
    with logged_in(server, "ann") as http:
        yield http


def whoami(http: httpx.Client) -> object:
    return http.get("/whoami", headers={"accept": "application/json"}).json()["user"]


def test_who_has_not_logged_in_is_nobody(http: httpx.Client) -> None:
    assert whoami(http) is None


def test_who_logs_in_is_known(ann: httpx.Client) -> None:
    assert whoami(ann) == "ann"


def test_a_login_may_be_a_form(plain: httpx.Client) -> None:
    assert plain.post("/login", data={"user": "ben"}).status_code < 400

    assert whoami(plain) == "ben"


def test_who_is_not_known_cannot_log_in(plain: httpx.Client) -> None:
    assert plain.post("/login", json={"user": "mallory"}).status_code == 401

    assert whoami(plain) is None


def test_who_logs_out_is_nobody(ann: httpx.Client) -> None:
    assert ann.post("/logout", json={}).status_code < 400

    assert whoami(ann) is None


def test_the_policy_is_asked_about_who_is_logged_in(server: Hosted, ann: httpx.Client) -> None:
    with program(server) as nobody, logged_in(server, "ben") as ben:
        id = make(nobody, "Kept", note="for ann")

        assert nobody.delete(f"/parcels/{id}").status_code == 403
        assert ben.delete(f"/parcels/{id}").status_code == 403
        assert ann.delete(f"/parcels/{id}", headers={"accept": "*/*"}).status_code == 204


def test_a_form_made_for_one_is_not_accepted_from_another(
    server: Hosted, ann: httpx.Client
) -> None:
    form = form_at(ann, "/new", name="Ann's")
    with logged_in(server, "ben") as ben:
        refused = send(ben, form)

    assert refused.status_code in (400, 403)


def test_who_changed_it_is_told_in_a_conflict(server: Hosted, ann: httpx.Client) -> None:
    id = make(ann, "Told by name")
    with logged_in(server, "ben") as ben:
        mine = form_at(ann, f"/parcels/{id}/edit", note="of ann")
        send(ben, form_at(ben, f"/parcels/{id}/edit", note="of ben"))
        refused = send(ann, mine)

    assert refused.status_code == 409
    assert "ben" in refused.text.replace("of ben", "")


def test_a_stream_ends_when_its_reader_logs_out(server: Hosted) -> None:
    with logged_in(server, "eve") as eve, Listening(server, http=eve) as page:
        page.until("retry:")
        assert eve.post("/logout", json={}).status_code < 400
        page.ends()


def test_a_logout_leaves_the_streams_of_others_open(server: Hosted, ann: httpx.Client) -> None:
    with logged_in(server, "ben") as ben, Listening(server, "/?q=Open", http=ann) as page:
        page.until("retry:")
        ben.post("/logout", json={})
        with program(server) as http:
            id = make(http, "Open")
        page.until(f"parcels-{id}")
