"""Nobody overwrites what he has not seen: versions, stale saves and deletes, refresh."""

from typing import Any

import pytest

from nitro_entities import EntityNotFound, StaleEntity, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, needs, values
from nitro_entities.testing.shapes import Part


class StalenessContract(Contract):
    """No lost updates"""

    def test_a_new_object_is_dirty_all_over(self, item: Any) -> None:
        mine = item(name="a")
        assert mine.is_new
        assert mine.changed == set(values(mine))

    def test_only_what_differs_is_dirty(self, item: Any, within: Any) -> None:
        with within():
            mine = item.create(name="a", tags=["x"], note=None, part=Part(name="p"))
        assert mine.changed == frozenset()
        mine.name = "b"
        assert mine.changed == {"name"}
        mine.note = ""
        assert mine.changed == {"name", "note"}
        mine.name, mine.note = "a", None
        assert mine.changed == frozenset()
        mine.part.name = "q"
        mine.tags = ["x"]
        assert mine.changed == {"part"}
        with within():
            mine.save()
        assert mine.changed == frozenset()
        assert item.get(mine.id).part.name == "q"

    def test_an_object_can_be_saved_again_and_again(self, item: Any, within: Any) -> None:
        mine = item.create(number=0)
        for number in range(1, 6):
            with within():
                mine.number = number
                mine.save()
            assert item.get(mine.id).number == number
        mine.delete()
        assert item.get_or_none(mine.id) is None

    def test_a_save_over_somebody_elses_is_refused(self, item: Any, within: Any) -> None:
        mine = item.create(name="a", note="n", number=1)
        item.get(mine.id).update(name="theirs", number=2).save()
        mine.name, mine.note = "mine", "m"

        with pytest.raises(StaleEntity) as caught, within():
            mine.save()

        stale = caught.value
        assert (stale.entity, stale.id, stale.gone) == (item, mine.id, False)
        assert stale.mine == {"name": "mine", "note": "m"}
        assert stale.theirs == {"name": "theirs", "note": "n"}
        found = item.get(mine.id)
        assert (found.name, found.note, found.number) == ("theirs", "n", 2)
        assert mine.changed == {"name", "note"}
        assert (mine.name, mine.note) == ("mine", "m")

    def test_other_fields_do_not_make_it_less_stale(self, item: Any, within: Any) -> None:
        mine = item.create(name="a", number=1)
        item.get(mine.id).update(number=2).save()
        mine.name = "mine"

        with pytest.raises(StaleEntity) as caught, within():
            mine.save()

        assert caught.value.mine == {"name": "mine"}
        assert caught.value.theirs == {"name": "a"}
        assert values(item.get(mine.id))["name"] == "a"

    def test_the_same_values_do_not_make_it_less_stale(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        theirs = item.get(mine.id)
        for name in ("b", "a"):  # back to what it was
            theirs.name = name
            theirs.save()
        mine.name = "mine"

        with pytest.raises(StaleEntity), within():
            mine.save()

        assert item.get(mine.id).name == "a"

    @pytest.mark.parametrize("saves", [1, 2, 3, 10])
    def test_any_number_of_saves_makes_it_stale(self, item: Any, within: Any, saves: int) -> None:
        first = item.create(number=0)
        second = item.get(first.id)
        for number in range(saves):
            with within():
                second.number = number + 1
                second.save()
        third = item.get(first.id)
        third.number = 100
        first.number = -1

        with pytest.raises(StaleEntity) as caught, within():
            first.save()

        assert caught.value.theirs == {"number": saves}
        with within():
            third.save()
        second.number = -2
        with pytest.raises(StaleEntity), within():
            second.save()
        assert item.get(first.id).number == 100

    def test_a_change_inside_of_a_value_is_refused_too(self, item: Any, within: Any) -> None:
        mine = item.create(tags=["x"])
        theirs = item.get(mine.id)
        theirs.tags.append("theirs")
        theirs.save()
        mine.tags.append("mine")

        with pytest.raises(StaleEntity) as caught, within():
            mine.save()

        assert caught.value.mine == {"tags": ["x", "mine"]}
        assert caught.value.theirs == {"tags": ["x", "theirs"]}
        tags: Any = caught.value.theirs["tags"]
        tags.append("outside")
        assert item.get(mine.id).tags == ["x", "theirs"]

    def test_a_save_that_was_refused_can_be_refused_again(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        item.get(mine.id).update(name="b").save()
        mine.name = "mine"
        for _ in range(3):
            with pytest.raises(StaleEntity), within():
                mine.save()
        assert item.get(mine.id).name == "b"

    def test_refresh_makes_it_fresh(self, item: Any, within: Any) -> None:
        mine = item.create(name="a", number=1, tags=["x"])
        item.get(mine.id).update(name="b", tags=["y"]).save()
        mine.number = 99

        assert mine.refresh() is mine

        assert (mine.name, mine.number, mine.tags) == ("b", 1, ["y"])
        assert mine.changed == frozenset()
        with within():
            mine.name = "c"
            mine.save()
        assert item.get(mine.id).name == "c"

    def test_saving_what_is_unchanged_is_no_save(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        theirs = item.get(mine.id)
        with within():
            mine.save()
        theirs.name = "b"
        theirs.save()  # not stale: nothing was saved in between
        with within():
            mine.save()  # nor is this a save
        assert item.get(mine.id).name == "b"
        assert mine.name == "a"

    def test_a_save_over_what_is_gone_is_refused(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        item.get(mine.id).delete()
        mine.name = "mine"

        with pytest.raises(StaleEntity) as caught, within():
            mine.save()

        assert caught.value.gone
        assert caught.value.id == mine.id
        assert caught.value.mine == {"name": "mine"}
        assert item.get_or_none(mine.id) is None
        with pytest.raises(EntityNotFound):
            mine.refresh()
        assert mine.name == "mine"

    def test_a_stale_delete_is_refused(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        item.get(mine.id).update(name="b").save()

        with pytest.raises(StaleEntity) as caught, within():
            mine.delete()

        assert not caught.value.gone
        assert (caught.value.entity, caught.value.id) == (item, mine.id)
        assert item.get(mine.id).name == "b"
        mine.refresh()
        with within():
            mine.delete()
        assert item.get_or_none(mine.id) is None

    def test_unsaved_changes_do_not_hinder_a_delete(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        mine.name = "b"
        with within():
            mine.delete()
        assert item.get_or_none(mine.id) is None

    def test_deleting_what_is_gone_is_no_error(self, item: Any, within: Any) -> None:
        mine = item.create(name="a")
        theirs = item.get(mine.id)
        for one in (mine, mine, theirs, item(name="never saved")):
            with within():
                one.delete()
        assert item.get_or_none(mine.id) is None

    def test_what_was_deleted_can_be_saved_as_new(self, item: Any, within: Any) -> None:
        mine = item.create(id="a", name="a")
        with within():
            mine.delete()
        assert mine.is_new
        with within():
            mine.name = "again"
            mine.save()
        assert item.get("a").name == "again"
        mine.name = "and again"
        mine.save()
        assert item.get("a").name == "and again"

    def test_an_id_can_be_used_again_after_a_delete(self, item: Any, within: Any) -> None:
        item.create(id="a", name="first", tags=["x"]).delete()
        with within():
            item.create(id="a", name="second")
        assert item.get("a").name == "second"
        assert item.get("a").tags == []
        item.get("a").update(number=5).save()
        assert (item.get("a").name, item.get("a").number) == ("second", 5)

    def test_what_was_loaded_before_a_new_beginning_is_stale(self, item: Any, within: Any) -> None:
        mine = item.create(id="a", name="old", number=1)
        item.get("a").delete()
        item.create(id="a", name="new", number=1)
        mine.number = 2

        with pytest.raises(StaleEntity), within():
            mine.save()
        with pytest.raises(StaleEntity), within():
            mine.delete()

        assert (item.get("a").name, item.get("a").number) == ("new", 1)

    @needs(Ability.TRANSACTIONS)
    def test_what_was_deleted_in_a_unit_can_be_made_anew_in_it(self, item: Any) -> None:
        item.create(id="a", name="old")
        with UnitOfWork() as unit:
            item.get("a").delete()
            unit.flush()
            assert item.get_or_none("a") is None
            item.create(id="a", name="new")
        assert item.get("a").name == "new"

    @needs(Ability.TRANSACTIONS)
    def test_a_stale_save_is_refused_at_the_flush(self, item: Any) -> None:
        mine = item.create(name="a")
        item.get(mine.id).update(name="b").save()
        with pytest.raises(StaleEntity), UnitOfWork() as unit:
            item.create(id="with it")
            mine.name = "mine"
            mine.save()
            unit.flush()
            unit.commit()
        assert item.get(mine.id).name == "b"
        assert item.get_or_none("with it") is None

    def test_sums_are_made_of_what_is_stored(self, account: Any, within: Any) -> None:
        mine = account.create(owner="a", balance=5)
        item = account.get(mine.id)
        item.incr(balance=2)
        mine.owner = "unsaved"
        with within():
            assert mine.incr(balance=3) is mine
        assert mine.balance == 10
        assert mine.owner == "unsaved"
        found = account.get(mine.id)
        assert (found.balance, found.owner) == (10, "a")
        with pytest.raises(StaleEntity):
            mine.save()  # it was loaded before somebody else's sum

    def test_a_sum_keeps_the_others_fresh_or_makes_them_stale(
        self, account: Any, within: Any
    ) -> None:
        mine = account.create(owner="a", balance=1)
        theirs = account.get(mine.id)
        with within():
            mine.incr(balance=1)
        theirs.owner = "theirs"
        with pytest.raises(StaleEntity):
            theirs.save()
        mine.owner = "mine"
        mine.save()
        found = account.get(mine.id)
        assert (found.owner, found.balance) == ("mine", 2)

    def test_a_sum_is_validated_and_refused_whole(self, account: Any, within: Any) -> None:
        mine = account.create(balance=5)
        with pytest.raises(ValueError, match="balance"), within():
            mine.incr(balance=-6)
        assert account.get(mine.id).balance == 5
        with within():
            mine.incr(balance=-5)
        assert account.get(mine.id).balance == 0

    def test_a_sum_on_what_is_gone_is_refused(self, account: Any, within: Any) -> None:
        mine = account.create(balance=5)
        account.get(mine.id).delete()
        with pytest.raises(EntityNotFound), within():
            mine.incr(balance=1)
        assert account.get_or_none(mine.id) is None
