"""Servers are replaced one after the other, and no open page misses anything."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nitro_events import configure, patch_signals
from nitro_events.live.cursor import read
from nitro_events.state import state
from support import postgres, redis
from support.live import Heard
from support.processes import free_port

pytest.importorskip("uvicorn")

PROOF = bool(os.environ.get("NITRO_PROOF"))
PROCESSES, STREAMS = (3, 200) if PROOF else (2, 20)
SECRET = "a secret of all the processes"


class Process:
    """One server, on a port that its successor gets too."""

    def __init__(self, url: str, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        here = str(Path(__file__).parent)
        self._env = {**os.environ, "NITRO_EVENTS_URL": url, "NITRO_SECRET": SECRET}
        self._command = [
            *(sys.executable, "-m", "uvicorn", "--app-dir", here, "rolling_app:app"),
            *("--port", str(self.port), "--log-level", "error", "--backlog", "2048"),
        ]
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._running = subprocess.Popen(self._command, cwd=self._folder, env=self._env)

    def stop(self) -> float:
        """Ask the process to end, and return how long that takes."""
        assert self._running is not None
        began = time.monotonic()
        self._running.send_signal(signal.SIGTERM)
        self._running.wait(20)
        return time.monotonic() - began

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    async def page(self) -> str:
        """Return the cursor of a page, as soon as the process knows where the broker stands."""
        while True:
            with contextlib.suppress(OSError):
                text = await _get(self.port, "/")
                if read(text).at:
                    return text
            await asyncio.sleep(0.05)


async def _get(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    return text.partition("\r\n\r\n")[2]


class Page:
    """An open page: it asks again wherever somebody answers."""

    def __init__(self, cursor: str, ports: list[int], number: int) -> None:
        self.heard = Heard(cursor)
        self.opened = 0
        self._ports = ports
        self._number = number

    async def stay(self) -> None:
        while True:
            port = self._ports[(self._number + self.opened) % len(self._ports)]
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._read(port)
            self.heard.break_off()
            self.opened += 1
            await asyncio.sleep(0.1 + self._number % 10 / 50)

    async def _read(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            head = f"GET /live HTTP/1.1\r\nHost: x\r\nLast-Event-ID: {self.heard.cursor}\r\n\r\n"
            writer.write(head.encode())
            await reader.readuntil(b"\r\n\r\n")
            while size := int(await reader.readuntil(b"\r\n"), 16):
                self.heard.take((await reader.readexactly(size + 2))[:-2])
        finally:
            writer.close()


@pytest.fixture(params=["redis", "postgresql"] if PROOF else ["redis"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "redis":
        return redis.namespace()
    postgres.database().empty()
    return postgres.database().url


@pytest.fixture
def processes(url: str, tmp_path: Path) -> Iterator[list[Process]]:
    made = [Process(url, tmp_path) for _ in range(PROCESSES)]
    for process in made:
        process.start()
    yield made
    for process in made:
        process.kill()


def test_servers_are_replaced_one_by_one_and_no_page_misses_anything(
    url: str, processes: list[Process]
) -> None:
    configure(events_url=url, secret=SECRET)
    published = 0
    enough = threading.Event()

    def publish() -> None:
        nonlocal published
        while not enough.is_set():
            state.hub.publish("news", patch_signals({"topic": "news", "n": published}))
            published += 1
            time.sleep(0.01)

    async def main() -> None:
        ports = [process.port for process in processes]
        cursors = [await process.page() for process in processes]
        pages = [Page(cursors[n % len(ports)], ports, n) for n in range(STREAMS)]
        staying = [asyncio.create_task(page.stay()) for page in pages]
        publisher.start()
        async with asyncio.timeout(60):
            while not all(page.heard.log for page in pages):
                await asyncio.sleep(0.05)
            for process in processes:
                took = await asyncio.to_thread(process.stop)
                assert took < 5
                await asyncio.sleep(0.3)
                process.start()
                await process.page()
                await asyncio.sleep(0.5)
            enough.set()
            await asyncio.to_thread(publisher.join)
            while not all(len(page.heard.log) >= published for page in pages):
                await asyncio.sleep(0.05)
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)

        assert any(page.opened for page in pages)
        assert [page.heard.resets for page in pages] == [0] * STREAMS
        everything = list(range(published))
        for page in pages:
            assert [n for _, n in page.heard.log] == everything

    publisher = threading.Thread(target=publish)
    try:
        asyncio.run(main())
    finally:
        enough.set()
