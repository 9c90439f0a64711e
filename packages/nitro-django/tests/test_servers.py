"""The same project under a WSGI and an ASGI server, over real connections."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMMANDS = {
    "gunicorn": ["gunicorn", "--threads=8", "--bind=127.0.0.1:{port}", "project:application"],
    "uvicorn": ["uvicorn", "--port={port}", "--log-level=warning", "project:asgi_application"],
}


class Running:
    """A server of the project."""

    def __init__(self, name: str, folder: Path) -> None:
        pytest.importorskip(name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        command = [part.format(port=self.port) for part in COMMANDS[name]]
        env = {**os.environ, "PYTHONPATH": str(HERE), "NITRO_ENV": "development"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=env, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if self.ask("GET", "/")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server did not start")

    def ask(self, verb: str, path: str, data: object = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body = None if data is None else json.dumps(data)
        headers = {} if data is None else {"content-type": "application/json"}
        connection.request(verb, path, body, headers)
        answer = connection.getresponse()
        names = {name.lower(): text for name, text in answer.getheaders()}
        read = answer.status, names, answer.read()
        connection.close()
        return read

    @contextmanager
    def stream(self) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"nitro-live": "", "datastar-request": "true", "accept-encoding": "gzip"}
        connection.request("GET", "/", headers=headers)
        with closing(connection), connection.getresponse() as answer:
            yield answer


@pytest.fixture(params=COMMANDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    server = Running(request.param, tmp_path)
    yield server
    server.process.kill()
    server.process.wait()


def read_until(stream: http.client.HTTPResponse, text: bytes) -> bytes:
    read = b""
    while text not in read:
        line = stream.readline()
        assert line, f"the stream ended before {text!r}"
        read += line
    return read


def test_a_change_arrives_in_an_open_stream(server: Running) -> None:
    server.ask("POST", "/ferries", {"name": "Otter"})
    with server.stream() as stream:
        read_until(stream, b"Otter")

        made = server.ask("POST", "/ferries", {"name": "Beaver"})

        assert made[0] == 201
        assert b"Beaver" in read_until(stream, b"Beaver")


def test_the_server_ends_within_seconds_while_a_stream_is_open(server: Running) -> None:
    with server.stream() as stream:
        read_until(stream, b"\n\n")
        begun = time.monotonic()

        server.process.send_signal(signal.SIGTERM)
        server.process.wait(10)

    assert time.monotonic() - begun < 5


def test_clients_that_leave_give_their_places_back(server: Running) -> None:
    for _ in range(12):  # more than the threads of one server
        with server.stream() as stream:
            read_until(stream, b"\n\n")

    assert server.ask("GET", "/")[0] == 200


def test_an_id_with_a_slash_is_no_other_path(server: Running) -> None:
    made = server.ask("POST", "/ferries", {"name": "Otter"})
    id = json.loads(made[2])["id"]

    answer = server.ask("POST", f"/ferries/{id}%2Fdelete", {})

    assert answer[0] == 404


def test_a_head_of_a_page_has_no_body(server: Running) -> None:
    status, headers, body = server.ask("HEAD", "/")

    assert (status, body) == (200, b"")
    assert headers["content-type"].startswith("text/html")
