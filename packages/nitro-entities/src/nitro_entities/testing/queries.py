"""What is asked for is what is answered: conditions, orders, limits, counts."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_entities import InvalidQuery, UnitOfWork, col
from nitro_entities.repository import Ability
from nitro_entities.testing import oracle, samples, shapes
from nitro_entities.testing.contract import Contract, needs, rounds, thorough


@needs(Ability.QUERY)
class QueryContract(Contract):
    """The same meaning of queries"""

    @pytest.fixture
    def thing(self) -> Any:
        """Answer a class with a field of each kind that can be compared."""
        return self.made(shapes.thing)

    @pytest.mark.parametrize("size", [0, 1, 7, 40])
    def test_a_query_answers_what_the_reference_does(self, thing: Any, size: int) -> None:
        rows = samples.rows(size)
        self.fill(thing, rows)
        by_id = {row["id"]: {"tags": None, **row} for row in rows}
        some = rounds(60 if size > 1 else 15, 2_000)

        @thorough(some, some)
        @given(
            rule=st.none() | samples.rules(sorted(by_id)),
            order=samples.orders(),
            limit=st.none() | st.integers(0, size + 1),
            cap=st.none() | st.integers(0, size + 1),
        )
        def check(rule: Any, order: Any, limit: Any, cap: Any) -> None:
            wanted = [
                row["id"]
                for row in oracle.ordered(list(by_id.values()), order)
                if rule is None or oracle.holds(rule, row)
            ][:limit]
            query = thing.where() if rule is None else thing.where(oracle.condition(thing, rule))
            query = query.order_by(*oracle.keys(order))
            query = query if limit is None else query.limit(limit)

            found = query.list()

            assert [one.id for one in found] == wanted
            assert all(getattr(one, f) == by_id[one.id][f] for one in found for f in by_id[one.id])
            assert query.count() == len(wanted)
            assert query.exists() is bool(wanted)
            first = query.first()
            assert (None if first is None else first.id) == (wanted[0] if wanted else None)
            if cap is not None:
                assert query.count(cap=cap) == min(len(wanted), cap + 1)

        check()

    @pytest.mark.parametrize("field", [*samples.FIELDS, "id"])
    def test_each_kind_of_field_compares_and_sorts(self, thing: Any, field: str) -> None:
        rows = samples.rows(25, seed=1)
        self.fill(thing, rows)
        choices = samples.VALUES.get(field) or [row["id"] for row in rows[:5]]
        for value in choices:
            ops = ["eq", "ne"] if value is None else ["eq", "ne", *oracle.COMPARE]
            for op in ops:
                rule = (op, field, value)
                wanted = sorted(row["id"] for row in rows if oracle.holds(rule, row))
                found = thing.where(oracle.condition(thing, rule)).list()
                assert [one.id for one in found] == wanted, rule
            same = [row["id"] for row in rows if oracle.holds(("eq", field, value), row)]
            assert [one.id for one in thing.where(**{field: value})] == sorted(same), value
        for descending in (False, True):
            order = [(field, descending)]
            wanted = [row["id"] for row in oracle.ordered(rows, order)]
            found = thing.where().order_by(*oracle.keys(order)).list()
            assert [one.id for one in found] == wanted
        column = col(thing, field)
        assert [one.id for one in thing.where().order_by(column.desc())] == wanted

    @pytest.mark.parametrize("op", oracle.TEXT)
    def test_parts_of_text_are_found_as_they_are_written(self, thing: Any, op: str) -> None:
        texts = [*sorted(samples.TEXTS), "x" * 300 + "aB", "\u0130zmir", "\u1e9e", "\ufb01n"]
        rows = [
            {"id": f"{n:03}", "text": text, "number": 0, "flag": True, "note": None}
            for n, text in enumerate(texts)
        ]
        self.fill(thing, rows)
        for part in [*texts, "tra", "TRA", "ss", "i", "fi", "b%", "_b", "%b"]:
            rule = (op, "text", part)
            wanted = [row["text"] for row in rows if oracle.holds(rule, row)]
            found = thing.where(oracle.condition(thing, rule)).list()
            assert [one.text for one in found] == wanted, part
            missing = thing.where(oracle.condition(thing, (op, "note", part)))
            assert not missing.exists(), "a missing text contains nothing"
            turned = thing.where(oracle.condition(thing, ("not", (op, "note", part))))
            assert turned.count() == len(rows)

    def test_a_search_looks_into_several_fields(self) -> None:
        cls = self.made(shapes.texts)
        for number, field in enumerate(("one", "two", "three", "four", None)):
            cls.create(id=str(number), **({field: "Stra\u00dfe"} if field else {}))
        assert [one.id for one in cls.where().search("STRASSE")] == ["0", "1", "2", "3"]
        assert [one.id for one in cls.where().search("rass", "three", "one")] == ["0", "2"]
        assert [one.id for one in cls.where(two="").search("ras")] == ["0", "2", "3"]
        assert cls.where().search("").count() == 5
        assert not cls.where().search("%").exists()

    def test_a_text_index_changes_no_answer(self) -> None:
        cls = self.made(shapes.searched)
        texts = [
            "Stra\u00dfe 1",
            "STRASSE 2",
            "100% _x_",
            "o\ufb03ce",
            "\u212aelvin",
            "",
            '"a" OR b',
        ]
        entities = self.fill(cls, [{"one": one, "two": None} for one in texts])
        self.fill(cls, [{"two": texts[0], "three": "only here"}])
        entities[1].update(one="Other road")
        entities[1].save()
        entities[5].update(two="late 100%")
        entities[5].save()
        entities[3].delete()

        needles = ["strasse", "SSE", "ss", "100%", "%", "_x_", "office", "kelvin", "road", "LATE"]
        for needle in [*needles, '"a"', " OR ", "only here", "other_road", "e 1"]:
            folded = needle.casefold()
            wanted = [
                one.id
                for one in cls.where()
                if any(folded in (text or "").casefold() for text in (one.one, one.two))
            ]
            query = cls.where().search(needle, "one", "two")
            assert [one.id for one in query] == wanted, needle
            assert query.count() == len(wanted)
            assert [one.id for one in query.slice(20).items] == wanted
        assert cls.where().search("only here").count() == 1, "a field that is not declared"

    def test_text_sorts_by_code_points(self, item: Any) -> None:
        names = sorted(samples.TEXTS, reverse=True)
        self.fill(item, [{"name": name} for name in names])
        found = [one.name for one in item.where().order_by("name")]
        assert found == sorted(names, key=lambda text: [ord(char) for char in text])

    def test_ties_are_broken_by_the_id_each_time(self, item: Any) -> None:
        ids = list("dBaFcbAeDf")
        self.fill(item, [{"id": id, "number": number % 2} for number, id in enumerate(ids)])
        ones = [id for number, id in enumerate(ids) if number % 2]
        noughts = [id for number, id in enumerate(ids) if not number % 2]

        def found(*keys: str) -> list[str]:
            return [one.id for one in item.where().order_by(*keys)]

        for _ in range(3):
            assert found() == sorted(ids)
            assert found("number") == sorted(noughts) + sorted(ones)
            assert found("-number") == sorted(ones)[::-1] + sorted(noughts)[::-1]
            assert found("note") == sorted(ids)
            assert found("-note") == sorted(ids)[::-1]
            assert found("-id") == sorted(ids)[::-1]
            assert found("-number", "id") == sorted(ones) + sorted(noughts)
            for one in item.all()[::2]:
                one.update(name=one.name + "x").save()  # which may move rows about

    def test_missing_values_come_last_in_both_directions(self, item: Any) -> None:
        rows = [("a", None), ("b", 1.0), ("c", None), ("d", -5.0), ("e", 0.0)]
        self.fill(item, [{"id": id, "price": price} for id, price in rows])
        assert "".join(one.id for one in item.where().order_by("price")) == "debac"
        assert "".join(one.id for one in item.where().order_by("-price")) == "bedca"
        assert "".join(one.id for one in item.where().order_by("-price", "id")) == "bedac"
        assert "".join(one.id for one in item.where().order_by("note", "-id")) == "edcba"

    def test_a_missing_value_is_unequal_to_all_values(self, item: Any) -> None:
        self.fill(
            item, [{"id": "a", "note": None}, {"id": "b", "note": ""}, {"id": "c", "note": "x"}]
        )
        note = col(item, "note")

        def found(*conditions: Any, **equals: Any) -> str:
            return "".join(one.id for one in item.where(*conditions, **equals))

        assert found(note != "x") == "ab"
        assert found(note == None) == "a"  # noqa: E711
        assert found(note != None) == "bc"  # noqa: E711
        assert found(note=None) == "a"
        assert found(note="") == "b"
        assert found(note.is_null()) == "a"
        assert found(~note.is_null()) == "bc"
        assert found(~(note == "x")) == "ab"
        assert found(~(note != "x")) == "c"
        assert found(note < "x") == "b"
        assert found(~(note < "x")) == "ac"
        assert found(note >= "") == "bc"
        assert found(note.in_(["x", None])) == "ac"
        assert found(~note.in_(["x"])) == "ab"
        assert found(~note.in_(["x", None])) == "b"
        assert found(note.in_([])) == ""
        assert found(~note.in_([])) == "abc"
        assert found(note.in_([None])) == "a"
        assert found((note == "x") | (note == None)) == "ac"  # noqa: E711
        assert found(~((note == "x") | (note == ""))) == "a"
        assert found(~((note == "x") & (note == ""))) == "abc"

    def test_bounds_are_exact(self, item: Any) -> None:
        self.fill(item, [{"id": str(number), "number": number} for number in range(5)])
        number = col(item, "number")

        def found(*conditions: Any) -> str:
            return "".join(one.id for one in item.where(*conditions))

        assert found(number < 2) == "01"
        assert found(number <= 2) == "012"
        assert found(number > 2) == "34"
        assert found(number >= 2) == "234"
        assert found(number >= 1, number < 3) == "12"
        assert found((number < 1) | (number > 3)) == "04"

    def test_limits_are_exact(self, item: Any) -> None:
        self.fill(item, [{"id": str(number)} for number in range(5)])
        for limit in range(8):
            query = item.where().limit(limit)
            assert [one.id for one in query] == [str(n) for n in range(min(limit, 5))]
            assert query.count() == min(limit, 5)
            assert query.exists() is (limit > 0)
            assert (
                query.order_by("-number").list() == item.where().order_by("-number").list()[:limit]
            )
            for cap in range(8):
                assert item.where().count(cap=cap) == min(5, cap + 1)
                assert query.count(cap=cap) == min(5, limit, cap + 1)
                assert item.where(id="1").count(cap=cap) == 1
                assert item.where(id="x").count(cap=cap) == 0
        assert item.where().limit(0).first() is None
        assert item.where().limit(3).limit(2).count() == 2
        assert item.where().limit(2).limit(3).count() == 3

    def test_many_choices_at_once(self, item: Any) -> None:
        self.fill(item, [{"id": str(number), "number": number} for number in range(4)])
        many = list(range(2, 1500))
        assert [one.id for one in item.where(col(item, "number").in_(many))] == ["2", "3"]
        assert [one.id for one in item.where(~col(item, "number").in_(many))] == ["0", "1"]

    def test_counts_follow_what_is_stored(self, item: Any, within: Any) -> None:
        def counts(**equals: Any) -> list[int]:
            query = item.where(**equals)
            return [query.count(), query.count(cap=100), query.count(cap=0), len(query.list())]

        assert counts() == [0, 0, 0, 0]
        with within():
            for number in range(3):
                item.create(id=str(number), name="a")
        assert counts() == counts(name="a") == [3, 3, 1, 3]
        with within():
            item.get("0").update(name="b").save()
        assert counts(name="a") == [2, 2, 1, 2]
        assert counts(name="b") == [1, 1, 1, 1]
        with within():
            item.get("0").delete()
        assert counts(name="b") == [0, 0, 0, 0]
        assert counts() == [2, 2, 1, 2]
        assert item.count() == 2
        item.create(id="0", name="b")
        assert counts(name="b") == [1, 1, 1, 1]
        assert item.exists("0")

    def test_old_values_are_not_found_any_more(self, item: Any, within: Any) -> None:
        item.create(id="a", name="old", note=None, number=1)
        item.create(id="b", name="old", note="n", number=1)
        with within():
            item.get("a").update(name="new", note="n", number=2).save()
            item.get("b").update(note=None).save()
        for rule, ids in {
            ("eq", "name", "old"): "b",
            ("eq", "name", "new"): "a",
            ("null", "note"): "b",
            ("eq", "note", "n"): "a",
            ("lt", "number", 2): "b",
            ("ge", "number", 2): "a",
            ("in", "number", (1, 2)): "ab",
            ("contains", "name", "o"): "b",
            ("startswith", "name", "n"): "a",
        }.items():
            assert "".join(one.id for one in item.where(oracle.condition(item, rule))) == ids, rule
        assert "".join(one.id for one in item.where().order_by("-number")) == "ab"

    def test_unsaved_changes_are_not_found(self, item: Any) -> None:
        mine = item.create(id="a", name="old")
        mine.name = "new"
        item(id="b", name="new")
        assert item.where(name="new").list() == []
        assert [one.name for one in item.where(name="old")] == ["old"]

    def test_conditions_given_one_by_one_all_hold(self, item: Any) -> None:
        self.fill(
            item, [{"id": f"{a}{b}", "name": a, "number": b} for a in "ab" for b in range(3)]
        )
        query = item.where(name="a").where(col(item, "number") > 0).where(number=2)
        assert [one.id for one in query] == ["a2"]
        assert [one.id for one in item.where(name="b").order_by("number").order_by("-number")] == [
            "b2", "b1", "b0",
        ]  # fmt: skip
        assert [one.id for one in item.where(name="b", number=0)] == ["b0"]

    def test_parts_of_a_condition_stay_together(self, item: Any) -> None:
        self.fill(item, [{"id": str(n), "number": n, "name": "ab"[n % 2]} for n in range(4)])
        one, two = col(item, "number") == 1, col(item, "number") == 2
        assert [x.id for x in item.where((one | two) & (col(item, "name") == "a"))] == ["2"]
        assert [x.id for x in item.where((col(item, "name") == "a") & one | two)] == ["2"]
        assert [x.id for x in item.where(~(one | two), name="b")] == ["3"]

    def test_a_query_asks_anew_each_time(self, item: Any) -> None:
        query = item.where(name="a").order_by("-number")
        assert query.list() == []
        item.create(id="1", name="a")
        assert [one.id for one in query] == ["1"]
        item.create(id="2", name="a", number=1)
        assert [one.id for one in query] == ["2", "1"]
        assert query.count() == 2

    @needs(Ability.TRANSACTIONS)
    def test_queries_in_a_unit_answer_what_the_reference_does(self, thing: Any) -> None:
        rows = samples.rows(12, seed=2)
        self.fill(thing, rows)
        with UnitOfWork() as unit:
            thing.get(rows[0]["id"]).delete()
            for row in rows[1:4]:
                mine = thing.get(row["id"])
                row.update(text="changed", count_=7, price=None)
                mine.update(text="changed", count_=7, price=None).save()
            rows[0] = {**rows[0], "id": "new", "text": "changed"}
            thing.create(**rows[0])
            for order in ([], [("text", True)], [("count_", False), ("price", True)]):
                for rule in (("eq", "text", "changed"), ("ne", "count_", 7), ("null", "price")):
                    wanted = [
                        row["id"] for row in oracle.ordered(rows, order) if oracle.holds(rule, row)
                    ]
                    query = thing.where(oracle.condition(thing, rule))
                    query = query.order_by(*oracle.keys(order))
                    assert [one.id for one in query] == wanted
                    assert [one.id for one in query.slice(20).items] == wanted
                    assert [one.id for one in query.limit(2)] == wanted[:2]
                    assert query.count() == len(wanted)
            unit.rollback()

    def test_what_cannot_be_asked_is_refused_in_words(self, item: Any) -> None:
        refused: list[tuple[Callable[[], object], str]] = [
            (lambda: item.where(nmae="x"), "nmae"),
            (lambda: item.where(tags=["x"]), "tags"),
            (lambda: item.where().order_by("nmae"), "nmae"),
            (lambda: item.where().order_by("-tags"), "tags"),
            (lambda: item.where(number="many"), "number"),
            (lambda: item.where(col(item, "number").contains("x")), "number"),
            (lambda: item.where().limit(-1), "-1"),
        ]
        for ask, word in refused:
            with pytest.raises(InvalidQuery, match=word):
                ask()
