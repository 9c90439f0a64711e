"""Who asks, as Flask's session, Flask-Login or the application says."""

from typing import Any

import pytest
from flask import Flask, request, session
from flask.testing import FlaskClient

from nitro_events import Caller, configure
from nitro_events.http.request import current_request
from nitro_events.state import state


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The callers whose streams were closed."""
    ended: list[str] = []
    monkeypatch.setattr(state.hub, "close_streams", ended.append)
    return ended


@pytest.fixture(autouse=True)
def _views(app: Flask) -> None:
    @app.get("/whoami")
    def whoami() -> dict[str, object]:
        asked = current_request.get()
        return {"user": None if asked is None else asked.caller.id}

    @app.post("/login/<name>")
    def login(name: str) -> str:
        session[request.args.get("key", "user_id")] = name
        return "in"

    @app.post("/logout")
    def logout() -> str:
        session.clear()
        return "out"


@pytest.mark.parametrize("key", ["user_id", "user", "_user_id"])
def test_the_session_says_who_asks(http: FlaskClient, key: str) -> None:
    assert http.get("/whoami").json == {"user": None}

    http.post(f"/login/ann?key={key}")

    assert http.get("/whoami").json == {"user": "ann"}


def test_the_configured_user_comes_before_it(http: FlaskClient) -> None:
    configure(user=lambda asked: Caller(asked.args.get("as")))
    http.post("/login/ann")

    assert http.get("/whoami?as=eve").json == {"user": "eve"}


def test_the_configured_user_may_be_async(app: Flask, http: FlaskClient) -> None:
    async def user(asked: Any) -> str:
        return str(asked.args["as"])

    configure(user=user)

    @app.get("/who")
    def who() -> dict[str, object]:
        from nitro_events.inline import run

        asked = current_request.get()
        assert asked is not None
        return {"user": run(asked.identify()).id}

    assert http.get("/who?as=eve").json == {"user": "eve"}


def test_the_end_of_a_session_ends_its_streams(http: FlaskClient, ended: list[str]) -> None:
    http.post("/login/ann")
    http.get("/whoami")
    assert ended == []

    http.post("/logout", buffered=True)

    assert ended == ["ann"]


def test_so_does_somebody_else_in_it(http: FlaskClient, ended: list[str]) -> None:
    http.post("/login/ann")
    http.post("/login/ben", buffered=True)

    assert ended == ["ann"]


def test_a_session_of_other_names_ends_with_the_configured_user(
    http: FlaskClient, ended: list[str]
) -> None:
    configure(user=lambda _: session.get("login"))
    http.post("/login/ann?key=login")
    http.post("/logout", buffered=True)

    assert ended == ["ann"]


def test_asking_does_not_make_an_answer_depend_on_cookies(app: Flask, http: FlaskClient) -> None:
    assert "vary" not in http.get("/whoami").headers


def test_flask_login_says_who_asks(app: Flask, http: FlaskClient, ended: list[str]) -> None:
    flask_login: Any = pytest.importorskip("flask_login")

    class User(flask_login.UserMixin):  # type: ignore[misc]
        def __init__(self, id: str) -> None:
            self.id = id

    flask_login.LoginManager(app).user_loader(User)

    @app.post("/in")
    def log_in() -> str:
        flask_login.login_user(User("ann"), remember=True)
        return "in"

    @app.post("/out")
    def log_out() -> str:
        flask_login.logout_user()
        return "out"

    assert http.get("/whoami").json == {"user": None}
    http.post("/in")
    assert http.get("/whoami").json == {"user": "ann"}
    http.post("/out", buffered=True)
    assert http.get("/whoami").json == {"user": None}
    assert ended == ["ann"]
