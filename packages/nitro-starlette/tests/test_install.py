"""Installing, and what it leaves as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from nitro_events import configure
from nitro_starlette import install


def tutorial() -> Starlette:
    """What the documentation of Starlette shows, more or less."""

    def homepage(request: Request) -> Response:
        return PlainTextResponse("Hello, world!")

    def user(request: Request) -> Response:
        return JSONResponse({"hello": request.path_params["username"]})

    async def echo(request: Request) -> Response:
        return Response(await request.body(), 202, {"x-own": "1"})

    async def drip(request: Request) -> Response:
        def chunks() -> Iterator[str]:
            yield "one,"
            yield "two"

        return StreamingResponse(chunks(), background=BackgroundTask(int))

    def refuse(request: Request) -> Response:
        raise HTTPException(409, "Not now")

    def fail(request: Request) -> Response:
        raise RuntimeError("on purpose")

    return Starlette(
        routes=[
            Route("/", homepage),
            Route("/user/{username}", user),
            Route("/echo", echo, methods=["POST"]),
            Route("/drip", drip),
            Route("/refuse", refuse, methods=["GET", "POST"]),
            Route("/fail", fail, methods=["GET", "POST"]),
            Mount("/sub", routes=[Route("/inside", homepage)]),
        ]
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("HEAD", "/"),
        ("POST", "/"),
        ("GET", "/user/ann"),
        ("GET", "/user/ann/"),
        ("POST", "/echo"),
        ("GET", "/drip"),
        ("GET", "/refuse"),
        ("POST", "/refuse"),
        ("GET", "/fail"),
        ("POST", "/fail"),
        ("GET", "/sub/inside"),
        ("GET", "/nowhere"),
        ("DELETE", "/nowhere"),
    ],
)
def test_a_foreign_route_is_byte_for_byte_the_same(method: str, path: str) -> None:
    plain, with_nitro = tutorial(), install(tutorial())

    one, two = (
        TestClient(app, raise_server_exceptions=False).request(method, path, content="hello")
        for app in (plain, with_nitro)
    )

    assert (one.status_code, one.content) == (two.status_code, two.content)
    assert one.headers.raw == two.headers.raw


def test_an_application_without_nitro_is_left_alone() -> None:
    install(tutorial())

    assert TestClient(tutorial()).get("/").text == "Hello, world!"


def test_installing_returns_the_application_and_twice_is_once() -> None:
    app = Starlette()

    assert install(app) is app
    before = list(app.routes)
    install(app)

    assert app.routes == before


def test_installing_too_late_says_so() -> None:
    app = Starlette()
    TestClient(app).get("/")

    with pytest.raises(RuntimeError, match="where it is made"):
        install(app)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="Starlette"):
        install(object())  # type: ignore[arg-type]


def test_a_framework_with_an_adapter_of_its_own_is_sent_there() -> None:
    class FastAPI(Starlette):
        __module__ = "fastapi.applications"

    with pytest.raises(TypeError, match="pip install nitro-fastapi"):
        install(FastAPI())


def test_production_without_a_secret_does_not_start() -> None:
    app = install(Starlette())
    configure(env="production")

    with pytest.raises(ValueError, match="NITRO_SECRET"):
        TestClient(app).get("/")


def test_the_own_handler_of_an_error_is_kept() -> None:
    from nitro_events.http.problems import NotFound

    def mine(request: Request, error: Any) -> Response:
        return PlainTextResponse("mine", 418)

    def missing(request: Request) -> Response:
        raise NotFound

    app = Starlette(routes=[Route("/", missing)], exception_handlers={NotFound: mine})
    install(app)

    assert TestClient(app).get("/").status_code == 418
