"""Durable handlers in real stores: after the commit, once in effect, tried again, never lost."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import Entity, MemoryRepo, UnitOfWork  # noqa: E402
from nitro_events import (  # noqa: E402
    Caller,
    Command,
    command,
    configure,
    durable,
    emit,
    emit_async,
    on,
    units,
)
from nitro_events.durable import Retry, recording  # noqa: E402
from nitro_events.durable.inside import inside  # noqa: E402
from nitro_events.durable.queue import DONE, RUNNING, SENT, WAITING, Queue, queues  # noqa: E402
from nitro_events.durable.relay import Relay  # noqa: E402
from nitro_events.durable.runner import Taken, runner  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.units import begin_durable  # noqa: E402

KILLS = 200 if os.environ.get("NITRO_PROOF") else 5
SCRIPT = Path(__file__).parent / "durable_app.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("durable_app", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["durable_app"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


app: Any = sys.modules.get("durable_app") or _load()


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    nitro_entities.state.reset()
    yield
    state.reset()  # ends the threads, which use the stores
    nitro_entities.state.reset()


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data.db'}"


@pytest.fixture
def postgresql() -> str:
    from support import postgres

    database = postgres.database()
    database.empty()
    return database.url


@pytest.fixture
def redis() -> Iterator[str]:
    from support import redis

    url = redis.namespace()
    yield url
    redis.empty(url)


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    app.install(found)
    return found


@pytest.fixture
def stored(sqlite: str) -> str:
    """One store is enough to tell."""
    app.install(sqlite)
    return sqlite


def effects(by: str = "plain") -> list[int]:
    return sorted(one.n for one in app.Effect.where(by=by))


def queue_of(url: str) -> Queue:
    name = "RedisRepo" if url.startswith("redis") else "SQLModelBackend"
    return next(queue for queue in queues() if queue.name.endswith(name))


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


def test_handlers_run_after_the_commit_with_the_entity_as_it_is_then(url: str) -> None:
    with UnitOfWork():
        order = app.Order(total=1).save()
        emit("order.placed", order, n=5)
    order.update(total=10).save()

    assert effects() == []
    assert durable.drain() == 2
    assert effects("plain") == effects("async") == [5]
    assert app.Order.get(order.id).total == 15
    assert durable.drain() == 0


def test_what_is_rolled_back_is_never_delivered(url: str) -> None:
    with pytest.raises(RuntimeError), UnitOfWork():
        emit("order.placed", app.Order().save(), n=1)
        raise RuntimeError

    assert durable.drain() == 0
    assert effects() == []


def test_without_a_unit_the_message_is_there_at_once(url: str) -> None:
    order = app.Order().save()

    emit("order.placed", order, n=1)
    asyncio.run(emit_async("order.placed", order, n=2))

    assert durable.drain() == 4
    assert effects("plain") == effects("async") == [1, 2]


def test_without_a_unit_all_handlers_are_told_or_none(
    stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = app.Order().save()
    kept: list[object] = []

    def only_one(topic: str, payload: object) -> None:
        if kept:
            raise KeyError("the process ends here")
        kept.append(payload)
        keep(topic, payload)

    keep = units.outbox
    monkeypatch.setattr(recording, "outbox", only_one)
    with pytest.raises(ExceptionGroup):
        emit("order.placed", order, n=1)

    assert len(kept) == 1
    assert durable.drain() == 0


def test_a_message_that_comes_twice_has_one_effect(url: str) -> None:
    order = app.Order().save()
    emit("order.placed", order, n=1)
    queue = queue_of(url)
    outbox = queue.kind.repository().store.outbox  # type: ignore[attr-defined]
    messages = outbox.pending()

    queue.take_in()
    first = queue.due([f"{app.__name__}:plain"], 10)[0]
    again = queue.get(first.id)
    one = durable.registry().find(first.handler, first.target)
    assert again is not None
    assert one is not None
    runner().run(queue, first, one)
    with pytest.raises(Taken):
        runner().run(queue, again, one)
    queue._insert(messages)  # type: ignore[attr-defined]

    assert durable.drain() == 1
    assert effects("plain") == effects("async") == [1]


def test_a_worker_that_lost_its_message_has_no_effect(url: str) -> None:
    """It was taken for dead, and another did its work meanwhile."""
    emit("order.placed", app.Order().save(), n=1)
    queue = queue_of(url)
    queue.take_in()
    mine = queue.due([f"{app.__name__}:plain"], 1)[0]
    one = durable.registry().find(mine.handler, mine.target)
    assert one is not None

    def set_free() -> None:
        left = queue.get(mine.id)
        assert left is not None
        assert queue.set(left, state=WAITING)

    def slow(order: Any, n: int) -> None:
        app.Effect(n=n, by="slow").save()
        other = threading.Thread(target=set_free)
        other.start()
        other.join()

    one.handler.function = slow
    assert runner().run(queue, mine, one) is None

    assert effects("slow") == []
    left = queue.get(mine.id)
    assert left is not None
    assert left.state == WAITING


def test_a_failing_handler_is_tried_again_then_dead_and_can_be_replayed(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = True

    def charge(order: Any) -> None:
        app.Effect(n=7, by="charge").save()
        if broken:
            raise ConnectionError("the bank is away")

    on("order.paid", durable=Retry(2, backoff=0.0))(charge)
    order = app.Order().save()
    emit("order.paid", order, note="x")

    assert durable.drain() == 3
    (letter,) = durable.dead_letters()
    assert effects("charge") == []
    assert (letter.attempts, letter.event, letter.values) == (3, "order.paid", {"note": "x"})
    assert letter.error is not None
    assert letter.error.endswith("the bank is away\n")
    assert "runner.py" not in letter.error
    assert caplog.text.count("failed, again in") == 2

    broken = False
    durable.replay(letter.id)
    assert durable.drain() == 1
    assert effects("charge") == [7]
    assert durable.dead_letters() == []
    with pytest.raises(durable.NoLetter):
        durable.replay(letter.id)


def test_a_dead_letter_can_be_discarded(stored: str) -> None:
    def charge(order: Any) -> None:
        raise ConnectionError

    on("order.paid", durable=Retry(0))(charge)
    emit("order.paid", app.Order().save())
    durable.drain()

    durable.discard(durable.dead_letters()[0].id)

    assert durable.dead_letters() == []
    with pytest.raises(durable.NoLetter):
        durable.discard("nobody")


def test_one_failing_handler_does_not_keep_the_others(stored: str) -> None:
    def charge(order: Any) -> None:
        raise ConnectionError

    on("order.placed", priority=10, durable=Retry(5, backoff=60))(charge)
    for n in range(3):
        emit("order.placed", app.Order().save(), n=n)

    durable.drain()

    assert effects("plain") == effects("async") == [0, 1, 2]


def test_a_deleted_entity_makes_a_dead_letter_at_once(stored: str) -> None:
    order = app.Order().save()
    emit("order.placed", order, n=1)
    order.delete()

    assert durable.drain() == 2
    assert [one.attempts for one in durable.dead_letters()] == [1, 1]
    assert "was deleted since the event" in str(durable.dead_letters()[0].error)


def test_messages_for_handlers_of_another_release_wait_and_are_reported(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def newer(order: Any) -> None:
        app.Effect(n=1, by="newer").save()

    on("order.packed", durable=True)(newer)
    emit("order.packed", app.Order().save())
    state.reset()
    app.install(url)

    with caplog.at_level(logging.WARNING):
        assert durable.drain() == 0
    (letter,) = durable.unknown_letters()
    assert letter.handler.endswith("newer")
    assert "handlers that are not known here" in caplog.text

    on("order.packed", durable=True)(newer)
    assert durable.drain() == 1
    assert effects("newer") == [1]


def test_messages_of_others_in_the_outbox_are_left_and_hide_nothing(url: str) -> None:
    order = app.Order().save()
    for _ in range(3):
        with UnitOfWork() as unit:
            order.update(total=order.total + 1).save()
            for n in range(60):
                unit.outbox("mine", n)
    emit("order.placed", order, n=1)

    until(lambda: durable.drain() or effects())

    assert effects() == [1]
    outbox = queue_of(url).kind.repository().store.outbox  # type: ignore[attr-defined]
    assert len(outbox.pending(1000)) == 180


def test_two_handlers_that_change_one_entity_both_count(url: str) -> None:
    """The one that was slower is run anew at once."""
    order = app.Order().save()
    for _ in range(20):
        emit("order.placed", order, n=1)
    relays = [Relay(), Relay()]
    for relay in relays:
        relay.start(2)

    until(lambda: len(effects("plain")) == len(effects("async")) == 20)
    assert all([relay.stop() for relay in relays])

    assert app.Order.get(order.id).total == 20
    assert durable.dead_letters() == []


def test_a_handler_that_writes_to_another_store_runs_too(stored: str) -> None:
    from support import redis

    class Elsewhere(Entity):
        _persistence_backend_class = nitro_entities.RedisRepo

    def copied(order: Any) -> None:
        Elsewhere(id=order.id).save()

    address = redis.namespace()
    nitro_entities.configure(redis_url=address)
    on("order.paid", durable=True)(copied)
    order = app.Order().save()
    emit("order.paid", order)

    assert durable.drain() == 1
    assert Elsewhere.exists(order.id)
    assert [one.state for one in queue_of(stored).in_state(DONE, 9)] == [DONE]
    redis.empty(address)


def test_what_lives_in_memory_is_handled_by_the_process_itself() -> None:
    class Reminder(Entity):
        _persistence_backend_class = MemoryRepo
        read: bool = False

    def read(note: Any) -> None:
        note.read = True

    configure(env="production", secret="k" * 32, durable={"poll": 0.02})
    from nitro_events import joints

    joints.connect()
    on("note.made", durable=True)(read)
    with UnitOfWork():
        note = Reminder().save()
        emit("note.made", note)

    until(lambda: Reminder.get(note.id).read)


def test_in_production_the_application_leaves_databases_to_a_worker(stored: str) -> None:
    configure(env="production", secret="k" * 32, durable={"poll": 0.02})

    emit("order.placed", app.Order().save(), n=1)
    time.sleep(0.1)

    assert inside().is_running
    assert effects() == []
    assert durable.drain() == 2


def test_in_development_the_application_runs_its_handlers_itself(stored: str) -> None:
    configure(durable={"poll": 5.0})
    order = app.Order().save()
    emit("order.placed", order, n=1)
    until(lambda: effects("plain") == effects("async") == [1])

    with UnitOfWork():
        app.Order().save()
        time.sleep(0.1)
        emit("order.placed", order, n=2)

    until(lambda: effects("plain") == effects("async") == [1, 2], 3)  # it is woken by the commit


def test_a_handler_that_takes_long_is_not_taken_over(stored: str) -> None:
    ran: list[int] = []

    def long(order: Any) -> None:
        ran.append(1)
        time.sleep(1.0)

    on("order.paid", durable=True)(long)
    emit("order.paid", app.Order().save())
    relays = [Relay(), Relay()]
    for relay in relays:
        relay.start(1)

    until(lambda: queue_of(stored).in_state(DONE, 9))
    assert all([relay.stop() for relay in relays])

    assert ran == [1]


def test_stopping_finishes_the_handler_that_runs(stored: str) -> None:
    begun = threading.Event()

    def long(order: Any) -> None:
        begun.set()
        time.sleep(0.2)
        app.Effect(n=1, by="long").save()

    on("order.paid", durable=True)(long)
    emit("order.paid", app.Order().save())
    durable.start(1)
    begun.wait(10)

    assert durable.stop()
    assert effects("long") == [1]


def test_marks_of_what_was_handled_go_after_a_while(stored: str) -> None:
    configure(durable={**app.OPTIONS, "keep": 0.0})
    emit("order.placed", app.Order().save(), n=1)
    durable.drain()

    queue_of(stored).purge()

    assert queue_of(stored).in_state(DONE, 9) == []


def test_what_is_kept_for_handlers_has_no_routes_and_touches_no_page(
    stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[set[str]] = []
    emit("order.placed", app.Order().save(), n=1)
    monkeypatch.setattr(state.hub, "touch", touched.append)
    durable.drain()

    assert "effects" in {target.slug for target in state.targets}
    assert not any("nitro" in target.slug for target in state.targets)
    assert any("Effect" in topics for topics in touched)
    assert not any("Nitro" in topic for topics in touched for topic in topics)


class Killable:
    """The process that forks workers to be killed."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def kill_one(self, seconds: float) -> None:
        """Let a worker work for a moment and kill it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@pytest.fixture
def killable(url: str) -> Iterator[Killable]:
    made = Killable(url)
    yield made
    made.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_workers_that_are_killed_lose_nothing_and_do_nothing_twice(
    url: str, killable: Killable
) -> None:
    chance = random.Random(KILLS)
    orders = [app.Order().save() for _ in range(3)]
    sent: list[int] = []
    for number in range(KILLS):
        for n in range(number * 8, number * 8 + 8):
            emit("order.placed", orders[n % 3], n=n)
            sent.append(n)
        killable.kill_one(chance.uniform(0.0, 0.12))

    durable.start(2)
    until(lambda: len(effects("plain")) >= len(sent) <= len(effects("async")), 60)
    assert durable.stop()

    assert Counter(effects("plain")) == Counter(effects("async")) == Counter(sent)
    assert sum(app.Order.get(order.id).total for order in orders) == sum(sent)
    queue = queue_of(url)
    assert [queue.in_state(state, 9) for state in (RUNNING, WAITING, SENT)] == [[], [], []]
    assert durable.dead_letters() == []


def test_a_function_can_be_called_later(stored: str) -> None:
    @durable.job
    def label(order: Any, n: int = 0) -> None:
        app.Effect(n=n, by="label").save()

    order = app.Order().save()
    with pytest.raises(RuntimeError), UnitOfWork():
        durable.later(label, order, n=1)
        raise RuntimeError
    with UnitOfWork():
        durable.later(label, order, n=2)
        assert durable.registry().names[-1].endswith("label")

    assert durable.drain() == 1
    assert effects("label") == [2]
    with pytest.raises(LookupError, match=r"@durable\.job"):
        durable.later(effects)


class Label(Command):
    order: str
    n: int


@pytest.mark.parametrize("is_async", [False, True])
def test_a_message_can_be_dispatched_later(stored: str, is_async: bool) -> None:
    def label(caller: Caller, message: Label) -> None:
        app.Effect(n=message.n, by=f"{message.order} {caller.id}").save()

    async def alabel(message: Label) -> None:
        app.Effect(n=message.n, by=f"{message.order} None").save()

    durable.job(command(alabel if is_async else label))
    with pytest.raises(RuntimeError), UnitOfWork():
        durable.later(Label(order="a", n=1))
        raise RuntimeError
    durable.later(Label(order="a", n=2))

    assert durable.drain() == 1
    assert effects("a None") == [2]


def test_a_message_whose_handler_is_no_job_is_not_done_later(stored: str) -> None:
    @command
    def label(message: Label) -> None:
        """Do nothing."""

    with pytest.raises(LookupError, match=r"@durable\.job"):
        durable.later(Label(order="a", n=1))


def test_an_async_test_can_drain(stored: str) -> None:
    async def run() -> int:
        await emit_async("order.placed", app.Order(id="a"), n=1)
        return await durable.adrain()

    app.Order(id="a").save()
    assert asyncio.run(run()) == 2
    assert effects("plain") == effects("async") == [1]


def test_what_a_handler_emits_is_drained_too(stored: str) -> None:
    def packed(order: Any) -> None:
        emit("order.placed", order, n=9)

    on("order.packed", durable=True)(packed)
    emit("order.packed", app.Order().save())

    assert durable.drain() == 3
    assert effects() == [9]


def test_what_an_earlier_process_left_goes_on_when_the_application_starts(stored: str) -> None:
    emit("order.placed", app.Order().save(), n=1)
    configure(durable={"poll": 0.02})

    begin_durable()

    until(lambda: effects("plain") == effects("async") == [1])
