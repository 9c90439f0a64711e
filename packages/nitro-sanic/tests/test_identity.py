"""Who is logged in, and what happens to the streams at the end of a session."""

from types import SimpleNamespace
from typing import Any

import pytest
from sanic import Sanic, json

from nitro_events import Caller, configure
from nitro_events.http.request import current_request
from nitro_events.state import state


async def whoami(_: Any) -> Any:
    asked = current_request.get()
    return json(None if asked is None else (await asked.identify()).id)


@pytest.mark.parametrize(
    ("name", "value", "id"),
    [
        ("user", "ann", "ann"),
        ("user", 7, "7"),
        ("user", SimpleNamespace(id=7), "7"),
        ("user", SimpleNamespace(id=7, is_authenticated=False), None),
        ("user", {"id": "ann"}, "ann"),
        ("user", Caller("ann", "Ann"), "ann"),
        ("user", None, None),
        ("session", {"user_id": 7}, "7"),
        ("session", {"user": "ann"}, "ann"),
        ("session", {"user": {"id": 7}}, None),
        ("session", {}, None),
    ],
)
def test_the_user_of_a_request_is_the_caller(
    app: Sanic[Any, Any], client: Any, name: str, value: object, id: str | None
) -> None:
    app.add_route(whoami, "/whoami")
    app.on_request(lambda request: setattr(request.ctx, name, value))

    assert client(app, "ASGI").get("/whoami").json == id


def test_nobody_is_logged_in_without_either(app: Sanic[Any, Any], http: Any) -> None:
    app.add_route(whoami, "/whoami")

    assert http.get("/whoami").json is None


def test_the_configured_user_is_asked_instead(app: Sanic[Any, Any], http: Any) -> None:
    configure(user=lambda request: request.headers.get("x-user"))
    app.add_route(whoami, "/whoami")
    app.on_request(lambda request: setattr(request.ctx, "user", "ann"))

    assert http.get("/whoami", headers={"x-user": "ben"}).json == "ben"


@pytest.mark.parametrize("configured", [False, True])
def test_the_end_of_a_session_closes_its_streams(
    app: Sanic[Any, Any], http: Any, monkeypatch: pytest.MonkeyPatch, configured: bool
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(state.hub, "close_streams", closed.append)
    if configured:
        configure(user=lambda request: request.ctx.session.get("mail"))

    @app.on_request
    def open_session(request: Any) -> None:
        request.ctx.session = {"user": "ann", "mail": "ann@home"}

    @app.post("/stay")
    def stay(request: Any) -> Any:
        request.ctx.session["seen"] = True
        return json({})

    @app.post("/logout")
    def logout(request: Any) -> Any:
        request.ctx.session.clear()
        return json({})

    http.post("/stay")
    assert closed == []

    http.post("/logout")
    assert set(closed) == ({"ann", "ann@home"} if configured else {"ann"})
