"""What a request tells, and what it refuses to read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nitro_events.http.asgi import request_of
from nitro_events.http.inputs import read_input
from nitro_events.http.problems import BadRequest, TooLarge
from nitro_events.http.request import Request, at_once, root_of
from nitro_events.http.scope_request import ScopeRequest
from nitro_events.policy import Caller
from nitro_events.settings import configure


def test_headers_are_found_in_any_case_and_repeats_are_joined() -> None:
    request = Request("get", "/", headers=[("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2")])

    assert request.method == "GET"
    assert request.headers["x-A"] == "1, 2"
    assert request.cookies == {"a": "1", "b": "2"}
    assert "1" not in repr(request.headers)


def test_the_query_is_read_by_name() -> None:
    request = Request("GET", "/a", query_string="q=x&q=y&empty=&n=%C3%A9")

    assert request.query == {"q": ["x", "y"], "empty": [""], "n": ["é"]}
    assert request.url == "/a?q=x&q=y&empty=&n=%C3%A9"


@pytest.mark.parametrize("query", ["a=%ff", "&".join(["a=1"] * 1001)])
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(BadRequest):
        _ = Request("GET", "/", query_string=query).query


def test_a_browser_is_told_from_a_program() -> None:
    assert Request("GET", "/", headers={"accept": "text/html,*/*"}).wants_html
    assert Request("POST", "/", headers={"datastar-request": "true"}).wants_html
    assert not Request("GET", "/", headers={"accept": "application/json"}).wants_html


def test_a_reconnect_takes_up_where_it_broke_off() -> None:
    assert Request("GET", "/").live_cursor is None
    assert Request("GET", "/", headers={"Nitro-Live": ""}).live_cursor == ""
    both = {"Nitro-Live": "5", "Last-Event-ID": "9"}
    assert Request("GET", "/", headers=both).live_cursor == "9"


def test_the_body_is_read_once_up_to_the_limit() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"12345"

    async def main() -> None:
        request = Request("POST", "/", body=chunks())
        assert await request.body() == await request.body() == b"12345" * 4
        with pytest.raises(TooLarge):
            await Request("POST", "/", body=chunks()).body(19)
        with pytest.raises(TooLarge):
            await Request("POST", "/", headers={"content-length": "20"}, body=chunks()).body(19)
        with pytest.raises(TooLarge):
            await Request("POST", "/", body=b"123").body(2)
        for length in ("-1", "x", "٣", "9" * 30):
            wrong = Request("POST", "/", headers={"content-length": length}, body=chunks())
            with pytest.raises(BadRequest):
                await wrong.body()

    asyncio.run(main())


def test_the_body_may_come_from_a_function() -> None:
    async def whole() -> bytes:
        return b"all"

    assert asyncio.run(Request("POST", "/", body=whole).body()) == b"all"


def test_the_caller_is_who_the_application_says() -> None:
    configure(user=lambda framework: framework["user"])

    caller = Request("GET", "/", framework={"user": 7}, client="10.0.0.1").caller

    assert (caller.id, caller.host) == ("7", "10.0.0.1")


def test_an_async_user_function_is_awaited() -> None:
    async def user(framework: Any) -> Caller:
        return Caller("ann", "Ann")

    configure(user=user)
    request = Request("GET", "/")

    with pytest.raises(RuntimeError, match="identify"):
        _ = request.caller
    assert asyncio.run(request.identify()).label == "Ann"
    assert request.caller.id == "ann"


def test_a_sync_user_function_runs_in_a_thread_when_identified() -> None:
    configure(user=lambda framework: None)

    assert asyncio.run(Request("GET", "/").identify()).id is None


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_a_proxy_is_noticed(name: str) -> None:
    assert Request("GET", "/", headers={name: "1.2.3.4"}).caller.forwarded


@pytest.mark.parametrize(
    ("host", "asked"),
    [("app.example:80", "app.example"), ("[::1]:8000", "::1"), ("", None)],
)
def test_the_caller_knows_which_host_was_asked_for(host: str, asked: str | None) -> None:
    assert Request("GET", "/", headers={"host": host}).caller.asked == asked


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_whose_sender_left_in_its_middle_is_not_read_as_a_whole_one(kind: str) -> None:
    half = b'{"amount": 1}' if kind == "application/json" else b"amount=1"
    messages = [{"type": "http.request", "body": half, "more_body": True}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def run() -> None:
        headers = [(b"content-type", kind.encode())]
        scope = {"method": "POST", "path": "/", "query_string": b"", "headers": headers}
        await read_input(request_of(scope, receive))

    with pytest.raises(BadRequest, match="before it was complete"):
        asyncio.run(run())


def scope_of(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/a",
        "query_string": b"q=1",
        "headers": [(b"Host", b"here"), (b"cookie", b"a=1"), (b"cookie", b"b=2")],
        "client": ("127.0.0.1", 5000),
        **more,
    }


async def nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_a_scope_is_read_when_it_is_asked_for() -> None:
    made: list[object] = []
    scope = scope_of()
    request = ScopeRequest(scope, nothing, framework_request=made.append)

    assert not made
    scope["client"] = ("10.0.0.9", 5000)  # as middleware does that trusts a proxy
    assert request.client == "10.0.0.9"
    assert request.query == {"q": ["1"]}
    assert request.headers == {"host": "here", "cookie": "a=1; b=2"}
    assert request.framework is request.framework
    assert made == [scope]


def test_a_line_end_in_a_header_moves_no_other_header() -> None:
    scope = scope_of(headers=[(b"x-a", b"1\n2"), (b"host", b"here")])

    assert ScopeRequest(scope, nothing).headers == {"x-a": "1\n2", "host": "here"}


def test_a_request_knows_what_it_was_made_of() -> None:
    scope = scope_of()
    request = ScopeRequest(scope, nothing)

    assert request.is_made_of(scope, nothing)
    assert not request.is_made_of(dict(scope), nothing)
    scope["root_path"] = "/a"
    assert not request.is_made_of(scope, nothing)


def test_a_login_that_only_looks_is_called_where_the_request_is_answered() -> None:
    def here(_: object) -> str:
        return str(threading.get_ident())

    asked = Request("GET", "/", login=at_once(here))
    in_thread = Request("GET", "/", login=lambda _: str(threading.get_ident()))

    async def both() -> tuple[str | None, str | None]:
        return (await asked.identify()).id, (await in_thread.identify()).id

    quick, other = asyncio.run(both())

    assert quick == str(threading.get_ident())
    assert other != quick


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "x-forwarded", "forwarded", "Via", "X-Real-IP"]
)
def test_what_a_proxy_adds_says_that_the_request_was_passed_on(name: str) -> None:
    request = Request("GET", "/", headers=[("host", "here"), (name, "1")], client="127.0.0.1")

    assert request.caller.forwarded
    assert not Request("GET", "/", headers=[("not-x-forwarded", "1")]).caller.forwarded


@pytest.mark.parametrize(
    ("mounted", "root"),
    [
        ("", ""),
        ("/", ""),
        ("/x", "/x"),
        ("/x/y/", "/x/y"),
        ("//evil.org", "/evil.org"),
        ("/straße", "/stra%C3%9Fe"),
        ("/a?b#c\\", "/a%3Fb%23c%5C"),
    ],
)
def test_a_root_is_written_as_in_urls_and_stays_a_path(mounted: str, root: str) -> None:
    assert root_of(mounted) == root


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("/stra%C3%9Fe/cities?q=/a", "/cities?q=/a"),
        ("/stra%c3%9fe", "/"),
        ("/straße/", "/"),
        ("/strand/cities", "/strand/cities"),
        ("/cities", "/cities"),
        ("/", "/"),
    ],
)
def test_a_url_of_a_browser_is_read_inside_of_the_application(url: str, inside: str) -> None:
    assert Request("GET", "/", root="/stra%C3%9Fe").inside(url) == inside
    assert Request("GET", "/").inside(url) == url


def test_the_root_is_where_the_application_was_asked_and_not_what_is_mounted_in_it() -> None:
    scope = {**scope_of(), "root_path": "/shop", "path": "/shop/inner/a"}
    request = ScopeRequest(scope, nothing)
    scope["root_path"] = "/shop/inner"  # as a router does that goes on to a mount

    assert (request.root, request.path) == ("/shop", "/inner/a")
