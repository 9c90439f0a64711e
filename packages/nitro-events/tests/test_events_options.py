"""Several targets, sender, when, once, and names that nobody knows."""

import asyncio
import os
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import blinker
import pytest

from nitro_events import configure, emit, emit_async, event, on
from nitro_events.durable.options import Retry
from nitro_events.handlers import Handlers
from nitro_events.known import UnknownEvent
from nitro_events.state import state


@pytest.fixture(autouse=True)
def _fresh_namespace() -> Iterator[None]:
    before = dict(blinker.default_namespace)
    yield
    blinker.default_namespace.clear()
    blinker.default_namespace.update(before)


@dataclass(eq=False)
class Product:
    id: str
    name: str = ""


class Plain:
    pass


def test_one_handler_can_listen_to_several_events() -> None:
    heard: list[object] = []
    nameless = blinker.Signal()
    on("a", "b.*", nameless)(lambda sender: heard.append(sender))

    emit("a", 1)
    emit("b.x", 2)
    emit(nameless, 3)
    emit("c", 4)

    assert heard == [1, 2, 3]


def test_an_event_that_fits_several_targets_runs_the_handler_once() -> None:
    heard: list[object] = []
    on("b.x", "b.*", "*", when=lambda: True)(lambda sender: heard.append(sender))
    on("b.x", "b.*", "*")(lambda sender: heard.append(sender))

    emit("b.x", 1)

    assert heard == [1, 1]


def test_a_sender_that_was_loaded_twice_is_one_sender() -> None:
    heard: list[object] = []
    on("sold", sender=Product("1"))(lambda product: heard.append(product.name))

    emit("sold", Product("1", "copy"))
    emit("sold", Product("2", "other"))
    blinker.signal("sold").send(Product("1", "sent"))
    asyncio.run(emit_async("sold", Product("1", "async")))

    assert heard == ["copy", "sent", "async"]


def test_a_sender_without_an_id_is_itself_only() -> None:
    mine, other = Plain(), Plain()
    heard: list[object] = []
    on("x", sender=mine)(lambda sender: heard.append(sender))

    emit("x", mine)
    emit("x", other)

    assert heard == [mine]


def test_a_class_means_itself_and_its_instances() -> None:
    class Special(Product):
        pass

    heard: list[object] = []
    on("x", sender=Product)(lambda sender: heard.append(sender))
    special = Special("1")

    for sender in (Product, special, Plain(), None, "Product"):
        emit("x", sender)

    assert heard == [Product, special]


def test_texts_and_numbers_are_compared_as_senders() -> None:
    heard: list[object] = []
    on("x", sender="kitchen")(lambda sender: heard.append(sender))
    on("x", sender=7)(lambda sender: heard.append(sender))

    for sender in ("".join(["kit", "chen"]), 7, "hall", None):
        emit("x", sender)

    assert heard == ["kitchen", 7]


def test_one_function_may_listen_to_two_senders_and_runs_in_its_place() -> None:
    heard: list[object] = []

    def both(sender: object) -> None:
        heard.append(sender)

    on("x", sender="a")(both)
    on("x", sender="b")(both)
    on("x", priority=1)(lambda: heard.append("first"))

    for sender in "abc":
        emit("x", sender)

    assert heard == ["first", "a", "first", "b", "first"]


def test_what_others_listen_to_costs_nothing_per_sender() -> None:
    ran: list[int] = []
    for number in range(300):
        on("x", sender=f"s{number}")(lambda sender, number=number: ran.append(number))

    for number in range(300):
        emit("x", f"s{number}")
        emit("x", f"unknown{number}")

    assert ran == list(range(300))


def test_when_is_called_with_what_the_handler_would_get() -> None:
    heard: list[object] = []

    @on("paid", when=lambda sender, amount: amount > 10)
    def large(sender: object, amount: int, currency: str) -> None:
        heard.append((sender, amount, currency))

    emit("paid", "ann", amount=5, currency="EUR")
    emit("paid", "ann", amount=50, currency="EUR")

    assert heard == [("ann", 50, "EUR")]


def test_when_may_ask_for_the_sender_alone() -> None:
    heard: list[object] = []
    on("x", when=lambda sender: sender == 1)(lambda sender: heard.append(sender))

    emit("x", 1, other=2)
    emit("x", 2, other=2)

    assert heard == [1]


def test_once_means_once() -> None:
    heard: list[object] = []
    on("x", "y", once=True)(lambda sender: heard.append(sender))

    assert emit("x", 1) == [None]
    assert emit("x", 2) == []
    assert emit("y", 3) == []
    assert heard == [1]


def test_once_waits_for_an_event_that_is_meant() -> None:
    heard: list[object] = []
    on("x*", once=True, sender="b", when=lambda ready: ready)(lambda sender: heard.append(sender))

    emit("x1", "a", ready=True)
    emit("x1", "b", ready=False)
    emit("x2", "b", ready=True)
    emit("x2", "b", ready=True)

    assert heard == ["b"]


def test_once_means_once_among_threads() -> None:
    for _ in range(20):
        ran: list[int] = []
        on("race", once=True)(lambda sender, ran=ran: ran.append(1))
        start = threading.Barrier(4)

        def work(start: threading.Barrier = start) -> None:
            start.wait()
            emit("race")

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert ran == [1]


def test_a_handler_that_fails_has_had_its_one_turn() -> None:
    @on("x", once=True)
    def broken() -> None:
        raise ValueError

    with pytest.raises(ExceptionGroup):
        emit("x")
    assert emit("x") == []


