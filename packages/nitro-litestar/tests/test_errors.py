"""Exceptions of actions and of hand-written handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.testing import TestClient
from pydantic import BaseModel

from nitro_entities import Entity, EntityNotFound
from nitro_entities import state as entities
from nitro_events import action
from nitro_events.http.problems import TooManyRequests
from nitro_events.http.tree import RouteConflict

Served = Callable[..., TestClient[Litestar]]


class Foreign(BaseModel):
    number: int


class LitestarErrand(Entity):
    title: str


@pytest.fixture(autouse=True)
def fresh_entities() -> Iterator[None]:
    yield
    entities.state.reset()


@get("/missing")
async def missing() -> LitestarErrand:
    return await LitestarErrand.aget("nobody")


@post("/invalid")
async def invalid() -> LitestarErrand:
    return LitestarErrand(title=5)


@post("/models")
async def models() -> None:
    Foreign.model_validate({"number": "x"})


def test_an_entity_that_is_not_there_is_404(served: Served) -> None:
    answer = served(missing).get("/missing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_value_that_an_entity_refuses_is_422_with_the_field(served: Served) -> None:
    answer = served(invalid).post("/invalid")

    assert answer.status_code == 422
    assert "title" in answer.json()["errors"]


def test_too_many_requests_say_when_to_try_again(served: Served) -> None:
    @get("/fast")
    async def fast() -> None:
        raise TooManyRequests("Not so fast", retry_after=7)

    answer = served(fast).get("/fast")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_an_error_behind_middleware_is_told_in_the_same_way(served: Served) -> None:
    def passes(app: Any) -> Any:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            await app(scope, receive, send)

        return call

    answer = served(missing, middleware=[passes]).get("/missing")

    assert answer.headers["content-type"] == "application/problem+json"


def test_a_handler_of_the_application_for_the_error_comes_first(served: Served) -> None:
    def mine(request: Request[Any, Any, Any], error: EntityNotFound) -> Response[str]:
        return Response("mine", status_code=410)

    answer = served(missing, exception_handlers={EntityNotFound: mine}).get("/missing")

    assert (answer.status_code, answer.text) == (410, "mine")


@pytest.mark.parametrize("debug", [False, True])
def test_a_model_that_is_no_entity_fails_as_it_would_without_us(
    served: Served, debug: bool
) -> None:
    answer = served(models, debug=debug).post("/models")

    assert answer.status_code == 500
    assert ("Foreign" in answer.text) is debug


def test_a_handler_of_the_application_for_such_models_is_asked(served: Served) -> None:
    def mine(request: Request[Any, Any, Any], error: ValueError) -> Response[str]:
        return Response("mine", status_code=418)

    answer = served(models, exception_handlers={ValueError: mine}).post("/models")

    assert (answer.status_code, answer.text) == (418, "mine")


def test_a_status_handler_of_the_application_is_asked_for_such_models(served: Served) -> None:
    def mine(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        return Response("mine", status_code=500)

    assert served(models, exception_handlers={500: mine}).post("/models").text == "mine"


def test_an_unforeseen_error_of_a_handler_is_told_by_litestar(served: Served) -> None:
    @post("/fail")
    async def fail() -> None:
        raise RuntimeError("secret detail")

    answer = served(fail, debug=False).post("/fail")

    assert answer.json() == {"status_code": 500, "detail": "Internal Server Error"}


def test_an_http_exception_of_an_action_keeps_its_status(served: Served) -> None:
    @action
    def brew() -> None:
        raise HTTPException("Short and stout", status_code=418, headers={"x-tea": "yes"})

    answer = served().post("/brew", json={})

    assert answer.status_code == 418
    assert answer.json()["detail"] == "Short and stout"
    assert answer.headers["x-tea"] == "yes"


def test_an_unforeseen_error_of_an_action_is_told_by_an_id_only(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @action
    def fail() -> None:
        raise RuntimeError("secret detail")

    answer = served(debug=True).post("/fail", json={})

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json()["id"] in caplog.text


def test_a_browser_reads_of_the_error_on_a_page(served: Served) -> None:
    pytest.importorskip("nitro_templates")

    answer = served(missing).get("/missing", headers={"accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_datastar_reads_of_the_error_in_a_patch_of_status_200(served: Served) -> None:
    pytest.importorskip("nitro_templates")

    answer = served(invalid).post("/invalid", headers={"datastar-request": "true"})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_path_that_two_ask_for_is_answered_as_any_other_failure(served: Served) -> None:
    http = served()
    assert http.get("/nowhere").status_code == 404  # it has started by now

    @action(path="/same")
    def one() -> None: ...

    @action(path="/same")
    def other() -> None: ...

    answer = http.post("/same", json={})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_routes_that_clash_end_the_start_with_their_error(served: Served) -> None:
    @action(path="/clash")
    def one() -> None: ...

    @action(path="/clash")
    def other() -> None: ...

    with pytest.raises(RouteConflict, match="/clash"), served():
        pass
