"""Durable handlers when something is wrong: nothing odd may hold up what is in order."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import UnitOfWork  # noqa: E402
from nitro_events import configure, durable, emit, joints, on  # noqa: E402
from nitro_events.durable import Retry  # noqa: E402
from nitro_events.durable.queue import TOPIC, queues  # noqa: E402
from nitro_events.durable.relay import Busy  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.units import outbox  # noqa: E402
from nitro_events.wire import NotPortable  # noqa: E402
from nitro_events.with_entities.kinds import Kinds  # noqa: E402

RAN: list[object] = []


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path) -> Iterator[None]:
    nitro_entities.state.reset()
    RAN.clear()
    nitro_entities.configure(database_url=f"sqlite:///{tmp_path / 'data.db'}")
    configure(durable={"inside": False, "poll": 0.01})
    joints.connect()
    yield
    state.reset()  # ends the threads, which use the stores
    nitro_entities.state.reset()


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


def note(sender: object, n: object) -> None:
    RAN.append(n)


def work_off(function: Callable[..., Any], count: int) -> None:
    """Emit to *function* more than there are threads, then to one that is in order."""
    on("odd", durable=Retry(0))(function)
    on("fine", durable=True)(note)
    for n in range(count):
        emit("odd", n=n)
    relay = durable.start(1)
    until(lambda: len(durable.dead_letters()) == count)
    emit("fine", n=1)
    until(lambda: RAN == [1])
    assert relay.stop(5)


@pytest.mark.parametrize("error", [asyncio.CancelledError, SystemExit, GeneratorExit])
def test_whatever_a_handler_raises_the_worker_goes_on(error: type[BaseException]) -> None:
    def odd(n: int) -> None:
        raise error

    work_off(odd, 2)
    assert error.__name__ in str(durable.dead_letters()[0].error)


@pytest.mark.parametrize("error", [asyncio.CancelledError, SystemExit])
def test_whatever_an_async_handler_raises_the_worker_goes_on(error: type[BaseException]) -> None:
    async def odd(n: int) -> None:
        raise error

    work_off(odd, 2)
    assert error.__name__ in str(durable.dead_letters()[0].error)


def test_what_no_store_can_keep_of_an_error_is_written_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # pytest would collect the line, and its workers could not send it
    monkeypatch.setattr(logging.getLogger("nitro_events"), "propagate", False)

    def odd(n: int) -> None:
        raise OSError("a\0b \udce4")

    work_off(odd, 1)
    assert str(durable.dead_letters()[0].error).endswith("OSError: a\\x00b \\udce4\n")


def test_an_event_that_no_worker_could_read_is_refused_where_it_is_emitted() -> None:
    on("*", durable=True)(note)
    deep: Any = 1
    for _ in range(220):
        deep = [deep]

    for name, value in [("a", deep), ("a", 10**5000), ("a\0", 1), ("a\udc80", 1)]:
        with pytest.raises(NotPortable):
            durable.record(name, None, {"n": value})
    durable.record("a", None, {"n": 2**70})
    assert durable.drain() == 1
    assert RAN == [2**70]


@pytest.mark.parametrize(
    "payload",
    [{}, ["a"], 1, {"handler": "a:b", "target": "a", "event": "a\0", "payload": "{}"}],
    ids=["empty", "list", "number", "nul"],
)
def test_a_message_that_cannot_be_read_is_a_dead_letter_and_holds_up_nothing(
    payload: object,
) -> None:
    on("fine", durable=True)(note)
    outbox(TOPIC, payload)
    emit("fine", n=1)

    assert durable.drain() == 1
    assert RAN == [1]
    (letter,) = durable.dead_letters()
    assert "no message for a durable handler" in str(letter.error)
    durable.discard(letter.id)
    assert durable.dead_letters() == []


def test_messages_that_others_never_send_are_not_looked_at_more_and_more() -> None:
    on("fine", durable=True)(note)
    with UnitOfWork() as unit:
        for n in range(3):
            unit.outbox("of others", n)
    (queue,) = (queue for queue in queues() if queue.name.endswith("SQLModelBackend"))
    for _ in range(100):
        assert queue.take_in() == 0

    emit("fine", n=1)
    assert durable.drain() == 1


def test_a_store_that_is_away_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        name, durable, asked = "away", True, 0

        def take_in(self) -> int:
            self.asked += 1
            raise ConnectionError("nobody answers")

    away = Away()
    on("fine", durable=True)(note)
    emit("fine", n=1)
    monkeypatch.setattr("nitro_events.durable.relay.queues", lambda: [away, *queues()])
    with pytest.raises(ConnectionError):  # but not before the rest is done
        durable.drain()
    assert RAN == [1]

    relay = durable.start(1)
    emit("fine", n=2)
    until(lambda: RAN == [1, 2])
    until(lambda: away.asked > 2)
    assert relay.stop(5)
    assert caplog.text.count("cannot be read: nobody answers") == away.asked


def test_one_class_is_made_for_a_backend_however_many_ask_first() -> None:
    defined: list[type] = []

    class Slow(type):
        def __new__(cls, name: str, bases: tuple[type, ...], values: dict[str, Any]) -> Any:
            time.sleep(0.02)
            made = super().__new__(cls, name, bases, values)
            defined.append(made)
            return made

    class Base(metaclass=Slow):
        pass

    kinds: Any = Kinds(cast("Any", Base))
    threads = [threading.Thread(target=kinds.of, args=(dict,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [made.__name__ for made in defined] == ["Base", "BaseIndict"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_wait_for_what_its_parent_is_at() -> None:
    with state.part(Busy).one_more():
        child = os.fork()
        if child == 0:
            os._exit(0 if state.part(Busy).count == 0 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_no_task_can_end_the_loop_of_the_async_handlers() -> None:
    async def leave() -> None:
        sys.exit(1)

    async def odd(n: int) -> None:
        task = asyncio.create_task(leave())
        await asyncio.wait([task])
        RAN.append(type(task.exception()))

    on("odd", durable=True)(odd)
    emit("odd", n=1)

    assert durable.drain() == 1
    assert [SystemExit] == RAN
