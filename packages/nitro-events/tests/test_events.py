import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator, Iterator

import blinker
import pytest

from nitro_events import action_of, emit, emit_async, event, on
from nitro_events.handlers import current_sender
from nitro_events.state import state


@pytest.fixture(autouse=True)
def _fresh_namespace() -> Iterator[None]:
    before = dict(blinker.default_namespace)
    yield
    blinker.default_namespace.clear()
    blinker.default_namespace.update(before)


def test_an_event_is_the_blinker_signal_of_its_name() -> None:
    placed = event("order.placed")

    @on("order.placed")
    def hear(sender: object) -> None: ...

    assert blinker.signal("order.placed") is placed
    assert event("order.placed") is placed


def test_an_event_that_blinker_made_is_used_as_it_is() -> None:
    made = blinker.signal("made.by.blinker")

    assert event("made.by.blinker") is made


def test_names_that_nobody_hears_leave_no_trace() -> None:
    before = len(blinker.default_namespace)

    for number in range(100):
        event(f"invented.{number}")
        emit(f"invented.{number}")

    assert len(blinker.default_namespace) == before


def test_two_who_ask_early_get_the_same_event() -> None:
    first, second = event("shared"), event("shared")

    assert first is second


def test_an_event_asked_for_before_blinker_knew_the_name_still_reaches_handlers() -> None:
    early = event("late")
    blinker.signal("late")
    heard: list[object] = []
    on(early)(lambda sender: heard.append(sender))

    early.send("a")
    blinker.signal("late").send("b")
    emit(early, "c")
    emit("late", "d")

    assert heard == ["a", "b", "c", "d"]


def test_connect_enters_the_namespace() -> None:
    signal = event("by.connect")
    heard: list[object] = []
    receiver = heard.append

    signal.connect(receiver, weak=False)

    assert blinker.signal("by.connect") is signal
    emit("by.connect", 1)
    assert heard == [1]


def test_event_as_a_decorator_declares_an_action() -> None:
    @event
    def bare() -> int:
        return 1

    @event(method="PUT")
    def with_options() -> int:
        return 2

    assert (bare(), with_options()) == (1, 2)
    declared = action_of(with_options)
    assert declared is not None
    assert declared.method == "PUT"
    assert action_of(bare) is not None


def test_a_handler_gets_the_sender_and_the_keywords_it_names() -> None:
    heard: list[object] = []

    @on("k")
    def sender_only(order: object) -> None:
        heard.append(order)

    @on("k")
    def some(sender: object, amount: int, missing: str = "default") -> None:
        heard.append((sender, amount, missing))

    @on("k")
    def everything(sender: object, **values: object) -> None:
        heard.append((sender, values))

    @on("k")
    def nothing() -> None:
        heard.append("nothing")

    emit("k", "s", amount=1, extra=2)

    assert heard == ["s", ("s", 1, "default"), ("s", {"amount": 1, "extra": 2}), "nothing"]


def test_each_emit_gives_what_it_carries_whatever_was_emitted_before() -> None:
    heard: list[object] = []
    on("mixed")(lambda sender, a=None, b=None: heard.append((a, b)))

    emit("mixed", a=1)
    emit("mixed", a=1, b=2)
    emit("mixed", b=2, a=1, c=3)
    on("mixed")(lambda: heard.append("nothing"))
    emit("mixed", a=1)
    emit("mixed")

    assert heard == [(1, None), (1, 2), (1, 2), (1, None), "nothing", (None, None), "nothing"]


def test_a_keyword_named_like_the_sender_does_no_harm() -> None:
    heard: list[object] = []

    @on("clash")
    def named(sender: object) -> None:
        heard.append(sender)

    @on("clash")
    def rest(sender: object, **values: object) -> None:
        heard.append((sender, values))

    emit("clash", "s", **{"sender": 1, "x": 2})

    assert heard == ["s", ("s", {"x": 2})]


def test_methods_partials_and_callables_are_handlers_too() -> None:
    class Listener:
        def __init__(self) -> None:
            self.heard: list[object] = []

        def method(self, sender: object) -> str:
            return f"method {sender}"

        async def __call__(self, sender: object) -> str:
            return f"callable {sender}"

    listener = Listener()
    on("c")(listener.method)
    on("c")(listener)

    assert emit("c", 1) == ["method 1", "callable 1"]


