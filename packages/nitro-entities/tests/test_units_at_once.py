"""Units of work of several tasks and threads: nobody starves, nothing is lost by halves."""

import asyncio
import os
import threading
import time
from typing import Any

import pytest

from nitro_entities import (
    Entity,
    MemoryRepo,
    MixedUnit,
    NotUnique,
    SQLModelBackend,
    Unique,
    UnitOfWork,
    state,
)


class MemoryBox(Entity):
    _persistence_backend_class = MemoryRepo
    name: Unique[str]


class StoredBox(Entity):
    _persistence_backend_class = SQLModelBackend
    name: Unique[str]


@pytest.fixture(params=[MemoryBox, StoredBox])
def box(request: pytest.FixtureRequest) -> Any:
    request.param.repository().prepare()
    return request.param


def test_many_who_wait_for_a_unit_do_not_keep_it_from_its_commit(box: Any) -> None:
    async def live() -> None:
        async with UnitOfWork() as unit:
            box(name="held").save()
            await unit.flush()
            started.set()
            await asyncio.sleep(0.05)

    async def save(number: int) -> None:
        await started.wait()
        await box(name=str(number)).asave()

    async def main() -> None:
        begun = time.monotonic()
        await asyncio.gather(*(save(number) for number in range(40)), live())
        assert time.monotonic() - begun < 5

    started = asyncio.Event()
    asyncio.run(main())
    assert box.where().count() == 41


def test_the_loop_goes_on_while_a_task_waits_for_a_unit(box: Any) -> None:
    beats: list[float] = []

    async def hold() -> None:
        async with UnitOfWork() as unit:
            box(name="held").save()
            await unit.flush()
            held.set()
            await asyncio.sleep(0.3)

    async def save() -> None:
        await held.wait()
        await box(name="waiting").asave()

    async def beat() -> None:
        await held.wait()
        for _ in range(10):
            before = time.monotonic()
            await asyncio.sleep(0.01)
            beats.append(time.monotonic() - before)

    async def main() -> None:
        await asyncio.gather(hold(), save(), beat())

    held = asyncio.Event()
    asyncio.run(main())
    assert max(beats) < 0.25
    assert box.where().count() == 2


def test_a_cancelled_save_is_done_or_not_when_the_cancellation_arrives(box: Any) -> None:
    one = box(name="a")

    async def main() -> None:
        task = asyncio.create_task(one.asave())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await one.asave()

    asyncio.run(main())
    assert box.where().count() == 1


@pytest.mark.parametrize(
    ("method", "read"),
    [
        ("get", lambda box: box.aget_or_none("nobody")),
        ("get_many", lambda box: box.aget_many(["nobody"])),
        ("select", lambda box: box.where().alist()),
        ("count", lambda box: box.where().acount()),
        ("slice", lambda box: box.where().aslice(5)),
    ],
)
def test_the_end_of_a_unit_waits_for_a_read_that_was_cancelled(
    box: Any, method: str, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = getattr(box.repository(), method)
    reading, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(*args: Any, **kwargs: Any) -> Any:
        reading.set()
        go_on.wait(5)
        found = quick(*args, **kwargs)
        order.append("read")
        return found

    async def main() -> None:
        async with UnitOfWork() as unit:
            box(name="held").save()
            await unit.flush()
            task = asyncio.create_task(read(box))
            await asyncio.to_thread(reading.wait)
            task.cancel()
            asyncio.get_running_loop().call_later(0.02, go_on.set)
        order.append("end")

    monkeypatch.setattr(box.repository(), method, slow)
    asyncio.run(main())
    assert order == ["read", "end"]


def test_what_a_flush_refused_is_not_forgotten(box: Any) -> None:
    box.create(name="taken")
    with pytest.raises(NotUnique), UnitOfWork() as unit:
        box(name="taken").save()
        with pytest.raises(NotUnique):
            unit.flush()
    assert box.where().count() == 1


def test_a_refused_one_can_be_mended_and_committed() -> None:
    StoredBox.create(name="taken")
    with UnitOfWork() as unit:
        mine = StoredBox(name="taken").save()
        with pytest.raises(NotUnique):
            unit.flush()
        mine.name = "free"
    assert StoredBox.get(mine.id).name == "free"


def test_nested_units_of_two_tasks_do_not_mix(box: Any) -> None:
    async def inner(name: str, first: asyncio.Event, then: asyncio.Event) -> None:
        async with UnitOfWork() as unit:
            await first.wait()
            box(name=name).save()
            await unit.flush()
            then.set()
            await asyncio.sleep(0.05)

    async def main() -> None:
        at_once, second, third = asyncio.Event(), asyncio.Event(), asyncio.Event()
        at_once.set()
        async with UnitOfWork():
            await asyncio.gather(inner("a", at_once, second), inner("b", second, third))

    with pytest.raises(MixedUnit, match="independent=True"):
        asyncio.run(main())
    assert box.where().count() == 0


def test_a_unit_with_one_write_needs_no_transaction(
    box: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("a transaction was begun")

    called: list[str] = []
    monkeypatch.setattr(box.repository().store, "begin", refuse)
    with UnitOfWork() as unit:
        one = box(name="a").save()
        unit.after_commit(lambda: called.append("saved"))
    with UnitOfWork() as unit:
        one.delete()
        unit.after_commit(lambda: called.append("deleted"))

    assert box.where().count() == 0
    assert called == ["saved", "deleted"]


def test_one_refused_write_is_undone_like_several(box: Any) -> None:
    box.create(name="taken")
    called: list[str] = []
    with pytest.raises(NotUnique), UnitOfWork() as unit:
        mine = box(name="taken").save()
        unit.after_commit(lambda: called.append("saved"))

    assert mine.is_new
    assert called == []
    assert box.where().count() == 1


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_process_has_nothing_to_do_with_the_unit_of_its_parent() -> None:
    with UnitOfWork() as unit:
        StoredBox(name="parent").save()
        unit.flush()
        child = os.fork()
        if child == 0:
            try:
                state.reset()
                os._exit(0 if unit.closed else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    assert StoredBox.where().count() == 1
