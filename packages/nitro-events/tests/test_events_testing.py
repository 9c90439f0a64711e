import asyncio

import blinker
import pytest

from nitro_events import Event, emit, emit_async, event, on
from nitro_events.testing import NotSettled, captured, settled


class Shipped(Event):
    parcel: int


def test_captured_writes_down_what_is_emitted() -> None:
    heard: list[object] = []
    on("a")(lambda sender: heard.append(sender))

    with captured() as events:
        emit("a", 1, amount=2)
        asyncio.run(emit_async("b"))
        emit(Shipped(parcel=3), "post")
        emit(event("a"), 4)
        blinker.signal("a").send(5)
    emit("a", 6)

    assert events.names == ["a", "b", "shipped.v1", "a", "a"]
    assert (events[0].sender, events[0].values) == (1, {"amount": 2})
    assert events.of(Shipped)[0].event == Shipped(parcel=3)
    assert [emitted.sender for emitted in events.of("a")] == [1, 4, 5]
    assert heard == [1, 4, 5, 6]


def test_captured_can_keep_events_from_their_handlers() -> None:
    heard: list[object] = []
    on("order.*", "other")(lambda sender: heard.append(sender))

    with captured("order.*", run=False) as events:
        assert emit("order.placed", 1) == []
        emit("other", 2)

    assert events.names == ["order.placed"]
    assert heard == [2]


def test_captures_can_be_nested() -> None:
    with captured() as outer, captured("b") as inner:
        emit("a")
        emit("b")

    assert outer.names == ["a", "b"]
    assert inner.names == ["b"]


def test_captured_sees_names_that_were_emitted_before() -> None:
    on("a")(lambda: None)
    emit("a")
    emit("unheard")

    with captured() as events:
        emit("a")
        emit("unheard")

    assert events.names == ["a", "unheard"]


def test_settled_waits_for_tasks_and_for_what_they_start() -> None:
    heard: list[str] = []

    @on("first")
    async def first() -> None:
        await asyncio.sleep(0.01)
        emit("second")
        heard.append("first")

    @on("second")
    async def second() -> None:
        await asyncio.sleep(0.01)
        heard.append("second")

    async def main() -> None:
        emit("first")
        await settled()

    asyncio.run(main())

    assert heard == ["first", "second"]


def test_settled_gives_up_and_names_what_still_runs() -> None:
    @on("slow")
    async def never_ends() -> None:
        await asyncio.sleep(30)

    async def main() -> None:
        (task,) = emit("slow")
        with pytest.raises(NotSettled, match="never_ends"):
            await settled(timeout=0.05)
        task.cancel()

    asyncio.run(main())


def test_settled_has_nothing_to_wait_for() -> None:
    asyncio.run(settled())
