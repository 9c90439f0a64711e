"""Both colours: what is awaited does what is called."""

import asyncio
from typing import Any

import pytest

from nitro_entities import EntityNotFound, StaleEntity, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, heard, needs, rounds
from nitro_entities.testing.units import Stop


class ColourContract(Contract):
    """Both colours"""

    def test_verbs_can_be_awaited(self, item: Any) -> None:
        async def story() -> None:
            mine = await item.acreate(id="a", name="x")
            assert (await item.aget("a")).name == "x"
            assert await item.aget_or_none("nobody") is None
            with pytest.raises(EntityNotFound):
                await item.aget("nobody")
            assert [one.id for one in await item.aget_many(["nobody", "a"])] == ["a"]
            stale = await item.aget("a")
            await mine.update(name="y").asave()
            await mine.aincr(number=2)
            assert await stale.update(name="z").arefresh() is stale
            assert (stale.name, stale.number) == ("y", 2)
            await mine.update(name="w").asave()
            with pytest.raises(StaleEntity):
                await stale.update(name="z").asave()
            await mine.adelete()
            assert await item.aget_or_none("a") is None

        with heard(item) as batches:
            asyncio.run(story())
        told = [change.operation for batch in batches for change in batch]
        assert told == ["create", "update", "update", "update", "delete"]

    @needs(Ability.QUERY)
    def test_queries_can_be_awaited(self, item: Any) -> None:
        self.fill(item, [{"id": str(n), "number": n % 2} for n in range(5)])

        async def story() -> None:
            query = item.where(number=1).order_by("-id")
            assert [one.id async for one in query] == ["3", "1"]
            assert [one.id for one in await query.alist()] == ["3", "1"]
            assert (await query.afirst()).id == "3"
            assert await query.acount() == 2
            assert await query.aexists()
            part = await query.aslice(1)
            assert [one.id for one in (await query.aslice(1, after=part.next)).items] == ["1"]
            assert [one.id async for one in item.where().astream(2)] == list("01234")
            assert len(await item.aall()) == await item.acount() == 5
            assert (await item.afirst()).id == "0"
            assert await item.aexists("4")

        asyncio.run(story())

    @needs(Ability.TRANSACTIONS)
    def test_units_can_be_awaited(self, item: Any) -> None:
        async def story() -> None:
            async with UnitOfWork() as unit:
                await unit[item].create(id="a")
                await item(id="b").asave()
                assert (await item.aget("b")).id == "b"
            with pytest.raises(Stop):
                async with UnitOfWork() as unit:
                    await item(id="c").asave()
                    await unit.flush()
                    raise Stop
            async with UnitOfWork():
                await item(id="d").asave()
                with pytest.raises(Stop):
                    async with UnitOfWork() as inner:
                        await item(id="e").asave()
                        await inner.flush()
                        raise Stop

        with heard(item) as batches:
            asyncio.run(story())
        assert sorted(self.everything(item, list("abcde"))) == ["a", "b", "d"]
        assert [[change.id for change in batch] for batch in batches] == [["a", "b"], ["d"]]

    def test_sums_of_many_tasks_all_count(self, account: Any) -> None:
        id = account.create().id
        each = rounds(5, 50)

        async def work() -> None:
            for _ in range(each):
                await (await account.aget(id)).aincr(balance=1)

        async def story() -> None:
            await asyncio.gather(*[work() for _ in range(8)])

        asyncio.run(story())
        assert account.get(id).balance == 8 * each

    @needs(Ability.TRANSACTIONS)
    def test_sums_of_many_tasks_in_one_unit_all_count(self, account: Any) -> None:
        mine = account.create(owner="x")
        others = [account.get(mine.id) for _ in range(4)]

        async def story() -> None:
            async with UnitOfWork():
                await asyncio.gather(*[mine.aincr(balance=1) for _ in range(8)])
                assert mine.balance == 8
                await asyncio.gather(*[one.aincr(balance=1) for one in others])
            await mine.arefresh()

        asyncio.run(story())
        assert mine.balance == account.get(mine.id).balance == 12

    @needs(Ability.TRANSACTIONS)
    def test_units_of_many_tasks_are_apart(self, account: Any) -> None:
        ids = [account.create(id=str(n)).id for n in range(6)]

        async def work(id: str, *, fails: bool) -> None:
            async with UnitOfWork():
                mine = await account.aget(id)
                await asyncio.sleep(0)
                mine.balance += 1
                await mine.asave()
                await asyncio.sleep(0)
                if fails:
                    raise Stop

        async def story() -> None:
            works = [work(id, fails=bool(n % 2)) for n, id in enumerate(ids)]
            done = await asyncio.gather(*works, return_exceptions=True)
            assert [type(one) for one in done] == [type(None), Stop] * 3

        asyncio.run(story())
        assert [account.get(id).balance for id in ids] == [1, 0] * 3
