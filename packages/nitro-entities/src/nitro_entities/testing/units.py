"""Units of work: all or nothing, in parts that can be undone, seen by nobody before the end."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from nitro_entities import EntityExists, EntityNotFound, NotStorable, StaleEntity, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, needs, values

T = TypeVar("T")


class Stop(Exception):
    """What goes wrong in a unit."""


def others(ask: Callable[[], T]) -> T:
    """Ask as somebody who is not part of the unit."""
    return contextvars.Context().run(ask)


@needs(Ability.TRANSACTIONS)
class UnitContract(Contract):
    """Units of work: all or nothing"""

    def test_all_of_a_unit_becomes_visible_at_its_end(self, account: Any, entry: Any) -> None:
        account.create(id="old", balance=1)
        account.create(id="gone")
        entry.create(account="old", amount=1)
        with UnitOfWork() as unit:
            account.create(id="new", balance=2)
            account.get("old").update(balance=3).save()
            account.get("gone").delete()
            entry.create(id="e", account="new", amount=2)
            for flushed in (False, True):
                if flushed:
                    unit.flush()
                seen = others(lambda: [account.get_or_none(id) for id in ("new", "old", "gone")])
                assert [one and one.balance for one in seen] == [None, 1, 0]
                assert others(lambda: entry.get_or_none("e")) is None
                assert [one.id for one in others(lambda: account.get_many(["new", "gone"]))] == [
                    "gone"
                ]
        assert account.get("new").balance == 2
        assert account.get("old").balance == 3
        assert account.get_or_none("gone") is None
        assert entry.get("e").amount == 2

    @needs(Ability.QUERY)
    def test_queries_of_others_see_nothing_of_an_open_unit(self, item: Any) -> None:
        for id in "abc":
            item.create(id=id, name="old")

        def seen() -> list[Any]:
            query = item.where(name="old")
            return [
                [one.id for one in item.all()],
                [one.id for one in query],
                item.count(),
                query.count(cap=10),
                [one.id for one in query.slice(10).items],
                item.first().name,
                item.exists("d"),
                item.exists("a"),
            ]

        before = seen()
        with UnitOfWork() as unit:
            item.create(id="d", name="old")
            item.get("b").update(name="new").save()
            item.get("a").delete()
            unit.flush()
            assert others(seen) == before
            inside = seen()
            unit.rollback()
        assert seen() == before
        assert inside == [list("bcd"), list("cd"), 3, 2, list("cd"), "new", True, False]

    def test_an_exception_undoes_everything(self, account: Any, entry: Any) -> None:
        account.create(id="old", balance=1)
        account.create(id="kept", balance=1)
        for flushed in (False, True):
            with pytest.raises(Stop), UnitOfWork() as unit:
                entry.create(id="e", account="x", amount=1)
                account.create(id="new")
                account.get("old").update(balance=99).save()
                account.get("kept").delete()
                account.get("old").incr(balance=5)
                if flushed:
                    unit.flush()
                raise Stop
            assert account.get_or_none("new") is None
            assert account.get("old").balance == 1
            assert account.get("kept").balance == 1
            assert entry.get_or_none("e") is None
        account.get("old").update(balance=2).save()
        assert account.get("old").balance == 2

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_one_refusal_undoes_everything(self, account: Any, entry: Any, place: int) -> None:
        account.create(id="taken")
        stale = account.create(id="stale", balance=1)
        account.get("stale").update(balance=2).save()
        stale.owner = "mine"

        def exists() -> None:
            account.create(id="taken")

        def outdated() -> None:
            stale.save()

        def unstorable() -> None:
            account.create(id="nul", owner="\0")

        refusals = [(exists, EntityExists), (outdated, StaleEntity), (unstorable, NotStorable)]
        for refused, error in refusals:
            steps: list[Callable[[], object]] = [
                lambda: account.create(id="one"),
                lambda: entry.create(id="two", account="a", amount=1),
            ]
            steps.insert(place, refused)
            with pytest.raises((error, ValueError)), UnitOfWork():
                for step in steps:
                    step()
            assert account.get_or_none("one") is None
            assert entry.get_or_none("two") is None
            assert account.get_or_none("nul") is None
            assert values(account.get("stale"))["owner"] == ""
        account.create(id="one")  # the store is free again, for others too
        self._in_a_thread(lambda: entry.create(id="two", account="a", amount=1))
        assert entry.get("two").amount == 1

    def test_objects_can_be_used_on_after_a_rollback(self, item: Any) -> None:
        old = item.create(id="old", name="a")
        gone = item.create(id="gone", name="g")
        new = item(id="new", name="n")
        with UnitOfWork() as unit:
            new.save()
            old.name = "b"
            old.save()
            gone.delete()
            unit.flush()
            assert not new.is_new
            unit.rollback()
        assert new.is_new
        assert old.changed == {"name"}
        assert not gone.is_new
        new.save()
        old.save()
        gone.name = "h"
        gone.save()
        assert [one.name for one in item.get_many(["new", "old", "gone"])] == ["n", "b", "h"]

    def test_a_nested_unit_is_undone_alone(self, item: Any) -> None:
        item.create(id="a", name="0")
        with UnitOfWork() as unit:
            item.create(id="outer")
            item.get("a").update(name="1").save()
            unit.flush()
            for flushed in (False, True):
                with pytest.raises(Stop), UnitOfWork() as inner:
                    item.create(id="inner")
                    item.get("a").update(name="2").save()
                    item.get("outer").delete()
                    if flushed:
                        inner.flush()
                        assert item.get_or_none("outer") is None
                        assert item.get("inner").name == ""
                    raise Stop
                assert item.get_or_none("inner") is None
                assert item.get("outer").name == ""
                assert unit[item].get("a").name == "1"
                assert others(lambda: item.get("a")).name == "0"
                assert others(lambda: item.get_or_none("outer")) is None
        found = self.everything(item, ["a", "outer", "inner"])
        assert sorted(found) == ["a", "outer"]
        assert found["a"]["name"] == "1"

    def test_a_nested_unit_does_not_reach_what_is_pending_outside(self, item: Any) -> None:
        item.create(id="a", name="0")
        with UnitOfWork():
            item.get("a").update(name="1").save()
            with pytest.raises(Stop), UnitOfWork():
                item.get("a").update(name="2").save()
                raise Stop
        assert item.get("a").name == "1"

    def test_several_writes_to_one_entity_are_undone_to_the_first(self, item: Any) -> None:
        item.create(id="a", name="0")
        item.create(id="gone", name="x")
        with UnitOfWork() as unit:
            item.get("a").update(name="1").save()
            unit.flush()
            with pytest.raises(Stop), UnitOfWork() as inner:
                for name in "234":
                    item.get("a").update(name=name).save()
                    item.create(id=f"new{name}")
                    inner.flush()
                item.get("a").delete()
                item.get("gone").delete()
                inner.flush()
                item.create(id="gone", name="again")
                inner.flush()
                raise Stop
            assert item.get("a").name == "1"
            assert item.get("gone").name == "x"
            item.get("a").update(number=5).save()
        assert (item.get("a").name, item.get("a").number) == ("1", 5)
        assert sorted(self.everything(item, ["a", "gone", "new2", "new3"])) == ["a", "gone"]

    def test_later_writes_of_a_unit_are_checked_like_the_first(self, item: Any) -> None:
        item.create(id="taken", name="old")
        stale = item.create(id="stale")
        item.get("stale").update(name="theirs").save()
        gone = item.create(id="gone")
        item.get("gone").delete()
        refusals: list[tuple[Callable[[], object], type[Exception]]] = [
            (lambda: item.create(id="taken"), EntityExists),
            (lambda: stale.update(name="mine").save(), StaleEntity),
            (lambda: gone.update(name="mine").save(), StaleEntity),
            (stale.delete, StaleEntity),
        ]
        for refused, error in refusals:
            with pytest.raises(error), UnitOfWork() as unit:
                item.create(id="new")
                unit.flush()
                refused()
        found = self.everything(item, ["taken", "stale", "gone", "new"])
        assert {id: row["name"] for id, row in found.items()} == {
            "taken": "old",
            "stale": "theirs",
        }

    def test_units_nest_to_any_depth(self, item: Any) -> None:
        ids = [f"{name}{n}" for name in ("kept", "lost") for n in range(4)]
        with UnitOfWork():
            item.create(id="kept0").update(number=1).save()
            with UnitOfWork() as one:
                item.create(id="kept1")
                one.flush()
                with pytest.raises(Stop), UnitOfWork():
                    item.create(id="lost0")
                    with UnitOfWork() as two:  # goes with the one around it
                        item.create(id="lost1")
                        two.flush()
                    raise Stop
                with UnitOfWork() as three:
                    item.create(id="kept2")
                    three.flush()
                    with pytest.raises(Stop), UnitOfWork() as four:
                        item.create(id="lost2")
                        four.flush()
                        raise Stop
                    item.create(id="kept3")
            with pytest.raises(Stop), UnitOfWork():
                item.create(id="lost3")
                raise Stop
            assert others(lambda: item.get_or_none("kept1")) is None
        assert sorted(self.everything(item, ids)) == ["kept0", "kept1", "kept2", "kept3"]

    def test_a_nested_unit_goes_with_the_one_around_it(self, item: Any) -> None:
        item.create(id="old", name="a")
        with pytest.raises(Stop), UnitOfWork():
            with UnitOfWork() as inner:
                item.create(id="inner")
                item.get("old").update(name="b").save()
                inner.flush()
            assert others(lambda: item.get_or_none("inner")) is None
            raise Stop
        assert item.get_or_none("inner") is None
        assert item.get("old").name == "a"

    def test_what_came_before_a_nested_unit_survives_its_end(self, item: Any) -> None:
        with UnitOfWork() as unit:
            for number in range(4):
                item.create(id=f"before{number}")
                unit.flush()
                with pytest.raises(Stop), UnitOfWork() as inner:
                    for before in range(number + 1):
                        item.get(f"before{before}").delete()
                    item.create(id=f"inner{number}")
                    inner.flush()
                    raise Stop
                item.create(id=f"after{number}")
        ids = [f"{name}{n}" for name in ("before", "inner", "after") for n in range(4)]
        assert sorted(self.everything(item, ids)) == sorted([*ids[:4], *ids[8:]])

    def test_a_refusal_in_a_nested_unit_leaves_the_outer_one_usable(self, item: Any) -> None:
        item.create(id="taken")
        with UnitOfWork() as unit:
            item.create(id="a")
            unit.flush()
            with pytest.raises(EntityExists), UnitOfWork() as inner:
                item.create(id="b")
                item.create(id="taken")
                inner.flush()
            item.create(id="c")
        assert sorted(self.everything(item, ["a", "b", "c", "taken"])) == ["a", "c", "taken"]

    def test_one_object_stands_for_one_entity(self, item: Any) -> None:
        for id in "ab":
            item.create(id=id)
        with UnitOfWork() as unit:
            mine = item.get("a")
            assert item.get("a") is mine
            assert item.get_many(["b", "a"])[1] is mine
            assert unit[item].get("a") is mine
            if self.offers(Ability.QUERY):
                assert item.all()[0] is mine
                assert item.first() is mine
                assert item.where().slice(1).items[0] is mine
            new = item.create(id="c")
            assert item.get("c") is new
            unit.flush()
            assert item.get("c") is new
            with UnitOfWork():
                assert item.get("a") is mine
        assert item.get("a") is not mine

    def test_reads_see_what_is_pending(self, item: Any) -> None:
        item.create(id="a", name="old")
        item.create(id="b")
        with UnitOfWork():
            item.get("a").update(name="new").save()
            item.get("b").delete()
            item.create(id="c")
            assert item.get("a").name == "new"
            assert item.get("c").id == "c"
            assert [one.id for one in item.get_many(["c", "b", "a"])] == ["c", "a"]
            assert item.get_or_none("b") is None
            with pytest.raises(EntityNotFound):
                item.get("b")
            if self.offers(Ability.QUERY):
                assert [one.id for one in item.all()] == ["a", "c"]
                assert item.count() == 2
                assert item.where(name="new").count(cap=5) == 1
                assert item.exists("c")
                assert not item.exists("b")
                assert not item.where(name="old").exists()
                assert [one.id for one in item.where().slice(5).items] == ["a", "c"]
        assert item.get("a").name == "new"

    def test_refresh_in_a_unit_takes_the_last_flushed_state(self, item: Any) -> None:
        mine = item.create(id="a", name="old")
        with UnitOfWork() as unit:
            mine.name = "new"
            mine.save()
            unit.flush()
            mine.name = "dropped"
            mine.refresh()
            assert mine.name == "new"
        assert item.get("a").name == "new"

    def test_a_unit_can_commit_and_go_on(self, item: Any) -> None:
        with pytest.raises(Stop), UnitOfWork() as unit:
            item.create(id="a")
            unit.commit()
            assert others(lambda: item.get("a")).id == "a"
            item.create(id="b")
            unit.flush()
            unit.rollback()
            item.create(id="c")
            unit.commit()
            item.create(id="d")
            raise Stop
        assert sorted(self.everything(item, list("abcd"))) == ["a", "c"]

    def test_saving_twice_keeps_the_last(self, item: Any) -> None:
        with UnitOfWork() as unit:
            mine = item.create(id="a", name="1")
            mine.name = "2"
            mine.save()
            unit.flush()
            mine.name = "3"
            mine.save()
            mine.name = "4"
            mine.save()
        assert item.get("a").name == "4"
        mine.name = "5"
        mine.save()
        assert item.get("a").name == "5"

    def test_made_and_deleted_in_one_unit_leaves_nothing(self, item: Any) -> None:
        with UnitOfWork() as unit:
            first = item.create(id="a")
            unit.flush()
            first.delete()
            second = item.create(id="b")
            second.delete()
        assert self.everything(item, ["a", "b"]) == {}
        first.save()
        assert item.get("a").id == "a"

    def test_sums_in_a_unit_are_undone_with_it(self, account: Any) -> None:
        mine = account.create(id="a", balance=5)
        with pytest.raises(Stop), UnitOfWork():
            mine.incr(balance=1)
            mine.incr(balance=1)
            assert mine.balance == 7
            assert others(lambda: account.get("a")).balance == 5
            raise Stop
        assert account.get("a").balance == 5
        with UnitOfWork():
            account.get("a").incr(balance=1)
            account.get("a").incr(balance=2)
        assert account.get("a").balance == 8

    def test_sums_in_a_nested_unit_are_undone_with_it(self, account: Any) -> None:
        account.create(id="a", balance=5, owner="x")
        with UnitOfWork():
            with pytest.raises(Stop), UnitOfWork():
                account.get("a").incr(balance=1)
                raise Stop
            assert account.get("a").balance == 5
            account.get("a").update(owner="y").save()
        found = account.get("a")
        assert (found.owner, found.balance) == ("y", 5)

    def test_unused_units_do_nothing(self, item: Any) -> None:
        item.create(id="a")
        with UnitOfWork():
            pass
        with UnitOfWork():
            item.get("a")
            item(id="b")
        assert sorted(self.everything(item, ["a", "b"])) == ["a"]

    def test_changes_that_nobody_saved_are_not_committed(self, item: Any) -> None:
        item.create(id="a", name="old")
        with UnitOfWork() as unit:
            item.get("a").name = "unsaved"
            item.create(id="b")
            assert len(unit.dirty) == 1
        assert item.get("a").name == "old"
        with UnitOfWork(autosave=True):
            item.get("a").name = "saved by itself"
        assert item.get("a").name == "saved by itself"

    def test_what_somebody_else_deleted_may_be_deleted(self, item: Any) -> None:
        item.create(id="a")
        with UnitOfWork() as unit:
            item.get("a").delete()
            if Ability.LOCK not in item.repository().abilities:  # or the others would wait
                unit.flush()
            others(lambda: item.get("a").delete())
        assert not item.exists("a")

    def test_what_is_read_with_a_lock_is_so_at_the_commit(self, account: Any) -> None:
        theirs = account.create(id="a", balance=1)
        written = threading.Event()

        def other() -> None:
            others(lambda: theirs.update(balance=100).save())
            written.set()

        thread = threading.Thread(target=other)
        changed = refused = False
        try:
            with UnitOfWork() as unit:
                unit.take_store(account)
                unit.read(account(id="a"), lock=True)
                thread.start()
                changed = written.wait(0.05)
        except StaleEntity:
            refused = True
        thread.join(timeout=20)
        assert written.is_set()
        assert refused or not changed

    @needs(Ability.LOCK)
    def test_what_is_locked_waits_or_is_stale(self, account: Any) -> None:
        account.create(id="a", balance=1)
        order: list[str] = []

        def other() -> None:
            try:
                account.get("a").update(balance=100).save()
            except StaleEntity:
                order.append("refused")
            else:
                order.append("written")

        with UnitOfWork() as unit:
            unit.take_store(account)
            with unit.reading(account) as tx:
                mine = account.repository().get("a", tx, lock=True)
            thread = threading.Thread(target=lambda: contextvars.Context().run(other))
            thread.start()
            thread.join(timeout=0.05)
            mine.balance += 1
            try:
                mine.save()
                unit.commit()
                order.append("committed")
            except StaleEntity:
                order.append("stale")
        thread.join(timeout=20)
        assert not thread.is_alive()
        assert set(order) in (
            {"committed", "written"},
            {"committed", "refused"},
            {"stale", "written"},
        )
        last = "stale" if "stale" in order else order[-1]
        wanted = {"written": 100, "stale": 100, "committed": 2, "refused": 2}
        assert account.get("a").balance == wanted[last]

    def _in_a_thread(self, work: Callable[[], object]) -> None:
        failed: list[BaseException] = []

        def run() -> None:
            try:
                work()
            except BaseException as exc:
                failed.append(exc)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=20)
        assert not thread.is_alive(), "the store was left locked"
        assert not failed, failed
