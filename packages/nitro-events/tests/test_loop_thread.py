"""The event loop in a thread of its own."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from nitro_events.durable.loop import Loop
from nitro_events.loop_thread import LoopEnded, LoopThread


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    running = LoopThread()
    yield running
    running.end()
    running.join(5)


async def leave() -> None:
    raise SystemExit(3)


async def answer() -> int:
    await asyncio.sleep(0)
    return 7


def test_a_task_that_would_end_the_process_tells_whoever_waits(loop: LoopThread) -> None:
    with pytest.raises(SystemExit):
        loop.run(leave())


def test_a_task_that_would_end_the_process_leaves_the_loop_to_others(loop: LoopThread) -> None:
    with pytest.raises(SystemExit):
        loop.run(leave())
    assert loop.run(answer()) == 7


def test_a_loop_that_has_ended_says_so(loop: LoopThread) -> None:
    loop.end()
    loop.join(5)
    with pytest.raises(LoopEnded):
        loop.run(answer())


def test_the_loop_of_a_worker_starts_again_after_it_was_closed() -> None:
    loop = Loop()
    assert loop.run(answer()) == 7
    loop.close()
    assert loop.run(answer()) == 7
    loop.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_loop_of_a_worker_starts_anew_in_a_forked_child() -> None:
    loop = Loop()
    loop.run(answer())

    child = os.fork()
    if child == 0:
        try:
            signal.alarm(2)
            os._exit(0 if loop.run(answer()) == 7 else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert loop.run(answer()) == 7
    loop.close()
