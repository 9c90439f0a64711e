"""Projects as ``nitro new`` writes them: generated, tested by their own tests, served."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import IO

from nitro.projects import FRAMEWORKS, Project, write
from support.processes import Guard
from support.server import Server

NAME = "to-do"


def generate(framework: str, folder: Path, name: str = NAME) -> Path:
    """Write a project for *framework* below *folder* and answer where it is."""
    made = folder / framework
    write(Project(name), framework, made, docker=True)
    return made


def environment() -> dict[str, str]:
    """Answer the environment without settings of Nitro: those of a new user."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NITRO_")}


def begin_tests(project: Path) -> subprocess.Popen[str]:
    """Begin the project's own tests, with the plug-ins that a new user has."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "nitro_entities.pytest_plugin"]
    env = {**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # we have many, and slow ones
    return subprocess.Popen(
        command, cwd=project, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


class Served(Server):
    """A generated project under the server that its README names, on a port of its own."""

    def __init__(self, framework: str, folder: Path) -> None:
        super().__init__(folder / "README.md", {}, folder)
        self.framework = framework
        self.env = {**environment(), "PYTHONUNBUFFERED": "1"}
        self._guard: Guard | None = None

    def _popen(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        said = FRAMEWORKS[self.framework].serve.format(package=NAME.replace("-", "_")).split()
        place = ["--port", str(self.port)]
        if self.framework == "django":
            command = [sys.executable, *said[1:], f"127.0.0.1:{self.port}"]
        else:
            command = [sys.executable, "-m", *said, *place]
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._guard = Guard(process, signal.SIGTERM, "/nonexistent")
        return process

    def wait(self, *, timeout: float = 60.0) -> None:
        """Return when the first page answers: with a reloader, the port alone says little."""
        super().wait(timeout=timeout)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url, timeout=20):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self!r} did not answer in {timeout} s:\n{self.log[-3000:]}")

    def end(self) -> None:
        """End it with the processes that it has begun."""
        process = self._process
        with contextlib.suppress(TimeoutError):
            self.stop(timeout=10)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if self._guard is not None:
            self._guard.dismiss()
