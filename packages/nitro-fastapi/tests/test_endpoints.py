"""What hand-written endpoints return, in an application with Nitro."""

from collections.abc import Iterator

import pytest
from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.testclient import TestClient

from nitro_events import Caller, configure, patch_signals
from nitro_events.state import state
from nitro_fastapi import ReadSignals, install


class Markup:
    """Anything with __html__."""

    def __html__(self) -> str:
        return "<b>bold</b>"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    state.reset()


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    install(app)
    return app


@pytest.fixture
def http(app: FastAPI) -> TestClient:
    return TestClient(app)


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_an_object_with_html_is_served_as_html(app: FastAPI, http: TestClient, kind: str) -> None:
    if kind == "def":

        @app.get("/page")
        def page() -> object:
            return Markup()
    else:

        @app.get("/page")
        async def async_page() -> object:
            return Markup()

    answer = http.get("/page")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<b>bold</b>"


def test_a_patch_is_served_as_an_event_stream(app: FastAPI, http: TestClient) -> None:
    @app.get("/patch")
    def patch() -> object:
        return patch_signals({"a": 1})

    answer = http.get("/patch")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "datastar-patch-signals" in answer.text


def test_status_cookies_and_headers_of_the_injected_response_are_kept(
    app: FastAPI, http: TestClient
) -> None:
    @app.get("/page")
    def page(response: Response) -> object:
        response.status_code = 201
        response.headers["x-mine"] = "1"
        response.set_cookie("seen", "yes")
        return Markup()

    answer = http.get("/page")

    assert (answer.status_code, answer.headers["x-mine"], answer.cookies["seen"]) == (
        201,
        "1",
        "yes",
    )


def test_background_tasks_run_after_a_page(app: FastAPI, http: TestClient) -> None:
    done: list[str] = []

    @app.get("/page")
    def page(tasks: BackgroundTasks) -> object:
        tasks.add_task(done.append, "task")
        return Markup()

    http.get("/page")

    assert done == ["task"]


def test_an_application_without_nitro_is_left_alone(app: FastAPI) -> None:
    other = FastAPI()

    @other.get("/page")
    def page() -> dict[str, int]:
        return {"a": 1}

    assert TestClient(other).get("/page").json() == {"a": 1}


def test_a_foreign_route_is_byte_for_byte_the_same() -> None:
    def make() -> FastAPI:
        app = FastAPI()

        @app.post("/items/{id}")
        async def item(id: int, request: Request) -> dict[str, object]:
            return {"id": id, "body": (await request.body()).decode()}

        return app

    plain, with_nitro = make(), make()
    install(with_nitro)
    paths = ["/items/1", "/items/x", "/nowhere", "/items/1/"]

    for path in paths:
        one, two = (TestClient(app).post(path, content="hello") for app in (plain, with_nitro))
        assert (one.status_code, one.content) == (two.status_code, two.content)
        assert dict(one.headers) == dict(two.headers)


def test_signals_are_read_with_attribute_access(app: FastAPI, http: TestClient) -> None:
    @app.post("/read")
    def read(signals: ReadSignals) -> dict[str, object]:
        return {"name": signals.name}

    assert http.post("/read", json={"name": "Lamp"}).json() == {"name": "Lamp"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"null", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 413),
        (b"[" * 10_000, 400),
        (b'{"a": NaN}', 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_signals_that_are_rubbish_are_refused(
    app: FastAPI, http: TestClient, body: bytes, status: int
) -> None:
    @app.post("/read")
    def read(signals: ReadSignals) -> dict[str, object]:
        return dict(signals)

    answer = http.post("/read", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status


def test_signals_stay_out_of_the_openapi_description(app: FastAPI) -> None:
    @app.get("/read")
    def read(signals: ReadSignals) -> None: ...

    assert app.openapi()["paths"]["/read"]["get"].get("parameters") is None


def test_installing_twice_is_installing_once(app: FastAPI) -> None:
    before = len(app.routes)

    install(app)

    assert len(app.routes) == before


def test_installing_too_late_says_so() -> None:
    app = FastAPI()
    TestClient(app).get("/")

    with pytest.raises(RuntimeError, match="where it is made"):
        install(app)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="FastAPI"):
        install(object())  # type: ignore[arg-type]


def test_the_configured_user_sees_the_frameworks_request(app: FastAPI, http: TestClient) -> None:
    asked: list[str] = []

    def user(request: Request) -> Caller:
        asked.append(request.headers["x-user"])
        return Caller(id="7", name="Ann")

    configure(user=user)

    @app.post("/page")
    def page() -> object:
        return Markup()

    http.post("/page", headers={"x-user": "ann"})

    assert asked == ["ann"]


def test_a_signal_that_did_not_come_is_the_callers_mistake(app: FastAPI, http: TestClient) -> None:
    @app.post("/read")
    def read(signals: ReadSignals) -> object:
        return signals.quantity

    answer = http.post("/read", json={"name": "Lamp"})

    assert answer.status_code == 422
    assert "quantity" in answer.json()["detail"]


def test_production_without_a_secret_does_not_start(app: FastAPI, http: TestClient) -> None:
    configure(env="production")

    with pytest.raises(ValueError, match="NITRO_SECRET"):
        http.get("/")


def test_the_status_that_a_route_declares_is_kept(app: FastAPI, http: TestClient) -> None:
    @app.get("/page", status_code=203)
    def page() -> object:
        return Markup()

    assert http.get("/page").status_code == 203
