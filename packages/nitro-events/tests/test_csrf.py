"""Only our own pages, and programs without cookies, may change things."""

from __future__ import annotations

import pytest

from nitro_events.http.csrf import check
from nitro_events.http.problems import Forbidden, UnsupportedMedia
from nitro_events.http.request import Request
from nitro_events.settings import configure

OWN = {"host": "app.example"}


def post(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "/", headers={**OWN, **named})


@pytest.mark.parametrize(
    "request_",
    [
        post(sec_fetch_site="same-origin", origin="null", cookie="a=b"),
        post(origin="https://app.example", cookie="a=b"),
        post(),
        Request("GET", "/", headers=OWN),
        Request("GET", "/", headers={**OWN, "sec-fetch-site": "none"}),
        Request(
            "GET",
            "/",
            headers={**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        ),
    ],
)
def test_own_pages_and_programs_pass(request_: Request) -> None:
    check(request_)


@pytest.mark.parametrize(
    "request_",
    [
        post(sec_fetch_site="same-site", origin="https://app.example"),
        post(sec_fetch_site="cross-site"),
        post(sec_fetch_site="none"),
        post(origin="https://evil.example"),
        post(origin="https://app.example:8443"),
        post(origin="null"),
        post(origin="https://app.example.evil.example"),
        post(origin="http://[broken"),
        post(origin=""),
        post(cookie="session=1"),
        Request("GET", "/", headers={**OWN, "sec-fetch-site": "cross-site"}),
        Request("DELETE", "/", headers={**OWN, "origin": "https://evil.example"}),
    ],
)
def test_everybody_else_is_refused(request_: Request) -> None:
    with pytest.raises(Forbidden):
        check(request_)


def test_text_that_any_site_can_send_is_refused() -> None:
    with pytest.raises(UnsupportedMedia):
        check(post(content_type="text/plain; charset=utf-8", sec_fetch_site="same-origin"))


def test_behind_a_proxy_the_public_origin_counts() -> None:
    configure(public_origin="https://public.example")

    check(post(origin="https://public.example"))
    with pytest.raises(Forbidden):
        check(post(origin="https://app.example"))
