"""What hand-written endpoints return, in an application with Nitro."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Mount, Route, Router
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from nitro_events import patch_signals
from nitro_starlette import install


class Bold:
    def __html__(self) -> str:
        return "<b>bold</b>"


def bold(request: Request) -> Any:
    return Bold()


async def abold(request: Request) -> Any:
    return Bold()


class Page(HTTPEndpoint):
    def get(self, request: Request) -> Any:
        return Bold()

    async def post(self, request: Request) -> Any:
        return patch_signals({"a": 1})

    def put(self, request: Request) -> Response:
        return JSONResponse({"own": True})


def client(*routes: Any) -> TestClient:
    return TestClient(install(Starlette(routes=routes)))


@pytest.mark.parametrize("endpoint", [bold, abold, Page, Page(dict(type="http"), *[None] * 2).get])  # type: ignore[arg-type]
def test_an_object_with_html_is_served_as_html(endpoint: Any) -> None:
    answer = client(Route("/", endpoint)).get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<b>bold</b>"


def test_a_partial_function_is_an_endpoint_too() -> None:
    def endpoint(value: Any, request: Request) -> Any:
        return value

    async def aendpoint(value: Any, request: Request) -> Any:
        return value

    http = client(
        Route("/", partial(endpoint, Bold()), name="one"),
        Route("/a", partial(aendpoint, Bold()), name="two"),
    )

    assert (http.get("/").text, http.get("/a").text) == ("<b>bold</b>", "<b>bold</b>")


def test_the_verbs_of_an_endpoint_class_answer_each_for_themselves() -> None:
    http = client(Route("/", Page))

    assert http.head("/").headers["content-length"] == "11"
    assert "datastar-patch-signals" in http.post("/").text
    assert http.put("/").json() == {"own": True}
    assert http.patch("/").status_code == 405


@pytest.mark.parametrize(
    "wrapped",
    [
        Mount("/in", routes=[Route("/", bold)]),
        Mount("/in", app=Router([Mount("/", routes=[Route("/", bold)])])),
        Mount("/in", app=Starlette(routes=[Route("/", bold)])),
        Mount("/in", routes=[Route("/", bold)], middleware=[Middleware(GZipMiddleware)]),
        Host("testserver", app=Router([Route("/in/", bold)])),
        Route("/in/", bold, middleware=[Middleware(GZipMiddleware), Middleware(GZipMiddleware)]),
        Route("/in/", Page, middleware=[Middleware(GZipMiddleware)]),
    ],
    ids=["mount", "router", "application", "mounted middleware", "host", "middleware", "class"],
)
def test_routes_are_found_wherever_they_are(wrapped: Any) -> None:
    assert client(wrapped).get("/in/").text == "<b>bold</b>"


def test_a_route_that_is_added_after_the_start_is_found_too() -> None:
    app = install(Starlette(routes=[Mount("/in", app=Router(), name="in")]))
    http = TestClient(app)
    assert http.get("/late").status_code == 404

    app.router.routes.append(Route("/late", bold))
    app.router.routes[0].app.routes.append(Route("/later", bold))  # type: ignore[attr-defined]

    assert http.get("/late").text == "<b>bold</b>"
    assert http.get("/in/later").text == "<b>bold</b>"


def test_an_asgi_application_as_an_endpoint_is_left_alone() -> None:
    class Raw:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await Response("raw")(scope, receive, send)

    assert client(Route("/", Raw())).get("/").text == "raw"


def test_one_route_may_serve_an_application_with_nitro_and_one_without() -> None:
    route = Route("/", bold)
    http = client(route)

    assert http.get("/").text == "<b>bold</b>"
    with pytest.raises(TypeError, match="not callable"):
        TestClient(Starlette(routes=[route])).get("/")


def test_lists_and_dicts_are_json() -> None:
    http = client(
        Route("/list", lambda _: [1, 2]),
        Route("/none", lambda _: []),
        Route("/dict", lambda _: {"a": {"b": 1}}),
    )

    assert http.get("/list").json() == [1, 2]
    assert http.get("/none").json() == []
    assert http.get("/dict").json() == {"a": {"b": 1}}


@pytest.mark.parametrize("value", [None, "text"])
def test_what_is_no_answer_stays_an_error(value: object) -> None:
    with pytest.raises(TypeError, match="not callable"):
        client(Route("/", lambda _: value)).get("/")


def test_patches_that_are_yielded_are_sent_one_by_one() -> None:
    async def patches(request: Request) -> AsyncIterator[object]:
        yield patch_signals({"a": 1})
        yield patch_signals({"b": 2})

    answer = client(Route("/", patches)).get("/", headers={"datastar-request": "true"})

    assert answer.headers["content-type"] == "text/event-stream"
    assert "content-length" not in answer.headers
    assert answer.text.count("event: datastar-patch-signals") == 2


def test_the_endpoint_of_a_route_keeps_its_name_and_its_function() -> None:
    route = Route("/", bold)

    client(route).get("/")

    assert route.endpoint is bold
    assert route.name == "bold"
