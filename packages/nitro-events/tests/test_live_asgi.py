import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from nitro_events import Hub, Stream, configure, patch_signals
from nitro_events.live import asgi, pace, shutdown

APP = """
import asyncio, contextlib, json
from nitro_events import Stream, hub, patch_signals
from nitro_events.live.asgi import serve

class Counter:
    key, topics, value = "counter", frozenset({"Counter"}), 0
    def render(self):
        return f'<p id="counter">{Counter.value}</p>'

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/live":
        cursor = dict(scope["headers"]).get(b"last-event-id")
        stream = Stream(hub, [Counter()], ["news"], cursor and cursor.decode())
        return await serve(stream, send, receive)
    if scope["path"] == "/add":
        Counter.value += 1
        hub.touch({"Counter"})
    elif scope["path"] == "/publish":
        hub.publish("news", patch_signals({"text": "x" * 100_000}))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(hub.stats()).encode()})
"""


@pytest.fixture(autouse=True)
def _secret(_fresh_state: None) -> None:
    configure(secret="a secret for these tests alone")


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def connect(self, head: str = "") -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), 5)
        client.settimeout(5)
        client.sendall(f"GET /live HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        return client

    def get(self, path: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.settimeout(5)
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            return _read_all(client)


@pytest.fixture
def server(tmp_path: Any) -> Iterator[Server]:
    (tmp_path / "live_app.py").write_text(textwrap.dedent(APP))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    source = os.path.dirname(os.path.dirname(os.path.dirname(asgi.__file__)))
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "live_app:app", "--port", str(port)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": source},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            time.sleep(0.05)
        yield Server(process, port)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_with_open_streams_goes_at_once(server: Server, number: int) -> None:
    pytest.importorskip("uvicorn")
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        _read_until(client, ">0<")

    begin = time.monotonic()
    server.process.send_signal(number)
    server.process.wait(5)

    assert time.monotonic() - begin < 2
    for client in clients:
        assert _read_all(client).endswith("0\r\n\r\n")  # a clean end, not a broken one
        client.close()


def test_a_change_is_pushed_and_a_broken_stream_resumes(server: Server) -> None:
    pytest.importorskip("uvicorn")
    client = server.connect()
    first = _read_until(client, ">0<")
    assert "200 OK" in first
    assert "text/event-stream" in first
    assert "no-store" in first
    server.get("/add")
    text = _read_until(client, ">1<")
    cursor = text.rpartition("id: ")[2].split("\n")[0]
    client.close()
    for _ in range(100):
        if '"streams": 0' in server.get("/"):
            break
        time.sleep(0.02)
    assert '"views": 0' in server.get("/")

    server.get("/add")
    client = server.connect(f"Last-Event-ID: {cursor}\r\n")

    assert ">2<" in _read_until(client, ">2<")
    client.close()


def test_a_client_that_reads_nothing_is_cut_and_others_go_on(server: Server) -> None:
    pytest.importorskip("uvicorn")
    stuck, healthy = server.connect(), server.connect()
    _read_until(healthy, ">0<")
    reader = threading.Thread(target=_drain, args=(healthy,))
    reader.start()

    for _ in range(400):
        server.get("/publish")
    stats = ""
    for _ in range(100):
        stats = server.get("/")
        if '"cut": 1' in stats and '"streams": 1' in stats:
            break
        time.sleep(0.05)

    assert '"cut": 1' in stats
    assert '"streams": 1' in stats
    healthy.shutdown(socket.SHUT_RDWR)
    reader.join(5)
    healthy.close()
    stuck.close()


def test_httpx_reads_the_stream_of_a_server_in_a_thread() -> None:
    httpx = pytest.importorskip("httpx")
    uvicorn = pytest.importorskip("uvicorn")
    hub = Hub()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asgi.serve(Stream(hub, [], ["news"], hub.cursor()), send, receive)

    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    received: list[str] = []
    try:
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = running.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        with httpx.Client(trust_env=False) as http, http.stream("GET", url) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["x-accel-buffering"] == "no"
            data = (line for line in response.iter_lines() if line.startswith("data:"))
            assert next(data) == "data: signals {}"  # the page learns that it is connected
            for number in range(5):
                hub.publish("news", patch_signals({"n": number}))
                received.append(next(data))
            hub.stop()
            assert list(data) == []
    finally:
        hub.stop()
        running.should_exit = True
        thread.join(5)

    assert not thread.is_alive()
    assert received == [f'data: signals {{"n":{number}}}' for number in range(5)]


def test_a_client_that_leaves_ends_its_stream() -> None:
    async def main() -> None:
        hub = Hub()
        sent: list[Any] = []
        leave = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            if not leave.is_set() and not sent:
                return {"type": "http.request"}
            await leave.wait()
            return {"type": "http.disconnect"}

        stream = Stream(hub, [], ["news"])
        task = asyncio.create_task(asgi.serve(stream, send, receive, headers=[(b"x-a", b"b")]))
        await asyncio.sleep(0.05)
        assert hub.stats()["streams"] == 1
        leave.set()
        await task

        assert hub.stats()["streams"] == 0
        assert (b"x-a", b"b") in sent[0]["headers"]

    asyncio.run(main())


def test_a_stuck_send_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SEND_TIMEOUT", 0.1)

    async def main() -> None:
        hub = Hub()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async with asyncio.timeout(2):
            await asgi.serve(Stream(hub, [], ["news"]), send, receive)

        assert hub.stats()["streams"] == 0
        assert hub.stats()["cut"] == 1

    asyncio.run(main())


def test_a_failing_send_is_the_end_of_the_stream_only() -> None:
    async def main(error: Exception) -> None:
        hub = Hub()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                raise error

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        try:
            await asgi.serve(Stream(hub, [], ["news"]), send, receive)
        finally:
            assert hub.stats()["streams"] == 0

    asyncio.run(main(BrokenPipeError()))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(main(ZeroDivisionError()))


def test_signal_handlers_are_chained_once_and_the_previous_is_called() -> None:
    called: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: called.append(number))
    try:
        first, second = Hub(), Hub()
        shutdown.end_with_the_process(first)
        ours = signal.getsignal(signal.SIGTERM)
        shutdown.end_with_the_process(second)
        assert signal.getsignal(signal.SIGTERM) is ours

        signal.raise_signal(signal.SIGTERM)

        assert called == [signal.SIGTERM]
        assert first.stopping
        assert second.stopping
    finally:
        signal.signal(signal.SIGTERM, before)


def test_signals_are_left_alone_outside_the_main_thread_and_when_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        shutdown.end_with_the_process(Hub())
        thread = threading.Thread(target=shutdown.end_with_the_process, args=(Hub(),))
        thread.start()
        thread.join()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_a_handler_a_signal_does_what_it_always_did() -> None:
    code = textwrap.dedent("""
        import signal
        from nitro_events import Hub
        from nitro_events.live.shutdown import end_with_the_process
        hub = Hub()
        end_with_the_process(hub)
        signal.raise_signal(signal.SIGTERM)
    """)

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGTERM


def _read_until(client: socket.socket, wanted: str) -> str:
    text = ""
    while wanted not in text or not text.endswith("\n\r\n"):
        data = client.recv(65536)
        assert data, f"closed before {wanted!r}: {text!r}"
        text += data.decode()
    return text


def _read_all(client: socket.socket) -> str:
    parts = []
    while data := client.recv(65536):
        parts.append(data)
    return b"".join(parts).decode()


def _drain(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while client.recv(1 << 20):
            pass


def test_a_client_that_is_stuck_at_the_last_chunk_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "SEND_TIMEOUT", 0.2)
    monkeypatch.setattr(pace, "MAX_AGE", 0.05)

    async def main() -> None:
        hub = Hub()
        bodies: list[bytes] = []

        async def send(message: Any) -> None:
            bodies.extend([message["body"]] if "body" in message else [])
            if len(bodies) > 1:
                await asyncio.Event().wait()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async with asyncio.timeout(3):
            await asgi.serve(Stream(hub, [], ["news"]), send, receive)

        assert bodies[1].startswith(b":")  # the sign of life with which an old stream ends
        assert hub.stats()["streams"] == 0
        assert hub.stats()["cut"] == 1

    asyncio.run(main())
