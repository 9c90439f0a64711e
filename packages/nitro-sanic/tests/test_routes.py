"""The generated routes: found last, listed, named, described."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from sanic import Request, Sanic, text
from sanic.compat import Header
from sanic.exceptions import SanicException, URLBuildError

from nitro_events import action, configure, expose, on
from nitro_sanic import install
from nitro_sanic.requests import Neutral


@pytest.fixture(autouse=True)
def shout() -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()


def test_an_action_has_a_route(app: Sanic[Any, Any], http: Any) -> None:
    assert http.post("/shout", json={"text": "hello"}).json == "HELLO"
    assert http.post("/shout", json={}).status == 422
    assert http.get("/shout").headers["allow"] == "POST"
    assert http.get("/nowhere").headers["content-type"].startswith("text/plain")


def test_one_declared_after_the_start_has_one_too(app: Sanic[Any, Any], http: Any) -> None:
    http.get("/")

    @action
    def late() -> str:
        return "late"

    assert http.post("/late", json={}).json == "late"


@pytest.mark.parametrize("path", ["/shout", "/<name>", "/<name:path>"])
def test_a_hand_written_route_wins(app: Sanic[Any, Any], http: Any, path: str) -> None:
    @app.post(path)
    def mine(_: Any, **__: str) -> Any:
        return text("mine")

    assert http.post("/shout", json={"text": "hello"}).text == "mine"


def test_a_hand_written_route_wins_that_is_added_later(app: Sanic[Any, Any], http: Any) -> None:
    @app.post("/add")
    async def add(_: Any) -> Any:
        async def mine(_: Any) -> Any:
            return text("mine")

        app.add_route(mine, "/shout", methods=["POST"], name="mine")
        return text("added")

    assert http.post("/shout", json={"text": "hello"}).json == "HELLO"
    assert http.post("/add").text == "added"
    assert http.post("/shout", json={"text": "hello"}).text == "mine"


def test_another_verb_than_the_hand_written_one_is_ours(app: Sanic[Any, Any], http: Any) -> None:
    @app.get("/shout")
    def mine(_: Any) -> Any:
        return text("mine")

    assert http.get("/shout").text == "mine"
    assert http.post("/shout", json={"text": "hello"}).json == "HELLO"


def test_an_event_is_reached_when_it_was_exposed(app: Sanic[Any, Any], http: Any) -> None:
    heard: list[object] = []

    @on("door.opened")
    def opened(sender: object) -> None:
        heard.append(sender)

    expose("door.opened")
    configure(policy=lambda *_: True)

    http.post("/cmds/door.opened/ann", json={})

    assert heard == ["ann"]


def test_routes_are_listed_and_reversed(app: Sanic[Any, Any]) -> None:
    expose("door.opened")

    listed = {route.name: route.path for route in app.router.routes}

    assert listed[f"{app.name}.nitro.shout"] == "shout"
    assert app.url_for("nitro.shout", q=1) == "/shout?q=1"
    assert app.url_for("nitro.cmds", command="a b") == "/cmds/a%20b"
    assert app.url_for("nitro.cmds", command="x", sender="a/b") == "/cmds/x/a%2Fb"
    with pytest.raises(URLBuildError):
        app.url_for("nitro.nothing")
    with pytest.raises(URLBuildError):
        app.url_for("nitro.cmds")


def test_a_prefix_moves_them_all(app: Sanic[Any, Any], http: Any) -> None:
    configure(prefix="/app")

    assert http.post("/app/shout", json={"text": "hello"}).json == "HELLO"
    assert http.post("/shout", json={"text": "hello"}).status == 404
    assert app.url_for("nitro.shout") == "/app/shout"


def test_middleware_of_the_application_runs_for_generated_routes(
    app: Sanic[Any, Any], http: Any
) -> None:
    seen: list[str] = []

    @app.on_request
    def before(request: Any) -> None:
        seen.append(request.route.name)

    @app.on_response  # type: ignore[untyped-decorator]
    def after(_: Any, response: Any) -> None:
        seen.append(str(response.status))

    http.post("/shout", json={"text": "hello"})

    assert seen == [f"{app.name}.nitro.shout", "200"]


def test_a_body_may_be_read_in_chunks_and_has_a_limit(app: Sanic[Any, Any], http: Any) -> None:
    configure(limits={"body": 100})

    answer = http.post("/shout", json={"text": "x" * 200})

    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_read_as_it_comes_is_not_kept(app: Sanic[Any, Any]) -> None:
    class Stream:
        request_body = True

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(80):
                yield bytes(100_000)

    async def read() -> int:
        sanic = Request(b"/", Header({}), "1.1", "POST", cast("Any", None), app)
        sanic.stream = cast("Any", Stream())
        return sum([len(piece) async for piece in Neutral(sanic).stream(10**7)])

    tracemalloc.start()
    read_in_all = asyncio.run(read())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read_in_all == 8_000_000
    assert most < 2_000_000


def test_a_slash_inside_a_part_is_not_one_between_parts(app: Sanic[Any, Any], http: Any) -> None:
    answer = http.post("/cmds%2Fx/y", json={})

    assert answer.status == 404


def test_an_exception_of_sanic_that_an_action_raises_keeps_its_status(
    app: Sanic[Any, Any], http: Any
) -> None:
    @action
    def brew() -> None:
        raise SanicException("Short and stout", 418, headers={"x-tea": "yes"})

    answer = http.post("/brew", json={})

    assert (answer.status, answer.headers["x-tea"]) == (418, "yes")
    assert answer.json["detail"] == "Short and stout"


def test_an_unforeseen_error_tells_nothing_but_an_id(app: Sanic[Any, Any], http: Any) -> None:
    @action
    def fail() -> None:
        raise RuntimeError("secret detail")

    answer = http.post("/fail", json={})

    assert answer.status == 500
    assert answer.json["id"]
    assert "secret" not in answer.text


def test_sanic_ext_describes_them(app: Sanic[Any, Any], http: Any) -> None:
    pytest.importorskip("sanic_ext")

    @app.get("/mine")
    def mine(_: Any) -> Any:
        return text("mine")

    paths = http.get("/docs/openapi.json").json["paths"]

    assert "post" in paths["/shout"]
    assert "get" in paths["/mine"]


def test_an_application_without_a_route_of_its_own_starts(
    client: Any, app: Sanic[Any, Any], kind: str
) -> None:
    app.config.AUTO_EXTEND = False

    assert client(app, kind).post("/shout", json={"text": "hello"}).json == "HELLO"


def test_two_applications_do_not_mix(
    client: Any, app: Sanic[Any, Any], make: Callable[[], Sanic[Any, Any]]
) -> None:
    other = make()

    @other.get("/page")
    def page(_: Any) -> Any:
        return text("other")

    assert client(other, "ASGI").post("/shout", json={}).status == 404
    assert install(app) is app


def test_a_long_address_is_answered_and_not_remembered(app: Sanic[Any, Any], http: Any) -> None:
    @action(path="/bells/{name}/ring")
    def ring(name: str) -> int:
        return len(name)

    router: Any = app.router
    assert http.post("/bells/big/ring", json={}).json == 3
    assert router.nitro.missing
    assert http.post(f"/bells/{'x' * 2000}/ring", json={}).json == 2000

    assert not any("x" * 2000 in path for path, *_ in router.nitro.missing)
