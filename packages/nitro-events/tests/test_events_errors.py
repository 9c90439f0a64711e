"""One of ten handlers raises, in every position and of every kind."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import blinker
import pytest

from nitro_events import configure, emit, emit_async, event, on
from nitro_events.handlers import current_sender
from nitro_events.running import TooManyItems

KINDS = ["sync", "async", "generator", "async generator"]


def handler(kind: str, number: int, ran: list[int], *, fails: bool) -> Callable[..., Any]:
    """Return a handler of *kind* that notes its number, or raises it."""

    def done() -> None:
        if fails:
            raise ValueError(number)
        ran.append(number)

    def sync(sender: object) -> int:
        done()
        return number

    async def coroutine(sender: object) -> int:
        await asyncio.sleep(0)
        done()
        return number

    def generator(sender: object) -> Iterator[int]:
        yield number
        done()

    async def async_generator(sender: object) -> AsyncIterator[int]:
        yield number
        done()

    made = {"async": coroutine, "generator": generator, "async generator": async_generator}
    return made.get(kind, sync)


def ten(failing: int, kind: str, ran: list[int], **options: Any) -> None:
    """Register ten handlers of all kinds; one of them, of *kind*, fails."""
    kinds = itertools.cycle(KINDS)
    for number in range(10):
        fails = number == failing
        made = handler(kind if fails else next(kinds), number, ran, fails=fails)
        on("ten", **options)(made)


@pytest.mark.parametrize("position", range(10))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"when": lambda: True}], ids=["plain", "conditional"])
def test_one_of_ten_raises_and_the_other_nine_run(
    position: int, kind: str, options: dict[str, Any]
) -> None:
    ran: list[int] = []
    ten(position, kind, ran, **options)

    with pytest.raises(ExceptionGroup) as by_emit:
        emit("ten")
    with pytest.raises(ExceptionGroup) as by_emit_async:
        asyncio.run(emit_async("ten"))
    with pytest.raises(ExceptionGroup) as by_send:
        blinker.signal("ten").send()

    others = [number for number in range(10) if number != position]
    assert ran == others * 3
    for caught in (by_emit, by_emit_async, by_send):
        (error,) = caught.value.exceptions
        assert isinstance(error, ValueError)
        assert error.args == (position,)
        assert len(error.__notes__) == 1
    assert current_sender.get() is None


@pytest.mark.parametrize("kind", ["async", "async generator"])
@pytest.mark.parametrize("position", [0, 4, 9])
def test_on_a_running_loop_the_error_of_a_task_is_logged_once(
    position: int, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[int] = []
    ten(position, kind, ran)

    async def main() -> None:
        tasks = [r for r in emit("ten") if isinstance(r, asyncio.Task)]
        await asyncio.wait(tasks)
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())

    assert sorted(ran) == [number for number in range(10) if number != position]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_strict_event_stops_at_the_first_error_and_raises_it_as_it_is(kind: str) -> None:
    ran: list[int] = []
    event("ten", strict=True)
    ten(4, kind, ran)

    with pytest.raises(ValueError, match="4") as by_emit:
        emit("ten")
    with pytest.raises(ValueError, match="4"):
        asyncio.run(emit_async("ten"))
    with pytest.raises(ValueError, match="4"):
        blinker.signal("ten").send()

    assert ran == [0, 1, 2, 3] * 3
    assert "raised in the handler" in by_emit.value.__notes__[0]


def test_an_event_that_was_strict_can_be_made_tolerant_again() -> None:
    ran: list[int] = []
    event("ten", strict=True)
    ten(0, "sync", ran)
    event("ten", strict=False)

    with pytest.raises(ExceptionGroup):
        emit("ten")

    assert ran == list(range(1, 10))


def test_the_condition_that_fails_counts_as_its_handlers_error() -> None:
    heard: list[str] = []
    on("c", when=lambda: 1 / 0)(lambda: heard.append("never"))
    on("c")(lambda: heard.append("other"))

    with pytest.raises(ExceptionGroup) as caught:
        emit("c")

    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]
    assert heard == ["other"]


def test_a_receiver_of_blinker_that_fails_is_one_of_the_group() -> None:
    heard: list[str] = []

    def broken(sender: object) -> None:
        raise KeyError("plain")

    event("mixed").connect(broken)
    on("mixed")(lambda: heard.append("ours"))

    with pytest.raises(ExceptionGroup) as caught:
        emit("mixed")

    assert [type(error) for error in caught.value.exceptions] == [KeyError]
    assert heard == ["ours"]


def test_a_generator_that_never_ends_is_closed_and_named() -> None:
    closed: list[str] = []
    configure(limits={"items": 50})

    @on("endless")
    def forever() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed.append("sync")

    @on("endless")
    async def forever_async() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append("async")

    with pytest.raises(ExceptionGroup) as caught:
        emit("endless")
    with pytest.raises(ExceptionGroup):
        asyncio.run(emit_async("endless"))

    assert closed == ["sync", "async"] * 2
    errors = caught.value.exceptions
    assert [type(error) for error in errors] == [TooManyItems, TooManyItems]
    assert "forever yielded more than 50 items" in str(errors[0])


def test_a_generator_may_yield_as_much_as_the_limit() -> None:
    configure(limits={"items": 3})

    @on("three")
    def three() -> Iterator[int]:
        yield from range(3)

    @on("three")
    async def three_async() -> AsyncIterator[int]:
        for number in range(3):
            yield number

    assert emit("three") == [[0, 1, 2], [0, 1, 2]]
