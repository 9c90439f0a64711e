"""Change records of other processes, which are real ones here."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="arg-type,operator"

import atexit
import functools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import (
    Change,
    Entity,
    NotSupported,
    SQLModelBackend,
    UnitOfWork,
    changes,
    config,
    configure,
    state,
)
from nitro_entities.errors import InvalidCursor
from nitro_entities.stores.sql import change_log

PROGRAM = """
import os, sys, time
from nitro_entities import Entity, SQLModelBackend, UnitOfWork, changes, configure
configure(database_url=sys.argv[1], durable_changes=sys.argv[2] == "True")
class Memo(Entity):
    text: str = ""
    stars: int = 0
    _persistence_backend_class = SQLModelBackend
"""
# one process that lives longer than a test: starting one takes most of a second
SERVER = """
import contextlib, io, json, sys
from nitro_entities import state
for line in sys.stdin:
    program, url, durable = json.loads(line)
    sys.argv[1:] = [url, durable]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(program, {"__name__": "__main__"})
        state.reset()
    print(json.dumps(said.getvalue()), flush=True)
"""
FIELDS = frozenset({"id", "text", "stars"})


class Memo(Entity):
    text: str = ""
    stars: int = 0
    _persistence_backend_class = SQLModelBackend


class Place:
    """A database, and whether change records are kept in it."""

    def __init__(self, url: str, *, durable: bool) -> None:
        self.url = url
        self.durable = durable
        configure(database_url=url, durable_changes=durable)

    @property
    def is_postgres(self) -> bool:
        return self.url.startswith("postgresql")

    def start(self, code: str) -> "subprocess.Popen[str]":
        """Run *code*, which knows the class Memo, in another process."""
        arguments = [sys.executable, "-c", PROGRAM + code, self.url, str(self.durable)]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)

    def run(self, code: str) -> str:
        """Run *code* in the process that runs for all tests; answer what it prints."""
        server = other_process()
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps([PROGRAM + code, self.url, str(self.durable)]) + "\n")
        server.stdin.flush()
        said: str = json.loads(server.stdout.readline())
        return said

    def raw(self, sql: str) -> None:
        """Run one statement past Nitro."""
        if self.is_postgres:
            import psycopg

            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(sql.encode())
        else:
            import sqlite3

            with sqlite3.connect(self.url.removeprefix("sqlite:///")) as raw:
                raw.execute(sql)
            raw.close()


@functools.cache
def other_process() -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> None:
        process.communicate(timeout=10)

    atexit.register(end)
    return process


@pytest.fixture(params=["sqlite durable", "postgresql", "postgresql durable"])
def place(request: pytest.FixtureRequest, database: Path) -> Place:
    url = f"sqlite:///{database}"
    if request.param != "sqlite durable":
        url = request.getfixturevalue("postgres_url")
    return Place(url, durable=request.param != "postgresql")


@pytest.fixture(params=["sqlite durable", "postgresql durable"])
def keeping(request: pytest.FixtureRequest, database: Path) -> Place:
    url = f"sqlite:///{database}"
    if request.param != "sqlite durable":
        url = request.getfixturevalue("postgres_url")
    return Place(url, durable=True)


@pytest.fixture
def postgres(postgres_url: str) -> Place:
    return Place(postgres_url, durable=False)


class Heard(list[Sequence[Change]]):
    """What subscribers were told since everybody listened."""

    def flat(self) -> list[tuple[object, str, object]]:
        return [(c.id, c.operation, c.fields) for batch in self for c in batch]


def listen() -> Heard:
    """Watch, and answer what is heard after the news that come with the beginning."""
    heard = Heard()
    changes.subscribe(heard.append)
    changes.watch(Memo)
    if "postgresql" in config.database_url():
        wait_until(lambda: heard)  # what happened before is told as unknown
    heard.clear()
    return heard


def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)  # for what should not come


def test_writes_of_another_process_arrive_with_ids_and_fields_in_order(place: Place) -> None:
    heard = listen()

    said = place.run("""
for number in range(20):
    memo = Memo.create(text=str(number))
    memo.stars = number + 1
    memo.save()
    print(memo.id)
memo.delete()
""")
    wait_until(lambda: len(heard) == 41)

    ids = said.split()
    expected: list[tuple[object, str, object]] = []
    for id in ids:
        expected += [(id, "create", FIELDS), (id, "update", frozenset({"stars"}))]
    assert heard.flat() == [*expected, (ids[-1], "delete", None)]
    first, second, third, fourth = [c.version for batch in heard for c in batch][:4]
    assert (second, fourth) == (first + 1, third + 1)
    assert all(c.entity is Memo for batch in heard for c in batch)


def test_what_was_committed_together_arrives_together(place: Place) -> None:
    heard = listen()

    place.run("""
