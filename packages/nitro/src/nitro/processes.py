"""Several processes of one command, kept running until they are told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = ["keep_running"]

LOOK = 0.2
AGAIN = 1.0
"""Seconds until a process that ended by itself is begun anew."""


def keep_running(arguments: Sequence[str], count: int, grace: float) -> None:
    """Run ``nitro`` with *arguments* in *count* processes; end them with SIGTERM or SIGINT."""
    told: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
    running = [_begin(arguments) for _ in range(count)]
    while not told:
        for place, process in enumerate(running):
            if process.poll() is not None and not told:
                time.sleep(AGAIN)
                running[place] = _begin(arguments)
        time.sleep(LOOK)
    for process in running:
        process.terminate()
    deadline = time.monotonic() + grace + 5.0
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _begin(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "nitro.cli", *arguments])
