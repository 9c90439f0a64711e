"""Servers that are restarted while several processes publish and listen: nothing is missed.

Full counts with NITRO_PROOF=1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from support import postgres, redis

PROOF = bool(os.environ.get("NITRO_PROOF"))
PROGRAM = Path(__file__).with_name("an_instance.py")
RESTARTS = 20 if PROOF else 2
SUBSCRIBERS = (7, 7, 6) if PROOF else (3, 3)
PAUSE = 0.002
BETWEEN = 0.5 if PROOF else 0.1


class Instance:
    def __init__(self, url: str, subscribers: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), url, str(subscribers), str(PAUSE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def tell(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        with self._process as process:
            process.kill()


@contextmanager
def instances(url: str) -> Iterator[list[Instance]]:
    with ExitStack() as stack:
        made = [Instance(url, subscribers) for subscribers in SUBSCRIBERS]
        for one in made:
            stack.callback(one.end)
        for one in made:
            assert one.hear() == "ready"
        yield made


def nothing_is_missed(
    url: str,
    disturb: Callable[[], None],
    record: Callable[[str, object], None],
    times: int = RESTARTS,
) -> None:
    with instances(url) as made:
        for one in made:
            one.tell("go")
        for _ in range(times):
            time.sleep(BETWEEN)
            disturb()
        time.sleep(BETWEEN)
        for one in made:
            one.tell("stop")
        sent = [one.hear() for one in made]
        total = sum(one["published"] for one in sent)
        for one in made:
            one.tell(total)
        heard = [one.hear() for one in made]

    assert all(one["flushed"] and one["published"] for one in sent)
    record("messages", total)
    record("deliveries", total * sum(SUBSCRIBERS))
    record("disturbances", times)
    first = heard[0]["received"]
    for one in heard:
        assert one["alike"]
        assert one["lost"] == 0
        assert one["received"] == first  # one order, and the same positions, for all
    positions = [position for position, _ in first]
    assert positions == sorted(set(positions))
    for one in sent:
        mine = [data for _, data in first if data.startswith(f"{one['pid']}:")]
        assert mine == [f"{one['pid']}:{number}" for number in range(1, one["published"] + 1)]


def test_redis_may_be_restarted_and_killed_under_all_of_them(
    record_property: Callable[[str, object], None],
) -> None:
    server = redis.own_server(keeps=True)
    turns = count()

    def restart() -> None:
        server.stop(signal.SIGKILL if next(turns) % 2 else signal.SIGTERM)
        server.start()

    nothing_is_missed(server.url, restart, record_property)
    server.remove()


@pytest.mark.skipif(not PROOF, reason="takes a minute: connections are given up after 10 seconds")
def test_redis_may_hang_and_do_twice_what_it_was_asked_for(
    record_property: Callable[[str, object], None],
) -> None:
    server = redis.own_server(keeps=True)

    def hang() -> None:
        server.stop(signal.SIGSTOP)
        time.sleep(14)
        server.go_on()

    # what all of them have queued meanwhile comes at once, and must not be cut before it is read
    nothing_is_missed(f"{server.url}?keep=100000", hang, record_property, times=2)
    server.remove()


def test_postgresql_may_be_restarted_and_crash_under_all_of_them(
    record_property: Callable[[str, object], None],
) -> None:
    server = postgres.own_server()
    turns = count()

    def restart() -> None:
        server.stop(signal.SIGQUIT if next(turns) % 2 else signal.SIGINT)
        server.start()

    nothing_is_missed(server.url, restart, record_property)
    server.remove()


def test_postgresql_may_throw_all_of_them_out(
    record_property: Callable[[str, object], None],
) -> None:
    import psycopg

    database = postgres.database()
    database.empty()

    def throw_out() -> None:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'nitro events'"
            )

    nothing_is_missed(database.url, throw_out, record_property)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL] if PROOF else [signal.SIGKILL])
def test_a_redis_that_keeps_nothing_is_told_as_lost_everywhere(how: signal.Signals) -> None:
    server = redis.own_server()
    with instances(server.url) as made:
        for one in made:
            one.tell("go")
        time.sleep(BETWEEN)
        server.stop(how)
        server.start()
        time.sleep(BETWEEN)
        for one in made:
            one.tell("stop")
        sent = [one.hear() for one in made]
        for one in made:
            one.tell(1)
        heard = [one.hear() for one in made]
    server.remove()

    assert all(one["flushed"] for one in sent)
    for one, subscribers in zip(heard, SUBSCRIBERS, strict=True):
        assert one["lost"] == subscribers
