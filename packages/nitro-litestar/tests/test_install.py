"""How Nitro comes into an application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from nitro_events import action, configure
from nitro_litestar import NitroPlugin, install

Served = Callable[..., TestClient[Litestar]]


class Markup:
    def __html__(self) -> str:
        return "<b>bold</b>"


def make() -> Litestar:
    @get("/page")
    async def page() -> Markup:
        return Markup()

    return Litestar([page], logging_config=None)


def declare_shout() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()


def test_an_application_that_is_made_already_gets_it_too() -> None:
    declare_shout()
    app = make()

    assert install(app) is app

    with TestClient(app) as http:
        assert http.get("/page").text == "<b>bold</b>"
        assert http.post("/shout", json={"text": "hello"}).json() == "HELLO"
        assert "/shout" in http.get("/schema/openapi.json").json()["paths"]
        assert app.route_reverse("nitro:shout") == "/shout"


def test_its_description_is_not_that_of_other_applications() -> None:
    declare_shout()
    install(make())

    document = TestClient(make()).get("/schema/openapi.json").json()

    assert "/shout" not in document["paths"]


def test_installing_twice_is_installing_once() -> None:
    app = install(make())
    before = app.routes[:], app.asgi_router

    install(app)

    assert (app.routes, app.asgi_router) == before


def test_installing_beside_the_plugin_does_nothing() -> None:
    app = Litestar(plugins=[NitroPlugin()], logging_config=None)
    router = app.asgi_router

    assert install(app).asgi_router is router


def test_installing_too_late_says_so() -> None:
    app = make()
    TestClient(app).get("/page")

    with pytest.raises(RuntimeError, match="where it is made"):
        install(app)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="Litestar"):
        install(object())  # type: ignore[arg-type]


def test_an_application_without_a_description_may_have_it() -> None:
    declare_shout()
    app = install(Litestar(openapi_config=None, logging_config=None))

    assert TestClient(app).post("/shout", json={"text": "a"}).json() == "A"


def test_production_without_a_secret_does_not_start(served: Served) -> None:
    configure(env="production")

    with pytest.raises(ValueError, match="NITRO_SECRET"), served():
        pass


def test_the_lifespan_of_the_application_runs(served: Served) -> None:
    heard: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        heard.append("start")
        yield
        heard.append("stop")

    with served(lifespan=[lifespan]):
        assert heard == ["start"]

    assert heard == ["start", "stop"]
