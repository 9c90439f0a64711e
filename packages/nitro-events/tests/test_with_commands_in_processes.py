"""Commands in processes that meet or are killed: every click counts, every key has one effect."""

from __future__ import annotations

import http.client
import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")
pytest.importorskip("uvicorn")

from nitro_events.state import state  # noqa: E402

SCRIPT = Path(__file__).with_name("commands_app.py")


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("commands_app", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["commands_app"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


commands_app: Any = sys.modules.get("commands_app") or _load()
PROOF = os.environ.get("NITRO_PROOF") == "1"
KILLS = 200 if PROOF else 4
CLICKS = 500 if PROOF else 50


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    nitro_entities.state.reset()
    if request.param == "sqlite":
        where = f"sqlite:///{tmp_path / 'data.db'}"
    else:
        from support import postgres

        database = postgres.database()
        database.empty()
        where = database.url
    commands_app.start(where)
    yield where
    state.reset()
    nitro_entities.state.reset()


@pytest.fixture
def ports(url: str, tmp_path: Path) -> Iterator[list[int]]:
    """Two servers of the same database."""
    tally = commands_app.Tally().save()  # the tables are there before both look for them
    tally.delete()
    made = [_served(url, tmp_path) for _ in range(2)]
    try:
        for process, port in made:
            _wait_for(process, port)
        yield [port for _, port in made]
    finally:
        for process, _ in made:
            process.kill()
            process.wait()


def _served(url: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    here = str(Path(__file__).parent)
    place = ["--port", str(port), "--app-dir", here, "commands_app:app"]
    quiet = ["--log-level", "warning", "--lifespan", "off"]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *quiet, *place],
        env={**os.environ, "NITRO_TEST_DATABASE": url},
        cwd=folder,
    )
    return process, port


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the server did not start"
        assert time.monotonic() < deadline, "the server did not answer"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def _click(port: int, path: str, key: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {} if key is None else {"Idempotency-Key": key}
    connection.request("POST", path, headers=headers)
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


def test_every_click_on_two_servers_counts_and_one_key_counts_once(ports: list[int]) -> None:
    tally, other = commands_app.Tally().save(), commands_app.Tally().save()
    path, keyed = f"/tallies/{tally.id}/click", f"/tallies/{other.id}/click"

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda n: _click(ports[n % 2], path), range(CLICKS)))
        same = set(threads.map(lambda n: _click(ports[n % 2], keyed, "one"), range(20)))

    assert {status for status, _ in answers} == {200}
    assert sorted(int(body) for _, body in answers) == list(range(1, CLICKS + 1))
    assert commands_app.Tally.get(tally.id).number == CLICKS
    assert same == {(200, b"1")}
    assert commands_app.Tally.get(other.id).number == 1


class Forker:
    """A process that forks workers to be killed."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._hear() == "ready"

    def begin(self, tally: str, first: int, last: int) -> int:
        """Start a worker; return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{tally} {first} {last}\n".encode())
        self._process.stdin.flush()
        self.done: dict[int, int] = {}
        while True:
            line = self._hear()
            if line.startswith("pid "):
                return int(line.removeprefix("pid "))
            self._note(line)

    def hear_of_one(self) -> None:
        """Wait until the worker has done something."""
        self._note(self._hear())

    def end(self) -> dict[int, int]:
        """Wait for the end of the worker; return the replies by number."""
        while (line := self._hear()) != "end":
            self._note(line)
        return self.done

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _note(self, line: str) -> None:
        number, reply = line.split()
        self.done[int(number)] = int(reply)

    def _hear(self) -> str:
        pipe: IO[bytes] | None = self._process.stdout
        assert pipe is not None
        line = pipe.readline().decode().strip()
        assert line, "the worker failed"
        return line


@pytest.fixture
def forkers(url: str) -> Iterator[list[Forker]]:
    commands_app.Tally().save().delete()
    made = [Forker(url) for _ in range(2)]
    yield made
    for forker in made:
        forker.close()


def test_a_key_has_one_effect_however_often_its_process_is_killed(forkers: list[Forker]) -> None:
    tally = commands_app.Tally().save()
    chance = random.Random(7)
    replies: dict[int, set[int]] = {}
    first = 0

    for _ in range(KILLS):
        # both do the same, so each key is also used twice at the same time
        pids = [forker.begin(tally.id, first, first + 1000) for forker in forkers]
        if chance.random() < 0.8:
            forkers[0].hear_of_one()
        time.sleep(chance.uniform(0, 0.03))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for forker in forkers:
            for number, reply in forker.end().items():
                replies.setdefault(number, set()).add(reply)
        # what no worker told of may have been done all the same: it is sent again
        first = max(replies, default=-1) + 1
    for forker in forkers:
        forker.begin(tally.id, max(0, first - 5), first + 3)
        for number, reply in forker.end().items():
            replies.setdefault(number, set()).add(reply)

    assert first > 0
    assert replies == {number: {number + 1} for number in range(first + 3)}
    assert commands_app.Tally.get(tally.id).number == first + 3
    lines = [line.key for line in commands_app.TallyLine.all()]
    assert sorted(lines) == sorted(f"key-{number}" for number in range(first + 3))
