"""Units of work, on every store."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

import pytest

from nitro_entities import (
    Entity,
    EntityExists,
    EntityNotFound,
    MixedUnit,
    RedisRepo,
    SQLModelBackend,
    StaleEntity,
    UnitClosed,
    UnitOfWork,
    changes,
    configure,
)


class MemoryOrder(Entity):
    status: str = "draft"
    total: int = 0
    lines: list[str] = []


class SQLOrder(Entity):
    status: str = "draft"
    total: int = 0
    lines: list[str] = []
    _persistence_backend_class = SQLModelBackend


class RedisOrder(Entity):
    status: str = "draft"
    total: int = 0
    lines: list[str] = []
    _persistence_backend_class = RedisRepo


@pytest.fixture(
    params=[
        (MemoryOrder, "memory"),
        (SQLOrder, "sqlite"),
        (SQLOrder, "postgresql"),
        (RedisOrder, "redis"),
    ],
    ids=lambda param: param[1],
)
def order(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> Any:
    cls, database = request.param
    use_database(database)
    return cls


class Stop(Exception):
    pass


def seen_by_others(order: Any) -> list[str]:
    return contextvars.Context().run(lambda: sorted(o.status for o in order.all()))


def test_nothing_is_written_before_the_commit(order: Any) -> None:
    with UnitOfWork():
        order(status="a").save()
        order(status="b").save()
        assert seen_by_others(order) == []
    assert seen_by_others(order) == ["a", "b"]


def test_an_exception_undoes_everything(order: Any) -> None:
    old = order.create(status="old")

    with pytest.raises(Stop), UnitOfWork():
        order(status="a").save()
        mine = order.get(old.id)
        mine.status = "changed"
        mine.save()
        assert order.count() == 2
        raise Stop

    assert seen_by_others(order) == ["old"]
    mine.save()
    assert seen_by_others(order) == ["changed"]


def test_queries_see_what_is_pending(order: Any) -> None:
    with UnitOfWork() as uow:
        order(status="a").save()
        assert order.count() == 1
        assert order.where(status="a").exists()
        assert seen_by_others(order) == []
        order.first().delete()
        assert order.count() == 0
        uow.rollback()
    assert seen_by_others(order) == []


def test_an_explicit_commit_lets_the_unit_go_on(order: Any) -> None:
    with pytest.raises(Stop), UnitOfWork() as uow:
        uow[order].save(order(status="a"))
        uow.commit()
        uow[order].create(status="b")
        raise Stop

    assert seen_by_others(order) == ["a"]


def test_a_repository_is_found_by_its_plural_name() -> None:
    with UnitOfWork() as uow:
        made = uow.memory_orders.create(status="a")
        assert uow.memory_orders.get(made.id) is made
        assert uow.memory_orders.all() == [made]
        assert uow[MemoryOrder].where(status="a").count() == 1
        with pytest.raises(EntityNotFound):
            uow.memory_orders.get("x")
        with pytest.raises(AttributeError, match="No entity class is called 'nothings'"):
            _ = uow.nothings
        uow.memory_orders.delete(made)
    assert MemoryOrder.count() == 0


def test_a_nested_unit_is_undone_alone(order: Any) -> None:
    with UnitOfWork() as outer:
        order(status="outer").save()
        with pytest.raises(Stop), UnitOfWork():
            order(status="inner").save()
            assert order.count() == 2
            raise Stop
        assert order.count() == 1
        with UnitOfWork():
            order(status="kept").save()
            with pytest.raises(Stop), UnitOfWork():
                order(status="deep").save()
                assert order.count() == 3
                raise Stop
        assert order.count() == 2
        assert seen_by_others(order) == []
        assert "Unit" in repr(outer)
    assert seen_by_others(order) == ["kept", "outer"]


def test_a_nested_commit_is_undone_with_the_outer_unit(order: Any) -> None:
    with pytest.raises(Stop), UnitOfWork():
        with UnitOfWork() as inner:
            order(status="inner").save()
            inner.flush()
        raise Stop

    assert seen_by_others(order) == []


def test_what_a_nested_unit_gave_up_is_not_saved_by_the_outer_one(order: Any) -> None:
    old = order.create(status="old")

    with UnitOfWork(autosave=True):
        mine = order.get(old.id)
        with pytest.raises(Stop), UnitOfWork():
            mine.status = "given up"
            mine.save()
            raise Stop

    assert seen_by_others(order) == ["old"]


def test_what_was_read_in_a_nested_unit_is_read_again_when_that_is_undone(order: Any) -> None:
    old = order.create(total=0)

    with UnitOfWork():
        with pytest.raises(Stop), UnitOfWork():
            order.get(old.id).incr(total=1)
            with pytest.raises(Stop), UnitOfWork():
                order.get(old.id).incr(total=1)
                raise Stop
            assert [one.total for one in order.all()] == [1]
            raise Stop
        assert [one.total for one in order.all()] == [0]
        assert order.get(old.id).total == 0


def test_what_a_nested_upsert_wrote_is_read_again_when_that_is_undone(order: Any) -> None:
    old = order.create(total=0)

    with UnitOfWork():
        with pytest.raises(Stop), UnitOfWork():
            order.upsert(on="id", id=old.id, total=1)
            raise Stop
        assert order.get(old.id).total == 0


def test_autosave_stores_what_was_loaded_and_changed(order: Any) -> None:
    old = order.create(status="old")
    other = order.create(status="same")

    unit = UnitOfWork(autosave=True).open()
    try:
        mine = order.get(old.id)
        order.get(other.id)
        mine.lines.append("x")
        order(status="never saved")
        assert unit.dirty == [mine]
        unit.commit()
        assert unit.dirty == []
    finally:
        unit.close()

    assert order.get(old.id).lines == ["x"]
    assert seen_by_others(order) == ["old", "same"]


def test_without_autosave_a_changed_entity_stays_unsaved(order: Any) -> None:
    old = order.create(status="old")

    with UnitOfWork() as uow:
        order.get(old.id).status = "new"
        assert len(uow.dirty) == 1

    assert seen_by_others(order) == ["old"]


def test_after_the_commit_callbacks_run_outside_of_the_unit(
    order: Any, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []

    def fail() -> None:
        raise Stop

    with UnitOfWork() as uow:
        order(status="a").save()
        uow.after_commit(lambda: heard.append(seen_by_others(order)))
        uow.after_commit(fail)
        uow.after_commit(lambda: order(status="b").save())
        with UnitOfWork() as inner:
            inner.after_commit(lambda: heard.append("inner"))
        with pytest.raises(Stop), UnitOfWork() as inner:
            inner.after_commit(lambda: heard.append("never"))
            raise Stop
        assert heard == []

    assert heard == [["a"], "inner"]
    assert seen_by_others(order) == ["a", "b"]
    assert "failed" in caplog.text


def test_a_closed_unit_is_transparent(order: Any) -> None:
    with UnitOfWork() as uow:
        context = contextvars.copy_context()

    context.run(lambda: order(status="later").save())

    assert seen_by_others(order) == ["later"]
    with pytest.raises(UnitClosed):
        uow.commit()
    with pytest.raises(UnitClosed):
        uow.save(order())
    uow.close()


def test_a_unit_may_be_closed_in_another_context(order: Any) -> None:
    unit = contextvars.Context().run(lambda: UnitOfWork().open())
    unit.save(order(status="a"))
    unit.commit()
    unit.close()

    assert seen_by_others(order) == ["a"]


def test_a_failed_commit_writes_nothing(order: Any) -> None:
    mine = order.create(status="old")
    theirs = order.get(mine.id)
    heard: list[Any] = []
    changes.subscribe(heard.extend)

    with pytest.raises(StaleEntity), UnitOfWork():
        order(status="a").save()
        theirs.status = "theirs"
        contextvars.Context().run(theirs.save)
        mine.status = "mine"
        mine.save()
    with pytest.raises(EntityExists), UnitOfWork():
        order(status="b").save()
        order(id=mine.id).save()

    assert seen_by_others(order) == ["theirs"]
    assert [c.operation for c in heard] == ["update"]


def test_an_independent_unit_stands_on_its_own(order: Any) -> None:
    with pytest.raises(Stop), UnitOfWork():
        order(status="outer").save()
        with UnitOfWork(independent=True):
            order(status="log").save()
        raise Stop

    assert seen_by_others(order) == ["log"]


def test_an_independent_unit_does_not_wait_for_the_one_around_it(order: Any) -> None:
    with UnitOfWork() as outer:
        order(status="outer").save()
        outer.flush()
        with pytest.raises(MixedUnit, match="for ever"), UnitOfWork(independent=True):
            order(status="log").save()

    assert seen_by_others(order) == ["outer"]


def test_two_durable_stores_do_not_mix(tmp_path: Any) -> None:
    class Elsewhere(Entity):
        name: str = ""
        _persistence_backend_class = SQLModelBackend

    SQLOrder.create()
    configure(database_url=f"sqlite:///{tmp_path / 'other.db'}")
    Elsewhere.create()

    with pytest.raises(MixedUnit, match="cannot commit"), UnitOfWork():
        SQLOrder(status="a").save()
        MemoryOrder(status="fine").save()
        Elsewhere().save()

    assert seen_by_others(SQLOrder) == ["draft"]
    assert seen_by_others(MemoryOrder) == []
    assert Elsewhere.count() == 1


def test_memory_takes_part_beside_a_database() -> None:
    with UnitOfWork():
        SQLOrder(status="a").save()
        MemoryOrder(status="b").save()
    assert seen_by_others(SQLOrder) + seen_by_others(MemoryOrder) == ["a", "b"]

    with pytest.raises(EntityExists), UnitOfWork():
        MemoryOrder(status="c").save()
        SQLOrder(id=SQLOrder.all()[0].id).save()
    assert seen_by_others(MemoryOrder) == ["b"]


def test_incr_belongs_to_the_unit(order: Any) -> None:
    mine = order.create(total=1)

    with pytest.raises(Stop), UnitOfWork():
        mine.incr(total=5)
        assert mine.total == 6
        raise Stop
    assert order.get(mine.id).total == 1

    fresh = order.get(mine.id)
    with UnitOfWork():
        fresh.incr(total=5)
        fresh.status = "x"
        fresh.save()
    assert (order.get(mine.id).total, order.get(mine.id).status) == (6, "x")


def test_refresh_in_a_unit_gives_up_the_pending_save(order: Any) -> None:
    mine = order.create(status="old")

    with UnitOfWork():
        mine.status = "new"
        mine.save()
        mine.refresh()

    assert mine.status == "old"
    assert seen_by_others(order) == ["old"]


def test_units_can_be_awaited_under_the_same_names() -> None:
    async def story() -> None:
        async with UnitOfWork() as uow:
            mine = MemoryOrder(status="placed")
            await uow.memory_orders.save(mine)
            await uow[SQLOrder].create(status="a")
            assert (await uow[SQLOrder].all())[0].status == "a"
            assert await uow[MemoryOrder].get(mine.id) is mine
            assert await uow[MemoryOrder].get_or_none("x") is None
            assert await uow[SQLOrder].where(status="a").acount() == 1
            await uow.flush()
            heard: list[str] = []
            uow.after_commit(lambda: heard.append("done"))
            assert uow.dirty == []
            await uow.commit()
            assert heard == ["done"]
            await uow[MemoryOrder].delete(mine)
            await uow.rollback()
        with pytest.raises(Stop):
            async with UnitOfWork():
                await SQLOrder(status="b").asave()
                raise Stop
        async with UnitOfWork():
            await SQLOrder(status="c").asave()

    asyncio.run(story())

    assert seen_by_others(SQLOrder) == ["a", "c"]
    assert seen_by_others(MemoryOrder) == ["placed"]


def test_tasks_have_units_of_their_own() -> None:
    async def one(number: int) -> None:
        async with UnitOfWork():
            await SQLOrder(total=number).asave()
            assert await SQLOrder.where(total=number).acount() == 1
            await asyncio.sleep(0)
            await SQLOrder(total=number).asave()

    async def story() -> None:
        await asyncio.gather(*(one(n) for n in range(6)))

    asyncio.run(story())

    assert SQLOrder.count() == 12


def test_a_waiting_writer_gets_its_turn(order: Any) -> None:
    held, go_on = threading.Event(), threading.Event()

    def holder() -> None:
        with UnitOfWork() as uow:
            order(status="held").save()
            uow.flush()
            held.set()
            go_on.wait(5)

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait(5)
    assert order.count() == 0
    threading.Timer(0.05, go_on.set).start()
    order(status="waited").save()
    thread.join()

    assert seen_by_others(order) == ["held", "waited"]


def test_a_unit_that_nothing_was_done_in_needs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise AssertionError("a thread was asked for")

    async def use() -> None:
        unit = UnitOfWork().open()
        try:
            await unit.acommit()
            await unit.arollback()
        finally:
            unit.close()

    monkeypatch.setattr(asyncio, "to_thread", refuse)

    asyncio.run(use())