def test_a_handler_defined_in_a_function_stays() -> None:
    heard: list[object] = []

    def register() -> None:
        @on("strong")
        def local(sender: object) -> None:
            heard.append(sender)

    register()
    gc.collect()
    emit("strong", 1)

    assert heard == [1]


def test_handlers_run_in_order_of_registration_and_priority() -> None:
    for name, priority in [("a", 0), ("b", 0), ("first", 5), ("c", 0), ("last", -1)]:
        on("ordered", priority=priority)(lambda sender, name=name: name)
    for number in range(20):
        on("many")(lambda sender, number=number: number)

    assert emit("ordered") == ["first", "a", "b", "c", "last"]
    assert emit("many") == list(range(20))


def test_a_pattern_and_a_name_are_one_order_and_each_handler_runs_once() -> None:
    heard: list[str] = []

    @on("order.*")
    def early(sender: object) -> None:
        heard.append("early")

    @on("order.placed")
    @on("order.*")
    def both(sender: object) -> None:
        heard.append("both")

    emit("order.placed")
    emit("order.cancelled")
    emit("invoice.placed")

    assert heard == ["early", "both", "early", "both"]


def test_a_pattern_hears_sends_of_events_and_of_known_signals() -> None:
    known = blinker.signal("price.known")
    heard: list[object] = []
    on("price.*")(lambda sender: heard.append(sender))

    known.send(1)
    event("price.later").send(2)

    assert heard == [1, 2]
    assert "price.later" not in blinker.default_namespace


def test_a_signal_without_a_name_can_be_handled() -> None:
    signal = blinker.Signal()
    on(signal)(lambda sender: sender * 2)

    assert emit(signal, 2) == [4]


def test_all_four_kinds_answer_to_emit() -> None:
    _register_all_kinds()

    assert emit("kinds", 1) == ["sync", "async", ["g1", "g2"], ["a1", "a2"]]


async def _emit_kinds() -> list[object]:
    return await emit_async("kinds", 1)


def test_all_four_kinds_answer_to_emit_async() -> None:
    _register_all_kinds()

    assert asyncio.run(_emit_kinds()) == ["sync", "async", ["g1", "g2"], ["a1", "a2"]]


def test_a_function_that_returns_a_coroutine_counts_as_async() -> None:
    async def later(sender: object) -> object:
        return sender

    on("wrapped")(lambda sender: later(sender))

    async def main() -> list[object]:
        return await emit_async("wrapped", 3)

    assert emit("wrapped", 3) == [3]
    assert asyncio.run(main()) == [3]


def test_emit_on_a_running_loop_makes_tasks() -> None:
    done: list[object] = []

    @on("scheduled")
    async def handler(sender: object) -> str:
        await asyncio.sleep(0)
        done.append((sender, current_sender.get()))
        return "result"

    async def main() -> str:
        (task,) = emit("scheduled", "s")
        assert done == []
        result: str = await task
        return result

    assert asyncio.run(main()) == "result"
    assert done == [("s", "s")]


def test_a_failing_task_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @on("scheduled.bad")
    async def handler(sender: object) -> None:
        raise ValueError("oops")

    async def main() -> None:
        emit("scheduled.bad")
        await asyncio.sleep(0.01)

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())

    assert "scheduled" not in caplog.text or "oops" in caplog.text
    assert "oops" in caplog.text


def test_one_failing_handler_does_not_stop_the_others() -> None:
    heard: list[str] = []

    @on("bad")
    def first(sender: object) -> None:
        raise ValueError("one")

    @on("bad")
    def second(sender: object) -> None:
        heard.append("second")

    @on("bad")
    async def third(sender: object) -> None:
        raise KeyError("two")

    @on("bad")
    def fourth(sender: object, needed: int) -> None: ...

    with pytest.raises(ExceptionGroup) as caught:
        emit("bad")
    assert [type(exc) for exc in caught.value.exceptions] == [ValueError, KeyError, TypeError]
    assert "3 handlers of 'bad' failed" in str(caught.value)
    assert "first" in caught.value.exceptions[0].__notes__[0]

    async def main() -> None:
        await emit_async("bad")

    with pytest.raises(ExceptionGroup):
        asyncio.run(main())
    assert heard == ["second", "second"]


