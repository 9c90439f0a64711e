"""The generated routes in the table of the application."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, NoMatchFound, Route
from starlette.testclient import TestClient

from nitro_events import action, configure
from nitro_starlette import install


def by_hand(request: Request) -> Response:
    return PlainTextResponse("by hand")


def test_an_action_that_is_declared_after_the_start_is_reachable() -> None:
    http = TestClient(install(Starlette()))
    assert http.post("/late", json={}).status_code == 404

    @action
    def late() -> str:
        return "here"

    assert http.post("/late", json={}).json() == "here"


def test_the_verb_is_enforced() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    http = TestClient(install(Starlette()))

    assert http.put("/shout", json={"text": "a"}).status_code == 405
    assert http.post("/shout", json={"text": "a"}).json() == "A"
    assert http.post("/shout", json={}).status_code == 422


def test_a_hand_written_route_wins_whenever_it_was_added() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    app = install(Starlette())
    http = TestClient(app)
    assert http.post("/shout", json={"text": "a"}).json() == "A"

    app.router.routes.append(Route("/shout", by_hand, methods=["POST"]))

    assert http.post("/shout", json={"text": "a"}).text == "by hand"


def test_a_generated_route_has_a_name() -> None:
    @action(path="/towns/{town}/shout")
    def shout(town: str) -> str:
        return town.upper()

    app = install(Starlette())

    assert app.url_path_for("nitro:shout", town="a b") == "/towns/a%20b/shout"
    for name, params in (("nitro:shout", {}), ("nitro:whisper", {}), ("shout", {"town": "a"})):
        with pytest.raises(NoMatchFound):
            app.url_path_for(name, **params)


def test_a_link_by_name_knows_where_the_application_is_mounted() -> None:
    @action
    def shout(text: str = "") -> str:
        return text.upper()

    def link(request: Request) -> Response:
        return PlainTextResponse(str(request.url_for("inner:nitro:shout")))

    inner = install(Starlette())
    app = Starlette(routes=[Route("/", link), Mount("/in", app=inner, name="inner")])
    http = TestClient(app)

    assert http.get("/").text == "http://testserver/in/shout"
    assert http.post("/in/shout", json={"text": "a"}).json() == "A"


def test_the_table_of_the_application_shows_the_generated_routes() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    app = install(Starlette())
    shown = {route.name: route for route in app.routes[-1].routes}  # type: ignore[attr-defined]

    assert shown["shout"].path == "/shout"
    assert "POST" in shown["shout"].methods
    assert "NitroRoutes" in repr(app.routes)


def test_a_shown_route_answers_for_itself() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    app = install(Starlette())
    TestClient(app).get("/")
    shown = {route.name: route for route in app.routes[-1].routes}  # type: ignore[attr-defined]

    assert TestClient(shown["shout"]).post("/shout", json={"text": "a"}).json() == "A"


def test_a_prefix_moves_the_generated_routes() -> None:
    configure(prefix="/app")

    @action
    def shout(text: str) -> str:
        return text.upper()

    app = install(Starlette())
    http = TestClient(app)

    assert http.post("/shout", json={"text": "a"}).status_code == 404
    assert http.post("/app/shout", json={"text": "a"}).json() == "A"
    assert app.url_path_for("nitro:shout") == "/app/shout"


def test_an_http_exception_of_an_action_keeps_its_status() -> None:
    @action
    def brew() -> None:
        raise HTTPException(418, "Short and stout", headers={"x-tea": "yes"})

    answer = TestClient(install(Starlette())).post("/brew", json={})

    assert answer.status_code == 418
    assert answer.json()["detail"] == "Short and stout"
    assert answer.headers["x-tea"] == "yes"


def test_an_unforeseen_failure_of_an_action_tells_an_id_and_nothing_else() -> None:
    @action
    def fail() -> None:
        raise RuntimeError("secret detail")

    answer = TestClient(install(Starlette())).post("/fail", json={})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["id"]
    assert "secret" not in answer.text
