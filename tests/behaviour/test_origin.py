"""No other site acts for a visitor, and no verb does what another is for."""

from __future__ import annotations

import itertools

import httpx
import pytest

from behaviour.hosts import Hosted
from behaviour.people import make, read

BODIES = {
    "application/json": b'{"by":1}',
    "application/x-www-form-urlencoded": b"by=1",
    "text/plain": b'{"by":1}',
    "": b'{"by":1}',
    "multipart/form-data; boundary=x": (
        b'--x\r\ncontent-disposition: form-data; name="by"\r\n\r\n1\r\n--x--\r\n'
    ),
}
FOREIGN: dict[str, dict[str, str]] = {
    "same-site": {"sec-fetch-site": "same-site"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "typed": {"sec-fetch-site": "none"},
    "navigation": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    "null": {"origin": "null"},
    "another": {"origin": "https://evil.example"},
    "port": {"origin": "http://127.0.0.1:1"},
    "longer": {"origin": "http://127.0.0.1.evil.example"},
    "forwarded": {"origin": "http://evil.example", "x-forwarded-host": "evil.example"},
    "site over origin": {"sec-fetch-site": "cross-site", "origin": "{own}"},
}
COOKIES: dict[str, dict[str, str]] = {"without a cookie": {}, "with one": {"cookie": "s=1"}}


@pytest.fixture
def untouched(http: httpx.Client) -> str:
    """A parcel that nothing may change."""
    return make(http, "Untouched", weight=0)


def paths(id: str) -> list[tuple[str, str]]:
    """What changes something, when it may."""
    return [
        ("POST", f"/parcels/{id}/grow"),
        ("POST", f"/cmds/parcels.grow/{id}"),
        ("PATCH", f"/parcels/{id}"),
        ("POST", f"/parcels/{id}/delete"),
        ("DELETE", f"/parcels/{id}"),
    ]


@pytest.mark.parametrize("who", FOREIGN)
@pytest.mark.parametrize("cookie", COOKIES)
def test_another_site_changes_nothing(
    server: Hosted, http: httpx.Client, untouched: str, who: str, cookie: str
) -> None:
    said = {name: text.format(own=server.url) for name, text in FOREIGN[who].items()}
    for (verb, path), kind in itertools.product(paths(untouched), BODIES):
        headers = {"content-type": kind, **said, **COOKIES[cookie]}
        answer = http.request(verb, path, content=BODIES[kind], headers=headers)
        assert answer.status_code in (403, 415), (verb, path, kind)

    assert read(http, untouched)["weight"] == 0


def test_with_a_cookie_a_request_must_say_where_it_comes_from(
    server: Hosted, http: httpx.Client, untouched: str
) -> None:
    path, cookie = f"/parcels/{untouched}/grow", {"cookie": "session=1"}
    site, origin = {"sec-fetch-site": "same-origin"}, {"origin": server.url}

    statuses = [
        http.post(path, json={"by": 1}, headers=headers).status_code
        for headers in (cookie, {}, cookie | site, cookie | origin)
    ]

    assert statuses == [403, 204, 204, 204]
    assert read(http, untouched)["weight"] == 3


@pytest.mark.parametrize("kind", ["text/plain", "", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("cookie", COOKIES)
def test_a_body_that_any_site_may_send_changes_nothing(
    server: Hosted, http: httpx.Client, untouched: str, kind: str, cookie: str
) -> None:
    for where in ({}, {"sec-fetch-site": "same-origin"}, {"origin": server.url}):
        answer = http.post(
            f"/parcels/{untouched}/grow",
            content=BODIES[kind],
            headers={"content-type": kind, **where, **COOKIES[cookie]},
        )
        assert 400 <= answer.status_code < 500

    assert read(http, untouched)["weight"] == 0


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_form_without_a_seal_changes_nothing(
    server: Hosted, http: httpx.Client, untouched: str, cookie: str
) -> None:
    for path in ("/parcels", f"/parcels/{untouched}"):
        headers = {"origin": server.url, **COOKIES[cookie]}
        answer = http.post(path, data={"name": "Unsealed", "weight": "9"}, headers=headers)
        assert answer.status_code == 400

    assert read(http, untouched)["weight"] == 0
    assert "Unsealed" not in http.get("/").text


@pytest.mark.parametrize("verb", ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "X"])
@pytest.mark.parametrize("cookie", COOKIES)
def test_a_verb_that_reads_changes_nothing(
    http: httpx.Client, untouched: str, verb: str, cookie: str
) -> None:
    override = {name: "POST" for name in ("x-http-method-override", "x-method-override")}
    for path in ("", "/delete", "/grow", "/afail", "/save"):
        answer = http.request(
            verb,
            f"/parcels/{untouched}{path}?by=1&_method=DELETE",
            headers=override | COOKIES[cookie],
        )
        assert answer.status_code < 500 or (verb in ("X", "QUERY") and answer.status_code == 501)

    assert read(http, untouched)["weight"] == 0


def test_the_wrong_verb_is_told_which_one_is_right(http: httpx.Client, untouched: str) -> None:
    answer = http.delete(f"/parcels/{untouched}/grow")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}


def test_a_head_is_a_get_without_a_body(http: httpx.Client, untouched: str) -> None:
    asked, headed = (http.request(verb, "/parcels/heaviest") for verb in ("GET", "HEAD"))

    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["content-type"] == asked.headers["content-type"]


def test_who_comes_from_elsewhere_reads_and_writes_what_the_policy_says(
    http: httpx.Client, untouched: str
) -> None:
    http.patch(f"/parcels/{untouched}", json={"note": "for ann"})

    assert http.delete(f"/parcels/{untouched}").status_code == 403
    assert read(http, untouched)["note"] == "for ann"
