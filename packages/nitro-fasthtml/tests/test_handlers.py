"""What handlers return and ask for, in an application with Nitro."""

# mypy: disable-error-code="import-untyped, untyped-decorator"

from typing import Any

import pytest
from fasthtml.common import BackgroundTask, Div, FtResponse, Mount, P, Titled, cookie
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from nitro_events import action, configure, patch_elements, patch_signals
from nitro_events.http.request import current_request
from nitro_events.state import state
from nitro_fasthtml import NitroResponse, ReadSignals


class Bold:
    def __html__(self) -> str:
        return "<b>bold</b>"


@pytest.fixture
def http(app: Any) -> TestClient:
    return TestClient(app)


def test_an_object_with_html_is_served_as_html(app: Any, http: TestClient) -> None:
    @app.route("/sync")
    def sync() -> Any:
        return Bold()

    @app.route("/asynchronous")
    async def asynchronous() -> Any:
        return Bold()

    for path in ("/sync", "/asynchronous"):
        answer = http.get(path)
        assert answer.text == "<b>bold</b>"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"  # so Nitro wrote it


def test_headers_cookies_and_tasks_may_stand_beside(app: Any, http: TestClient) -> None:
    done: list[str] = []

    @app.route("/page")
    def page() -> Any:
        return Bold(), cookie("a", "b"), cookie("c", "d"), BackgroundTask(done.append, "task")

    answer = http.get("/page")

    assert answer.text == "<b>bold</b>"
    assert dict(answer.cookies) == {"a": "b", "c": "d"}
    assert done == ["task"]


def test_a_status_is_said_with_a_response(app: Any, http: TestClient) -> None:
    @app.route("/made")
    def made() -> Any:
        return NitroResponse(Bold(), status_code=201)

    assert http.get("/made").status_code == 201


@pytest.mark.parametrize("one_by_one", [True, False])
def test_patches_are_an_event_stream(app: Any, http: TestClient, one_by_one: bool) -> None:
    patches = [patch_signals({"a": 1}), patch_elements("<p id='x'></p>")]

    if one_by_one:

        @app.route("/send")
        def send() -> Any:
            yield from patches
    else:

        @app.route("/send")
        def at_once() -> Any:
            return tuple(patches)

    answer = http.get("/send")

    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.text.count("event: ") == 2


def test_patches_of_an_async_generator_are_sent_as_they_come(app: Any, http: TestClient) -> None:
    @app.route("/send")
    async def send() -> Any:
        yield patch_signals({"a": 1})
        yield patch_signals({"a": 2})

    answer = http.get("/send", headers={"datastar-request": "true"})

    assert "content-length" not in answer.headers
    assert answer.text.count("event: ") == 2


def test_an_object_with_html_among_tags_is_written_among_them(app: Any, http: TestClient) -> None:
    @app.route("/mixed")
    def mixed() -> Any:
        return Titled("Mixed", Div(P("one <i>"), Bold()))

    text = http.get("/mixed").text

    assert "<p>one &lt;i&gt;</p>" in text
    assert "<b>bold</b>" in text
    assert "<title>Mixed</title>" in text


def test_a_response_of_fasthtml_stays_what_it_is(app: Any, http: TestClient) -> None:
    @app.route("/tea")
    def tea() -> Any:
        return FtResponse(P("tea"), status_code=418)

    assert http.get("/tea").status_code == 418


def test_signals_are_read_with_attribute_access(app: Any, http: TestClient) -> None:
    @app.route("/add")
    def add(signals: ReadSignals) -> Any:
        return patch_signals({"total": signals.a + signals.b})

    assert '"total":3' in http.post("/add", json={"a": 1, "b": 2}).text
    assert '"total":3' in http.get("/add", params={"datastar": '{"a": 1, "b": 2}'}).text
    missing = http.post("/add", json={"a": 1})
    assert missing.status_code == 422
    assert "b" in missing.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 400),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_signals_that_are_rubbish_are_refused(
    app: Any, http: TestClient, body: bytes, status: int
) -> None:
    @app.route("/read")
    def read(signals: ReadSignals) -> Any:
        return dict(signals)

    answer = http.post("/read", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status


def test_generated_routes_come_after_all_others(app: Any, http: TestClient) -> None:
    @action
    def shout(text: str) -> str:
        return text.upper()

    assert app.url_path_for("nitro:shout") == "/shout"
    assert http.post("/shout", json={"text": "a"}).json() == "A"

    @app.post("/shout")
    def by_hand() -> str:
        return "by hand"

    assert http.post("/shout", json={"text": "a"}).text == "by hand"
    assert type(app.routes[-1]).__name__ == "NitroRoutes"


def test_an_http_exception_of_an_action_keeps_its_status(app: Any, http: TestClient) -> None:
    @action
    def brew() -> None:
        raise HTTPException(418, "Short and stout")

    assert http.post("/brew", json={}).json()["detail"] == "Short and stout"


async def whoami() -> Any:
    asked = current_request.get()
    return {"user": asked and (await asked.identify()).id}


@pytest.mark.parametrize("name", ["user_id", "user", "auth"])
def test_the_session_says_who_it_is(app: Any, http: TestClient, name: str) -> None:
    app.route(whoami)

    @app.route("/login")
    def login(sess) -> str:  # type: ignore[no-untyped-def]
        sess[name] = "ann"
        return "in"

    assert http.get("/whoami").json() == {"user": None}
    http.post("/login")
    assert http.get("/whoami").json() == {"user": "ann"}


def test_the_streams_of_who_logs_out_are_closed(
    app: Any, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(state.hub, "close_streams", closed.append)

    @app.route("/login")
    def login(sess) -> str:  # type: ignore[no-untyped-def]
        sess["auth"] = "ann"
        return "in"

    @app.route("/logout")
    def logout(sess) -> str:  # type: ignore[no-untyped-def]
        del sess["auth"]
        return "out"

    http.post("/login")
    assert closed == []
    http.post("/logout")

    assert closed == ["ann"]


def test_a_prefix_moves_the_generated_routes(app: Any, http: TestClient) -> None:
    configure(prefix="/app")

    @action
    def shout(text: str) -> str:
        return text.upper()

    assert http.post("/app/shout", json={"text": "a"}).json() == "A"
    assert app.url_path_for("nitro:shout") == "/app/shout"


def test_it_can_be_mounted_in_an_application_with_nitro(app: Any) -> None:
    from starlette.applications import Starlette

    from nitro_starlette import install as install_on_starlette

    @app.route("/page")
    def page() -> Any:
        return Bold()

    outer = install_on_starlette(Starlette(routes=[Mount("/ui", app=app)]))

    assert TestClient(outer).get("/ui/page").text == "<b>bold</b>"
