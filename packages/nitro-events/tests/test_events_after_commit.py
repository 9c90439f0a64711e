"""After-commit handlers, with units of a stand-in for whoever keeps the data."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from nitro_events import emit, emit_async, on
from nitro_events.handlers import current_sender
from nitro_events.state import state
from nitro_events.testing import settled
from nitro_events.units import Units, after_commit, open_unit


class Unit:
    """What was promised to a unit is done at its commit, and forgotten at its rollback."""

    open: "list[Unit]" = []
    ended: list[str] = []

    def __init__(self) -> None:
        self.promised: list[Callable[[], object]] = []
        Unit.open.append(self)

    dirty = ()

    def commit(self) -> None:
        promised, self.promised = self.promised, []
        outer, Unit.open = Unit.open, []
        Unit.ended.append("commit")
        for callback in promised:
            callback()
        Unit.open = outer

    def rollback(self) -> None:
        self.promised.clear()
        Unit.ended.append("rollback")

    def close(self) -> None:
        if self in Unit.open:
            Unit.open.remove(self)

    async def acommit(self) -> None:
        await asyncio.to_thread(self.commit)

    async def arollback(self) -> None:
        self.rollback()


def promise(callback: Callable[[], object]) -> bool:
    if not Unit.open:
        return False
    Unit.open[-1].promised.append(callback)
    return True


@pytest.fixture(autouse=True)
def _units() -> Iterator[None]:
    units = state.part(Units)
    units.opener, units.after_commit = Unit, promise
    Unit.open, Unit.ended = [], []
    yield
    Unit.open, Unit.ended = [], []


def test_an_after_commit_handler_waits_for_the_commit() -> None:
    heard: list[object] = []
    on("x", after_commit=True)(lambda sender, amount: heard.append((sender, amount)))
    on("x")(lambda: heard.append("inline"))

    unit = open_unit()
    assert emit("x", "s", amount=3) == [None]
    assert heard == ["inline"]
    unit.commit()

    assert heard == ["inline", ("s", 3)]


def test_events_of_a_rolled_back_unit_never_reach_it() -> None:
    heard: list[object] = []
    on("x", after_commit=True)(lambda sender: heard.append(sender))

    unit = open_unit()
    emit("x", "lost")
    unit.rollback()
    unit = open_unit()
    emit("x", "kept")
    unit.commit()

    assert heard == ["kept"]


def test_it_runs_in_a_unit_of_its_own_that_is_committed() -> None:
    seen: list[int] = []
    on("x", after_commit=True)(lambda: seen.append(len(Unit.open)))

    unit = open_unit()
    emit("x")
    unit.commit()

    assert seen == [1]
    assert Unit.ended == ["commit", "commit"]


def test_its_failure_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    @on("x", after_commit=True)
    def broken() -> None:
        raise ValueError("oops")

    on("x", after_commit=True)(lambda: heard.append("next"))

    unit = open_unit()
    assert emit("x") == []
    with caplog.at_level(logging.ERROR):
        unit.commit()

    assert heard == ["next"]
    assert Unit.ended == ["commit", "commit"]  # that of the failed one was not
    assert len(caplog.records) == 1
    assert "broken of 'x' failed after the commit" in caplog.records[0].message


def test_without_an_open_unit_it_runs_after_the_others(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    @on("x", after_commit=True)
    def broken() -> None:
        raise ValueError("oops")

    @on("x", after_commit=True)
    async def later() -> None:
        heard.append("later")

    on("x")(lambda: heard.append("inline"))

    with caplog.at_level(logging.ERROR):
        assert emit("x") == [None]
        assert asyncio.run(emit_async("x")) == [None]

    assert heard == ["inline", "later"] * 2
    assert len(caplog.records) == 2


def test_async_ones_run_on_the_loop_that_emitted_wherever_the_commit_is_made() -> None:
    loops: list[object] = []

    @on("x", after_commit=True)
    async def later(sender: object) -> None:
        await asyncio.sleep(0.01)
        loops.append((asyncio.get_running_loop(), sender, current_sender.get()))

    @on("x", after_commit=True)
    async def collected() -> AsyncIterator[int]:
        yield 1
        loops.append(asyncio.get_running_loop())

    async def main() -> None:
        for commit_in_thread in (True, False):
            loops.clear()
            unit = open_unit()
            await emit_async("x", "s")
            assert loops == []
            if commit_in_thread:
                await unit.acommit()
            else:
                unit.commit()
            await settled()
            loop = asyncio.get_running_loop()
            assert loops == [loop, (loop, "s", "s")]

    asyncio.run(main())


def test_async_ones_run_to_their_end_where_no_loop_runs() -> None:
    heard: list[str] = []

    @on("x", after_commit=True)
    async def later() -> None:
        await asyncio.sleep(0)
        heard.append("later")

    unit = open_unit()
    emit("x")
    unit.commit()

    assert heard == ["later"]


def test_once_counts_what_was_committed() -> None:
    heard: list[object] = []
    on("x", after_commit=True, once=True)(lambda sender: heard.append(sender))

    unit = open_unit()
    emit("x", "lost")
    unit.rollback()
    unit = open_unit()
    emit("x", 1)
    emit("x", 2)
    unit.commit()

    assert heard == [1]


def test_the_condition_is_asked_when_it_is_emitted() -> None:
    heard: list[object] = []
    ready = [True]
    on("x", after_commit=True, when=lambda: ready[0])(lambda sender: heard.append(sender))

    unit = open_unit()
    emit("x", 1)
    ready[0] = False
    emit("x", 2)
    unit.commit()

    assert heard == [1]


def test_a_callback_without_a_unit_is_called_at_once() -> None:
    called: list[int] = []
    after_commit(lambda: called.append(1))
    assert called == [1]

    unit = open_unit()
    after_commit(lambda: called.append(2))
    assert called == [1]
    unit.commit()
    assert called == [1, 2]
