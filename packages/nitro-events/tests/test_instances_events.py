"""Shared events: what one instance emits, all of them run."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from nitro_events import handlers, units, wire
from nitro_events.instances import begin, broker, events, is_shared, share, tell
from nitro_events.instances.memory import MemoryLog
from nitro_events.instances.remote import LogBroker
from nitro_events.settings import configure
from nitro_events.state import state


class Elsewhere:
    """Another instance, as far as this one can tell."""

    def __init__(self, log: MemoryLog) -> None:
        self.broker = LogBroker(log)
        self.heard: list[dict[str, Any]] = []
        self.broker.listen(lambda *message: self.heard.append(json.loads(message[3])), print)
        until(lambda: self.broker.position > 0)

    def emit(self, name: str, sender: object = None, **values: object) -> None:
        self.publish({"name": name, "from": "elsewhere", **wire.to_wire(sender, values)})

    def publish(self, told: object, channel: str = events.CHANNEL) -> None:
        self.broker.publish(channel, ("x",), json.dumps(told).encode())


class Ran:
    """What `handlers.run_everywhere` was asked to run."""

    def __init__(self) -> None:
        self.events: list[tuple[str, object, dict[str, object]]] = []
        self.fail: BaseException | None = None

    def __call__(self, name: str, sender: object, values: Mapping[str, object]) -> None:
        self.events.append((name, sender, dict(values)))
        if self.fail is not None:
            raise self.fail


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    made = Ran()
    monkeypatch.setattr(handlers, "run_everywhere", made, raising=False)
    return made


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Units that end when the test says so."""
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(units, "after_commit", waiting.append, raising=False)
    return waiting


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, ran: Ran) -> Iterator[Elsewhere]:
    configure(secret="a secret of all the instances")
    log = MemoryLog()
    here = LogBroker(log)
    state._parts[broker] = here
    made = Elsewhere(log)
    yield made
    made.broker.close()
    here.close()


def listens() -> None:
    here = state.part(broker)
    assert here is not None
    until(lambda: here.position > 0)


def test_an_event_of_another_instance_is_run_here_with_sender_and_values(
    elsewhere: Elsewhere, ran: Ran
) -> None:
    share("order.placed")
    listens()

    elsewhere.emit("order.placed", "Ann", total=5, lines=[1, 2])

    until(lambda: len(ran.events) == 1)
    assert ran.events == [("order.placed", "Ann", {"total": 5, "lines": [1, 2]})]


def test_what_is_emitted_here_is_told_once_and_not_run_here_again(
    elsewhere: Elsewhere, ran: Ran
) -> None:
    share("order.*")
    listens()

    tell("order.placed", "Ann", {"total": 5})
    elsewhere.emit("order.paid")

    until(lambda: len(ran.events) == 1)
    assert [name for name, _, _ in ran.events] == ["order.paid"]
    until(lambda: len(elsewhere.heard) == 2)  # which of two instances is first, nobody says
    assert {one["name"] for one in elsewhere.heard} == {"order.placed", "order.paid"}


def test_events_of_one_name_are_run_in_the_order_in_which_they_were_emitted(
    elsewhere: Elsewhere, ran: Ran
) -> None:
    share("n")
    listens()

    for number in range(200):
        elsewhere.emit("n", number)

    until(lambda: len(ran.events) == 200)
    assert [sender for _, sender, _ in ran.events] == list(range(200))


def test_in_a_unit_it_is_told_when_the_unit_is_committed(
    elsewhere: Elsewhere, committed: list[Callable[[], None]]
) -> None:
    share("order.placed")
    listens()

    tell("order.placed", "Ann", {})
    assert len(committed) == 1
    assert elsewhere.heard == []
    committed[0]()

    until(lambda: len(elsewhere.heard) == 1)


def test_what_json_cannot_carry_is_refused_where_it_is_emitted(elsewhere: Elsewhere) -> None:
    share("order.placed")

    with pytest.raises(wire.NotPortable):
        tell("order.placed", object(), {})


def test_what_is_not_shared_is_neither_told_nor_run(elsewhere: Elsewhere, ran: Ran) -> None:
    share("a")
    listens()

    tell("b", object(), {})
    elsewhere.emit("b")
    elsewhere.emit("a")

    until(lambda: len(ran.events) == 1)
    assert ran.events[0][0] == "a"
    assert [one["name"] for one in elsewhere.heard] == ["b", "a"]
    assert is_shared("a")
    assert not is_shared("b")


@pytest.mark.parametrize(
    "told",
    [
        {
            "name": "a",
            "from": "x",
            "sender": {"$": "entity", "class": "?", "id": "1"},
            "values": {},
        },
        {"name": "a", "from": "x", "sender": {"$": "news"}, "values": {}},
        {"name": "a", "from": "x"},
        {"name": "a"},
        [],
        7,
    ],
)
def test_what_cannot_be_read_here_is_logged_and_skipped(
    elsewhere: Elsewhere, ran: Ran, caplog: pytest.LogCaptureFixture, told: object
) -> None:
    share("a")
    listens()

    elsewhere.publish(told)
    elsewhere.emit("a", 2)

    until(lambda: len(ran.events) == 1)
    assert ran.events[0][1] == 2
    assert "of another instance was" in caplog.text


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, asyncio.CancelledError])
def test_a_handler_that_fails_is_logged_and_the_next_event_is_run(
    elsewhere: Elsewhere,
    ran: Ran,
    caplog: pytest.LogCaptureFixture,
    error: type[BaseException],
) -> None:
    ran.fail = error("mine")
    share("a")
    listens()

    elsewhere.emit("a", 1)
    elsewhere.emit("a", 2)

    until(lambda: len(ran.events) == 2)
    until(lambda: caplog.text.count(f"{error.__name__}: mine") == 2)


def test_patches_of_the_live_hub_are_no_events(elsewhere: Elsewhere, ran: Ran) -> None:
    share("a")
    listens()

    elsewhere.publish({"name": "a"}, "live")
    elsewhere.emit("a", 2)

    until(lambda: len(ran.events) == 1)
    assert ran.events[0][1] == 2


def test_a_broker_that_is_configured_after_the_handlers_is_listened_to(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    share("a")
    configure(secret="a secret of all the instances")
    log = MemoryLog()
    here = state._parts[broker] = LogBroker(log)

    begin()

    other = Elsewhere(log)
    until(lambda: here.position > 0)
    other.emit("a")
    until(lambda: len(ran.events) == 1)
    other.broker.close()
    here.close()


def test_without_a_broker_sharing_costs_no_thread(ran: Ran) -> None:
    share("a")
    tell("a", object(), {})

    # one of an earlier test may still be about to end
    until(lambda: not any(t.name.startswith("nitro-events") for t in threading.enumerate()))


def test_after_a_reset_nothing_more_is_run(elsewhere: Elsewhere, ran: Ran) -> None:
    share("a")
    listens()

    state.reset()
    configure(secret="a secret of all the instances")
    elsewhere.emit("a")
    assert elsewhere.broker.flush()
    until(lambda: len(elsewhere.heard) == 1)

    assert ran.events == []
