"""A unit that is opened when somebody looks for it, and commits that need no thread."""

import asyncio
import threading
from typing import ClassVar

import pytest

from nitro_entities import BlockingCall, Entity, UnitOfWork, before_save, changes, configure
from nitro_entities.units.ambient import current_unit, outside
from nitro_entities.units.later import LaterUnit


class LaterPot(Entity):
    id: str
    cups: int = 0


class LaterHookedPot(Entity):
    id: str
    cups: int = 0
    seen: ClassVar[list[int]] = []

    @before_save
    def note_thread(self) -> None:
        self.seen.append(threading.get_ident())


def test_it_is_not_opened_before_somebody_looks_for_it() -> None:
    later = LaterUnit(autosave=True)

    assert later.untouched
    assert current_unit() is current_unit()
    assert not later.untouched
    later.close()


def test_what_was_changed_in_it_is_committed() -> None:
    LaterPot(id="a").save()

    later = LaterUnit(autosave=True)
    LaterPot.get("a").cups += 1
    later.commit()
    later.close()

    assert LaterPot.get("a").cups == 1


def test_a_rollback_undoes_what_was_saved_in_it() -> None:
    later = LaterUnit(autosave=True)
    LaterPot(id="b").save()
    later.rollback()
    later.close()

    assert LaterPot.get_or_none("b") is None


def test_whoever_looks_for_it_after_its_end_finds_none() -> None:
    async def late() -> object:
        await asyncio.sleep(0)
        return current_unit()

    async def run() -> object:
        later = LaterUnit(autosave=True)
        task = asyncio.create_task(late())
        later.close()
        return await task

    assert asyncio.run(run()) is None


def test_a_thread_of_the_same_context_has_the_same_unit() -> None:
    async def run() -> tuple[object, object]:
        later = LaterUnit(autosave=True)
        inside = await asyncio.to_thread(current_unit)
        here = current_unit()
        later.close()
        return inside, here

    inside, here = asyncio.run(run())

    assert inside is not None
    assert inside is here


def test_what_a_thread_holds_in_it_keeps_its_event_loop_from_waiting_for_ever() -> None:
    configure(strict_loop=True, busy_timeout=1)

    def write_and_hold() -> None:
        LaterPot(id="c").save()
        unit = current_unit()
        assert unit is not None
        unit.flush()

    async def run() -> None:
        later = LaterUnit(autosave=True)
        await asyncio.to_thread(write_and_hold)
        with pytest.raises(BlockingCall), outside():
            LaterPot(id="d").save()
        await later.arollback()
        later.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("kind", "may_wait", "on_loop"),
    [(LaterPot, False, True), (LaterPot, True, False), (LaterHookedPot, False, False)],
)
def test_a_commit_stays_on_the_loop_where_nothing_may_wait(
    kind: type[LaterPot] | type[LaterHookedPot], may_wait: bool, on_loop: bool
) -> None:
    kind(id="e").save()
    told: list[int] = []

    def tell(_: object) -> None:
        told.append(threading.get_ident())

    async def run() -> None:
        async with UnitOfWork(autosave=True):
            kind.get("e").cups += 1

    end = changes.subscribe(tell, may_wait=may_wait)
    asyncio.run(run())
    end()

    assert kind.get("e").cups == 1
    assert (told == [threading.get_ident()]) is on_loop


def test_one_changed_entity_is_committed_once() -> None:
    LaterPot(id="f").save()
    batches: list[int] = []
    end = changes.subscribe(lambda batch: batches.append(len(batch)))

    with UnitOfWork(autosave=True):
        LaterPot.get("f").cups = 5
    end()

    assert batches == [1]
    assert LaterPot.get("f").cups == 5
