"""No other site acts for a visitor, and no verb does what another is for."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import httpx
import pytest

from support.server import Server

BODIES = {
    "application/json": b'{"amount":1}',
    "application/x-www-form-urlencoded": b"amount=1",
    "text/plain": b'{"amount":1}',
    "": b'{"amount":1}',
    "multipart/form-data; boundary=x": (
        b'--x\r\ncontent-disposition: form-data; name="amount"\r\n\r\n1\r\n--x--\r\n'
    ),
}
FOREIGN: dict[str, dict[str, str]] = {
    "same-site": {"sec-fetch-site": "same-site"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "typed": {"sec-fetch-site": "none"},
    "empty": {"sec-fetch-site": ""},
    "two": {"sec-fetch-site": "same-origin, cross-site"},
    "navigation": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    "null": {"origin": "null"},
    "another": {"origin": "https://evil.example"},
    "port": {"origin": "http://127.0.0.1:1"},
    "longer": {"origin": "http://127.0.0.1.evil.example"},
    "its host": {"origin": "http://evil.example", "host": "evil.example"},
    "forwarded": {"origin": "http://evil.example", "x-forwarded-host": "evil.example"},
    "site over origin": {"sec-fetch-site": "cross-site", "origin": "{own}"},
    "user": {"origin": "http://x@{host}"},
    "file": {"origin": "file://"},
}


@pytest.mark.parametrize("who", FOREIGN)
def test_another_site_changes_nothing(
    hostile: Server,
    http: httpx.Client,
    account: str,
    who: str,
    balance: Callable[[httpx.Client, str], int],
) -> None:
    own, host = hostile.url, hostile.url.removeprefix("http://")
    filled = {n: v.format(own=own, host=host) for n, v in FOREIGN[who].items()}
    for (kind, content), cookie in itertools.product(BODIES.items(), ({}, {"cookie": "s=1"})):
        headers = {"content-type": kind, **filled, **cookie}
        path = f"/accounts/{account}/pay_in"
        assert http.post(path, content=content, headers=headers).status_code in (403, 415)
    assert balance(http, account) == 0


def test_with_a_cookie_a_request_must_say_where_it_comes_from(
    hostile: Server, http: httpx.Client, account: str
) -> None:
    path, one = f"/accounts/{account}/pay_in", {"amount": 1}
    cookie = {"cookie": "session=1"}
    assert http.post(path, json=one, headers=cookie).status_code == 403
    assert http.post(path, json=one).status_code == 204
    said = {"sec-fetch-site": "same-origin"}
    assert http.post(path, json=one, headers=cookie | said).status_code == 204
    assert http.post(path, json=one, headers=cookie | {"origin": hostile.url}).status_code == 204


@pytest.mark.parametrize("verb", ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "X"])
def test_a_verb_that_reads_changes_nothing(
    http: httpx.Client, account: str, verb: str, balance: Callable[[httpx.Client, str], int]
) -> None:
    override = {name: "POST" for name in ("x-http-method-override", "x-method-override")}
    for path in ("", "/delete", "/pay_in", "/fail", "/told", "/save", "/close_all"):
        answer = http.request(
            verb,
            f"/accounts/{account}{path}?amount=1&_method=DELETE",
            headers=override,
        )
        assert answer.status_code < 500
    assert balance(http, account) == 0


@pytest.mark.parametrize(
    "name",
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "x-client-ip",
     "cf-connecting-ip", "true-client-ip", "fastly-client-ip", "x-envoy-external-address"],
)  # fmt: skip
def test_who_comes_through_a_proxy_is_not_this_machine(
    http: httpx.Client, account: str, name: str
) -> None:
    headers = {name: "127.0.0.1"}
    path = f"/accounts/{account}"
    assert http.post(f"{path}/pay_in", json={"amount": 1}, headers=headers).status_code == 403
    assert http.get(f"{path}/edit", headers=headers).status_code == 403
    with http.stream("GET", "/", headers=headers | {"nitro-live": "1"}) as stream:
        assert stream.status_code == 204


def test_a_name_that_was_made_to_point_here_is_not_this_machine(
    http: httpx.Client, account: str
) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example"):
        headers = {"host": host, "origin": f"http://{host}"}
        answer = http.post(f"/accounts/{account}/pay_in", json={"amount": 1}, headers=headers)
        assert answer.status_code == 403, host


def test_another_site_opens_no_stream(http: httpx.Client) -> None:
    headers = {"nitro-live": "1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
    with http.stream("GET", "/", headers=headers) as stream:
        assert stream.status_code == 403


def test_in_production_nothing_generated_answers_without_a_policy(
    new_server: Callable[..., Server], connect: Callable[[Server], httpx.Client]
) -> None:
    server = new_server(NITRO_ENV="production", NITRO_SECRET="x" * 32)
    server.start()
    with connect(server) as http:
        for verb, path in [
            ("GET", "/accounts/new"), ("POST", "/accounts"), ("GET", "/accounts/x/edit"),
            ("GET", "/accounts/x/delete"), ("PATCH", "/accounts/x"), ("PUT", "/accounts/x"),
            ("DELETE", "/accounts/x"), ("POST", "/accounts/x/delete"),
            ("POST", "/accounts/x/pay_in"), ("GET", "/accounts/x/told"),
            ("GET", "/accounts/x/pay_in"), ("POST", "/accounts/close_all"),
        ]:  # fmt: skip
            assert http.request(verb, path).status_code == 403, (verb, path)
        with http.stream("GET", "/", headers={"nitro-live": "1"}) as stream:
            assert stream.status_code == 204


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"NITRO_ENV": "production"}, "NITRO_SECRET, which is not set"),
        ({"NITRO_ENV": "prod"}, "'development' or 'production'"),
    ],
)
def test_an_application_with_wrong_settings_does_not_start(
    new_server: Callable[..., Server], env: dict[str, str], said: str
) -> None:
    server = new_server(**env)
    with pytest.raises(RuntimeError, match="ended while starting"):
        server.start()
    assert said in server.log
    assert "Traceback" not in server.log
