"""Servers that tests start: on a free port, and gone when the run is, however it ends."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
from typing import Protocol

# waits for the end of its input, which is that of the process that holds the other side
WATCH = 'cat >/dev/null; kill -s "$1" "$2" 2>/dev/null; sleep 0.2; rm -rf "$3"'


class Removable(Protocol):
    def remove(self) -> None: ...


class Guard:
    """Ends a server and removes its folder should this process be killed."""

    def __init__(self, server: subprocess.Popen[bytes], how: signal.Signals, folder: str) -> None:
        said = [how.name.removeprefix("SIG"), str(server.pid), folder]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "guard", *said],
            stdin=subprocess.PIPE,
            start_new_session=True,  # where Ctrl+C does not reach it
        )

    def dismiss(self) -> None:
        """Let it go: the server was stopped by the one who started it."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()


def remove_at_exit(server: Removable) -> None:
    """Remove the server at the end of this process, and not of one that it forks."""
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            server.remove()

    atexit.register(remove)


def free_port() -> int:
    """Answer a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
