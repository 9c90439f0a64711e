"""Exceptions of actions and of hand-written endpoints."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel

from nitro_events import action
from nitro_events.http.tree import RouteConflict
from nitro_events.state import state
from nitro_fastapi import install


@pytest.fixture
def http() -> Iterator[TestClient]:
    app = FastAPI()
    install(app)

    @app.post("/models")
    def models() -> None:
        Foreign.model_validate({"number": "x"})

    yield TestClient(app, raise_server_exceptions=False)
    state.reset()


class Foreign(BaseModel):
    number: int


def test_an_http_exception_of_an_action_keeps_its_status(http: TestClient) -> None:
    @action
    def brew() -> None:
        raise HTTPException(418, "Short and stout", headers={"x-tea": "yes"})

    answer = http.post("/brew", json={})

    assert answer.status_code == 418
    assert answer.json()["detail"] == "Short and stout"
    assert answer.headers["x-tea"] == "yes"


def test_a_model_that_is_no_entity_fails_as_it_would_without_us(http: TestClient) -> None:
    assert http.post("/models").status_code == 500


def test_a_path_that_two_ask_for_is_answered_as_any_other_failure(http: TestClient) -> None:
    assert http.post("/models").status_code == 500  # it has started by now

    @action(path="/same")
    def one() -> None: ...

    @action(path="/same")
    def other() -> None: ...

    answer = http.post("/same", json={})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_routes_that_clash_end_the_start_with_their_error() -> None:
    @action(path="/clash")
    def one() -> None: ...

    @action(path="/clash")
    def other() -> None: ...

    app = FastAPI()
    install(app)
    with pytest.raises(RouteConflict, match="/clash"), TestClient(app):
        pass
    state.reset()
