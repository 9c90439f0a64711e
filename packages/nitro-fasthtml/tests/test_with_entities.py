"""Entities and pages in hand-written routes, and one unit for a request."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

from fasthtml.common import (
    BackgroundTask,
    HTTPException,
    JSONResponse,
    P,
    StreamingResponse,
    Titled,
    cookie,
)
from pydantic import Field
from starlette.testclient import TestClient

from nitro_entities import Entity, MemoryRepo, SQLEntity, UnitOfWork
from nitro_entities import state as entities
from nitro_events import action, configure
from nitro_fasthtml import NitroResponse
from nitro_templates import Div, Form, Page, Table
from support.form_html import sent_by


class FastTally(Entity):
    _persistence_backend_class = MemoryRepo
    count: int = Field(default=0, ge=0, lt=100)

    @action
    def grow(self, by: int) -> None:
        self.count += by


class FastTown(SQLEntity):
    name: str = Field(min_length=2)


@pytest.fixture(autouse=True)
def fresh_entities(fresh: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_STRICT_LOOP", "1")
    entities.state.reset()
    configure(secret="a secret that is long enough", policy=lambda *_: True)
    FastTally(id="all").save()
    yield
    entities.state.reset()


@pytest.fixture
def http(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def grow(by: int = 1) -> int:
    tally = FastTally.get("all")
    tally.count += by
    return tally.count


def stored() -> int:
    return FastTally.get("all").count


def test_an_entity_is_json_and_one_that_is_missing_is_404(app: Any, http: TestClient) -> None:
    @app.get("/one/{id}")
    def one(id: str) -> Any:
        return FastTally.get(id)

    @app.route("/every")
    def every() -> Any:
        return list(FastTally.all())

    @app.route("/made")
    def made() -> Any:
        return FastTally(id="new"), cookie("a", "b")

    assert http.get("/one/all").json() == {"id": "all", "count": 0}
    assert http.get("/every").json() == [{"id": "all", "count": 0}]
    assert http.get("/made").json() == {"id": "new", "count": 0}
    assert http.get("/one/x").status_code == 404
    assert http.get("/one/x").headers["content-type"] == "application/problem+json"


def test_an_entity_can_be_what_a_form_is_read_into(app: Any, http: TestClient) -> None:
    @app.post("/made")
    def made(tally: FastTally) -> Any:
        return tally

    assert http.post("/made", data={"count": "7"}).json()["count"] == 7
    assert http.post("/made", data={"count": "-7"}).status_code == 422


def test_what_a_handler_changed_is_stored_without_a_save(app: Any, http: TestClient) -> None:
    @app.post("/count")
    def count() -> Any:
        return {"count": grow()}

    @app.post("/acount")
    async def acount() -> Any:
        return P(grow())

    assert http.post("/count").json() == {"count": 1}
    assert "2" in http.post("/acount").text
    assert stored() == 2


@pytest.mark.parametrize("status", [500, 409, 422, 400])
def test_what_a_refused_request_changed_is_taken_back(
    app: Any, http: TestClient, status: int
) -> None:
    @app.post("/no")
    def no() -> Any:
        grow()
        if status == 500:
            raise RuntimeError("secret detail")
        if status == 409:
            raise HTTPException(409, "Not now")
        return JSONResponse(None, 422) if status == 422 else NitroResponse({}, 400)

    answer = http.post("/no")

    assert answer.status_code == status
    assert "secret" not in answer.text
    assert stored() == 0


@pytest.mark.parametrize("wrap", [P, NitroResponse, lambda value: {"count": value}])
def test_a_commit_that_fails_answers_409_in_place_of_the_answer(
    app: Any, http: TestClient, wrap: Any
) -> None:
    @app.post("/slow")
    def slow() -> Any:
        mine = FastTally.get("all")
        with UnitOfWork(independent=True):
            theirs = FastTally.get("all")
            theirs.count += 10
            theirs.save()
        mine.count += 50
        return wrap(mine.count)

    assert http.post("/slow").status_code == 409
    assert stored() == 10


def test_a_background_task_and_a_stream_are_outside_the_unit(app: Any, http: TestClient) -> None:
    def later() -> None:
        grow()  # nobody stores this
        tally = FastTally.get("all")
        tally.count += 10
        tally.save()

    @app.post("/later")
    def schedule() -> Any:
        grow()
        return P("later"), BackgroundTask(later)

    @app.post("/drip")
    def drip() -> Any:
        grow()
        return StreamingResponse(f"{stored()}," for _ in range(2))

    http.post("/later")
    assert stored() == 11
    assert http.post("/drip").text == "12,12,"


def test_generated_routes_work(app: Any, http: TestClient) -> None:
    url = app.url_path_for("nitro:fast-tallies.grow", id="all")
    headers = {"sec-fetch-site": "same-origin"}

    assert http.post(url, json={"by": 3}, headers=headers).status_code == 204
    assert stored() == 3


def test_a_page_takes_tags_of_fasthtml(app: Any, http: TestClient) -> None:
    FastTown(name="Bonn").save()

    @app.route("/")
    def index() -> Any:
        return Page(P("From <i>"), Table.from_entity(FastTown).reactive(), title="Towns")

    text = http.get("/").text

    assert text.startswith("<!doctype html>")
    assert "<p>From &lt;i&gt;</p>" in text
    assert "Bonn" in text
    assert 'id="nitro-live"' in text


def test_tags_of_fasthtml_take_tables_and_elements(app: Any, http: TestClient) -> None:
    FastTown(name="Bonn").save()

    @app.route("/")
    def index() -> Any:
        return Titled("Towns", Div("From <i>"), Table.from_entity(FastTown))

    text = http.get("/").text

    assert "<title>Towns</title>" in text
    assert "<div>From &lt;i&gt;</div>" in text
    assert "Bonn" in text


def test_a_form_that_is_refused_is_shown_again_on_its_page(app: Any, http: TestClient) -> None:
    @app.route("/new")
    def new() -> Any:
        return Page(Form.from_entity(FastTown).on_saved(redirect="/"), title="New town")

    sent = dict(sent_by(http.get("/new").text, "form-fast-towns-new").sent)
    browser = {"accept": "text/html", "sec-fetch-site": "same-origin"}

    refused = http.post("/fast-towns", data={**sent, "name": "x"}, headers=browser)
    accepted = http.post("/fast-towns", data={**sent, "name": "Bonn"}, headers=browser)

    assert refused.status_code == 422
    assert "<title>New town</title>" in refused.text
    assert (accepted.status_code, accepted.headers["location"]) == (303, "/")
    assert [town.name for town in FastTown.all()] == ["Bonn"]


def test_a_page_may_be_the_answer_to_an_exception() -> None:
    from fasthtml.common import FastHTML

    from nitro_fasthtml import install

    def missing(req: Any, exc: Any) -> Any:
        return Page("Nobody is here", title="404")

    app = install(FastHTML(secret_key="a secret", exception_handlers={404: missing}))
    answer = TestClient(app).get("/nowhere")

    assert answer.status_code == 404
    assert "Nobody is here" in answer.text


def test_protect_all_refuses_foreign_pages_at_hand_written_routes(
    app: Any, http: TestClient
) -> None:
    configure(protect_all=True)

    @app.post("/count")
    def count() -> Any:
        return {"count": grow()}

    assert http.post("/count", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert http.post("/count", headers={"sec-fetch-site": "same-origin"}).status_code == 200
    assert stored() == 1
