"""Ids and copies: whoever asks gets an object of his own, and the id he asked for."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from nitro_entities import EntityExists, EntityNotFound, NotStorable, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, needs, values
from nitro_entities.testing.shapes import Part

NFC, NFD = "\u00e9", "e\u0301"

LOOK_ALIKES = (
    "a", "A", "a ", " a", "a\t", "a\n", "a\u200b", "\uff41", "a/", "a:", "a%", "a_", "a*", "a?",
    "[a]", "{a}", "a'", 'a"', "a\\", "a;--", "a,b", "a b", "a+b", "a.", "..", "~",
    "1", "01", "1.0", "1 ", "+1", "0", "-0", "null", "None", "NaN", "true",
    NFC, NFD, NFC.upper(), "ss", "\u00df", "s", "\u017f", "k", "\u212a", "i", "I", "\u0131",
    "\u0130", "\U0001f600", "\uffff", "\U00010000",
)  # fmt: skip

NOBODY: tuple[Any, ...] = (
    "nobody",
    "",
    "%",
    "_",
    "*",
    "aa",
    "a\0b",
    "\ud800",
    1,
    1.5,
    None,
    b"nobody",
    (),
    [],
)


class IdentityContract(Contract):
    """Ids and copies"""

    READS: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
        ("get", lambda cls, id: cls.get(id)),
        ("get_or_none", lambda cls, id: cls.get_or_none(id)),
        ("get_many", lambda cls, id: cls.get_many([id])[0]),
    )
    QUERIES: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
        ("all", lambda cls, id: cls.all()[0]),
        ("first", lambda cls, id: cls.first()),
        ("where", lambda cls, id: cls.where(id=id).list()[0]),
        ("slice", lambda cls, id: cls.where(id=id).slice(5).items[0]),
    )

    @property
    def _reads(self) -> list[tuple[str, Callable[[Any, Any], Any]]]:
        queries = self.QUERIES if self.offers(Ability.QUERY) else ()
        return [*self.READS, *queries]

    @pytest.mark.parametrize("time", ["first", "second"])
    @needs(Ability.QUERY)
    def test_each_test_begins_with_an_empty_store(self, item: Any, time: str) -> None:
        assert item.all() == [], "the fixture `store` has to make the store empty"
        assert item.count() == 0
        assert item.first() is None
        item.create(name=time)

    def test_what_is_saved_can_be_got(self, item: Any, within: Any) -> None:
        with within():
            saved = item(name="a", tags=["x"], part=Part(name="p"))
            assert saved.is_new
            assert saved.save() is saved
        for verb, read in self._reads:
            found = read(item, saved.id)
            assert found == saved, verb
            assert found is not saved, verb
            assert type(found) is item, verb
            assert not found.is_new, verb
            assert found.changed == frozenset(), verb
        assert not saved.is_new
        assert saved.changed == frozenset()

    def test_create_saves_and_answers_what_it_made(self, item: Any, within: Any) -> None:
        with within():
            made = item.create(id="x", name="a", number=3)
        assert (made.id, made.name, made.number) == ("x", "a", 3)
        assert not made.is_new
        assert values(item.get("x")) == values(made)

    def test_a_change_to_what_was_passed_in_is_invisible_until_saved(
        self, item: Any, within: Any
    ) -> None:
        tags, part = ["x"], Part(name="p", sizes=[1], more={"q": Part(name="q")})
        with within():
            saved = item.create(tags=tags, part=part, name="before")
        tags.append("outside")
        part.sizes.append(99)
        stored = values(item.get(saved.id))

        self._change_all_over(saved)

        for verb, read in self._reads:
            assert values(read(item, saved.id)) == stored, verb
        assert stored["tags"] == ["x"]
        assert stored["part"].sizes == [1]

    def test_a_change_to_what_was_got_is_invisible_until_saved(self, item: Any) -> None:
        id = item.create(tags=["x"], part=Part(name="p", more={"q": Part(name="q")})).id
        stored = copy.deepcopy(values(item.get(id)))

        for verb, read in self._reads:
            self._change_all_over(read(item, id))
            for other, again in self._reads:
                assert values(again(item, id)) == stored, (verb, other)

    def test_a_change_to_what_was_updated_is_invisible_until_saved(
        self, item: Any, within: Any
    ) -> None:
        id = item.create(tags=["x"], part=Part(name="p", more={"q": Part(name="q")})).id
        with within():
            mine = item.get(id)
            mine.tags = ["y"]
            mine.part = Part(name="r", more={"q": Part(name="s")})
            mine.save()
        stored = copy.deepcopy(values(item.get(id)))
        assert stored["tags"] == ["y"]

        self._change_all_over(mine)

        for verb, read in self._reads:
            assert values(read(item, id)) == stored, verb

    def test_a_refreshed_object_shares_nothing_with_the_store(self, item: Any) -> None:
        id = item.create(tags=["x"], part=Part(name="p", more={"q": Part(name="q")})).id
        mine = item.get(id)
        assert mine.refresh() is mine
        self._change_all_over(mine)
        assert item.get(id).tags == ["x"]
        assert item.get(id).part == Part(name="p", more={"q": Part(name="q")})
        mine.refresh()
        assert mine.tags == ["x"]
        assert mine.changed == frozenset()

    def test_changes_inside_of_values_are_seen_whichever_way_it_came(self, item: Any) -> None:
        saved = item.create(tags=["x"], part=Part(name="p", sizes=[1]))
        came = [(verb, read(item, saved.id)) for verb, read in self._reads]
        for verb, mine in [("save", saved), *came]:
            mine.tags.append("y")
            assert mine.changed == {"tags"}, verb
            mine.part.sizes.append(2)
            assert mine.changed == {"tags", "part"}, verb
            mine.tags.remove("y")
            mine.part.sizes.remove(2)
            assert mine.changed == frozenset(), verb

    def test_two_objects_of_one_entity_are_apart(self, item: Any) -> None:
        id = item.create(name="a").id
        one, two = item.get(id), item.get(id)
        assert one is not two
        one.name = "b"
        assert two.name == "a"
        assert one.tags is not two.tags

    def test_look_alike_ids_are_different_ids(self, item: Any) -> None:
        for number, id in enumerate(LOOK_ALIKES):
            assert item.get_or_none(id) is None, f"{id!r} was taken for another one"
            item.create(id=id, number=number)
        for number, id in enumerate(LOOK_ALIKES):
            found = item.get(id)
            assert (found.id, found.number) == (id, number)
            assert [one.number for one in item.get_many([id])] == [number]

        item.get("a").delete()

        assert item.get_or_none("a") is None
        for id in LOOK_ALIKES[1:]:
            assert item.get_or_none(id) is not None, f"{id!r} went with 'a'"
        changed = item.get("A")
        changed.number = -1
        changed.save()
        for number, id in enumerate(LOOK_ALIKES):
            if id not in ("a", "A"):
                assert item.get(id).number == number, f"{id!r} was changed with 'A'"

    @needs(Ability.QUERY)
    def test_look_alike_ids_are_found_and_sorted_apart(self, item: Any) -> None:
        self.fill(item, [{"id": id, "number": n} for n, id in enumerate(LOOK_ALIKES)])
        assert [one.id for one in item.all()] == sorted(LOOK_ALIKES)
        assert item.count() == len(LOOK_ALIKES)
        assert item.first().id == min(LOOK_ALIKES)
        for number, id in enumerate(LOOK_ALIKES):
            assert [one.number for one in item.where(id=id)] == [number]
            assert item.exists(id)
        assert not item.exists("aa")

    def test_long_ids_are_told_apart_by_their_ends(self, item: Any) -> None:
        start = "x" * 999
        item.create(id=start + "1", number=1)
        item.create(id=start + "2", number=2)
        assert item.get(start + "1").number == 1
        assert item.get(start + "2").number == 2
        assert item.get_or_none(start) is None
        assert item.get_or_none(start + "12") is None

    def test_an_empty_id_is_an_id_like_others_or_refused(self, item: Any) -> None:
        try:
            item.create(id="", name="empty")
        except (NotStorable, ValidationError) as refused:
            assert "id" in str(refused)
            assert item.get_or_none("") is None
        else:
            assert item.get("").name == "empty"
            assert item.get_or_none(" ") is None

    @pytest.mark.parametrize("id", NOBODY, ids=repr)
    def test_an_id_that_nobody_has_finds_nothing(self, item: Any, id: Any) -> None:
        item.create(id="a")
        item.create(id="b")

        assert item.get_or_none(id) is None
        assert item.get_many([id]) == []
        with pytest.raises(EntityNotFound) as caught:
            item.get(id)

        assert isinstance(caught.value, LookupError)
        assert caught.value.entity == item
        assert caught.value.id is id
        if self.offers(Ability.QUERY):
            assert not item.exists(id)

    def test_whole_numbers_as_ids(self) -> None:
        from nitro_entities.testing.shapes import numbered

        cls = self.made(numbered)
        ids = [1, -1, 10, 2, 2**53 + 1, 2**63 - 1, -(2**63), 0]
        for id in ids:
            cls.create(id=id, name=str(id))
        for id in ids:
            assert cls.get(id).name == str(id)
            assert type(cls.get(id).id) is int
        assert cls.get_or_none(2**53) is None
        assert cls.get_or_none(3) is None
        assert cls.get_or_none(2**63) is None
        assert cls.get_or_none("x") is None
        assert [one.id for one in cls.get_many([10, 99, 2, -1])] == [10, 2, -1]
        with pytest.raises(EntityExists):
            cls.create(id=0)
        if self.offers(Ability.QUERY):
            assert [one.id for one in cls.all()] == sorted(ids)

    def test_uuids_as_ids(self) -> None:
        from uuid import UUID

        from nitro_entities.testing.shapes import keyed

        cls = self.made(keyed)
        ids = [UUID(int=n) for n in (5, 2**127, 0, 255)]
        for id in ids:
            cls.create(id=id, name=str(id))
        for id in ids:
            assert cls.get(id).name == str(id)
            assert cls.get(str(id)).id == id
            assert [one.id for one in cls.get_many([str(id)])] == [id]
        assert cls.get_or_none(UUID(int=6)) is None
        assert cls.get_or_none("x") is None
        if self.offers(Ability.QUERY):
            assert [one.id for one in cls.all()] == sorted(ids)

    def test_several_are_got_in_the_order_asked_for(self, item: Any) -> None:
        for id in "abcd":
            item.create(id=id)

        found = item.get_many(["d", "nobody", "a", "c"])

        assert [one.id for one in found] == ["d", "a", "c"]
        assert item.get_many([]) == []
        assert [one.id for one in item.get_many(iter("ba"))] == ["b", "a"]

    def test_an_id_asked_for_twice_is_answered_once(self, item: Any) -> None:
        for id in "abc":
            item.create(id=id)
        assert [one.id for one in item.get_many(["b", "a", "b", "b"])] == ["b", "a"]

    def test_many_ids_at_once_lose_none(self, item: Any) -> None:
        ids = [f"{number:04}" for number in range(1203)]
        self.fill(item, [{"id": id} for id in ids])

        asked = [id for pair in zip(ids, reversed(ids), strict=True) for id in pair]

        assert [one.id for one in item.get_many(ids)] == ids
        assert [one.id for one in item.get_many(asked)] == list(dict.fromkeys(asked))

    def test_an_id_that_is_taken_is_refused(self, item: Any, within: Any) -> None:
        item.create(id="a", name="first")

        with pytest.raises(EntityExists) as caught, within():
            item.create(id="a", name="second")

        assert caught.value.entity == item
        assert caught.value.id == "a"
        assert isinstance(caught.value, ValueError)
        assert item.get("a").name == "first"
        item.get("a").update(name="third").save()  # the store is free again
        assert item.get("a").name == "third"

    @needs(Ability.TRANSACTIONS)
    def test_an_id_taken_in_the_same_unit_is_refused(self, item: Any) -> None:
        with pytest.raises(EntityExists), UnitOfWork() as unit:
            item.create(id="a", name="first")
            unit.flush()
            item.create(id="a", name="second")
        assert item.get_or_none("a") is None

    def test_the_id_of_a_stored_entity_stays(self, item: Any, within: Any) -> None:
        item.create(id="a", name="x")
        item.create(id="c", name="other")
        for new in ("b", "c"):
            mine = item.get("a")
            mine.id = new
            with pytest.raises(ValueError, match="id"), within():
                mine.save()
        assert item.get("a").name == "x"
        assert item.get_or_none("b") is None
        assert item.get("c").name == "other"

    def test_generated_ids_differ_and_sort_by_time(self, item: Any) -> None:
        ids = [item.create().id for _ in range(20)]
        assert len(set(ids)) == 20
        assert ids == sorted(ids)

    def test_deleting_removes_this_one_only(self, item: Any, within: Any) -> None:
        for id in ("a", "aa", "b"):
            item.create(id=id)
        with within():
            item.get("a").delete()
        assert item.get_or_none("a") is None
        assert item.get_many(["a"]) == []
        assert sorted(self.everything(item, ["a", "aa", "b"])) == ["aa", "b"]
        if self.offers(Ability.QUERY):
            assert not item.exists("a")
            assert item.count() == 2

    def test_two_classes_do_not_share_their_ids(self, item: Any, account: Any) -> None:
        item.create(id="a", name="item")
        account.create(id="a", owner="account")
        item.get("a").delete()
        assert account.get("a").owner == "account"
        assert item.get_or_none("a") is None

    @staticmethod
    def _change_all_over(entity: Any) -> None:
        entity.name = "changed outside"
        entity.number += 1
        entity.tags.append("changed inside")
        entity.part.sizes.append(-1)
        entity.part.name = "changed inside"
        for inner in entity.part.more.values():
            inner.name = "changed deep inside"
