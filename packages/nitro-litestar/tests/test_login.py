"""Who is logged in, as the application's own middleware says."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import JSONBody
from litestar.security.session_auth import SessionAuth
from litestar.testing import TestClient

from nitro_events import Caller, Hub, action, configure
from nitro_events.http.request import current_request
from nitro_events.state import state
from nitro_litestar.login import logged_in

Served = Callable[..., TestClient[Litestar]]

SESSIONS = ServerSideSessionConfig().middleware


class HeaderAuthentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        return AuthenticationResult(user=connection.headers.get("x-user"), auth=None)


class Ended(Hub):
    """A hub that notes whose streams are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[str] = []

    def close_streams(self, caller_id: str) -> None:
        self.closed.append(caller_id)
        super().close_streams(caller_id)


@pytest.fixture
def hub() -> Ended:
    state.hub = Ended()
    return state.hub


@get("/whoami")
async def whoami() -> dict[str, str | None]:
    asked = current_request.get()
    return {"user": None if asked is None else (await asked.identify()).id}


@post("/change", status_code=200)
async def change(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> None:
    """Put into the session what the body says; {} clears it."""
    if not data:
        request.clear_session()
        return
    request.set_session({**(request.session or {}), **data})


@pytest.mark.parametrize("name", ["user_id", "user"])
@pytest.mark.parametrize(("value", "id"), [("ann", "ann"), (7, "7"), ("", None), (True, None)])
def test_the_session_says_who_it_is(
    served: Served, name: str, value: object, id: str | None
) -> None:
    http = served(whoami, change, middleware=[SESSIONS])
    http.post("/change", json={name: value})

    assert http.get("/whoami").json() == {"user": id}


def test_without_any_login_it_is_nobody(served: Served) -> None:
    assert served(whoami).get("/whoami").json() == {"user": None}


def test_the_user_of_the_authentication_comes_before_the_session(served: Served) -> None:
    http = served(whoami, change, middleware=[SESSIONS, HeaderAuthentication])
    http.post("/change", json={"user": "ben"})

    assert http.get("/whoami", headers={"x-user": "ann"}).json() == {"user": "ann"}
    assert http.get("/whoami").json() == {"user": None}


def test_a_generated_route_knows_them_too(served: Served) -> None:
    configure(policy=lambda caller, *_: caller.id == "ann")

    @action
    def shout(text: str) -> str:
        return text.upper()

    http = served(change, middleware=[SESSIONS])

    assert http.post("/shout", json={"text": "a"}).status_code == 403
    http.post("/change", json={"user": "ann"})
    same = {"sec-fetch-site": "same-origin"}
    assert http.post("/shout", json={"text": "a"}, headers=same).json() == "A"


def test_the_configured_user_comes_before_both(served: Served) -> None:
    configure(user=lambda request: Caller(id=request.headers["x-mine"]))

    http = served(whoami)

    assert http.get("/whoami", headers={"x-mine": "eve"}).json() == {"user": "eve"}


@pytest.mark.parametrize(
    ("user", "id"),
    [
        (None, None),
        ("ann", "ann"),
        (12, "12"),
        (SimpleNamespace(id=12), "12"),
        ({"id": "ann"}, "ann"),
        (Caller(id="ann"), Caller(id="ann")),
        (object(), None),
    ],
)
def test_users_of_every_kind_have_an_id(user: Any, id: object) -> None:
    scope: Any = {"type": "http", "user": user}

    assert logged_in(Request(scope)) == id


@pytest.mark.parametrize("after", [{}, {"user": None}, {"user": "ben"}])
def test_the_streams_of_who_logs_out_are_closed(served: Served, hub: Ended, after: object) -> None:
    http = served(whoami, change, middleware=[SESSIONS])
    http.post("/change", json={"user": "ann", "cart": [1]})
    assert hub.closed == []

    http.post("/change", json=after)

    assert hub.closed == ["ann"]


def test_what_else_changes_in_a_session_closes_nothing(served: Served, hub: Ended) -> None:
    http = served(whoami, change, middleware=[SESSIONS])
    http.post("/change", json={"user": "ann"})

    http.post("/change", json={"cart": [1, 2]})
    http.get("/whoami")

    assert hub.closed == []


def test_the_session_authentication_of_litestar_is_understood(served: Served, hub: Ended) -> None:
    async def retrieve(
        session: dict[str, Any], connection: ASGIConnection[Any, Any, Any, Any]
    ) -> Any:
        return SimpleNamespace(id=session["member"]) if session.get("member") else None

    auth = SessionAuth[Any, Any](
        retrieve_user_handler=retrieve,
        session_backend_config=ServerSideSessionConfig(),
        exclude=["/login"],
    )

    @post("/login", status_code=200)
    async def log_in(request: Request[Any, Any, Any]) -> None:
        request.set_session({"member": "ann"})

    @post("/logout", status_code=200)
    async def log_out(request: Request[Any, Any, Any]) -> None:
        request.clear_session()

    http = served(whoami, log_in, log_out, on_app_init=[auth.on_app_init])

    assert http.get("/whoami").status_code == 401
    http.post("/login")
    assert http.get("/whoami").json() == {"user": "ann"}
    http.post("/logout")
    assert hub.closed == ["ann"]
