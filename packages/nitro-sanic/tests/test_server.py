"""A ``sanic`` process of its own: live streams, workers, and the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_templates")

APP = """
from sanic import Sanic, text
from nitro_entities import Entity
from nitro_events import configure
from nitro_sanic import install
from nitro_templates import Page, Table

configure(policy=lambda *_: True)
app = Sanic("shop")
install(app)


class SanicGood(Entity):
    name: str


@app.get("/")
def front(_):
    return Page(Table.from_entity(SanicGood).reactive(), title="Goods")


@app.get("/plain")
async def plain(_):
    return text("plain")
"""

Start = Callable[..., tuple[str, subprocess.Popen[bytes], Path]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []
    (tmp_path / "shop.py").write_text(APP)

    def begin(*options: str) -> tuple[str, subprocess.Popen[bytes], Path]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "sanic", "shop:app", "--no-motd", "--port", str(port)]
        log = tmp_path / "log"
        env = {key: text for key, text in os.environ.items() if not key.startswith("NITRO_")}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, *options], cwd=tmp_path, env=env, stdout=out, stderr=out
            )
        started.append(process)
        return f"http://127.0.0.1:{port}", process, log

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{url}/plain", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The server does not answer")


def until(lines: Iterator[str], text: str) -> None:
    assert any(text in line for line in lines)


@pytest.mark.parametrize("options", [(), ("--single-process",)], ids=["workers", "single"])
def test_a_page_is_live_and_ends_with_the_server(start: Start, options: tuple[str, ...]) -> None:
    url, process, log = start(*options)
    wait_for(url)
    time.sleep(0.7)  # Sanic's manager loses a signal that comes in its first moments, Nitro or not
    live = {"nitro-live": "0", "datastar-request": "true", "accept": "text/event-stream"}

    with (
        httpx.Client(base_url=url, timeout=10, trust_env=False) as http,
        http.stream("GET", "/", headers=live) as stream,
    ):
        lines = stream.iter_lines()
        assert stream.headers["content-type"].startswith("text/event-stream")
        next(lines)
        assert http.post("/sanic-goods", json={"name": "Lamp"}).status_code == 201
        until(lines, "Lamp")

        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        for _ in lines:
            pass

    process.wait(10)
    assert time.monotonic() - begun < 5, log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_stream_whose_client_leaves_is_given_up(start: Start) -> None:
    url, _process, log = start("--single-process")
    wait_for(url)
    live: dict[str, Any] = {"nitro-live": "0", "accept": "text/event-stream"}

    for _ in range(12):  # more than one client may have at a time
        with httpx.stream("GET", url, headers=live, timeout=10, trust_env=False) as stream:
            assert stream.status_code == 200
            next(stream.iter_lines())

    assert "ERROR" not in log.read_text()


def test_several_workers_do_not_start_with_entities_in_memory(start: Start) -> None:
    _url, process, log = start("--workers", "2")

    assert process.wait(20) != 0
    assert "SanicGood in the memory of the process" in log.read_text()
