"""What a view answers and what is stored must agree, by whatever way the framework has it said."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nitro_entities import Entity
from nitro_events import configure
from nitro_events.state import state


class Turnstile(Entity):
    count: int = 0


class Refusal(Exception):
    """Something of the application, which it answers itself."""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    state.reset()
    configure(policy=lambda *_: True, secret="a secret for these tests alone")
    Turnstile(id="all").save()
    yield
    Turnstile.get("all").delete()
    state.reset()


def bump() -> None:
    Turnstile.get("all").count += 1


def stored() -> int:
    return Turnstile.get("all").count


def starlette(handler: Callable[..., Any], kind: Any) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from nitro_starlette import install

    async def handled(_request: object, _error: object) -> Any:
        return PlainTextResponse("handled")

    routes = [Route("/x", handler, methods=["POST"])]
    return TestClient(install(Starlette(routes=routes, exception_handlers={kind: handled})))


@pytest.mark.parametrize("is_async", [True, False])
def test_an_error_that_the_application_answers_with_success_undoes_all_in_starlette(
    is_async: bool,
) -> None:
    def fails(_request: object) -> Any:
        bump()
        raise Refusal

    async def afails(_request: object) -> Any:
        fails(_request)

    http = starlette(afails if is_async else fails, Refusal)

    assert http.post("/x").text == "handled"
    assert stored() == 0


def test_a_refusal_that_is_answered_with_success_undoes_all_in_starlette() -> None:
    from starlette.exceptions import HTTPException

    async def refuses(_request: object) -> Any:
        bump()
        raise HTTPException(409)

    assert starlette(refuses, 409).post("/x").status_code == 200
    assert stored() == 0


def test_an_exception_that_only_redirects_undoes_nothing_in_starlette() -> None:
    from starlette.exceptions import HTTPException

    async def redirects(_request: object) -> Any:
        bump()
        raise HTTPException(303, headers={"location": "/"})

    http = starlette(redirects, Refusal)

    assert http.post("/x", follow_redirects=False).status_code == 303
    assert stored() == 1


@pytest.mark.parametrize("where", ["endpoint", "dependency"])
@pytest.mark.parametrize("is_async", [True, False])
def test_an_error_that_the_application_answers_with_success_undoes_all_in_fastapi(
    where: str, is_async: bool
) -> None:
    from fastapi import Depends, FastAPI
    from fastapi.responses import PlainTextResponse
    from fastapi.testclient import TestClient

    from nitro_fastapi import install

    app = install(FastAPI())

    def handled(_request: object, _error: Exception) -> Any:
        return PlainTextResponse("handled")

    async def ahandled(_request: object, _error: Exception) -> Any:
        return PlainTextResponse("handled")

    app.add_exception_handler(Refusal, ahandled if is_async else handled)

    def fails() -> None:
        bump()
        raise Refusal

    if where == "endpoint":
        app.post("/x")(fails)
    else:
        app.post("/x", dependencies=[Depends(fails)])(lambda: None)

    assert TestClient(app).post("/x").text == "handled"
    assert stored() == 0


def test_an_error_page_with_parts_of_ours_stores_nothing_in_fasthtml() -> None:
    from fasthtml.common import (  # type: ignore[import-untyped]
        Div,
        FastHTML,
        HTTPException,
    )
    from starlette.testclient import TestClient

    from nitro_fasthtml import install
    from nitro_templates import B

    def page(_request: object, _error: object) -> Any:
        return Div(B("Not now"))

    app = install(FastHTML(exception_handlers={409: page}, secret_key="k" * 20))

    @app.post("/x")  # type: ignore[untyped-decorator]
    def refuses() -> None:
        bump()
        raise HTTPException(409)

    answer = TestClient(app).post("/x")

    assert answer.status_code == 409
    assert "<b>Not now</b>" in answer.text
    assert stored() == 0


@pytest.mark.parametrize("kind", ["litestar", "starlette"])
def test_an_asgi_answer_of_a_refusal_stores_nothing_in_litestar(kind: str) -> None:
    from litestar import Litestar, post
    from litestar.response.base import ASGIResponse
    from litestar.testing import TestClient
    from starlette.responses import Response as StarletteResponse

    from nitro_litestar import NitroPlugin

    answer: Any = ASGIResponse if kind == "litestar" else StarletteResponse

    def view(status: int) -> Any:
        def called() -> Any:
            bump()
            return answer(status_code=status)

        called.__annotations__["return"] = answer
        return post(f"/{status}", sync_to_thread=False)(called)

    with TestClient(Litestar([view(409), view(200)], plugins=[NitroPlugin()])) as http:
        assert http.post("/409").status_code == 409
        assert stored() == 0
        assert http.post("/200").status_code == 200
        assert stored() == 1
