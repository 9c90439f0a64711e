"""Change records, own ones and those of others."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="arg-type,operator"

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import (
    Change,
    Entity,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    UnitOfWork,
    changes,
    configure,
    state,
)
from nitro_entities.loaded import loaded


class MemoryNote(Entity):
    text: str = ""
    stars: int = 0


class SQLNote(Entity):
    text: str = ""
    stars: int = 0
    _persistence_backend_class = SQLModelBackend


class ModelNote(SQLEntity):
    text: str = ""
    stars: int = 0


@pytest.fixture(params=[MemoryNote, SQLNote])
def note(request: pytest.FixtureRequest) -> Any:
    return request.param


def listen() -> list[Sequence[Change]]:
    heard: list[Sequence[Change]] = []
    changes.subscribe(heard.append)
    return heard


def wait_for(condition: Callable[[], object], seconds: float) -> float:
    start = time.monotonic()
    while not condition() and time.monotonic() - start < seconds:
        time.sleep(0.005)
    return time.monotonic() - start


def elsewhere(path: Path, sql: str) -> None:
    """Run one statement on the file in another process."""
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], timeout=5)\n"
        "connection.execute(sys.argv[2])\n"
        "connection.commit()\n"
        "connection.close()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path), sql], check=True)


def test_each_commit_is_one_batch(note: Any) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    configure(clock=lambda: moment)
    heard = listen()

    mine = note.create(text="a")
    first = loaded(mine).version
    with changes.acting("ann"):
        mine.stars = 1
        mine.save()
    mine.save()
    with UnitOfWork():
        other = note(text="b")
        other.save()
        mine.delete()

    all_fields, start = frozenset({"id", "text", "stars"}), loaded(other).version
    assert heard == [
        (Change(note, mine.id, first, all_fields, "create", None, moment),),
        (Change(note, mine.id, first + 1, frozenset({"stars"}), "update", "ann", moment),),
        (
            Change(note, other.id, start, all_fields, "create", None, moment),
            Change(note, mine.id, first + 1, None, "delete", None, moment),
        ),
    ]


def test_nothing_is_told_of_what_was_rolled_back(note: Any) -> None:
    heard = listen()

    with UnitOfWork() as uow:
        note(text="a").save()
        uow.flush()
        uow.rollback()
    mine = note.create()
    theirs = note.get(mine.id)
    theirs.incr(stars=1)
    mine.stars = 9
    with pytest.raises(StaleEntity):
        mine.save()

    assert [c.operation for batch in heard for c in batch] == ["create", "update"]


def test_a_subscriber_may_read_write_and_fail(note: Any, caplog: pytest.LogCaptureFixture) -> None:
    order: list[Any] = []

    def fail(batch: Sequence[Change]) -> None:
        msg = "no"
        raise RuntimeError(msg)

    def answer(batch: Sequence[Change]) -> None:
        change = batch[0]
        order.append((change.operation, note.get(change.id).stars))
        if change.operation == "create":
            note.get(change.id).incr(stars=1)
            order.append("wrote")

    changes.subscribe(fail)
    end = changes.subscribe(answer)

    with UnitOfWork():
        note().save()

    assert order == [("create", 0), "wrote", ("update", 1)]
    assert "A subscriber of changes failed" in caplog.text
    end()
    note.create()
    assert len(order) == 3


def test_changes_arrive_in_the_order_of_commits(note: Any) -> None:
    heard = listen()
    mine = note.create()

    def work() -> None:
        for _ in range(25):
            note.get(mine.id).incr(stars=1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: len(heard) == 151, 2)

    versions = [c.version for batch in heard for c in batch]
    assert versions == list(range(versions[0], versions[0] + 151))


def test_the_last_writer_is_remembered(note: Any) -> None:
    mine = note.create()
    assert changes.last_writer(note, "nobody") is None
    known = changes.last_writer(note, mine.id)
    assert known is not None
    assert known[0] is None

    with changes.acting("bob"), UnitOfWork():
        mine.text = "x"
        mine.save()

    known = changes.last_writer(note, mine.id)
    assert known is not None
    assert known[0] == "bob"


@pytest.mark.parametrize("note", [SQLNote, ModelNote])
def test_a_commit_of_another_process_is_noticed(note: Any, database: Path) -> None:
    mine = note.create(text="a")
    heard = listen()
    changes.watch()
    changes.watch()
    time.sleep(0.12)
    table = note.__name__.lower()

    elsewhere(database, f"UPDATE {table} SET text = 'b'")
    took = wait_for(lambda: heard, 3)

    assert took < 0.3
    assert [(c.entity, c.id, c.operation) for c in heard[0]] == [(note, None, "unknown")]
    assert note.get(mine.id).text == "b"


def test_own_commits_are_not_unknown_ones(database: Path) -> None:
    SQLNote.create()
    heard = listen()
    changes.watch()

    def work() -> None:
        for number in range(10):
            SQLNote.create(text=str(number))
            with UnitOfWork():
                SQLNote(text="unit").save()
            SQLNote.where().list()
            time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.2)

    assert {c.operation for batch in heard for c in batch} == {"create"}


def test_a_raw_writer_makes_a_save_stale(database: Path) -> None:
    mine = SQLNote.create(text="a", stars=1)
    elsewhere(database, "UPDATE sqlnote SET stars = 5")
    mine.stars = 2

    with pytest.raises(StaleEntity) as caught:
        mine.save()

    assert caught.value.theirs == {"stars": 5}
    mine.refresh()
    mine.text = "b"
    mine.save()
    assert SQLNote.get(mine.id).stars == 5


def test_watching_ends_with_a_reset() -> None:
    changes.watch()
    assert any(t.name == "nitro-changes" for t in threading.enumerate())

    state.reset()

    assert not any(t.name == "nitro-changes" for t in threading.enumerate())


def test_a_subscriber_may_reset() -> None:
    changes.subscribe(lambda _: state.reset())
    MemoryNote.create(text="a")
    heard = listen()
    MemoryNote.create(text="b")

    assert len(heard) == 1


def test_each_field_remembers_who_wrote_it_last(note: Any) -> None:
    mine = note.create(text="a")
    for by, values in (("Ann", {"text": "b"}), ("Ben", {"stars": 1})):
        with changes.acting(by):
            mine.update(**values).save()

    text, stars, any_field = (
        changes.last_writer(note, mine.id, field=field) for field in ("text", "stars", None)
    )

    assert (text and text[0], stars and stars[0]) == ("Ann", "Ben")
    assert any_field == stars


def test_a_change_of_anything_makes_the_last_writer_unknown(note: Any) -> None:
    mine = note.create(text="a")

    changes.feed().publish((changes.unknown(note),))

    assert changes.last_writer(note, mine.id) is None


def test_commits_under_way_together_are_published_in_their_turns() -> None:
    heard = listen()
    turns = changes.Turns(changes.feed())
    one, two, three = ((changes.made(MemoryNote, n, 1, None, "update"),) for n in "abc")
    first, second, third, fourth = turns.take(), turns.take(), turns.take(), turns.take()

    turns.end(third, three)
    turns.end(fourth)
    turns.end(first, one)
    turns.end(first)
    changes.feed().deliver()
    early = list(heard)
    turns.end(second, two)
    changes.feed().deliver()

    assert early == [one]
    assert heard == [one, two, three]


def test_a_write_that_waits_for_a_lock_keeps_only_changes_of_its_entity_waiting() -> None:
    heard = listen()
    turns = changes.Turns(changes.feed())
    same, other = ((changes.made(MemoryNote, n, 1, None, "update"),) for n in "ab")
    waiting = turns.take((MemoryNote, "a"))

    turns.end(turns.take(), same)
    turns.end(turns.take(), other)
    changes.feed().deliver()
    early = list(heard)
    turns.end(waiting)
    changes.feed().deliver()

    assert early == [other]
    assert heard == [other, same]


class Follower:
    """A store that tells by itself; it fails the first time."""

    def __init__(self) -> None:
        self.calls = 0
        self.ended = threading.Event()

    def watch(self, stop: threading.Event) -> None:
        self.calls += 1
        if self.calls == 1:
            msg = "lost"
            raise OSError(msg)
        changes.feed().publish((changes.unknown(MemoryNote),))
        changes.feed().deliver()
        stop.wait(10)
        self.ended.set()


def test_a_store_that_follows_is_called_again_after_a_failure_and_ended_when_it_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = listen()
    store = Follower()
    changes.feed().watched.append(store)
    changes.watch()

    wait_for(lambda: heard, 3)
    changes.feed().watched.remove(store)

    assert store.ended.wait(2)
    assert store.calls == 2
    assert [c.operation for batch in heard for c in batch] == ["unknown"]
    assert "Could not look for changes" in caplog.text


def test_watching_with_a_class_opens_its_store(database: Path) -> None:
    heard = listen()

    changes.watch(SQLNote)
    elsewhere(database, "INSERT INTO sqlnote (id, text, stars) VALUES ('a', '', 0)")
    wait_for(lambda: heard, 3)

    assert [(c.entity, c.operation) for c in heard[0]] == [(SQLNote, "unknown")]
