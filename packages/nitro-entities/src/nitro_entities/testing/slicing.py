"""Slices: walking over them is walking over the whole, there and back, whoever writes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_entities import InvalidCursor
from nitro_entities.repository import Ability
from nitro_entities.testing import oracle, samples, shapes
from nitro_entities.testing.contract import Contract, needs, thorough


@needs(Ability.QUERY)
class SliceContract(Contract):
    """Slices by position"""

    @pytest.mark.parametrize("size", [0, 1, 9, 30])
    def test_walking_over_slices_is_walking_over_the_whole(self, size: int) -> None:
        thing = self.made(shapes.thing)
        rows = samples.rows(size, seed=3)
        self.fill(thing, rows)
        full = [{"tags": None, **row} for row in rows]

        @thorough(12 if size > 1 else 4, 600)
        @given(
            rule=st.none() | samples.rules([row["id"] for row in rows]),
            order=samples.orders(),
            step=st.integers(1, 7),
        )
        def check(rule: Any, order: Any, step: int) -> None:
            wanted = [
                row["id"]
                for row in oracle.ordered(full, order)
                if rule is None or oracle.holds(rule, row)
            ]
            query = thing.where() if rule is None else thing.where(oracle.condition(thing, rule))
            self._walk(query.order_by(*oracle.keys(order)), wanted, step)

        check()

    @pytest.mark.parametrize("field", samples.FIELDS)
    def test_slices_by_each_kind_of_field(self, field: str) -> None:
        thing = self.made(shapes.thing)
        rows = samples.rows(16, seed=4)
        self.fill(thing, rows)
        other = "grade" if field == "flag" else "flag"
        for order in ([(field, False)], [(field, True)], [(other, False), (field, True)]):
            wanted = [row["id"] for row in oracle.ordered(rows, order)]
            for step in (1, 5, 16):
                self._walk(thing.where().order_by(*oracle.keys(order)), wanted, step)

    @pytest.mark.parametrize("key", ["number", "-number", "note", "-note", "name"])
    def test_equal_keys_are_neither_skipped_nor_repeated(self, item: Any, key: str) -> None:
        ids = sorted("dBaFcbAeDfxy")
        self.fill(item, [{"id": id, "number": n // 5, "name": "same"} for n, id in enumerate(ids)])
        wanted = [one.id for one in item.where().order_by(key)]
        assert sorted(wanted) == ids
        for step in range(1, 14):
            self._walk(item.where().order_by(key), wanted, step)

    def test_the_ends_are_told(self, item: Any) -> None:
        self.fill(item, [{"id": str(number)} for number in range(4)])
        whole = item.where().slice(4)
        assert (len(whole.items), whole.next, whole.previous) == (4, None, None)
        first = item.where().slice(3)
        assert [one.id for one in first.items] == ["0", "1", "2"]
        assert first.previous is None
        last = item.where().slice(3, after=first.next)
        assert [one.id for one in last.items] == ["3"]
        assert last.next is None
        half = item.where().slice(2)
        end = item.where().slice(2, after=half.next)
        assert [one.id for one in end.items] == ["2", "3"]
        assert end.next is None
        back = item.where().slice(2, before=end.previous)
        assert [one.id for one in back.items] == ["0", "1"]
        assert back.previous is None
        assert back.next == half.next
        near = item.where().slice(1, before=end.previous)
        assert [one.id for one in near.items] == ["1"]
        assert near.previous is not None

    def test_nothing_is_one_empty_slice(self, item: Any) -> None:
        empty = item.where().slice(5)
        assert (empty.items, empty.next, empty.previous) == ([], None, None)

    def test_new_ones_behind_us_shift_nothing(self, item: Any) -> None:
        self.fill(item, [{"id": f"{n:02}", "number": n // 4} for n in range(0, 20, 2)])
        query = item.where().order_by("number")
        first = query.slice(4)
        item.create(id="01", number=0)  # before the position
        item.create(id="00x", number=-1)
        second = query.slice(4, after=first.next)
        assert [one.id for one in second.items] == ["08", "10", "12", "14"]
        item.create(id="07", number=1)  # between the slices: met on the way back
        back = query.slice(4, before=second.previous)
        assert [one.id for one in back.items] == ["02", "04", "06", "07"]
        assert back.previous is not None
        item.create(id="15", number=3)
        item.create(id="14x", number=3)
        third = query.slice(4, after=second.next)
        assert [one.id for one in third.items] == ["14x", "15", "16", "18"]
        assert third.next is None

    def test_a_position_outlives_what_stood_there(self, item: Any) -> None:
        self.fill(item, [{"id": str(number), "number": 1} for number in range(6)])
        query = item.where().order_by("-number")
        first = query.slice(2)
        assert [one.id for one in first.items] == ["5", "4"]
        item.get("4").delete()
        item.get("3").delete()
        second = query.slice(2, after=first.next)
        assert [one.id for one in second.items] == ["2", "1"]
        item.get("2").delete()
        back = query.slice(2, before=second.previous)
        assert [one.id for one in back.items] == ["5"]
        assert back.previous is None

    def test_what_is_gone_is_no_neighbour(self, item: Any) -> None:
        self.fill(item, [{"id": str(number)} for number in range(4)])
        position = item.where().slice(2).next
        for id in "01":
            item.get(id).delete()

        rest = item.where().slice(2, after=position)

        assert [one.id for one in rest.items] == ["2", "3"]
        assert (rest.next, rest.previous) == (None, None)

    def test_an_emptied_slice_leads_back(self, item: Any) -> None:
        self.fill(item, [{"id": str(number)} for number in range(6)])
        position = item.where().slice(4).next
        for id in "45":
            item.get(id).delete()

        empty = item.where().slice(2, after=position)

        assert empty.items == []
        assert empty.next is None
        back = item.where().slice(2, before=empty.previous)
        assert [one.id for one in back.items] == ["2", "3"]

    def test_values_that_change_move_to_their_new_place(self, item: Any) -> None:
        self.fill(item, [{"id": str(number), "number": number} for number in range(6)])
        query = item.where().order_by("number")
        first = query.slice(3)
        item.get("0").update(number=10).save()
        rest = query.slice(9, after=first.next)
        assert [one.id for one in rest.items] == ["3", "4", "5", "0"]

    def test_a_position_of_another_order_is_refused(self, item: Any) -> None:
        self.fill(item, [{"id": str(number)} for number in range(5)])
        position = item.where().order_by("name").slice(2).next
        for key in ("number", "-name"):
            with pytest.raises(InvalidCursor):
                item.where().order_by(key).slice(2, after=position)
        for made_up in ("", "x", "W10", "A" * 500, "\u00e9"):
            with pytest.raises(InvalidCursor):
                item.where().order_by("name").slice(2, after=made_up)

    def _walk(self, query: Any, wanted: list[Any], step: int) -> None:
        """Go to the end in steps and back again."""
        parts = [query.slice(step)]
        assert parts[0].previous is None
        while parts[-1].next is not None:
            assert len(parts[-1].items) == step
            assert len(parts) * step < len(wanted), "a slice says there is more than there is"
            parts.append(query.slice(step, after=parts[-1].next))
            assert parts[-1].previous is not None
        assert [one.id for part in parts for one in part.items] == wanted
        here = parts[-1]
        for part in reversed(parts[:-1]):
            here = query.slice(step, before=here.previous)
            assert here == part
