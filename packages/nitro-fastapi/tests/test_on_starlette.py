"""What FastAPI has of Starlette: plain routes, mounts, sessions, links by name."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Route

from nitro_events import action
from nitro_events.http.request import current_request
from nitro_events.state import state
from nitro_fastapi import NitroResponse, install


class Bold:
    def __html__(self) -> str:
        return "<b>bold</b>"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    state.reset()


@pytest.fixture
def app() -> FastAPI:
    return install(FastAPI())


@pytest.fixture
def http(app: FastAPI) -> TestClient:
    return TestClient(app)


def test_plain_routes_and_mounted_applications_answer_too(app: FastAPI, http: TestClient) -> None:
    async def bold(request: Request) -> object:
        return Bold()

    app.add_route("/plain", bold)  # type: ignore[arg-type]
    app.mount("/starlette", Starlette(routes=[Route("/bold", bold)]))
    inner = FastAPI()
    inner.get("/bold", response_model=None)(Bold)
    app.mount("/fastapi", inner)

    for path in ("/plain", "/starlette/bold", "/fastapi/bold"):
        assert http.get(path).text == "<b>bold</b>"


def test_a_response_of_ours_has_a_status_and_a_task_of_its_own(
    app: FastAPI, http: TestClient
) -> None:
    done: list[str] = []

    @app.get("/made")
    def made() -> NitroResponse:
        task = BackgroundTask(done.append, "task")
        return NitroResponse(Bold(), status_code=201, background=task)

    answer = http.get("/made")

    assert (answer.status_code, answer.text, done) == (201, "<b>bold</b>", ["task"])


def test_a_generated_route_has_a_name_and_stands_in_the_table(app: FastAPI) -> None:
    @action(path="/towns/{town}/shout")
    def shout(town: str) -> str:
        return town.upper()

    assert app.url_path_for("nitro:shout", town="bonn") == "/towns/bonn/shout"
    assert "shout" in [route.name for route in app.routes[-1].routes]  # type: ignore[attr-defined]


def test_a_route_that_is_added_after_the_start_wins_too(app: FastAPI, http: TestClient) -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    assert http.post("/shout", json={"text": "a"}).json() == "A"
    router = APIRouter()

    @router.post("/shout")
    def by_hand() -> str:
        return "by hand"

    app.include_router(router)

    assert http.post("/shout", json={"text": "a"}).json() == "by hand"


def test_the_session_says_who_it_is_and_closes_streams(
    app: FastAPI, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(state.hub, "close_streams", closed.append)
    app.add_middleware(SessionMiddleware, secret_key="a secret")

    @app.post("/login")
    def login(request: Request) -> None:
        request.session["user_id"] = 7

    @app.post("/logout")
    def logout(request: Request) -> None:
        request.session.clear()

    @app.get("/whoami")
    async def whoami() -> str | None:
        asked = current_request.get()
        return None if asked is None else (await asked.identify()).id

    assert http.get("/whoami").json() is None
    http.post("/login")
    assert http.get("/whoami").json() == "7"
    http.post("/logout")

    assert closed == ["7"]
    assert http.get("/whoami").json() is None
