"""Nitro around a WSGI application, and requests and answers of servers like it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.validate import validator

import pytest

from nitro_events import action, configure
from nitro_events.http.environ import has_slash_in_part, put_back, read_ahead, request_of
from nitro_events.http.iterables import Chunks
from nitro_events.http.problems import BadRequest
from nitro_events.http.request import current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import Response
from nitro_events.http.wsgi import Middleware, send_response
from nitro_events.inline import run
from nitro_events.settings import SettingsError
from nitro_events.state import state
from nitro_events.units import current_unit


def environ(method: str = "GET", path: str = "/", body: bytes = b"", **more: Any) -> Any:
    return {
        "REQUEST_METHOD": method, "SERVER_NAME": "x", "SERVER_PORT": "80", "SCRIPT_NAME": "",
        "PATH_INFO": path, "QUERY_STRING": "", "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "x", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.input": BytesIO(body), "wsgi.errors": _Errors(),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "wsgi.url_scheme": "http", **more,
    }  # fmt: skip


class Answer:
    """What an application answers, as a server takes it."""

    def __init__(self, app: Any, asked: Any) -> None:
        self.starts: list[tuple[str, dict[str, str]]] = []
        parts = app(asked, self._start)
        try:
            self.body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        self.status = int(self.starts[-1][0][:3])
        self.headers = self.starts[-1][1]

    def _start(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        self.starts.append((status, {name.lower(): text for name, text in headers}))
        return lambda _: None


def around(app: Any) -> Middleware:
    return Middleware(app, lambda asked: asked)


def hello(asked: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def test_a_valid_application_stays_valid() -> None:
    app = validator(around(validator(hello)))

    assert Answer(app, environ()).body == b"hello"
    assert Answer(app, environ("POST", body=b"x")).body == b"hello"


def test_the_request_is_current_while_it_is_answered() -> None:
    seen: list[str] = []

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        request = current_request.get()
        assert request is not None
        seen.append(f"{request.method} {request.path} {run(request.body()).decode()}")
        return hello(asked, start)

    Answer(around(app), environ("POST", "/a", b"body"))

    assert seen == ["POST /a body"]
    assert current_request.get() is None


def test_the_files_of_nitro_are_answered_before_the_application() -> None:
    assert Answer(around(hello), environ("GET", "/_nitro/nothing")).status == 404


@pytest.mark.parametrize(("status", "commits"), [("200 OK", 1), ("409 Conflict", 0)])
def test_the_unit_ends_when_the_answer_begins(shelf: Any, status: str, commits: int) -> None:
    def app(asked: Any, start: Any) -> Iterable[bytes]:
        assert current_unit() is not None
        shelf.find("b1").pages = 7
        start(status, [])
        assert current_unit() is None
        return [b""]

    Answer(around(app), environ("POST"))

    assert (shelf.stored["b1"].pages == 7) == bool(commits)


def test_a_generator_function_begins_inside_the_unit(shelf: Any) -> None:
    def app(asked: Any, start: Any) -> Iterator[bytes]:
        shelf.find("b1").pages = 7
        start("200 OK", [])
        yield b"one"
        yield b"two"

    assert Answer(around(app), environ("POST")).body == b"onetwo"
    assert shelf.stored["b1"].pages == 7


def test_an_exception_rolls_back_and_is_the_servers(shelf: Any) -> None:
    def app(asked: Any, start: Any) -> Iterable[bytes]:
        shelf.find("b1").pages = 7
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Answer(around(app), environ("POST"))

    assert shelf.stored["b1"].pages == 300
    assert current_unit() is None


def test_a_commit_that_fails_is_the_answer(shelf: Any) -> None:
    closed: list[bool] = []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        shelf.find("b1").pages = 7
        shelf.stored["b1"] = shelf.stored["b1"].model_copy(update={"pages": 8})
        start("200 OK", [("X-Mine", "1")])
        return Parts([b"all is well"])

    answer = Answer(around(app), environ("POST"))

    assert answer.status == 409
    assert "x-mine" not in answer.headers
    assert b"Somebody was faster" in answer.body
    assert closed == [True]


def test_protect_all_refuses_and_leaves_the_body_to_who_may_pass() -> None:
    configure(protect_all=True)

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [asked["wsgi.input"].read()]

    far = {"HTTP_COOKIE": "a=1", "HTTP_SEC_FETCH_SITE": "cross-site"}
    near = {"HTTP_COOKIE": "a=1", "HTTP_SEC_FETCH_SITE": "same-origin"}
    assert Answer(around(app), environ("POST", body=b"x", **far)).status == 403
    assert Answer(around(app), environ("POST", body=b"x", **near)).body == b"x"


def test_a_page_is_run_again_as_a_plain_get() -> None:
    asked_again: list[Any] = []

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        request = current_request.get()
        assert request is not None
        if asked["REQUEST_METHOD"] == "GET":
            asked_again.append(asked)
            deliver("the page")
        else:
            assert request.rerun is not None
            found: object = run(request.rerun("/p%C3%A4ge?a=1"))  # type: ignore[arg-type]
            assert found == "the page"
        return hello(asked, start)

    sent = environ("POST", "/act", b"{}", HTTP_NITRO_LIVE="x", HTTP_COOKIE="a=1")
    Answer(around(app), sent)

    again = asked_again[0]
    assert (again["PATH_INFO"].encode("latin-1").decode(), again["QUERY_STRING"]) == (
        "/päge",
        "a=1",
    )
    assert "HTTP_NITRO_LIVE" not in again
    assert again["HTTP_COOKIE"] == "a=1"


def test_wrong_settings_keep_it_from_answering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_ENV", "nowhere")

    with pytest.raises(SettingsError):
        Answer(around(hello), environ())


def test_what_is_async_of_the_application_runs_on_a_loop() -> None:
    @action
    async def slow() -> str:
        await asyncio.sleep(0.01)
        return "slow"

    def app(asked: Any, start: Any) -> Iterable[bytes]:
        from nitro_events.http.asgi import own_answer

        request = current_request.get()
        assert request is not None
        return send_response(run(own_answer(request)), asked, start)

    answer = Answer(around(app), environ("POST", "/slow", b"{}", CONTENT_TYPE="application/json"))

    assert answer.body == b'"slow"'


def test_chunks_are_made_in_one_context_and_closed() -> None:
    seen: list[object] = []

    async def numbers() -> AsyncGenerator[bytes]:
        token = current_request.set(None)
        try:
            for number in range(3):
                yield b"%d" % number
        finally:
            current_request.reset(token)
            seen.append("closed")

    assert list(Chunks(numbers())) == [b"0", b"1", b"2"]
    left = Chunks(numbers())
    assert next(left) == b"0"
    left.close()
    left.close()
    assert seen == ["closed", "closed"]


@pytest.mark.parametrize(("whole", "rest"), [(True, [b"1", b"2"]), (False, [])])
def test_chunks_end_with_the_process_unless_they_are_a_file(
    whole: bool, rest: list[bytes]
) -> None:
    async def numbers() -> AsyncGenerator[bytes]:
        for number in range(3):
            yield b"%d" % number

    parts = Chunks(numbers(), whole=whole)
    next(parts)

    state.hub.stop()

    assert list(parts) == rest


def test_an_answer_without_a_body_has_none() -> None:
    started: list[Any] = []
    parts = send_response(
        Response(204, [("x", "1")]),
        environ(),
        lambda *given: started.append(given),  # type: ignore[arg-type]
    )

    assert list(parts) == []
    assert started == [("204 No Content", [("x", "1")])]


@pytest.mark.parametrize(
    ("announced", "ends", "body"),
    [("4", False, b"body"), ("", True, b"body"), ("", False, b""), ("4", True, b"body")],
)
def test_a_body_is_read_as_far_as_it_goes(announced: str, ends: bool, body: bytes) -> None:
    asked = environ("POST", body=b"body", CONTENT_LENGTH=announced)
    asked["wsgi.input_terminated"] = ends

    request = request_of(asked)

    assert run(request.body()) == body
    put_back(request, asked)
    assert asked["wsgi.input"].read() == b"body"


def test_half_a_body_is_refused() -> None:
    asked = environ("POST", body=b"ha", CONTENT_LENGTH="4")

    with pytest.raises(BadRequest, match="complete"):
        run(request_of(asked).body())


def test_a_body_that_the_server_cannot_read_is_refused() -> None:
    class Broken:
        def read(self, size: int = -1) -> bytes:
            raise ValueError("Invalid chunk size")

    asked = environ("POST", CONTENT_LENGTH="4")
    asked["wsgi.input"] = Broken()

    assert read_ahead(asked, 10) == b""
    with pytest.raises(BadRequest, match="cannot be read"):
        run(request_of(asked).body())


@pytest.mark.parametrize("announced", ["6", ""])
def test_what_is_read_ahead_is_there_for_others(announced: str) -> None:
    def asked() -> Any:
        made = environ("POST", body=b"a\nbody", CONTENT_LENGTH=announced)
        return {**made, "wsgi.input_terminated": True}

    small, large = asked(), asked()

    assert read_ahead(small, 10) == b"a\nbody"
    assert read_ahead(large, 3) is None
    assert small["wsgi.input"].readline() == b"a\n"
    assert small["wsgi.input"].read() == b"body"
    assert large["wsgi.input"].read() == b"a\nbody"


def test_headers_and_paths_are_decoded() -> None:
    request = request_of(
        environ("GET", "/p\xc3\xa4ge", HTTP_X_MINE="1", CONTENT_TYPE="a/b", HTTPS="on")
    )

    assert request.path == "/päge"
    assert dict(request.headers) == {
        "content-length": "0",
        "content-type": "a/b",
        "host": "x",
        "x-mine": "1",
    }
    assert has_slash_in_part({"RAW_URI": "/a%2Fb?c"})
    assert not has_slash_in_part({"RAW_URI": "/a/b?c=%2F"})


class _Errors:
    def flush(self) -> None: ...

    def write(self, text: str) -> None: ...

    def writelines(self, lines: list[str]) -> None: ...
