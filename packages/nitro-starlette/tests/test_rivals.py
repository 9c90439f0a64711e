"""A router without the routes that cannot match comes to the same as the whole one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute

from nitro_events import action
from nitro_starlette import install
from nitro_starlette.innermost import Innermost
from nitro_starlette.rivals import rivals


@pytest.fixture(autouse=True)
def _declared(fresh: None) -> None:
    @action(path="/rivals/{kind}/win")
    def rival_win(kind: str) -> dict[str, str]:
        return {"generated": kind}

    @action(path="/rivals")
    def rival_all() -> dict[str, str]:
        return {"generated": "all"}


_PARTS = ["rivals", "{kind}", "{kind:path}", "{number:int}", "red", "win", "ri", ""]
_PATHS = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4, unique=True).map(
    lambda parts: "/" + "/".join(parts)
)
_METHODS = st.sampled_from([["GET"], ["POST"], ["PUT", "POST"], ["DELETE"]])
_ASKED = st.lists(st.sampled_from(["rivals", "red", "win", "7", "ri", ""]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)


def route_of(path: str, methods: list[str], kind: str) -> BaseRoute | None:
    """Return a hand-written route, None for a path that Starlette does not take."""

    async def written(_: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{kind} {path} {methods}")

    try:
        if kind == "mount":
            return Mount(path.rstrip("/"), app=Router([Route("/{rest:path}", written)]))
        if kind == "host":
            return Host("other.example", app=Router([Route(path, written, methods=methods)]))
        if kind == "socket":
            return WebSocketRoute(path, written)
        return Route(path, written, methods=methods)
    except (AssertionError, ValueError):
        return None


_ROUTES = st.lists(
    st.builds(
        route_of,
        _PATHS,
        _METHODS,
        st.sampled_from(["route", "route", "route", "mount", "host", "socket"]),
    ).filter(bool),
    max_size=5,
)


async def answer_of(app: Starlette, method: str, path: str) -> tuple[int, bytes]:
    """Return status and body of one request."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
    }
    await app(scope, receive, send)
    return told[0]["status"], b"".join(part.get("body", b"") for part in told[1:])


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(routes=_ROUTES, asked=st.lists(_ASKED, min_size=1, max_size=4), method=_METHODS)
def test_whoever_answers_by_all_routes_answers_by_the_few(
    routes: list[BaseRoute], asked: list[str], method: list[str]
) -> None:
    short, whole = (install(Starlette(routes=list(routes))) for _ in range(2))
    innermost = whole.router.middleware_stack
    assert isinstance(innermost, Innermost)
    innermost._bare = False  # pyright: ignore[reportPrivateUsage]  # so it always takes the long way

    async def both(path: str) -> None:
        of_few = await answer_of(short, method[0], path)
        assert of_few == await answer_of(whole, method[0], path)

    for path in [*asked, "/rivals", "/rivals/red/win"]:
        asyncio.run(both(path))


def test_nearly_all_routes_are_known_not_to_match() -> None:
    async def page(_: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    far, read = Route("/other/{id}", page, methods=["POST"]), Route("/rivals/{id}/win", page)
    near = Route("/rivals/{id}/{what}", page, methods=["POST"])
    below = Mount("/rivals", app=Router())

    found = rivals([far, read, near, below], "POST", "/rivals/{kind}/win")

    assert found == (near, below)


def test_a_route_that_is_added_later_still_wins() -> None:
    app = install(Starlette())

    async def written(_: Request) -> PlainTextResponse:
        return PlainTextResponse("written")

    async def before_and_after() -> tuple[bytes, bytes]:
        _, before = await answer_of(app, "POST", "/rivals/red/win")
        app.router.add_route("/rivals/{kind}/win", written, methods=["POST"])
        _, after = await answer_of(app, "POST", "/rivals/red/win")
        return before, after

    assert asyncio.run(before_and_after()) == (b'{"generated":"red"}', b"written")