def test_the_same_function_may_be_registered_again_after_its_turn() -> None:
    heard: list[int] = []

    def listen() -> None:
        heard.append(1)

    on("x", once=True)(listen)
    emit("x")
    on("x", once=True)(listen)
    emit("x")

    assert heard == [1, 1]


def test_priorities_hold_among_names_patterns_and_conditions() -> None:
    heard: list[str] = []
    on("o.x")(lambda: heard.append("third"))
    on("o.*", priority=5, when=lambda: True)(lambda: heard.append("second"))
    on("*", priority=9, sender="s")(lambda: heard.append("first"))
    on("o.x", priority=-1)(lambda: heard.append("last"))

    emit("o.x", "s")

    assert heard == ["first", "second", "third", "last"]


def test_an_unknown_event_in_strict_mode_is_an_error_with_near_matches() -> None:
    configure(strict_events=True)
    on("order.placed")(lambda: 1)
    held = event("order.cancelled")

    assert emit("order.placed") == [1]
    assert emit("order.cancelled") == []
    with pytest.raises(UnknownEvent, match=r"Did you mean 'order\.placed'") as caught:
        emit("order.plcaed")
    with pytest.raises(UnknownEvent):
        asyncio.run(emit_async("order.plcaed"))
    assert caught.value.near[0] == "order.placed"
    assert isinstance(caught.value, LookupError)
    assert held.name == "order.cancelled"


def test_strict_mode_applies_to_names_that_were_let_through_before() -> None:
    emit("typo")

    configure(strict_events=True)

    with pytest.raises(UnknownEvent):
        emit("typo")


def test_a_pattern_makes_its_names_known_and_a_log_of_everything_does_not() -> None:
    configure(strict_events=True)
    on("*")(lambda: "log")
    on("order.*")(lambda: "order")

    assert emit("order.new") == ["log", "order"]
    with pytest.raises(UnknownEvent):
        emit("odrer.new")


def test_strict_mode_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_STRICT_EVENTS", "1")

    with pytest.raises(UnknownEvent):
        emit("nobody")


def test_a_signal_that_comes_into_being_later_is_heard() -> None:
    heard: list[str] = []
    on("late.*")(lambda: heard.append("pattern"))
    emit("late.x")

    def receiver(sender: object) -> None:
        heard.append("blinker")

    blinker.signal("late.x").connect(receiver)
    emit("late.x")

    assert heard == ["pattern", "pattern", "blinker"]


def test_keywords_that_cannot_be_written_in_code_are_carried_too() -> None:
    heard: list[object] = []
    on("odd")(lambda sender, **values: heard.append(values))
    odd = {"a-b": 1, "class": 2, "ﬁ": 3, "__debug__": 4, "x'": 5}

    emit("odd", None, **odd)

    assert heard == [odd]


def test_names_and_keywords_from_outside_cost_no_memory_without_end() -> None:
    on("known")(lambda: None)

    for number in range(3000):
        emit(f"invented.{number}")
        emit("known", **{f"key{number}": 1})

    assert len(state.plans) <= 1100
    assert len(state.plans["known"].calls) <= 256


def test_many_registered_events_keep_their_plans() -> None:
    for number in range(2000):
        on(f"many.{number}")(lambda: None)
    for number in range(2000):
        emit(f"many.{number}")

    assert all(f"many.{number}" in state.plans for number in range(2000))


def test_mistakes_in_options_are_named() -> None:
    with pytest.raises(TypeError, match="at least one name"):
        on()
    with pytest.raises(TypeError, match="when= takes a function"):
        on("x", when=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="durable=True and after_commit=True"):
        on("x", durable=True, after_commit=True)
    with pytest.raises(ValueError, match="durable=True and once=True"):
        on("x", durable=True, once=True)
    with pytest.raises(ValueError, match="has no name"):
        on(blinker.Signal(), everywhere=True)

    async def later() -> bool:
        return True

    with pytest.raises(TypeError, match="takes a plain function"):
        on("x", when=later)(lambda: None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_emits_and_registers_although_a_thread_of_the_parent_was_busy() -> None:
    handlers = state.part(Handlers)
    on("x")(lambda: 1)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with handlers._lock:
            held.set()
            go_on.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(10)
            on("x")(lambda: 2)
            os._exit(0 if emit("x") == [1, 2] else 1)
        finally:
            os._exit(2)
    go_on.set()
    thread.join()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_an_option_of_a_handler_cannot_be_is_refused_where_it_is_given() -> None:
    for options, said in [
        ({"priority": "high"}, "priority= takes a whole number, got 'high'"),
        ({"once": "yes"}, "once= takes True or False, got 'yes'"),
        ({"after_commit": 1}, "after_commit= takes True or False, got 1"),
        ({"everywhere": "no"}, "everywhere= takes True or False, got 'no'"),
        ({"durable": 3}, "durable= takes True, False or Retry(…), got 3"),
        ({"when": Retry}, "when= takes a function of what the handler gets, got <class"),
    ]:
        with pytest.raises(TypeError, match="^" + re.escape(said)):
            on("x", **options)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="at least one name"):
        on("")
    with pytest.raises(TypeError, match="strict= takes True or False, got 'yes'"):
        event("x", strict="yes")  # type: ignore[call-overload] # pyright: ignore
    with pytest.raises(TypeError, match="Retry: retries= takes a whole number, 0 or more, got -1"):
        Retry(retries=-1)
