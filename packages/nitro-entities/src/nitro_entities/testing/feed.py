"""Change records: what was committed is told, once, in order, and nothing else."""

import threading
from typing import Any

import pytest

from nitro_entities import (
    EntityExists,
    NotStorable,
    StaleEntity,
    UnitOfWork,
    changes,
)
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, heard, needs, rounds, values
from nitro_entities.testing.units import Stop


class FeedContract(Contract):
    """Change records"""

    def test_each_write_is_told_as_it_was(self, item: Any, within: Any) -> None:
        with heard(item) as batches:
            with within():
                mine = item.create(id="a", name="x")
            with within():
                mine.name = "y"
                mine.tags.append("t")
                mine.save()
            with within():
                mine.delete()

        assert [len(batch) for batch in batches] == [1, 1, 1]
        create, update, delete = (batch[0] for batch in batches)
        assert [one.operation for one in (create, update, delete)] == [
            "create",
            "update",
            "delete",
        ]
        assert {one.id for one in (create, update, delete)} == {"a"}
        assert {one.entity for one in (create, update, delete)} == {item}
        assert create.fields == frozenset(values(mine))
        assert update.fields == frozenset({"name", "tags"})
        assert create.version is not None
        assert update.version == create.version + 1

    def test_versions_count_up(self, item: Any, within: Any) -> None:
        with heard(item) as batches:
            mine = item.create(number=0)
            for number in range(1, 6):
                with within():
                    mine = item.get(mine.id) if number % 2 else mine
                    mine.number = number
                    mine.save()
        versions = [batch[0].version for batch in batches]
        start = versions[0] or 0
        assert versions == list(range(start, start + 6))

    def test_a_new_life_is_told_from_the_old_one(self, item: Any) -> None:
        with heard(item) as batches:
            item.create(id="a").delete()
            item.create(id="a")
        told = [batch[0].operation for batch in batches]
        assert told == ["create", "delete", "create"]

    def test_what_wrote_nothing_is_not_told(self, item: Any, within: Any) -> None:
        mine = item.create(id="a", name="x")
        stale = item.get("a")
        mine.update(number=1).save()
        stale.name = "stale"
        with heard(item) as batches:
            for nothing, error in (
                (mine.save, None),
                (lambda: mine.update(name="x").save(), None),
                (item(id="nobody").delete, None),
                (stale.save, StaleEntity),
                (stale.delete, StaleEntity),
                (lambda: item.create(id="a"), EntityExists),
                (lambda: item.create(id="b", name="\0"), (NotStorable, ValueError)),
                (lambda: item.get("a"), None),
            ):
                if error is None:
                    with within():
                        nothing()
                else:
                    with pytest.raises(error), within():
                        nothing()
        assert batches == []

    def test_sums_are_told(self, account: Any, within: Any) -> None:
        mine = account.create(balance=1)
        with heard(account) as batches, within():
            mine.incr(balance=2)
        assert [(c.operation, c.fields) for batch in batches for c in batch] == [
            ("update", frozenset({"balance"}))
        ]

    def test_who_acts_is_told(self, item: Any, within: Any) -> None:
        with heard(item) as batches:
            with changes.acting("ann"), within():
                mine = item.create()
            with within():
                mine.update(name="x").save()
        assert [batch[0].by for batch in batches] == ["ann", None]
        assert batches[0][0].at <= batches[1][0].at
        assert batches[0][0].at.tzinfo is not None

    def test_what_is_told_can_be_read_already(self, item: Any, within: Any) -> None:
        seen: list[Any] = []

        def hear(batch: Any) -> None:
            for change in batch:
                if change.entity is item:
                    found = item.get_or_none(change.id)
                    seen.append((change.operation, found and found.name))

        end = changes.subscribe(hear)
        try:
            with within():
                mine = item.create(name="x")
            with within():
                mine.update(name="y").save()
            with within():
                mine.delete()
        finally:
            end()
        assert seen == [("create", "x"), ("update", "y"), ("delete", None)]

    @needs(Ability.TRANSACTIONS)
    def test_a_unit_is_told_whole_and_in_its_order(self, item: Any, account: Any) -> None:
        old = item.create(id="old", name="x")
        gone = account.create(id="gone")
        with heard(item, account) as batches, UnitOfWork() as unit:
            item.create(id="1")
            unit.flush()
            old.name = "y"
            old.save()
            unit.flush()
            account.create(id="2", owner="o")
            unit.flush()
            gone.delete()
            unit.flush()
            assert batches == []
        assert [[(c.operation, c.id) for c in batch] for batch in batches] == [
            [("create", "1"), ("update", "old"), ("create", "2"), ("delete", "gone")]
        ]
        assert batches[0][1].fields == frozenset({"name"})
        assert batches[0][2].fields == frozenset(values(account(id="x")))

    @needs(Ability.TRANSACTIONS)
    def test_what_is_rolled_back_is_never_told(self, item: Any) -> None:
        item.create(id="taken")
        with heard(item) as batches:
            with pytest.raises(Stop), UnitOfWork() as unit:
                item.create(id="a")
                unit.flush()
                raise Stop
            with pytest.raises(EntityExists), UnitOfWork():
                item.create(id="b")
                item.create(id="taken")
            with UnitOfWork() as unit:
                item.create(id="c")
                unit.flush()
                with pytest.raises(Stop), UnitOfWork() as inner:
                    item.create(id="d")
                    inner.flush()
                    raise Stop
                with UnitOfWork() as kept:
                    item.create(id="e")
                    kept.flush()
            assert [[c.id for c in batch] for batch in batches] == [["c", "e"]]
            with UnitOfWork() as unit:
                item.create(id="f")
                unit.flush()
                unit.rollback()
                item.create(id="g")
        assert [[c.id for c in batch] for batch in batches] == [["c", "e"], ["g"]]

    @needs(Ability.TRANSACTIONS)
    def test_callbacks_run_after_the_commit_only(self, item: Any) -> None:
        ran: list[Any] = []
        with UnitOfWork() as unit:
            item.create(id="a")
            unit.after_commit(lambda: ran.append(item.get("a").id))
            unit.flush()
            assert ran == []
        assert ran == ["a"]
        with pytest.raises(Stop), UnitOfWork() as unit:
            unit.after_commit(lambda: ran.append("never"))
            raise Stop
        assert ran == ["a"]

    def test_changes_of_many_threads_are_told_in_the_order_of_their_commits(
        self, account: Any
    ) -> None:
        mine = account.create(balance=0)
        each = rounds(8, 50)
        with heard(account) as batches:
            threads = [
                threading.Thread(
                    target=lambda: [account.get(mine.id).incr(balance=1) for _ in range(each)]
                )
                for _ in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        versions = [change.version for batch in batches for change in batch]
        assert len(versions) == 4 * each
        start = versions[0] or 0
        assert versions == list(range(start, start + 4 * each))
