"""The frameworks, the servers that they run under, and how each pair is started."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from support.processes import Guard
from support.server import Server

TESTS = Path(__file__).parents[1]
APPS = Path(__file__).parent / "apps"
ATLAS = TESTS.parent / "examples" / "atlas"
# longer than the tests allow, so that it is not the server's patience that ends a stream
PATIENCE = "20"
# what a framework has no means for; the table shows a dash there
WITHOUT = {
    "test_a_background_task_has_no_unit_and_saves_for_itself": ("flask", "django"),
}


@dataclass(frozen=True)
class Host:
    """A framework under a server; ``{target}`` and ``{port}`` are filled in when it starts."""

    framework: str
    server: str
    command: tuple[str, ...]
    wsgi: bool = False

    def __str__(self) -> str:
        return f"{self.framework}-{self.server}"

    @property
    def app(self) -> Path:
        """The application of the behaviour suite in this framework."""
        return APPS / f"{self.framework}_app.py"

    @property
    def atlas(self) -> Path:
        """The atlas in this framework."""
        name = "app.py" if self.framework == "fastapi" else f"{self.framework}_app.py"
        return ATLAS / name

    @property
    def lacks(self) -> list[str]:
        """What of this host is not installed."""
        needed = [self.framework, self.command[0].partition(" ")[0]]
        needed += ["gevent"] if self.server == "gevent" else []
        return [name for name in needed if find_spec(name) is None]

    def target(self, module: str) -> str:
        """Return the name of the application in *module*, as servers take it."""
        if self.framework != "django":
            return f"{module}:app"
        return f"{module}:application" if self.wsgi else f"{module}:asgi_application"


def _uvicorn(framework: str) -> Host:
    quiet = ("--log-level", "warning", "--timeout-graceful-shutdown", PATIENCE)
    place = ("--host", "127.0.0.1", "--port", "{port}")
    return Host(framework, "uvicorn", ("uvicorn", *place, *quiet, "{target}"))


def _granian(framework: str) -> Host:
    place = ("--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}")
    patient = ("--log-level", "warning", "--workers-kill-timeout", PATIENCE)
    return Host(framework, "granian", ("granian", *place, *patient, "{target}"))


def _hypercorn(framework: str) -> Host:
    # its workers are told to go by no signal: streams end when its own patience does, after 3 s
    place = ("--bind", "127.0.0.1:{port}", "--log-level", "warning")
    return Host(framework, "hypercorn", ("hypercorn", *place, "{target}"))


def _gunicorn(framework: str, kind: str) -> Host:
    place = ("--bind", "127.0.0.1:{port}", "--graceful-timeout", PATIENCE)
    workers = ("--worker-class", kind, "--log-level", "warning")
    threads = ("--threads", "32") if kind == "gthread" else ()
    command = ("gunicorn", *place, *workers, *threads, "{target}")
    return Host(framework, kind if kind == "gevent" else "gunicorn", command, wsgi=True)


def _sanic() -> Host:
    place = ("--host", "127.0.0.1", "--port", "{port}")
    return Host("sanic", "sanic", ("sanic", *place, "--no-access-logs", "--no-motd", "{target}"))


HOSTS = (
    _uvicorn("fastapi"),
    _granian("fastapi"),
    _hypercorn("starlette"),
    _uvicorn("fasthtml"),
    _uvicorn("litestar"),
    _granian("litestar"),
    _sanic(),
    _uvicorn("sanic"),
    _gunicorn("flask", "gthread"),
    _gunicorn("flask", "gevent"),
    _gunicorn("django", "gthread"),
    _uvicorn("django"),
    _hypercorn("django"),
)
FRAMEWORKS = tuple(dict.fromkeys(host.framework for host in HOSTS))
# each framework, each kind of server; the other pairs are for the proof
QUICK = tuple(
    host
    for host in HOSTS
    if str(host) not in {"litestar-granian", "sanic-uvicorn", "django-hypercorn"}
)


def first_of(framework: str) -> Host:
    """Return the host that stands for *framework* where one is enough."""
    return next(host for host in HOSTS if host.framework == framework)


class Hosted(Server):
    """An application in a process of its own, and the processes that its server makes of it."""

    def __init__(
        self, host: Host, folder: Path, *, script: Path | None = None, env: Mapping[str, str] = {}
    ) -> None:
        script = script or host.app
        super().__init__(script, {}, folder)
        self.port = lasting_port()
        self.url = f"http://127.0.0.1:{self.port}"
        at_tests = TESTS in script.parents
        settings = {name for name in os.environ if name.startswith("NITRO_")}
        self.env = {name: os.environ[name] for name in os.environ.keys() - settings}
        self.env.update(env, PYTHONPATH=str(TESTS if at_tests else script.parent))
        # some frameworks list verbs in the order of a set
        self.env.update(PYTHONUNBUFFERED="1", PYTHONHASHSEED="0")
        self.env.update(SANIC_GRACEFUL_SHUTDOWN_TIMEOUT=PATIENCE)
        self.host = host
        inside = script.relative_to(TESTS) if at_tests else Path(script.name)
        self._target = host.target(".".join(inside.with_suffix("").parts))
        self._guard: Guard | None = None

    def __repr__(self) -> str:
        return f"<Hosted {self.host} at {self.url}>"

    def _popen(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        filled = [part.format(port=self.port, target=self._target) for part in self.host.command]
        process = subprocess.Popen(
            [sys.executable, "-m", *filled],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._guard = Guard(process, signal.SIGTERM, "/nonexistent")
        return process

    def wait(self, *, timeout: float = 60.0) -> None:
        """Return when the application answers: some servers listen before it is there."""
        super().wait(timeout=timeout)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.get("/plain")
                if self.host.server == "sanic":
                    time.sleep(0.7)  # its manager loses a signal until it has counted its workers
                return
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"{self!r} ended while starting:\n{self.log[-5000:]}")
            time.sleep(0.05)
        raise TimeoutError(f"{self!r} did not answer in {timeout} s:\n{self.log[-5000:]}")

    def _end(self, how: signal.Signals, timeout: float) -> None:
        process = self._process
        if process is None:
            return
        if how is signal.SIGKILL:
            self._kill_all(process)
        try:
            super()._end(how, timeout)
        finally:
            self._kill_all(process)
            if self._guard is not None:
                self._guard.dismiss()

    def _kill_all(self, process: subprocess.Popen[bytes]) -> None:
        # its workers are processes of their own
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def lasting_port() -> int:
    """Answer a free port that no client is given by chance while a server restarts."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
