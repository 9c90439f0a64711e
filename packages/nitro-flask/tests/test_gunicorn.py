"""The application on gunicorn: threads and greenlets, live streams, and their end."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

pytest.importorskip("gunicorn")

APP = """
import asyncio
import warnings

from flask import Flask

from nitro_events import Response, Stream, action, emit_signals, patch_signals, query
from nitro_events.state import state
from nitro_flask import Nitro

warnings.simplefilter("error")
app = Flask(__name__)
Nitro(app)

@app.get("/live")
def live():
    return Response(stream=Stream(state.hub, [], ["news"]))

@app.post("/tell/<int:n>")
def tell(n):
    emit_signals({"n": n}, topic="news")
    return {"n": n}

@app.post("/async")
async def wait():
    await asyncio.sleep(0.01)
    return {"done": await asyncio.to_thread(lambda: True)}

@action
async def add(a: int, b: int) -> int:
    await asyncio.sleep(0.01)
    return await asyncio.to_thread(lambda: a + b)

@query
async def ticks():
    for number in range(1000):
        yield patch_signals({"tick": number})
        await asyncio.sleep(0.02)
"""
READER = {"Nitro-Live": "", "Datastar-Request": "true", "Accept": "text/event-stream"}


Stream: TypeAlias = http.client.HTTPResponse


class Site:
    """A gunicorn with the application above."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._connections: list[http.client.HTTPConnection] = []
        (folder / "site_app.py").write_text(APP)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        place = ["--bind", f"127.0.0.1:{self.port}", "--graceful-timeout", "20"]
        quiet = ["--log-level", "error", "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", *place, *quiet, *options, "site_app:app"]
        self.process = subprocess.Popen(command, cwd=folder)
        deadline = time.monotonic() + 30
        while True:
            try:
                assert self.ask("GET", "/nowhere")[0] == 404
                return
            except OSError:
                assert time.monotonic() < deadline, "gunicorn does not answer"
                time.sleep(0.05)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as to:
            said = {"Content-Type": "application/json"}
            to.request(method, path, None if body is None else json.dumps(body), said)
            answer = to.getresponse()
            return answer.status, answer.read()

    def stream(self, path: str = "/live") -> Stream:
        to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self._connections.append(to)
        to.request("GET", path, headers=READER)
        return to.getresponse()

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once
        self.process.wait(30)


KINDS = {
    "threads": ("--worker-class", "gthread", "--threads", "8"),
    "preloaded": ("--worker-class", "gthread", "--threads", "8", "--preload"),
    "gevent": ("--worker-class", "gevent"),
}


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if request.param == "gevent":
        pytest.importorskip("gevent")
    site = Site(tmp_path, *KINDS[request.param])
    yield site
    site.close()


def until(stream: Stream, wanted: bytes) -> bytes:
    text, deadline = b"", time.monotonic() + 20  # signs of life come for ever
    while wanted not in text:
        line = stream.readline()
        assert line, text
        assert time.monotonic() < deadline, text
        text += line
    return text


def test_streams_are_told_and_end_when_the_server_does(site: Site) -> None:
    streams = [site.stream() for _ in range(3)]
    for stream in streams:
        until(stream, b"\n\n")

    site.ask("POST", "/tell/1")
    told = [until(stream, b'"n":1') for stream in streams]
    asked = time.monotonic()
    site.process.send_signal(signal.SIGTERM)
    rest = [stream.read() for stream in streams]
    taken = time.monotonic() - asked

    assert len(told) == len(rest) == 3
    assert taken < 5
    assert site.process.wait(20) == 0


def test_what_is_async_has_a_loop(site: Site) -> None:
    pytest.importorskip("asgiref")
    for _ in range(3):
        assert site.ask("POST", "/add", {"a": 1, "b": 2}) == (200, b"3")
        assert site.ask("POST", "/async")[0] == 200


def test_a_generator_is_sent_as_it_goes_and_ends_with_the_server(site: Site) -> None:
    stream = site.stream("/ticks")
    until(stream, b'"tick":2')

    site.process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    rest = stream.read()
    taken = time.monotonic() - asked
    stream.close()

    assert b'"tick":999' not in rest
    assert taken < 5


def test_pages_beyond_half_of_the_threads_poll(tmp_path: Path) -> None:
    site = Site(tmp_path, "--worker-class", "gthread", "--threads", "2")
    held = site.stream()
    until(held, b"\n\n")

    polled = site.stream()

    assert polled.read().startswith(b"retry: 5000")
    assert site.ask("POST", "/tell/1")[0] == 200
    held.close()
    polled.close()
    site.close()


def test_a_worker_for_one_request_at_a_time_holds_no_stream(tmp_path: Path) -> None:
    site = Site(tmp_path, "--worker-class", "sync")

    polled = site.stream()

    assert polled.read().startswith(b"retry: 5000")
    polled.close()
    site.close()