def test_a_keyboard_interrupt_is_not_collected() -> None:
    @on("stop")
    def handler(sender: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        emit("stop")
    assert current_sender.get() is None


@pytest.mark.parametrize("make", [blinker.signal, event])
def test_a_plain_send_reaches_handlers_of_every_kind(make: type[blinker.NamedSignal]) -> None:
    heard: list[object] = []
    signal = make("plain.send")

    @on(signal)
    def sync(sender: object, amount: int) -> None:
        heard.append(("sync", sender, amount))

    @on(signal)
    async def coroutine(sender: object) -> None:
        heard.append(("async", sender))

    @on(signal)
    async def generator(sender: object) -> AsyncIterator[int]:
        yield 1
        heard.append(("generator", sender))

    signal.send("s", amount=2)

    assert heard == [("sync", "s", 2), ("async", "s"), ("generator", "s")]


def test_a_plain_send_on_a_running_loop_schedules_async_handlers() -> None:
    heard: list[object] = []

    @on("send.loop")
    async def handler(sender: object) -> None:
        heard.append(sender)

    async def main() -> None:
        blinker.signal("send.loop").send(1)
        await asyncio.sleep(0)
        await event("send.loop").send_async(2)

    asyncio.run(main())

    assert heard == [1, 2]


def test_receivers_connected_by_blinker_hear_emit_after_ours() -> None:
    signal = event("mixed")
    heard: list[str] = []

    def plain(sender: object, **values: object) -> None:
        heard.append("plain")

    signal.connect(plain)
    on("mixed")(lambda sender: heard.append("ours"))

    emit("mixed", 1)
    signal.send(1)

    assert heard[:2] == ["ours", "plain"]
    assert sorted(heard[2:]) == ["ours", "plain"]


def test_a_muted_signal_is_silent() -> None:
    heard: list[object] = []
    on("muted")(lambda sender: heard.append(sender))

    with event("muted").muted():
        emit("muted", 1)
        event("muted").send(2)

    assert heard == []


def test_the_sender_is_known_while_a_handler_runs() -> None:
    on("who")(lambda: current_sender.get())

    assert emit("who", "me") == ["me"]
    assert current_sender.get() is None


def test_a_handler_may_emit() -> None:
    on("outer")(lambda sender: (emit("inner", "b"), current_sender.get()))
    on("inner")(lambda: current_sender.get())

    assert emit("outer", "a") == [(["b"], "a")]


def test_a_reset_forgets_handlers() -> None:
    heard: list[object] = []
    on("forgotten")(lambda sender: heard.append(sender))
    on("forgot*")(lambda sender: heard.append(sender))

    state.reset()
    emit("forgotten", 1)
    event("forgotten").send(2)

    assert heard == []
    on("forgotten")(lambda sender: heard.append(sender))
    event("forgotten").send(3)
    assert heard == [3]


def test_emitting_from_many_threads_reaches_everybody() -> None:
    counted: list[int] = []
    on("threads.*")(lambda sender: counted.append(sender))

    def work() -> None:
        for number in range(200):
            emit(f"threads.{number}", number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(counted) == 800


def test_mistakes_are_named() -> None:
    with pytest.raises(TypeError, match="on\\(\\) takes a name"):
        on(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be callable"):
        on("x")("handler")  # type: ignore[type-var]


def _register_all_kinds() -> None:
    @on("kinds")
    def sync(sender: object) -> str:
        return "sync"

    @on("kinds")
    async def coroutine(sender: object) -> str:
        await asyncio.sleep(0)
        return "async"

    @on("kinds")
    def generator(sender: object) -> Iterator[str]:
        yield "g1"
        yield "g2"

    @on("kinds")
    async def async_generator(sender: object) -> AsyncIterator[str]:
        yield "a1"
        await asyncio.sleep(0)
        yield "a2"