with UnitOfWork():
    for number in range(5):
        Memo(text=str(number)).save()
Memo.create()
""")
    wait_until(lambda: len(heard) == 2)

    assert [len(batch) for batch in heard] == [5, 1]


def test_who_wrote_is_recorded(keeping: Place) -> None:
    heard = listen()

    said = keeping.run("with changes.acting('ann'): print(Memo.create().id)")
    wait_until(lambda: heard)

    assert heard[0][0].by == "ann"
    writer = changes.last_writer(Memo, said.strip())
    assert writer
    assert writer[0] == "ann"


def test_rolled_back_units_are_never_told(place: Place) -> None:
    heard = listen()

    place.run("""
for number in range(3):
    with UnitOfWork() as uow:
        Memo(text="gone").save()
        uow.flush()
        uow.rollback()
    try:
        with UnitOfWork():
            Memo(text="gone").save()
            uow.flush()
            raise RuntimeError
    except Exception:
        pass
with UnitOfWork():
    Memo(text="kept").save()
    with UnitOfWork() as inner:
        Memo(text="gone").save()
        inner.flush()
        inner.rollback()
""")
    wait_until(lambda: heard)

    assert [operation for _, operation, _ in heard.flat()] == ["create"]
    assert [memo.text for memo in Memo.all()] == ["kept"]


def test_own_writes_are_told_once(place: Place) -> None:
    heard = listen()

    memo = Memo.create()
    with UnitOfWork():
        memo.stars = 1
        memo.save()
        Memo().save()
    memo.delete()
    wait_until(lambda: len(heard) > 3, 0.5)

    told = [[c.operation for c in batch] for batch in heard]
    assert told == [["create"], ["update", "create"], ["delete"]]


def test_a_raw_write_to_sqlite_is_told_as_unknown(database: Path) -> None:
    place = Place(f"sqlite:///{database}", durable=True)
    heard = listen()
    memo = Memo.create()
    wait_until(lambda: heard)
    heard.clear()

    place.raw("UPDATE memo SET stars = 5")
    wait_until(lambda: heard)

    assert heard.flat() == [(None, "unknown", None)]
    assert Memo.get(memo.id).stars == 5


@pytest.mark.parametrize("durable", [False, True])
def test_a_raw_write_to_postgres_is_told_exactly(postgres_url: str, durable: bool) -> None:
    place = Place(postgres_url, durable=durable)
    heard = listen()
    memo = Memo.create()
    heard.clear()

    place.raw("UPDATE memo SET stars = 5, text = 'x'")
    place.raw("UPDATE memo SET stars = 5")
    place.raw("INSERT INTO memo (id, text, stars) VALUES ('raw', 'y', 1)")
    place.raw("DELETE FROM memo WHERE id = 'raw'")
    wait_until(lambda: len(heard) == 3)

    assert heard.flat() == [
        (memo.id, "update", frozenset({"stars", "text"})),
        ("raw", "create", FIELDS),
        ("raw", "delete", None),
    ]


def test_very_many_rows_and_truncation_are_told_as_unknown(postgres: Place) -> None:
    heard = listen()

    postgres.raw(
        "INSERT INTO memo (id, text, stars) SELECT n::text, '', 0 FROM generate_series(1, 1005) n"
    )
    wait_until(lambda: heard)
    told = heard.flat()
    heard.clear()
    postgres.raw("TRUNCATE memo")
    wait_until(lambda: heard)

    assert len(told) == 1001
    assert told[-1] == (None, "unknown", None)
    assert heard.flat() == [(None, "unknown", None)]


@pytest.mark.parametrize("place", ["postgresql", "postgresql durable"], indirect=True)
def test_what_was_missed_while_the_connection_was_lost_is_told(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    heard = listen()

    place.raw(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%LISTEN%'"
    )
    place.raw(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    id = place.run("print(Memo.create().id)").strip()
    wait_until(lambda: any(c.operation == "unknown" for batch in heard for c in batch))
    place.run("Memo.create()")
    wait_until(lambda: heard[-1][0].operation == "create")

    told = heard.flat()
    assert (None, "unknown", None) in told
    assert told[-1][1] == "create"
    if place.durable:
        assert (id, "create", FIELDS) in told
    assert "Could not look for changes" in caplog.text


def test_the_order_is_that_of_the_commits_of_all_processes(keeping: Place) -> None:
    times = 40 if os.environ.get("NITRO_PROOF") else 10
    memo = Memo.create()
    heard = listen()
    code = f"""
