"""Entities and pages in an application of Flask: one request, one unit. Needs both packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

from flask import Flask, abort, jsonify, redirect, request
from flask.testing import FlaskClient
from pydantic import BaseModel, Field, ValidationError

import nitro_entities.state
from nitro_entities import DatastarRepo, Entity, EntityNotFound, MemoryRepo, UnitOfWork
from nitro_events import configure, patch_signals
from nitro_events.http.request import current_request
from nitro_events.joints import connect
from nitro_flask import Nitro
from nitro_templates import Form, Page, Table


class Keg(Entity):
    _persistence_backend_class = MemoryRepo
    litres: int = Field(default=0, ge=0)
    name: str = "keg"


class Tap(Entity):
    _persistence_backend_class = DatastarRepo
    __plural__ = "Taps of a browser"
    turns: int = 0


@pytest.fixture(autouse=True)
def _one_keg(_fresh_state: None) -> Iterator[None]:
    nitro_entities.state.reset()
    configure(secret="k" * 32)
    connect()
    Keg(id="k").save()
    yield
    nitro_entities.state.reset()


@pytest.fixture
def app(_one_keg: None) -> Flask:
    app = Flask("cellar")
    app.config["SECRET_KEY"] = "a secret for these tests alone"
    Nitro(app)
    return app


def fill() -> Keg:
    keg = Keg.get("k")
    keg.litres += 10
    return keg


def test_an_entity_is_json_alone_in_lists_and_in_jsonify(app: Flask, http: FlaskClient) -> None:
    views: dict[str, Callable[[], Any]] = {
        "one": lambda: Keg.get("k"),
        "made": lambda: (Keg(id="n"), 201),
        "list": lambda: [Keg.get("k")],
        "dict": lambda: {"keg": Keg.get("k")},
        "jsonify": lambda: jsonify(Keg.get("k")),
    }
    for name, view in views.items():
        app.get(f"/{name}", endpoint=name)(view)
    keg = {"id": "k", "litres": 0, "name": "keg"}

    assert http.get("/one").json == http.get("/jsonify").json == keg
    assert http.get("/made").status_code == 201
    assert http.get("/list").json == [keg]
    assert http.get("/dict").json == {"keg": keg}


@pytest.mark.parametrize(
    "answer",
    [
        lambda: "text",
        lambda: {"a": 1},
        lambda: Keg.get("k"),
        lambda: patch_signals({"a": 1}),
        lambda: redirect("/elsewhere"),
        lambda: (part for part in ["a", "b"]),
    ],
)
def test_changes_are_stored_when_the_view_returns(
    app: Flask, http: FlaskClient, answer: Callable[[], Any]
) -> None:
    @app.post("/fill")
    def view() -> Any:
        fill()
        return answer()

    http.post("/fill")

    assert Keg.get("k").litres == 10


def test_an_async_view_stores_too(app: Flask, http: FlaskClient) -> None:
    pytest.importorskip("asgiref")

    @app.post("/fill")
    async def view() -> Any:
        return {"litres": fill().litres}

    assert http.post("/fill").json == {"litres": 10}
    assert Keg.get("k").litres == 10


def refuse() -> Any:
    return "no", 409


def give_up() -> Any:
    abort(409)


def fail() -> Any:
    raise ZeroDivisionError


def missing() -> Any:
    return Keg.get("nobody")


@pytest.mark.parametrize("end", [refuse, give_up, fail, missing])
@pytest.mark.parametrize("datastar", ["true", "false"])
def test_changes_are_forgotten_when_it_refuses_or_raises(
    app: Flask, http: FlaskClient, end: Callable[[], object], datastar: str
) -> None:
    @app.post("/fill")
    def view() -> Any:
        fill()
        return end()

    http.post("/fill", headers={"Datastar-Request": datastar})

    assert Keg.get("k").litres == 0


def test_an_error_handler_of_the_application_does_not_store_what_failed(
    app: Flask, http: FlaskClient
) -> None:
    @app.errorhandler(ZeroDivisionError)
    def calm(_: Exception) -> str:
        return "all is well"

    @app.post("/fill")
    def view() -> Any:
        fill()
        return fail()

    assert http.post("/fill").text == "all is well"
    assert Keg.get("k").litres == 0


def test_a_commit_that_fails_is_the_answer(app: Flask, http: FlaskClient) -> None:
    @app.post("/stale")
    def stale() -> Any:
        fill()
        with UnitOfWork(independent=True):
            theirs = Keg.get("k")
            theirs.litres = 1
            theirs.save()
        return "done"

    answer = http.post("/stale")

    assert answer.status_code == 409
    assert Keg.get("k").litres == 1


def test_middleware_on_both_sides_of_nitro_works(app: Flask, http: FlaskClient) -> None:
    inside_first = Flask("inside")

    def drop(inner: Any) -> Any:
        def around(environ: Any, start_response: Any) -> Any:
            yield from inner(environ, start_response)  # begins when it is iterated

        return around

    inside_first.wsgi_app = drop(inside_first.wsgi_app)  # type: ignore[method-assign]
    Nitro(inside_first)
    app.wsgi_app = drop(app.wsgi_app)  # type: ignore[method-assign]
    for one in (app, inside_first):

        @one.post("/fill")
        def view() -> Any:
            return {"litres": fill().litres}

        assert one.test_client().post("/fill").status_code == 200

    assert Keg.get("k").litres == 20


def test_what_runs_after_the_answer_saves_by_itself(app: Flask, http: FlaskClient) -> None:
    @app.post("/later")
    def later() -> Any:
        response = app.make_response("later")

        def after() -> None:
            fill().save()

        response.call_on_close(after)
        return response

    http.post("/later", buffered=True)

    assert Keg.get("k").litres == 10


def test_not_found_and_not_valid_are_told(app: Flask, http: FlaskClient) -> None:
    app.get("/missing")(missing)

    @app.post("/invalid")
    def invalid() -> Any:
        return Keg(id="x", litres=-1)

    not_found = http.get("/missing")
    not_valid = http.post("/invalid")

    assert (not_found.status_code, not_found.content_type) == (404, "application/problem+json")
    assert not_valid.status_code == 422
    assert not_valid.json is not None
    assert set(not_valid.json["errors"]) == {"litres"}


def test_models_of_the_application_are_none_of_our_business(app: Flask, http: FlaskClient) -> None:
    class Wish(BaseModel):
        number: int

    @app.errorhandler(ValueError)
    def handler(error: ValueError) -> Any:
        return type(error).__name__, 400

    app.get("/wish")(lambda: str(Wish(number="x")))  # type: ignore[arg-type]

    assert http.get("/wish").text == ValidationError.__name__


def test_a_handler_of_the_application_for_our_error_comes_first(
    app: Flask, http: FlaskClient
) -> None:
    app.errorhandler(EntityNotFound)(lambda _: ("mine", 404))
    app.get("/missing")(missing)

    assert http.get("/missing").text == "mine"


def test_a_form_that_is_refused_comes_back_with_its_page(app: Flask, http: FlaskClient) -> None:
    @app.get("/new")
    def new() -> Any:
        return Page(Form.from_entity(Keg), title=f"New for {request.args.get('who')}")

    page = http.get("/new?who=ann").text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    answer = http.post(
        "/kegs",
        data={**hidden, "litres": "-5", "name": "x"},
        headers={"Accept": "text/html", "Referer": "http://localhost/new?who=ann"},
    )

    assert answer.status_code == 422
    assert "<title>New for ann</title>" in answer.text
    assert 'value="-5"' in answer.text


def test_the_own_url_of_a_page_is_its_stream(app: Flask, http: FlaskClient) -> None:
    @app.get("/")
    def front() -> Any:
        return Page(Table.from_entity(Keg).reactive(), title="Kegs")

    answer = http.get("/", headers={"Nitro-Live": "", "Datastar-Request": "true"})
    chunks = iter(answer.response)
    text = b""
    while b"keg" not in text:
        text += next(chunks)  # type: ignore[operator]
    keg = Keg.get("k")
    keg.name = "barrel"
    keg.save()
    while b"barrel" not in text:
        text += next(chunks)  # type: ignore[operator]
    answer.close()

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


def test_what_the_browser_keeps_comes_and_goes(app: Flask, http: FlaskClient) -> None:
    @app.post("/turn")
    def turn() -> Any:
        tap = Tap.get_or_none("t") or Tap(id="t")
        tap.turns += 1
        tap.save()
        return {"turns": tap.turns}

    first = http.post("/turn", json={}, headers={"Datastar-Request": "true"})
    kept = next(
        line.removeprefix("data: signals ")
        for line in reversed(first.text.splitlines())
        if line.startswith("data: signals ")
    )
    second = http.post(
        "/turn",
        data=kept,
        content_type="application/json",
        headers={"Datastar-Request": "true"},
    )

    assert first.content_type == "text/event-stream"
    assert '"turns":1' in first.text
    assert '"turns":2' in second.text


def test_a_request_is_current_while_it_is_answered(app: Flask, http: FlaskClient) -> None:
    app.get("/path")(lambda: str(getattr(current_request.get(), "path", "")))

    assert http.get("/path").text == "/path"
    assert current_request.get() is None
