"""The generated routes in an application of Flask."""

from typing import Any

import pytest
from flask import Flask, abort, request, session, url_for
from flask.testing import FlaskClient

from nitro_events import action, configure, query
from nitro_flask import Nitro


@pytest.fixture(autouse=True)
def _actions() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    @query(path="/said/{word}")
    def said(word: str) -> str:
        return f"said {word}"

    @action
    def stop() -> None:
        abort(409, "Not now")

    @action
    def fail() -> None:
        raise RuntimeError("secret detail")


def test_they_answer_and_check_what_comes(http: FlaskClient) -> None:
    assert http.post("/shout", json={"text": "hello"}).json == "HELLO"
    assert http.get("/said/yes").json == "said yes"
    refused = http.post("/shout", json={})
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"


def test_another_verb_is_refused_with_those_that_fit(http: FlaskClient) -> None:
    answer = http.get("/shout")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_hand_written_routes_win_whatever_the_order(app: Flask, http: FlaskClient) -> None:
    @app.route("/<path:rest>", methods=["GET"])
    def anything(rest: str) -> str:
        return f"mine: {rest}"

    assert http.get("/said/yes").text == "mine: said/yes"
    assert http.post("/shout", json={"text": "x"}).json == "X"  # mine knows no POST


def test_they_are_in_the_table_and_have_names(app: Flask) -> None:
    rules = {(rule.endpoint, rule.rule) for rule in app.url_map.iter_rules()}

    assert ("nitro.shout", "/shout") in rules
    with app.test_request_context():
        assert url_for("nitro.said", word="a/b ü") == "/said/a%2Fb%20%C3%BC"
        assert url_for("nitro.said", word="..", more=1) == "/said/%2E%2E?more=1"


def test_what_is_declared_later_is_there_too(app: Flask, http: FlaskClient) -> None:
    http.get("/")

    @action
    def whisper(text: str) -> str:
        return text.lower()

    assert http.post("/whisper", json={"text": "HELLO"}).json == "hello"
    with app.test_request_context():
        assert url_for("nitro.whisper") == "/whisper"


def test_the_prefix_moves_them(app: Flask, http: FlaskClient) -> None:
    configure(prefix="/app")

    assert http.post("/app/shout", json={"text": "a"}).json == "A"
    assert http.post("/shout", json={"text": "a"}).status_code == 404
    with app.test_request_context():
        assert url_for("nitro.shout") == "/app/shout"


def test_what_runs_around_each_request_runs_around_them(app: Flask, http: FlaskClient) -> None:
    seen: list[object] = []

    @app.before_request
    def before() -> Any:
        seen.append(request.endpoint)
        return ("Not you", 403) if "out" in request.args else None

    @app.after_request
    def after(response: object) -> Any:
        response.headers["x-after"] = "1"  # type: ignore[attr-defined]
        return response

    assert http.post("/shout", json={"text": "a"}).headers["x-after"] == "1"
    assert seen == ["nitro.shout"]
    assert http.post("/shout?out=1", json={"text": "a"}).status_code == 403


def test_actions_may_use_the_session(app: Flask, http: FlaskClient) -> None:
    @action
    def remember(text: str) -> None:
        session["text"] = text

    http.post("/remember", json={"text": "milk"})

    with http.session_transaction() as kept:
        assert kept["text"] == "milk"


def test_an_action_may_abort(http: FlaskClient) -> None:
    answer = http.post("/stop", json={})

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["detail"] == "Not now"


def test_the_unforeseen_has_an_id_and_nothing_internal(
    http: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = http.post("/fail", json={})

    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["id"] in caplog.text
    assert "secret" not in answer.text


def test_an_id_with_a_slash_is_nobodys(http: FlaskClient) -> None:
    answer = http.get("/said/a%2Fb", environ_overrides={"REQUEST_URI": "/said/a%2Fb"})

    assert answer.status_code == 404


def test_below_another_application_links_and_routes_agree(app: Flask, http: FlaskClient) -> None:
    below = {"SCRIPT_NAME": "/shop"}

    assert http.post("/shout", json={"text": "a"}, environ_overrides=below).json == "A"
    with app.test_request_context(environ_overrides=below):
        assert url_for("nitro.shout") == "/shop/shout"


def test_two_applications_in_one_process_both_have_them() -> None:
    one, two = Flask("one"), Flask("two")
    Nitro(one)
    Nitro(two)

    for app in (one, two):
        assert app.test_client().post("/shout", json={"text": "a"}).json == "A"
