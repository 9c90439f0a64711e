"""Unique values: the store refuses a second one, whichever way it comes."""

from typing import Any

import pytest

from nitro_entities import UnitOfWork
from nitro_entities.errors import NotUnique
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes
from nitro_entities.testing.contract import Contract, heard, needs
from nitro_entities.testing.units import Stop


@needs(Ability.UNIQUE)
class UniqueContract(Contract):
    """Unique values"""

    @pytest.fixture
    def member(self) -> Any:
        """Answer a class with a value that is unique, and two that are so together."""
        return self.made(shapes.member)

    def test_a_second_one_is_refused(self, member: Any, within: Any) -> None:
        member.create(id="a", email="x")

        with heard(member) as batches, pytest.raises(NotUnique) as caught, within():
            member.create(id="b", email="x")

        refused = caught.value
        assert (refused.entity, refused.id, refused.fields) == (member, "b", ("email",))
        assert batches == []
        assert member.get_or_none("b") is None
        assert member.get("a").email == "x"
        with within():
            member.create(id="b", email="y")
        assert member.get("b").email == "y"

    def test_a_change_to_a_taken_value_is_refused(self, member: Any, within: Any) -> None:
        member.create(id="a", email="x")
        mine = member.create(id="b", email="y", name="n")
        mine.email = "x"

        with pytest.raises(NotUnique) as caught, within():
            mine.save()

        assert (caught.value.id, caught.value.fields) == ("b", ("email",))
        assert member.get("b").email == "y"
        assert mine.changed == {"email"}
        mine.email = "z"
        with within():
            mine.save()
        assert member.get("b").email == "z"

    def test_saving_ones_own_value_again_is_no_conflict(self, member: Any, within: Any) -> None:
        mine = member.create(email="x", street="s", house=1)
        with within():
            mine.update(name="n").save()
        with within():
            mine.update(email="y").save()
        with within():
            mine.update(email="x").save()
        assert member.get(mine.id).email == "x"

    def test_missing_values_are_never_the_same(self, member: Any, within: Any) -> None:
        with within():
            for number in range(3):
                member.create(id=str(number), email=None, street="s", house=None)
        assert len(member.get_many(["0", "1", "2"])) == 3
        member.get("0").update(email="x").save()
        with within():
            member.get("0").update(email=None).save()
        member.create(id="3", email="x")

    def test_look_alikes_are_not_the_same(self, member: Any) -> None:
        texts = (
            "x",
            "X",
            "x ",
            " x",
            "",
            "\u00e9",
            "e\u0301",
            "\u00c9",
            "ss",
            "\u00df",
            "x:y",
            "x%",
        )
        for text in texts:
            member.create(email=text)
        for text in texts:
            with pytest.raises(NotUnique):
                member.create(email=text)

    def test_values_that_are_unique_together(self, member: Any, within: Any) -> None:
        member.create(id="a", street="s", house=1)
        with within():
            member.create(id="b", street="s", house=2)
            member.create(id="c", street="t", house=1)
        with pytest.raises(NotUnique) as caught, within():
            member.create(id="d", street="s", house=1)
        assert caught.value.fields == ("street", "house")
        mine = member.get("b")
        mine.house = 1
        with pytest.raises(NotUnique), within():
            mine.save()
        assert member.get("b").house == 2
        for street, house in (("s:1", 1), ("s", 11), ("s1", 1), ("", 1), ("s,1", 1), ("null", 1)):
            member.create(street=street, house=house)

    def test_a_value_is_free_again(self, member: Any, within: Any) -> None:
        member.create(id="a", email="x", street="s", house=1)
        with within():
            member.get("a").delete()
        with within():
            member.create(id="b", email="x", street="s", house=1)
        with within():
            member.get("b").update(email="y", house=2).save()
        with within():
            member.create(id="c", email="x", street="s", house=1)
        with pytest.raises(NotUnique):
            member.create(email="y")
        with pytest.raises(NotUnique):
            member.create(street="s", house=2)

    def test_a_refused_save_takes_no_value(self, member: Any, within: Any) -> None:
        member.create(id="a", email="x", street="s", house=1)
        with pytest.raises(NotUnique), within():
            member.create(id="b", email="free", street="s", house=1)
        with pytest.raises(NotUnique), within():
            member.create(id="c", email="x", street="free", house=9)
        member.create(id="d", email="free", street="free", house=9)

    @needs(Ability.TRANSACTIONS)
    def test_two_in_one_unit_are_refused(self, member: Any) -> None:
        for flushed in (False, True):
            with pytest.raises(NotUnique), UnitOfWork() as unit:
                member.create(id="a", email="x")
                if flushed:
                    unit.flush()
                member.create(id="b", email="x")
            assert member.get_many(["a", "b"]) == []
        member.create(id="b", email="x")

    @needs(Ability.TRANSACTIONS)
    def test_later_values_of_a_unit_are_checked_like_the_first(self, member: Any) -> None:
        member.create(id="a", email="x", street="s", house=1)
        for taken in ({"email": "x"}, {"street": "s", "house": 1}):
            with pytest.raises(NotUnique), UnitOfWork() as unit:
                member.create(id="b", email="y")
                unit.flush()
                member.create(id="c", **taken)
            assert member.get_many(["b", "c"]) == []
            with pytest.raises(NotUnique), UnitOfWork() as unit:
                mine = member.create(id="b", email="y")
                unit.flush()
                mine.update(**taken).save()
            assert member.get_many(["b", "c"]) == []

    @needs(Ability.TRANSACTIONS)
    def test_a_rolled_back_unit_takes_and_frees_nothing(self, member: Any) -> None:
        member.create(id="a", email="x")
        with pytest.raises(Stop), UnitOfWork() as unit:
            member.get("a").delete()
            unit.flush()
            member.create(id="b", email="x")
            member.create(id="c", email="y")
            unit.flush()
            raise Stop
        with pytest.raises(NotUnique):
            member.create(email="x")
        member.create(email="y")

    @needs(Ability.TRANSACTIONS)
    def test_a_value_moves_within_a_unit(self, member: Any) -> None:
        member.create(id="a", email="x")
        with UnitOfWork() as unit:
            member.get("a").update(email="y").save()
            unit.flush()
            member.create(id="b", email="x")
        assert [one.email for one in member.get_many(["a", "b"])] == ["y", "x"]
        with pytest.raises(NotUnique):
            member.create(email="x")
