"""An example, served in a process of its own that a test may kill and start again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """The `app` of a *script*, under uvicorn on a port of its own that outlives a restart.

    The process works in *folder*, so its default database and secret are there too. What it
    prints is kept in ``server.log`` and shown when a start fails.
    """

    def __init__(self, script: Path, env: Mapping[str, str], folder: Path) -> None:
        self.script = script.resolve()
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, **env}
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<Server {self.script.name} at {self.url}>"

    def start(self, *, timeout: float = 60.0) -> None:
        """Start the process and return when the port answers."""
        self.spawn()
        self.wait(timeout=timeout)

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        if self._process is not None:
            raise RuntimeError(f"{self!r} is running")
        place = ["--host", "127.0.0.1", "--port", str(self.port)]
        quiet = ["--log-level", "warning", "--timeout-graceful-shutdown", "3"]
        app = ["--app-dir", str(self.script.parent), f"{self.script.stem}:app"]
        with self._log.open("ab") as log:
            self._process = self._popen(
                [sys.executable, "-m", "uvicorn", *place, *quiet, *app], log
            )

    def _popen(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def wait(self, *, timeout: float = 60.0) -> None:
        """Return when the port answers."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"{self!r} ended while starting:\n{self.log}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            time.sleep(0.02)
        raise TimeoutError(f"{self!r} did not answer in {timeout} s:\n{self.log}")

    @property
    def runs(self) -> bool:
        """Whether there is a process that has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self, *, timeout: float = 10.0) -> None:
        """End the process as an operator does: SIGTERM, and the time to finish."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """End the process as a power cut does."""
        self._end(signal.SIGKILL, 10.0)

    def _end(self, how: signal.Signals, timeout: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise TimeoutError(f"{self!r} ignored {how.name} for {timeout} s") from None

    @property
    def log(self) -> str:
        """What the process has printed so far, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """Return status and text of one ordinary request; header names with ``_`` for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")
