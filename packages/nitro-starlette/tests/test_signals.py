"""Reading what Datastar sends."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nitro_starlette import install, read_signals


async def read(request: Request) -> Response:
    return JSONResponse(dict(await read_signals(request)))


@pytest.fixture
def http() -> TestClient:
    app = Starlette(routes=[Route("/read", read, methods=["GET", "POST", "DELETE"])])
    return TestClient(install(app))


def test_signals_are_read_with_attribute_access(http: TestClient) -> None:
    async def add(request: Request) -> Any:
        signals = await read_signals(request)
        return {"total": signals.a + signals.b}

    app = install(Starlette(routes=[Route("/", add, methods=["POST"])]))

    assert TestClient(app).post("/", json={"a": 1, "b": 2}).json() == {"total": 3}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_signals_are_read_from_the_query(http: TestClient, method: str) -> None:
    answer = http.request(method, "/read", params={"datastar": '{"a": 1}'})

    assert answer.json() == {"a": 1}


def test_nothing_sent_is_no_signals(http: TestClient) -> None:
    assert http.post("/read").json() == {}


def test_the_body_can_be_read_again(http: TestClient) -> None:
    async def twice(request: Request) -> Response:
        signals = dict(await read_signals(request))
        return JSONResponse([signals, await request.json(), dict(await read_signals(request))])

    app = install(Starlette(routes=[Route("/", twice, methods=["POST"])]))

    assert TestClient(app).post("/", json={"a": 1}).json() == [{"a": 1}] * 3


def test_a_body_that_is_gone_is_said_and_not_waited_for() -> None:
    async def late(request: Request) -> Response:
        async for _ in request.stream():
            pass
        return JSONResponse(dict(await read_signals(request)))

    app = install(Starlette(routes=[Route("/", late, methods=["POST"])]))

    with pytest.raises(RuntimeError, match="read before"):
        TestClient(app).post("/", json={"a": 1})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"null", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 413),
        (b"[" * 10_000, 400),
        (b'{"a": NaN}', 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_signals_that_are_rubbish_are_refused(http: TestClient, body: bytes, status: int) -> None:
    answer = http.post("/read", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status


def test_a_signal_that_did_not_come_is_the_callers_mistake(http: TestClient) -> None:
    async def ask(request: Request) -> Any:
        return {"quantity": (await read_signals(request)).quantity}

    app = install(Starlette(routes=[Route("/", ask, methods=["POST"])]))
    answer = TestClient(app).post("/", json={"name": "Lamp"})

    assert answer.status_code == 422
    assert "quantity" in answer.json()["detail"]
