"""What is known of the server that runs this process."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from nitro_events import Hub
from nitro_events.live.shutdown import end_with_the_process
from nitro_events.live.workers import is_ending, room_for_streams


class Worker:
    """Handles signals as the workers of gunicorn do."""

    def __init__(self, **more: Any) -> None:
        self.alive = True
        self.cfg = SimpleNamespace(threads=8)
        vars(self).update(more)

    def handle_exit(self, _number: int, _frame: object) -> None:
        self.alive = False


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("more", "room"), [({"tpool": 1}, 4), ({"worker_connections": 1000}, 16), ({}, 0)]
)
def test_a_server_with_threads_keeps_half_of_them_for_others(
    more: dict[str, object], room: int
) -> None:
    assert room_for_streams(16) == 16

    signal.signal(signal.SIGTERM, Worker(**more).handle_exit)

    assert room_for_streams(16) == room


@pytest.mark.parametrize(
    ("options", "room"),
    [
        ({}, 0),
        ({b"threads": b"8"}, 4),
        ({"threads": [b"12"]}, 6),
        ({b"gevent": b"100", b"threads": b"1"}, 16),
        ({b"threads": True}, 0),
    ],
)
def test_so_does_uwsgi(
    options: dict[object, object], room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uwsgi", SimpleNamespace(opt=options))

    assert room_for_streams(16) == room


def test_so_does_waitress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "waitress", SimpleNamespace())
    ended = threading.Event()
    threads = [threading.Thread(target=ended.wait, name=f"waitress-{n}") for n in range(4)]

    assert room_for_streams(16) == 16  # imported, and nothing is served
    for thread in threads:
        thread.start()
    try:
        assert room_for_streams(16) == 2
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("chained", [True, False])
def test_a_worker_that_was_asked_to_end_is_seen(chained: bool) -> None:
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.handle_exit)
    hub = Hub()
    if chained:
        end_with_the_process(hub)

    assert not is_ending()
    signal.raise_signal(signal.SIGTERM)

    assert is_ending()
