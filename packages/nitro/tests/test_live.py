"""``nitro live``: an application on a server for its streams."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from nitro import live
from nitro.cli.mistakes import Mistake

APP = """
from nitro_events import Response, Stream, emit_signals
from nitro_events.http.wsgi import Middleware, send_response
from nitro_events.state import state

def page(environ, start_response):
    if environ["PATH_INFO"] == "/live":
        stream = Stream(state.hub, [], ["news"])
        return send_response(Response(stream=stream), environ, start_response)
    emit_signals({"n": 1}, topic="news")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"told"]

app = Middleware(page, lambda environ: environ)
"""


def until(stream: http.client.HTTPResponse, wanted: bytes) -> None:
    text, deadline = b"", time.monotonic() + 20
    while wanted not in text:
        line = stream.readline()
        assert line, text
        assert time.monotonic() < deadline, text
        text += line


def test_streams_are_told_and_end_with_the_server(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    (tmp_path / "live_app.py").write_text(APP)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "nitro.cli", "live", "live_app:app", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)

    def ask(path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        to = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        to.request("GET", path)
        return to, to.getresponse()

    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                to, stream = ask("/live")
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        until(stream, b"\n\n")
        told_by, answer = ask("/tell")
        until(stream, b'"n":1')
        server.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        stream.read()
        assert answer.read() == b"told"
        assert time.monotonic() - asked < 5
        to.close()
        told_by.close()
    finally:
        server.terminate()
        server.wait(20)


def test_without_a_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    with pytest.raises(Mistake, match=r"nitro\[live\]"):
        live.serve(lambda: None, "127.0.0.1", 0)


def test_an_application_for_event_loops_is_served_as_it_is() -> None:
    async def function(scope: object, receive: object, send: object) -> None: ...

    class Application:
        async def __call__(self, scope: object, receive: object, send: object) -> None: ...

    class Wsgi:
        def __call__(self, environ: object, start_response: object) -> list[bytes]:
            return []

    application, wsgi = Application(), Wsgi()

    assert live.as_asgi(function) is function
    assert live.as_asgi(application) is application
    assert live.as_asgi(wsgi) is not wsgi


def test_a_module_alone_is_no_application(tmp_path: Path) -> None:
    (tmp_path / "only_module.py").write_text("")
    said = subprocess.run(
        [sys.executable, "-m", "nitro.cli", "live", "only_module"],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "COLUMNS": "400"},
    )  # fmt: skip

    assert said.returncode == 2
    assert "nitro live only_module:app" in said.stderr