print("ready", flush=True)
for _ in range({times}):
    Memo.get({memo.id!r}).incr(stars=1)
"""
    processes = [keeping.start(code) for _ in range(2)]
    for process in processes:
        assert process.stdout
        process.stdout.readline()

    def work() -> None:
        for _ in range(times):
            Memo.get(memo.id).incr(stars=1)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    wait_until(lambda: len(heard) == 4 * times)

    versions = [c.version for batch in heard for c in batch]
    assert versions == list(range(versions[0], versions[0] + 4 * times))
    assert Memo.get(memo.id).stars == 4 * times


def test_threads_are_told_of_in_the_order_of_their_commits(place: Place) -> None:
    memo = Memo.create()
    heard = Heard()
    changes.subscribe(heard.append)

    def work() -> None:
        for _ in range(25):
            Memo.get(memo.id).incr(stars=1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len(heard) == 150)

    versions = [c.version for batch in heard for c in batch]
    assert versions == list(range(versions[0], versions[0] + 150))


def test_a_forked_child_and_its_parent_hear_each_other(place: Place) -> None:
    memo = Memo.create()
    heard = listen()
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            time.sleep(0.4)
            heard.clear()
            os.write(writing, b"1")
            wait_until(lambda: any(done == "update" for _, done, _ in heard.flat()))
            ids = [c.id for batch in heard for c in batch if c.operation == "update"]
            Memo.create(text=",".join(map(str, ids)))
        finally:
            os._exit(0)
    os.read(reading, 1)
    memo.stars = 1
    memo.save()
    os.waitpid(child, 0)
    wait_until(lambda: any(operation == "create" for _, operation, _ in heard.flat()))

    created = [id for id, operation, _ in heard.flat() if operation == "create"]
    assert len(created) == 1
    assert Memo.get(created[0]).text == memo.id


def test_the_history_is_kept_for_those_who_were_away(keeping: Place) -> None:
    first = keeping.run("print(Memo.create().id)").strip()
    known = changes.history(Memo)
    memo = Memo.get(first)
    memo.stars = 1
    memo.save()
    with UnitOfWork():
        memo.delete()
        Memo(id="b").save()

    missed = changes.history(Memo, after=known[-1].position)

    assert [r.change.id for r in known] == [first]
    assert [(r.change.id, r.change.operation) for r in missed] == [
        (first, "update"),
        (first, "delete"),
        ("b", "create"),
    ]
    assert changes.history(after=missed[0].position) == missed[1:]
    assert changes.history(Memo, after=missed[0].position, limit=1) == missed[1:2]
    assert changes.history(Memo, after=missed[-1].position) == []


def test_a_history_with_a_gap_says_so(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Place(f"sqlite:///{database}", durable=True)
    monkeypatch.setattr(change_log, "KEPT", 10)
    monkeypatch.setattr(change_log, "TRIMMED_AT_ONCE", 5)
    Memo.create()
    start = changes.history(Memo)[0].position
    for _ in range(30):
        Memo.create()

    missed = changes.history(Memo, after=start)
    rest = changes.history(Memo, after=missed[-1].position)

    assert [r.change.operation for r in missed] == ["unknown"]
    assert 10 <= len(rest) < 16
    assert {r.change.operation for r in rest} == {"create"}


def test_a_history_that_nobody_keeps_is_refused(database: Path) -> None:
    with pytest.raises(NotSupported, match="durable_changes=True"):
        changes.history(Memo)

    configure(durable_changes=True)
    state.reset()
    configure(database_url=f"sqlite:///{database}", durable_changes=True)
    with pytest.raises(InvalidCursor, match="not a position"):
        changes.history(Memo, after="x")


def test_a_save_that_fails_with_records_leaves_nothing_behind(keeping: Place) -> None:
    memo = Memo.create()
    other = Memo.get(memo.id)
    other.stars = 1
    other.save()
    memo.stars = 2

    with pytest.raises(Exception, match="Memo"):
        memo.save()
    memo.refresh()
    memo.stars = 3
    memo.save()

    versions: list[Any] = [r.change.version for r in changes.history(Memo)]
    assert versions == list(range(versions[0], versions[0] + 3))
