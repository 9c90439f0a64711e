"""Many in one go, and the verbs that decide by what is there."""

from typing import Any

import pytest
from pydantic import ValidationError

from nitro_entities import EntityExists, NotStorable, StaleEntity, UnitOfWork, col
from nitro_entities.errors import NotUnique
from nitro_entities.repository import Ability
from nitro_entities.testing import oracle, samples, shapes
from nitro_entities.testing.contract import Contract, heard, needs, values


class BulkContract(Contract):
    """Bulk verbs, upsert, save with merge and retry"""

    @needs(Ability.TRANSACTIONS)
    def test_many_are_created_at_once(self, item: Any) -> None:
        rows = [{"id": f"{n:03}", "name": str(n), "tags": ["x"] * (n % 3)} for n in range(150)]
        with heard(item) as batches:
            made = item.create_many(rows)
        assert [one.id for one in made] == [row["id"] for row in rows]
        assert not any(one.is_new or one.changed for one in made)
        found = self.everything(item, [row["id"] for row in rows])
        assert {id: (row["name"], row["tags"]) for id, row in found.items()} == {
            row["id"]: (row["name"], row["tags"]) for row in rows
        }
        assert [[c.operation for c in batch] for batch in batches] == [["create"] * 150]
        assert [c.id for c in batches[0]] == [row["id"] for row in rows]
        made[3].tags.append("outside")
        assert item.get("003").tags == []
        made[3].save()
        assert item.get("003").tags == ["outside"]
        assert item.create_many([]) == []

    @needs(Ability.TRANSACTIONS)
    @pytest.mark.parametrize("place", [0, 4, 9])
    def test_one_that_is_refused_keeps_all_from_being_created(self, item: Any, place: int) -> None:
        item.create(id="taken", name="old")
        for bad, error in (
            ({"id": "taken"}, EntityExists),
            ({"id": "new", "name": "\0"}, (NotStorable, ValidationError)),
        ):
            rows = [{"id": str(number)} for number in range(9)]
            rows.insert(place, bad)
            with heard(item) as batches, pytest.raises(error):
                item.create_many(rows)
            assert batches == []
            assert list(self.everything(item, ["taken", "new", *"012345678"])) == ["taken"]
        assert item.get("taken").name == "old"
        with pytest.raises(EntityExists) as caught:
            item.create_many([{"id": "x"}, {"id": "x"}])
        assert caught.value.id == "x"
        assert item.get_or_none("x") is None

    @needs(Ability.TRANSACTIONS)
    def test_many_are_saved_at_once(self, item: Any) -> None:
        made = item.create_many([{"id": f"{n:03}", "name": "old"} for n in range(60)])
        for number, one in enumerate(made):
            if number % 3 == 0:
                one.name = f"new {number}"
            if number % 3 == 1:
                one.number = number
                one.tags.append("t")
        made.append(item(id="new", name="n"))
        with heard(item) as batches:
            assert item.save_many(made) == made
        told = {c.id: (c.operation, c.fields) for batch in batches for c in batch}
        assert len(batches) == 1
        assert len(told) == 41
        assert told["000"] == ("update", frozenset({"name"}))
        assert told["001"] == ("update", frozenset({"number", "tags"}))
        assert "002" not in told
        assert told["new"][0] == "create"
        found = item.get_many([one.id for one in made])
        assert [values(one) for one in found] == [values(one) for one in made]
        made[0].name = "again"
        made[0].save()
        assert item.get("000").name == "again"
        assert not any(one.changed for one in made)

    @needs(Ability.TRANSACTIONS)
    @pytest.mark.parametrize("place", [0, 3, 6])
    def test_one_that_is_stale_keeps_all_from_being_saved(self, item: Any, place: int) -> None:
        made = item.create_many([{"id": str(n), "name": "old"} for n in range(7)])
        item.get(str(place)).update(name="theirs").save()
        for one in made:
            one.name = "mine"
        with heard(item) as batches, pytest.raises(StaleEntity) as caught:
            item.save_many(made)
        assert batches == []
        assert caught.value.id == str(place)
        assert caught.value.mine == {"name": "mine"}
        assert caught.value.theirs == {"name": "theirs"}
        names = [one.name for one in item.get_many([one.id for one in made])]
        assert names == ["theirs" if n == place else "old" for n in range(7)]
        assert all(one.changed == {"name"} for one in made)
        made[place].refresh()
        made[place].name = "mine"
        item.save_many(made)
        assert {row["name"] for row in self.everything(item, "0123456").values()} == {"mine"}

    @needs(Ability.TRANSACTIONS)
    def test_many_are_deleted_at_once(self, item: Any) -> None:
        made = item.create_many([{"id": f"{n:03}"} for n in range(60)])
        made[7].delete()
        with heard(item) as batches:
            item.delete_many([*made[:50], item(id="nobody")])
        assert [c.operation for batch in batches for c in batch] == ["delete"] * 49
        assert len(batches) == 1
        found = self.everything(item, [one.id for one in made])
        assert sorted(found) == [f"{n:03}" for n in range(50, 60)]
        assert all(one.is_new for one in made[:50])

    @needs(Ability.TRANSACTIONS)
    def test_the_unchanged_among_many_keep_no_other_from_being_saved(self, item: Any) -> None:
        item.create_many([{"id": str(n)} for n in range(4)])
        with UnitOfWork() as unit:
            item.create(id="9")
            unit.flush()  # what follows is written in a transaction that is open already
            first, *rest = item.get_many([*"0123"])
            item.save_many([first, *(one.update(name="new") for one in rest)])
        assert [one.name for one in item.get_many([*"0123"])] == ["", "new", "new", "new"]

    @needs(Ability.TRANSACTIONS)
    @pytest.mark.parametrize("place", [0, 4])
    def test_one_that_is_stale_keeps_all_from_being_deleted(self, item: Any, place: int) -> None:
        made = item.create_many([{"id": str(n)} for n in range(5)])
        item.get(str(place)).update(name="theirs").save()
        with heard(item) as batches, pytest.raises(StaleEntity) as caught:
            item.delete_many(made)
        assert caught.value.id == str(place)
        assert batches == []
        assert len(item.get_many([*"01234"])) == 5
        assert not any(one.is_new for one in made)

    @needs(Ability.TRANSACTIONS, Ability.UNIQUE)
    def test_many_cannot_share_a_unique_value(self) -> None:
        member = self.made(shapes.member)
        with pytest.raises(NotUnique) as caught:
            member.create_many([{"id": "a", "email": "x"}, {"id": "b", "email": "x"}])
        assert (caught.value.id, caught.value.fields) == ("b", ("email",))
        assert member.get_many([*"ab"]) == []
        member.create_many([{"id": "a", "email": "x"}, {"id": "b", "email": "y"}])

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    def test_a_query_can_update_what_it_finds(self, item: Any) -> None:
        self.fill(item, [{"id": f"{n:02}", "number": n % 3} for n in range(30)])
        with heard(item) as batches:
            assert item.where(number=1).update(name="x", number=9) == 10
            assert item.where(number=1).update(name="y") == 0
        assert [len(batch) for batch in batches] == [10]
        assert {c.fields for c in batches[0]} == {frozenset({"name", "number"})}
        assert item.where(number=9, name="x").count() == 10
        assert item.where(name="").count() == 20
        assert item.where().order_by("-id").limit(2).update(name="last") == 2
        assert [one.id for one in item.where(name="last")] == ["28", "29"]

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    def test_a_query_can_delete_what_it_finds(self, item: Any) -> None:
        self.fill(item, [{"id": f"{n:02}", "number": n % 3} for n in range(30)])
        with heard(item) as batches:
            assert item.where(number=1).delete() == 10
            assert item.where(number=1).delete() == 0
        assert [len(batch) for batch in batches] == [10]
        assert item.count() == 20
        assert item.where().order_by("id").limit(3).delete() == 3
        assert item.first().id == "05"
        assert item.where().delete() == 17
        assert item.count() == 0

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    def test_a_query_that_is_refused_half_way_changes_nothing(self, account: Any) -> None:
        self.fill(account, [{"id": str(n), "balance": n} for n in range(5)])
        with pytest.raises(ValidationError):
            account.where().update(balance=-1)
        assert [one.balance for one in account.all()] == [0, 1, 2, 3, 4]

    @needs(Ability.QUERY)
    @pytest.mark.parametrize("batch", [1, 2, 7, 30, 100])
    def test_a_stream_brings_all_in_order(self, batch: int) -> None:
        thing = self.made(shapes.thing)
        rows = samples.rows(30, seed=5)
        self.fill(thing, rows)
        for order in ([], [("note", True)], [("flag", False), ("price", True)]):
            wanted = [row["id"] for row in oracle.ordered(rows, order)]
            query = thing.where().order_by(*oracle.keys(order))
            assert [one.id for one in query.stream(batch)] == wanted
            for limit in (0, 1, batch, batch + 1, 29, 31):
                assert [one.id for one in query.limit(limit).stream(batch)] == wanted[:limit]
        found = thing.where(col(thing, "number") > 0).stream(batch)
        assert [one.id for one in found] == sorted(r["id"] for r in rows if r["number"] > 0)

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    def test_upsert_creates_or_updates(self, item: Any) -> None:
        first = item.upsert(id="a", name="x")
        assert (first.name, first.is_new) == ("x", False)
        first.update(number=5).save()
        second = item.upsert(id="a", name="y")
        assert (second.name, second.number) == ("y", 5)
        assert values(item.get("a")) == values(second)
        assert item.count() == 1
        item.upsert(id="A", name="z")
        assert item.count() == 2

    @needs(Ability.TRANSACTIONS, Ability.QUERY, Ability.UNIQUE)
    def test_upsert_by_unique_values(self) -> None:
        member = self.made(shapes.member)
        first = member.upsert(on="email", email="x", name="1")
        assert member.upsert(on="email", email="x", name="2").id == first.id
        assert member.upsert(on="email", email="X", name="3").id != first.id
        both = member.upsert(on=("street", "house"), street="s", house=1, name="4")
        assert member.upsert(on=("street", "house"), street="s", house=1, name="5").id == both.id
        assert [one.name for one in member.where().order_by("name")] == ["2", "3", "5"]

    def test_merge_takes_over_what_others_changed(self, item: Any) -> None:
        mine = item.create(name="a", number=1, tags=["x"])
        item.get(mine.id).update(number=2).save()
        mine.name = "mine"
        mine.save(merge=True)
        assert (mine.name, mine.number) == ("mine", 2)
        assert values(item.get(mine.id)) == values(mine)
        item.get(mine.id).update(name="theirs").save()
        mine.name = "mine again"
        with pytest.raises(StaleEntity) as caught:
            mine.save(merge=True)
        assert caught.value.theirs == {"name": "theirs"}
        assert item.get(mine.id).name == "theirs"

    def test_retry_makes_the_change_again(self, account: Any) -> None:
        mine = account.create(balance=1)
        account.get(mine.id).update(balance=10).save()

        def add(one: Any) -> None:
            one.balance += 5

        add(mine)
        mine.save(retry=add)
        assert mine.balance == 15
        assert account.get(mine.id).balance == 15
        account.get(mine.id).delete()
        add(mine)
        with pytest.raises(StaleEntity) as caught:
            mine.save(retry=add)
        assert caught.value.gone

    @needs(Ability.TRANSACTIONS)
    def test_bulk_verbs_go_with_the_unit_around_them(self, item: Any) -> None:
        old = item.create_many([{"id": "a"}, {"id": "b"}])
        with UnitOfWork() as unit:
            item.create_many([{"id": "c"}, {"id": "d"}])
            item.delete_many(old)
            unit.flush()
            assert [one.id for one in item.get_many([*"abcd"])] == ["c", "d"]
            unit.rollback()
        assert [one.id for one in item.get_many([*"abcd"])] == ["a", "b"]
