"""What a view of Flask answers and what is stored must agree."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, make_response
from werkzeug.exceptions import Conflict

from nitro_entities import Entity
from nitro_events import configure
from nitro_events.live.wsgi import Streams
from nitro_events.state import state
from nitro_flask import Nitro
from nitro_templates import Page, Table


class Ledger(Entity):
    count: int = 0


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    state.reset()
    configure(policy=lambda *_: True, secret="a secret for these tests alone")
    Ledger(id="all").save()
    yield
    Ledger.get("all").delete()
    state.reset()


@pytest.fixture
def app() -> Flask:
    app = Flask("ledgers")
    app.config.update(SECRET_KEY="a secret for these tests alone", PROPAGATE_EXCEPTIONS=False)
    Nitro(app)
    return app


def with_headers() -> Any:
    return make_response("Not now", 409), {"x-mine": "1"}


def with_headers_and_no_status() -> Any:
    return make_response("Not now", 409), None, {"x-mine": "1"}


def returned_in_place_of_raised() -> Any:
    return Conflict()


def another_application() -> Any:
    def refuse(_environ: object, start: Any) -> list[bytes]:
        start("409 Conflict", [])
        return [b"Not now"]

    return refuse


@pytest.mark.parametrize(
    "refusal",
    [
        with_headers,
        with_headers_and_no_status,
        returned_in_place_of_raised,
        another_application,
    ],
)
def test_a_view_that_answers_409_stores_nothing(app: Flask, refusal: Callable[[], Any]) -> None:
    @app.post("/x")
    def view() -> Any:
        Ledger.get("all").count += 1
        return refusal()

    assert app.test_client().post("/x").status_code == 409
    assert Ledger.get("all").count == 0


def test_streams_that_are_never_sent_take_no_place_from_others(app: Flask) -> None:
    @app.get("/")
    def front() -> Any:
        return Page(Table.from_entity(Ledger).reactive(), title="Ledgers")

    @app.after_request
    def fails(_: Any) -> Any:
        raise RuntimeError

    http = app.test_client()
    for _ in range(state.settings.limits.worker_streams):
        assert http.get("/", headers={"Nitro-Live": ""}).status_code == 500

    assert state.part(Streams).enter(most=1)
