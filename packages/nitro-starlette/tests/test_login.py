"""Who is logged in, as the application's own middleware says."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
)
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nitro_events import Caller, Hub, configure
from nitro_events.http.request import current_request
from nitro_events.state import state
from nitro_starlette import install
from nitro_starlette.login import logged_in

SESSIONS = Middleware(SessionMiddleware, secret_key="a secret")


class HeaderBackend(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        name = conn.headers.get("x-user")
        return None if name is None else (AuthCredentials(), SimpleUser(name))


class SessionBackend(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        name = conn.session.get("nickname")
        return None if name is None else (AuthCredentials(), SimpleUser(name))


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


async def whoami(request: Request) -> Response:
    asked = current_request.get()
    return JSONResponse(asked and (await asked.identify()).id)


async def change(request: Request) -> Response:
    """Put into the session what the body says; None takes out a name, {} everything."""
    wanted = await request.json()
    if not wanted:
        request.session.clear()
    request.session.update(wanted)
    for name in [name for name, value in request.session.items() if value is None]:
        del request.session[name]
    return JSONResponse(None)


def client(*middleware: Middleware) -> TestClient:
    routes = [Route("/whoami", whoami), Route("/change", change, methods=["POST"])]
    return TestClient(install(Starlette(routes=routes, middleware=list(middleware))))


@pytest.mark.parametrize("name", ["user_id", "user"])
@pytest.mark.parametrize(("value", "id"), [("ann", "ann"), (7, "7"), ("", None), (True, None)])
def test_the_session_says_who_it_is(name: str, value: object, id: str | None) -> None:
    http = client(SESSIONS)
    http.post("/change", json={name: value})

    assert http.get("/whoami").json() == id


def test_without_any_login_it_is_nobody() -> None:
    assert client().get("/whoami").json() is None
    assert client(SESSIONS).get("/whoami").json() is None


def test_the_user_of_the_authentication_comes_before_the_session() -> None:
    http = client(SESSIONS, Middleware(AuthenticationMiddleware, backend=HeaderBackend()))
    http.post("/change", json={"user": "ben"})

    assert http.get("/whoami", headers={"x-user": "ann"}).json() == "ann"
    assert http.get("/whoami").json() is None


def test_the_configured_user_comes_before_both() -> None:
    configure(user=lambda request: Caller(id=request.headers["x-mine"]))
    http = client(SESSIONS)
    http.post("/change", json={"user": "ben"}, headers={"x-mine": "eve"})

    assert http.get("/whoami", headers={"x-mine": "eve"}).json() == "eve"


class Bare:
    id = 12


class Named(BaseUser):
    is_authenticated = True
    display_name = "Ann"


@pytest.mark.parametrize(
    ("user", "id"),
    [
        (SimpleUser("ann"), "ann"),
        (UnauthenticatedUser(), None),
        (None, None),
        ("ann", "ann"),
        (Bare(), "12"),
        (Named(), None),
        (object(), None),
    ],
)
def test_users_of_every_kind_have_an_id(user: Any, id: str | None) -> None:
    assert logged_in(Request({"type": "http", "user": user})) == id


def test_looking_at_the_session_does_not_make_an_answer_vary() -> None:
    http = client(SESSIONS)
    http.post("/change", json={"user": "ann"})

    assert "vary" not in http.get("/whoami").headers


@pytest.mark.parametrize("after", [{}, {"user": None}, {"user": "ben"}])
def test_the_streams_of_who_logs_out_are_closed(hub: Ended, after: object) -> None:
    http = client(SESSIONS)
    http.post("/change", json={"user": "ann", "cart": [1]})
    assert hub.closed == []

    http.post("/change", json=after)

    assert hub.closed == ["ann"]


def test_what_else_changes_in_a_session_closes_nothing(hub: Ended) -> None:
    http = client(SESSIONS)
    http.post("/change", json={"user": "ann"})

    http.post("/change", json={"cart": [1, 2]})
    http.get("/whoami")

    assert hub.closed == []


def test_the_end_of_a_session_that_the_authentication_reads_closes_streams(hub: Ended) -> None:
    http = client(SESSIONS, Middleware(AuthenticationMiddleware, backend=SessionBackend()))
    http.post("/change", json={"nickname": "ann"})

    http.post("/change", json={"nickname": None, "flash": "See you"})

    assert hub.closed == ["ann"]


def test_the_configured_user_is_asked_whose_session_ended(hub: Ended) -> None:
    configure(user=lambda request: request.session.get("member"))
    http = client(SESSIONS)
    http.post("/change", json={"member": 5})

    http.post("/change", json={"member": 6})

    assert hub.closed == ["5"]
