"""Durable handlers by themselves: names, pauses, and what is said where nothing is kept."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from nitro_events import configure, emit, on
from nitro_events.durable import Retry, record, register, registry
from nitro_events.durable.options import Durable, options
from nitro_events.handler import Options
from nitro_events.settings import SettingsError
from nitro_events.state import state
from nitro_events.units import NothingDurable, Units


def mailed(sender: object, **values: object) -> None:
    """Nothing."""


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be in the outbox of a store."""
    messages: list[Any] = []
    state.part(Units).outbox = lambda topic, payload: messages.append((topic, payload))
    configure(durable={"inside": False})
    return messages


def test_an_event_becomes_one_message_for_each_handler(kept: list[Any]) -> None:
    def counted(sender: object) -> None:
        raise AssertionError

    on("order.placed", durable=True)(mailed)
    on("order.*", durable=True)(counted)
    on("order.lost", durable=True)(mailed)

    emit("order.placed", "me", n=1)

    here = __name__
    names = [f"{here}:mailed", f"{here}:{counted.__qualname__}"]
    assert [topic for topic, _ in kept] == ["nitro.durable"] * 2
    assert [message["handler"] for _, message in kept] == names
    assert kept[0][1]["payload"] == '{"sender":"me","values":{"n":1}}'


def test_a_sender_and_a_condition_decide_where_the_event_is_emitted(kept: list[Any]) -> None:
    on("paid", durable=True, sender="ann", when=lambda sender, n: n > 1)(mailed)

    emit("paid", "ann", n=1)
    emit("paid", "bob", n=2)
    assert kept == []
    emit("paid", "ann", n=2)
    assert len(kept) == 1


def test_what_cannot_be_carried_fails_where_it_is_emitted(kept: list[Any]) -> None:
    on("paid", durable=True)(mailed)

    with pytest.raises(ExceptionGroup) as caught:
        emit("paid", object())

    assert "the sender of an event cannot leave this process" in str(caught.value.exceptions[0])
    assert kept == []


def test_without_a_store_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nitro_events.joints.connect", lambda: None)
    register(mailed, "paid")

    with pytest.raises(NothingDurable, match=r"pip install 'nitro-events\[entities\]'"):
        record("paid", None, {})


def test_an_event_without_durable_handlers_needs_no_store() -> None:
    assert record("paid", None, {}) == 0


def test_two_functions_of_one_name_are_refused() -> None:
    register(lambda sender: 1, "paid")

    with pytest.raises(ValueError, match="Two durable handlers are called"):
        register(lambda sender: 2, "paid")


def test_one_function_may_hear_several_events() -> None:
    register(mailed, "paid")
    register(mailed, "sent")

    assert [one.target for one in registry()] == ["paid", "sent"]
    assert registry().names == [f"{__name__}:mailed"]


class Box:
    def put(self, sender: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    "function", [Box().put, functools.partial(mailed, n=1)], ids=["method", "partial"]
)
def test_what_other_processes_could_not_name_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match="a named function"):
        register(function, "paid")


def test_pauses_double_up_to_the_longest_and_half_of_each_is_chance() -> None:
    retry = Retry(backoff=1.0, longest=10.0)

    assert [retry.pause(n, lambda: 0.0) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert retry.pause(3, lambda: 1.0) == 2.0
    assert retry.pause(10_000) <= 10.0


def test_a_handler_may_say_how_often_it_is_tried() -> None:
    configure(durable={"retries": 4, "backoff": 0.5})
    register(mailed, "paid")
    register(mailed, "sent", Options(durable=Retry(1)))

    assert [one.retry for one in registry()] == [Retry(4, 0.5, 300.0), Retry(1)]


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(SettingsError, match="Unknown option of durable= among retrys"):
        configure(durable={"retrys": 1})
    assert options() == Durable()
