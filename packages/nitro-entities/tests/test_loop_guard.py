"""Calls that would stop the event loop are named, and refused where they would never end."""

import asyncio
import contextvars
import warnings
from typing import Any

import pytest

from nitro_entities import (
    BlockingCall,
    BlockingCallWarning,
    Entity,
    MemoryRepo,
    SQLModelBackend,
    UnitOfWork,
    configure,
)


class Page(Entity):
    _persistence_backend_class = SQLModelBackend
    title: str = ""


class Draft(Entity):
    _persistence_backend_class = MemoryRepo
    title: str = ""
    number: int = 0


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda page: Page.get(page.id), "await Page.aget(…)"),
        (lambda page: Page.get_or_none(page.id), "await Page.aget_or_none(…)"),
        (lambda page: Page.get_many([page.id]), "await Page.aget_many(…)"),
        (lambda page: Page.all(), "await Page.aall(…)"),
        (lambda page: Page.first(), "await Page.afirst(…)"),
        (lambda page: Page.exists(page.id), "await Page.aexists(…)"),
        (lambda page: Page.where().count(), "await Page.where(…).acount(…)"),
        (lambda page: list(Page.where()), "async for"),
        (lambda page: Page.where().slice(5), "await Page.where(…).aslice(…)"),
        (lambda page: list(Page.where().stream()), "await Page.where(…).astream(…)"),
        (lambda page: page.update(title="x").save(), "await page.asave(…)"),
        (lambda page: Page.create(title="x"), "await Page.acreate(…)"),
        (lambda page: page.refresh(), "await page.arefresh(…)"),
        (lambda page: page.incr(title="x"), "await page.aincr(…)"),
        (lambda page: page.delete(), "await page.adelete(…)"),
        (lambda page: Page.create_many([{}]), "await Page.acreate_many(…)"),
        (lambda page: Page.upsert(id="x"), "await Page.aupsert(…)"),
        (lambda page: Page.where().update(title="y"), "await Page.where(…).aupdate(…)"),
    ],
)
def test_every_verb_that_waits_is_warned_about_with_its_twin(call: Any, advice: str) -> None:
    page = Page().save()

    async def live() -> None:
        with pytest.warns(BlockingCallWarning) as caught:
            call(page)
        assert len(caught) == 1
        assert advice in str(caught[0].message)
        assert caught[0].filename == __file__

    asyncio.run(live())


def test_one_place_is_warned_about_once() -> None:
    page = Page().save()

    async def live() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(3):
                Page.get(page.id)
            Page.get(page.id)
        assert len(caught) == 2

    asyncio.run(live())


def test_strict_mode_refuses_before_anything_is_written() -> None:
    configure(strict_loop=True)

    async def live() -> None:
        with pytest.raises(BlockingCall, match=r"await page\.asave"):
            Page().save()
        assert await Page.acount() == 0

    asyncio.run(live())


def test_memory_never_waits() -> None:
    configure(strict_loop=True)

    async def live() -> None:
        Draft(title="a").save()
        assert Draft.first() is not None

    asyncio.run(live())


def test_threads_without_a_loop_are_left_alone() -> None:
    configure(strict_loop=True)

    async def live() -> None:
        page = await asyncio.to_thread(Page(title="a").save)
        assert (await Page.aget(page.id)).title == "a"

    asyncio.run(live())


def test_inside_a_unit_a_save_only_enrols() -> None:
    configure(strict_loop=True)

    async def live() -> None:
        async with UnitOfWork():
            page = await Page.aget((await Page(title="a").asave()).id)
            page.title = "b"
            page.save()
        assert (await Page.aget(page.id)).title == "b"

    asyncio.run(live())


def test_a_sync_unit_on_the_loop_is_told_to_be_async() -> None:
    async def live() -> None:
        warned = pytest.warns(BlockingCallWarning, match="async with UnitOfWork")
        with warned, UnitOfWork():
            Page(title="a").save()

    asyncio.run(live())


def save_in_a_unit(draft: Draft) -> None:
    with UnitOfWork() as unit:
        draft.save()
        unit.flush()


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda draft: draft.save(), r"await draft\.asave"),
        (lambda draft: draft.delete(), r"await draft\.adelete"),
        (lambda draft: draft.incr(number=1), r"await draft\.aincr"),
        (lambda draft: Draft.upsert(id=draft.id, title="b"), r"await Draft\.aupsert"),
        (save_in_a_unit, "async with UnitOfWork"),
    ],
)
def test_a_write_into_memory_that_a_unit_of_the_same_loop_holds_is_refused(
    call: Any, advice: str
) -> None:
    draft = Draft().save()

    async def live() -> None:
        async with UnitOfWork() as unit:
            Draft(title="held").save()
            await unit.flush()
            draft.title = "never"
            # as in a task that was begun before the unit
            with pytest.raises(BlockingCall, match=f"{advice}.*wait for ever"):
                contextvars.Context().run(call, draft)

    configure(busy_timeout=0.1)
    asyncio.run(live())
    assert [one.title for one in Draft.all()] == ["", "held"]


def test_a_write_that_would_wait_for_a_unit_of_the_same_loop_is_refused() -> None:
    page = Page().save()

    async def live() -> None:
        flushed, done = asyncio.Event(), asyncio.Event()

        async def holder() -> None:
            async with UnitOfWork() as uow:
                Page(title="held").save()
                await uow.flush()
                flushed.set()
                await done.wait()

        task = asyncio.create_task(holder())
        await flushed.wait()
        page.title = "never"
        with pytest.raises(BlockingCall, match="wait for ever"):
            page.save()
        done.set()
        await task
        with pytest.warns(BlockingCallWarning):
            page.save()

    asyncio.run(live())
    assert sorted(one.title for one in Page.all()) == ["held", "never"]
