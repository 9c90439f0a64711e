"""Entities in hand-written routes: answers, errors, and one unit for a request."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

pytest.importorskip("nitro_entities")

from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from nitro_entities import Entity, UnitOfWork
from nitro_entities import state as entities
from nitro_events import action
from nitro_starlette import NitroResponse, install


class StarletteTally(Entity):
    count: int = Field(default=0, ge=0, lt=100)

    @action
    def grow(self, by: int) -> None:
        self.count += by


class Foreign(BaseModel):
    number: int


@pytest.fixture(autouse=True)
def tally() -> Iterator[StarletteTally]:
    entities.state.reset()
    yield StarletteTally(id="all").save()
    entities.state.reset()


def grow(by: int = 1) -> int:
    tally = StarletteTally.get("all")
    tally.count += by
    return tally.count


def stored() -> int:
    return StarletteTally.get("all").count


def client(*routes: Any, **options: Any) -> TestClient:
    app = install(Starlette(routes=routes, **options))
    return TestClient(app, raise_server_exceptions=False)


def post(endpoint: Any) -> Route:
    return Route("/", endpoint, methods=["POST"])


def test_an_entity_is_json_and_one_that_is_missing_is_404() -> None:
    http = client(
        Route("/all", lambda _: StarletteTally.all()),
        Route("/where", lambda _: StarletteTally.where()),
        Route("/{id}", lambda request: StarletteTally.get(request.path_params["id"])),
    )
    one = {"id": "all", "count": 0}

    assert http.get("/all").json() == [one]
    assert http.get("/where").json() == [one]
    assert http.get("/x").status_code == 404
    assert http.get("/x").headers["content-type"] == "application/problem+json"


def test_an_entity_is_json_with_a_status_where_one_is_said() -> None:
    def made(request: Request) -> Response:
        return NitroResponse(StarletteTally(id="new"), status_code=201)

    answer = client(Route("/", made)).get("/")

    assert (answer.status_code, answer.json()) == (201, {"id": "new", "count": 0})


async def asynchronous(request: Request) -> Any:
    return {"count": grow()}


def synchronous(request: Request) -> Any:
    return {"count": grow()}


def own_response(request: Request) -> Any:
    return JSONResponse({"count": grow()})


class ByClass(HTTPEndpoint):
    def post(self, request: Request) -> Any:
        return {"count": grow()}


@pytest.mark.parametrize("endpoint", [asynchronous, synchronous, own_response, ByClass])
def test_what_a_handler_changed_is_stored_without_a_save(endpoint: Any) -> None:
    http = client(post(endpoint))

    assert [http.post("/").json() for _ in range(2)] == [{"count": 1}, {"count": 2}]
    assert stored() == 2


def fail(request: Request) -> None:
    grow()
    raise RuntimeError("secret detail")


async def refuse(request: Request) -> None:
    grow()
    raise HTTPException(409, "Not now")


def refuse_by_response(request: Request) -> Response:
    return JSONResponse({"count": grow()}, 422)


def refuse_by_ours(request: Request) -> Response:
    return NitroResponse({"count": grow()}, 400)


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [(fail, 500), (refuse, 409), (refuse_by_response, 422), (refuse_by_ours, 400)],
)
def test_what_a_refused_request_changed_is_taken_back(endpoint: Any, status: int) -> None:
    answer = client(post(endpoint)).post("/")

    assert answer.status_code == status
    assert "secret" not in answer.text
    assert stored() == 0


def test_a_value_that_is_not_valid_is_422_and_says_which() -> None:
    answer = client(post(lambda _: StarletteTally(count=-1))).post("/")

    assert answer.status_code == 422
    assert "count" in answer.json()["errors"]


def test_a_model_that_is_no_entity_fails_as_it_would_without_us() -> None:
    answer = client(post(lambda _: Foreign.model_validate({"number": "x"}))).post("/")

    assert answer.status_code == 500
    assert answer.text == "Internal Server Error"


def somebody_was_faster() -> int:
    mine = StarletteTally.get("all")
    with UnitOfWork(independent=True):
        theirs = StarletteTally.get("all")
        theirs.count += 10
        theirs.save()
    mine.count += 50
    return mine.count


@pytest.mark.parametrize("wrap", [lambda value: value, JSONResponse, NitroResponse])
def test_a_commit_that_fails_answers_409_in_place_of_the_answer(wrap: Any) -> None:
    answer = client(post(lambda _: wrap({"count": somebody_was_faster()}))).post("/")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored() == 10


def test_errors_are_answered_in_mounted_applications_too() -> None:
    def missing(request: Request) -> None:
        StarletteTally.get("nobody")

    inner = Starlette(routes=[Route("/", missing)])

    assert client(Mount("/in", app=inner)).get("/in/").status_code == 404


class Passes(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Response:
        grow()
        response: Response = await call_next(request)
        return response


def test_middleware_of_the_application_is_inside_the_unit() -> None:
    http = client(post(synchronous), middleware=[Middleware(Passes), Middleware(Passes)])

    assert http.post("/").json() == {"count": 3}
    assert stored() == 3


def test_a_background_task_is_outside_the_unit() -> None:
    def later() -> None:
        grow()  # nobody stores this
        tally = StarletteTally.get("all")
        tally.count += 10
        tally.save()

    def endpoint(request: Request) -> Response:
        grow()
        return JSONResponse(None, background=BackgroundTask(later))

    client(post(endpoint)).post("/")

    assert stored() == 11


def test_what_was_changed_before_a_stream_is_stored_when_it_begins() -> None:
    async def chunks() -> AsyncIterator[str]:
        yield f"{stored()},"
        await asyncio.sleep(0)
        yield f"{stored()}"

    def endpoint(request: Request) -> Response:
        grow()
        return StreamingResponse(chunks())

    assert client(post(endpoint)).post("/").text == "1,1"


def test_what_is_yielded_is_stored_before_it_is_sent() -> None:
    async def endpoint(request: Request) -> AsyncIterator[dict[str, int]]:
        yield {"count": grow()}
        yield {"count": grow()}
        raise RuntimeError("secret detail")

    answer = client(post(endpoint)).post("/", headers={"datastar-request": "true"})

    assert answer.text.count("datastar-patch-signals") == 2
    assert "secret" not in answer.text
    assert stored() == 2


def test_a_safe_request_stores_nothing(recwarn: pytest.WarningsRecorder) -> None:
    client(Route("/", synchronous)).get("/")

    assert stored() == 0


def test_generated_routes_work_and_are_found_by_name() -> None:
    app = install(Starlette())
    http = TestClient(app)
    url = app.url_path_for("nitro:starlette-tallies.grow", id="all")

    assert http.post(url, json={"by": 3}).status_code in (200, 204)
    assert http.post(url, json={"by": 200}).status_code == 422
    assert http.post(url.replace("all", "x"), json={"by": 1}).status_code == 404
    assert stored() == 3
