"""Only our own pages, and programs without cookies, may change things."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from nitro_events.http.asgi import Middleware
from nitro_events.http.csrf import acheck, check, token
from nitro_events.http.problems import Forbidden, UnsupportedMedia
from nitro_events.http.request import Request
from nitro_events.policy import Caller
from nitro_events.resources import FORM_PURPOSE, Seal
from nitro_events.settings import configure
from nitro_events.state import state

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


KNOWN = Caller("ann")


def unproven(
    caller: Caller = KNOWN, body: bytes = b"", said: dict[str, str] | None = None, **headers: str
) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {**OWN, "cookie": "a=b", **named, **(said or {})}
    return Request("POST", "/", headers=given, body=body, caller=caller)


@pytest.mark.parametrize("scheme", ["Basic eA==", "Basic\teA==", "negotiate x", "NTLM x"])
def test_a_password_that_the_browser_keeps_is_like_a_cookie(scheme: str) -> None:
    with pytest.raises(Forbidden):
        check(post(authorization=scheme))
    check(post(authorization="Bearer of-a-program"))


def test_a_read_from_another_origin_is_refused_without_the_newer_header_too() -> None:
    with pytest.raises(Forbidden):
        check(Request("GET", "/", headers={**OWN, "origin": "https://evil.example"}))
    check(Request("GET", "/", headers={**OWN, "origin": "https://app.example"}))


def test_a_token_stands_for_the_headers_that_a_proxy_took_away() -> None:
    proof = token(unproven())

    asyncio.run(acheck(unproven(nitro_token=proof)))
    for refused in (
        unproven(),
        unproven(nitro_token="x"),
        unproven(nitro_token=proof + "x"),
        unproven(Caller("bob"), nitro_token=proof),
        unproven(Caller(), nitro_token=proof),
    ):
        with pytest.raises(Forbidden):
            asyncio.run(acheck(refused))


def test_a_token_proves_nothing_against_what_the_browser_says() -> None:
    proof = token(unproven())

    for said in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        with pytest.raises(Forbidden):
            asyncio.run(acheck(unproven(nitro_token=proof, said=said)))


def test_a_token_is_good_for_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = token(unproven())
    monkeypatch.setattr(time, "time", lambda: time.time_ns() / 1e9 + 8 * 24 * 60 * 60)

    with pytest.raises(Forbidden):
        asyncio.run(acheck(unproven(nitro_token=proof)))


def test_nobody_in_particular_gets_no_token() -> None:
    with pytest.raises(Forbidden, match="known user"):
        token(unproven(Caller()))


def test_the_seal_of_a_form_is_a_token_for_who_it_was_made_for() -> None:
    seal = state.sealer.sign(FORM_PURPOSE, Seal("books", "b1", "update", caller="ann").payload())
    body = f"_nitro={seal}&title=x".encode()
    form = {"content-type": "application/x-www-form-urlencoded"}

    asyncio.run(acheck(unproven(body=body, said=form)))
    with pytest.raises(Forbidden):
        asyncio.run(acheck(unproven(Caller("bob"), body=body, said=form)))
    with pytest.raises(Forbidden):
        asyncio.run(acheck(unproven(body=b"title=x", said=form)))


def through_middleware(request: dict[str, str], body: bytes = b"") -> tuple[int, list[bytes]]:
    """Send a POST to a hand-written application; return the status, and the bodies it read."""
    read: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        read.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"app.example")]
    headers += [(name.encode(), value.encode()) for name, value in request.items()]
    scope = {"type": "http", "method": "POST", "path": "/own", "query_string": b""}
    middleware = Middleware(app, lambda scope: scope)
    asyncio.run(middleware({**scope, "headers": headers}, receive, send))
    return sent[0]["status"], read


def test_hand_written_routes_are_left_alone_unless_all_are_protected() -> None:
    foreign = {"origin": "https://evil.example", "cookie": "a=b", "content-type": "text/plain"}
    own = {"sec-fetch-site": "same-origin", "cookie": "a=b", "content-type": "text/plain"}
    assert through_middleware(foreign)[0] == 201

    configure(protect_all=True)
    assert through_middleware(foreign) == (403, [])
    assert through_middleware(own, b"body") == (201, [b"body"])


def test_a_body_that_was_looked_at_is_there_for_the_hand_written_route() -> None:
    configure(protect_all=True, user=lambda _: "ann")
    seal = state.sealer.sign(FORM_PURPOSE, Seal("books", "b1", "update", caller="ann").payload())
    body = f"_nitro={seal}".encode()
    headers = {"cookie": "a=b", "content-type": "application/x-www-form-urlencoded"}

    assert through_middleware(headers, body) == (201, [body])
    assert through_middleware(headers, b"x=1") == (403, [])
