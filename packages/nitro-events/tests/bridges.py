"""What a task queue has to do with durable handlers, told once for all three."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nitro_entities import UnitOfWork
from nitro_events import durable, emit
from nitro_events.durable.handover import perform
from nitro_events.durable.queue import DONE, SENT, WAITING, queues

HERE = Path(__file__).parent


def load() -> Any:
    """Answer the application, under the name that the worker knows it by too."""
    known = sys.modules.get("bridge_app")
    if known is None:
        spec = importlib.util.spec_from_file_location("bridge_app", HERE / "bridge_app.py")
        assert spec is not None
        assert spec.loader is not None
        known = sys.modules["bridge_app"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(known)
    return known


@contextlib.contextmanager
def worker(command: list[str], said: tuple[str, str, str], folder: Path) -> Iterator[int]:
    """Run the worker of a task queue; answers its process id."""
    path = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": path, "NITRO_TEST_BRIDGE": "|".join(said)}
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # it has processes of its own
        process.wait()


def until(condition: Callable[[], object], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        text = (folder / "worker.log").read_text()[-3000:]
        assert time.monotonic() < deadline, f"it did not become so; the worker said:\n{text}"
        time.sleep(0.02)


def check(kind: str, command: list[str], folder: Path) -> None:
    """Let the real worker run handlers over a real Redis, and look at what came of it."""
    from support import redis

    app = load()
    said = (kind, f"sqlite:///{folder / 'data.db'}", redis.server())
    app.install(*said)
    parcel = app.Parcel().save()

    with worker(command, said, folder):
        with UnitOfWork():
            emit("parcel.packed", parcel, n=1)
            emit("parcel.sent", parcel, n=2)
            durable.later(app.label, parcel, n=3)
        durable.start(1)
        until(lambda: app.Done.count() == 3 and durable.dead_letters(), folder)
        _check_duplicate(app, parcel, folder)

    rows = [(one.by, one.n) for one in app.Done.all()]
    assert sorted(rows) == [
        ("label", 3),
        ("packed", 1),
        ("packed", 4),
        ("weighed", 1),
        ("weighed", 4),
    ]
    assert os.getpid() not in {one.process for one in app.Done.all()}
    (letter,) = durable.dead_letters()
    assert (letter.handler, letter.attempts) == ("bridge_app:broken", 2)
    assert "the carrier is away" in str(letter.error)


def _check_duplicate(app: Any, parcel: Any, folder: Path) -> None:
    emit("parcel.packed", parcel, n=4)
    (queue,) = [queue for queue in queues() if queue.durable]
    until(lambda: app.Done.count() == 5, folder)
    until(lambda: len(queue.in_state(DONE, 99)) == 5, folder)
    assert [*queue.in_state(SENT, 9), *queue.in_state(WAITING, 9)] == []
    for one in queue.in_state(DONE, 99):
        told = {"id": one.id, "store": queue.name, "handler": one.handler, "target": one.target}
        durable.registry().bridge_of(  # type: ignore[union-attr]
            durable.registry().find(one.handler, one.target)  # type: ignore[arg-type]
        ).send(one.handler, one.id, told)
        perform(told)
    time.sleep(0.3)
    assert app.Done.count() == 5
