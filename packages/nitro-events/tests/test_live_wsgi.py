"""A stream for servers that send an iterator: few at a time, and polling beyond them."""

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from nitro_events import Hub, Stream, configure, patch_signals
from nitro_events.live import wsgi


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class View:
    key = "v"
    topics = frozenset({"City"})

    def render(self) -> str:
        return '<p id="v">now</p>'


def until(chunks: Iterator[bytes], wanted: bytes) -> bytes:
    text = b""
    while wanted not in text:
        text += next(chunks)
    return text


def id_of(text: bytes) -> str:
    return text.rpartition(b"id: ")[2].partition(b"\n")[0].decode()


def test_the_iterator_has_the_state_and_then_every_patch() -> None:
    hub = Hub()
    body = wsgi.body(Stream(hub, [View()], ["news"]))

    first = until(body, b"now")
    hub.publish("news", patch_signals({"n": 1}))
    second = until(body, b'"n":1')

    assert first.startswith(b"retry: ")
    assert id_of(second) == hub.cursor()
    body.close()
    assert hub.stats()["streams"] in (0, 1)  # it leaves on its own loop, a moment later


def test_beyond_the_limit_a_client_polls_and_misses_nothing() -> None:
    hub = Hub()
    open_one = wsgi.body(Stream(hub, [], ["news"]), most=1)
    next(open_one)

    first = list(wsgi.body(Stream(hub, [View()], ["news"]), most=1))
    hub.publish("news", patch_signals({"n": 1}))
    hub.publish("news", patch_signals({"n": 2}))
    cursor = id_of(b"".join(first))
    second = list(wsgi.body(Stream(hub, [View()], ["news"], cursor), most=1))
    third = list(wsgi.body(Stream(hub, [View()], ["news"], id_of(second[0])), most=1))

    assert len(first) == len(second) == 1
    assert first[0].startswith(b"retry: 5000\n")
    assert first[0].count(b"retry:") == 1
    assert b"now" in first[0]
    assert b"now" not in second[0]  # nothing has changed
    assert second[0].index(b'"n":1') < second[0].index(b'"n":2')
    assert b'"n"' not in third[0]
    open_one.close()
    again = wsgi.body(Stream(hub, [], ["news"]), most=1)
    assert not next(again).startswith(b"retry: 5000")
    again.close()


def test_the_end_of_the_hub_ends_the_iterator() -> None:
    hub = Hub()
    body = wsgi.body(Stream(hub, [], ["news"]))
    next(body)

    threading.Timer(0.05, hub.stop).start()

    assert list(body) == []
    assert list(body) == []


def test_a_wsgi_server_can_send_it() -> None:
    hub = Hub()
    started: list[str] = []

    def app(environ: dict[str, object], answer_with: Any) -> wsgi.Body:
        answer_with("200 OK", list(wsgi.HEADERS))
        return wsgi.body(Stream(hub, [], ["news"]), most=0)

    environ = {
        "REQUEST_METHOD": "GET", "SERVER_NAME": "x", "SERVER_PORT": "80", "SCRIPT_NAME": "",
        "PATH_INFO": "/", "QUERY_STRING": "", "wsgi.version": (1, 0), "wsgi.input": _Input(),
        "wsgi.errors": _Errors(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1",
    }  # fmt: skip

    def start_response(status: str, headers: object, exc: object = None) -> object:
        started.append(status)
        return started.append

    answer: Any = validator(app)(environ, start_response)  # type: ignore[arg-type]

    assert b"".join(iter(answer)).startswith(b"retry: 5000")
    answer.close()
    assert started == ["200 OK"]


class _Input:
    def read(self, size: int = 0) -> bytes:
        return b""

    def readline(self) -> bytes:
        return b""

    def readlines(self, hint: int = 0) -> list[bytes]:
        return []

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


class _Errors:
    def flush(self) -> None: ...

    def write(self, text: str) -> None: ...

    def writelines(self, lines: list[str]) -> None: ...
