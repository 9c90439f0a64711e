"""Saves that are made again, sums, upserts: what several do at once counts once for each."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import AliasChoices, AliasPath, ConfigDict, Field, ValidationError
from sqlmodel import Field as Column

from nitro_entities import (
    Entity,
    InvalidQuery,
    MemoryRepo,
    NotUnique,
    SQLEntity,
    SQLModelBackend,
    StaleEntity,
    Unique,
    UnitOfWork,
)


class MemoryStock(Entity):
    _persistence_backend_class = MemoryRepo
    sku: Unique[str]
    name: str = ""
    price: float = 0
    amount: int = 0


class SQLStock(Entity):
    _persistence_backend_class = SQLModelBackend
    sku: Unique[str]
    name: str = ""
    price: float = 0
    amount: int = 0


class MappedStock(SQLEntity):
    sku: Unique[str]
    name: str = ""
    price: float = 0
    amount: int = 0


@pytest.fixture(params=[MemoryStock, SQLStock, MappedStock])
def stock(request: pytest.FixtureRequest) -> Any:
    return request.param


def at_once(number: int, work: Callable[[int], object]) -> None:
    problems: list[BaseException] = []

    def run(index: int) -> None:
        try:
            work(index)
        except BaseException as exc:
            problems.append(exc)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_changes_of_different_fields_are_merged(stock: Any) -> None:
    mine = stock(sku="a", name="old", price=1).save()
    theirs = stock.get(mine.id)
    theirs.price = 2
    theirs.save()
    mine.name = "new"
    mine.save(merge=True)
    assert (mine.name, mine.price) == ("new", 2)
    stored = stock.get(mine.id)
    assert (stored.name, stored.price) == ("new", 2)


def test_the_same_field_is_never_merged(stock: Any) -> None:
    mine = stock(sku="a", name="old").save()
    theirs = stock.get(mine.id)
    theirs.name = "theirs"
    theirs.save()
    mine.name = "mine"
    with pytest.raises(StaleEntity) as caught:
        mine.save(merge=True)
    assert caught.value.mine == {"name": "mine"}
    assert caught.value.theirs == {"name": "theirs"}
    assert stock.get(mine.id).name == "theirs"


def test_the_same_value_from_both_is_no_conflict(stock: Any) -> None:
    mine = stock(sku="a", name="old").save()
    theirs = stock.get(mine.id)
    theirs.name = "new"
    theirs.save()
    mine.name = "new"
    mine.save(merge=True)
    assert stock.get(mine.id).name == "new"


def test_a_retried_save_makes_the_change_again(stock: Any) -> None:
    mine = stock(sku="a", amount=1).save()
    stock.get(mine.id).incr(amount=10)

    def take_one(one: Any) -> None:
        one.amount -= 1

    take_one(mine)
    mine.save(retry=take_one)
    assert mine.amount == 10
    assert stock.get(mine.id).amount == 10


def test_retried_saves_of_eight_threads_all_count(stock: Any) -> None:
    one = stock(sku="a").save()

    def add(mine: Any) -> None:
        mine.amount += 1

    def work(_: int) -> None:
        for _ in range(10):
            mine = stock.get(one.id)
            add(mine)
            mine.save(retry=add)

    at_once(8, work)
    assert stock.get(one.id).amount == 80


def test_a_retry_inside_a_unit_keeps_what_the_unit_did(stock: Any) -> None:
    one, other = stock(sku="a").save(), stock(sku="b").save()
    stock.get(one.id).incr(amount=5)

    def add(mine: Any) -> None:
        mine.amount += 1

    with UnitOfWork():
        other.name = "changed"
        other.save()
        add(one)
        one.save(retry=add)
    assert stock.get(one.id).amount == 6
    assert stock.get(other.id).name == "changed"


def test_an_upsert_creates_and_then_updates(stock: Any) -> None:
    first = stock.upsert(on="sku", sku="a", name="one", amount=3)
    second = stock.upsert(on="sku", sku="a", name="two")
    assert first.id == second.id
    stored = stock.get(first.id)
    assert (stored.name, stored.amount) == ("two", 3)
    assert stock.upsert(id="x", sku="b").id == "x"
    assert stock.upsert(id="x", sku="c").sku == "c"
    assert stock.where().count() == 2


class PlainAliased(Entity):
    sku: Unique[str] = Field(alias="stockUnit")
    name: str = Field(default="", validation_alias=AliasChoices("label", AliasPath("texts", 0)))
    amount: int = 0


class OnlyAPath(Entity):
    sku: Unique[str] = Field(alias="stockUnit")
    name: str = Field(default="", validation_alias=AliasPath("texts", 0))
    amount: int = 0


class MappedAliased(SQLEntity):
    sku: Unique[str] = Column(alias="stockUnit")
    name: str = Column(default="", validation_alias="label")
    amount: int = 0


class ByName(Entity):
    model_config = ConfigDict(validate_by_name=True)
    sku: Unique[str] = Field(alias="stockUnit")
    name: str = Field(default="", alias="label")
    amount: int = 0


class Mirrored(Entity):
    model_config = ConfigDict(alias_generator=str.upper)
    sku: Unique[str]
    name: str = ""
    amount: int = 0


@pytest.mark.parametrize("cls", [PlainAliased, OnlyAPath, MappedAliased, ByName, Mirrored])
def test_an_upsert_takes_fields_by_their_names_whatever_else_they_are_called(cls: Any) -> None:
    first = cls.upsert(on="sku", sku="a", name="one", amount=3)
    second = cls.upsert(on="sku", sku="a", name="two")

    assert (second.id, second.name, second.amount) == (first.id, "two", 3)
    assert [(one.sku, one.name) for one in cls.all()] == [("a", "two")]
    with pytest.raises(ValidationError):
        cls.upsert(on="sku", sku="b", amount="many")


@pytest.mark.parametrize(
    ("cls", "sku", "name"),
    [
        (PlainAliased, "stockUnit", "label"),
        (MappedAliased, "stockUnit", "label"),
        (ByName, "stockUnit", "name"),
        (Mirrored, "SKU", "NAME"),
    ],
)
def test_an_upsert_takes_aliases_as_create_does(cls: Any, sku: str, name: str) -> None:
    made = cls.create(**{sku: "a", name: "zero"})
    first = cls.upsert(on="sku", **{sku: "a", name: "one"})
    second = cls.upsert(on=sku, **{sku: "a", name: "two"})

    assert (made.id, second.name) == (first.id, "two")
    assert cls.upsert(on="sku", **{sku: "b", name: "new"}).id != made.id


def test_upserts_of_eight_threads_make_one(stock: Any) -> None:
    stock.repository().prepare()
    at_once(8, lambda index: stock.upsert(on="sku", sku="a", name=str(index)))
    assert stock.where().count() == 1


def test_an_upsert_by_a_field_that_is_not_unique_is_refused(stock: Any) -> None:
    with pytest.raises(InvalidQuery, match="name: Unique"):
        stock.upsert(on="name", sku="a", name="x")
    with pytest.raises(InvalidQuery, match="needs a value for sku"):
        stock.upsert(on="sku", name="x")


def test_awaited_twins_do_the_same(stock: Any) -> None:
    async def live() -> None:
        one = await stock.aupsert(on="sku", sku="a", name="one")
        await one.aincr(amount=2)
        many = await stock.acreate_many([{"sku": "b"}, {"sku": "c"}])
        assert [each.sku for each in await stock.aget_many([m.id for m in many])] == ["b", "c"]
        assert await stock.where(amount=0).aupdate(name="empty") == 2
        assert [each.sku async for each in stock.where(name="empty").astream(1)] == ["b", "c"]
        assert await stock.where(name="empty").adelete() == 2
        assert await stock.acount() == 1
        await stock.adelete_many([one])
        assert await stock.aall() == []

    asyncio.run(live())


def test_several_are_created_together_or_not_at_all(stock: Any) -> None:
    made = stock.create_many([{"sku": str(number)} for number in range(50)])
    assert stock.where().count() == 50
    assert not any(one.is_new for one in made)
    with pytest.raises(NotUnique):
        stock.create_many([{"sku": "new"}, {"sku": "7"}])
    assert stock.where().count() == 50


def test_several_are_saved_together_or_not_at_all(stock: Any) -> None:
    one, two = stock(sku="a").save(), stock(sku="b").save()
    stock.get(two.id).incr(amount=1)
    one.amount, two.amount = 5, 5
    with pytest.raises(StaleEntity):
        stock.save_many([one, two])
    assert stock.get(one.id).amount == 0
    assert one.changed == {"amount"}
    two.refresh()
    two.amount = 5
    stock.save_many([one, two])
    assert [each.amount for each in stock.all()] == [5, 5]


def test_a_query_updates_and_deletes_what_it_finds(stock: Any) -> None:
    stock.create_many([{"sku": str(number), "amount": number} for number in range(6)])
    assert stock.where(stock.amount >= 3).update(price=9.5) == 3
    assert stock.where(price=9.5).count() == 3
    assert stock.where(price=9.5).delete() == 3
    assert sorted(one.amount for one in stock.where()) == [0, 1, 2]


def test_a_query_updates_all_or_nothing(stock: Any) -> None:
    stock.create_many([{"sku": str(number)} for number in range(3)])
    with pytest.raises(NotUnique):
        stock.where().update(sku="same")
    assert sorted(one.sku for one in stock.where()) == ["0", "1", "2"]


def test_a_stream_brings_everything_once_in_order(stock: Any) -> None:
    stock.create_many([{"sku": f"{number:03}", "amount": number % 7} for number in range(100)])
    asked = stock.where(stock.amount < 5).order_by("-amount", "sku")
    assert [one.sku for one in asked.stream(batch=7)] == [one.sku for one in asked.list()]
    assert len(list(asked.limit(11).stream(batch=4))) == 11


def test_what_gives_a_unique_value_free_goes_first(stock: Any) -> None:
    old = stock(sku="a").save()
    with UnitOfWork():
        old.delete()
        new = stock(sku="a").save()
    assert [one.id for one in stock.where(sku="a")] == [new.id]
