"""Programs of a few dozen steps, drawn by Hypothesis, against a dictionary."""

import contextlib
import copy
import itertools
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nitro_entities import EntityExists, EntityNotFound, StaleEntity, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing import oracle
from nitro_entities.testing.contract import Contract, rounds, thorough, values
from nitro_entities.testing.units import Stop, others

IDS = ("a", "A", "a ", "b", "B", "\u00e9", "e\u0301", "1")
TEXTS = ("", "a", "A", "ab", "%", "\u00e9", "\uffff", "\U0001f600")

_ids = st.sampled_from(IDS)
_fields: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(TEXTS),
    "number": st.integers(0, 3),
    "note": st.none() | st.sampled_from(TEXTS),
    "price": st.none() | st.sampled_from([0.0, 0.1, -1.5]),
    "tags": st.lists(st.sampled_from("xyz"), max_size=2),
}
_some = st.fixed_dictionaries({}, optional=_fields)
_one = st.sampled_from(sorted(_fields)).flatmap(
    lambda field: st.fixed_dictionaries({field: _fields[field]})
)
_order = st.lists(
    st.tuples(st.sampled_from(["name", "number", "note", "price", "id"]), st.booleans()),
    max_size=2,
    unique_by=lambda pair: pair[0],
)
_writes = st.one_of(
    st.tuples(st.just("create"), _ids, _some),
    st.tuples(st.just("update"), _ids, _one),
    st.tuples(st.just("update"), _ids, _one),
    st.tuples(st.just("delete"), _ids),
    st.tuples(st.just("incr"), _ids, st.integers(1, 3)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("look")),
)
_script = st.recursive(
    st.lists(_writes, min_size=1, max_size=5),
    lambda inner: st.tuples(
        st.lists(_writes, max_size=3),
        st.tuples(st.just("nest"), inner, st.booleans()),
        st.lists(_writes, max_size=3),
    ).map(lambda parts: [*parts[0], parts[1], *parts[2]]),
    max_leaves=3,
)

Row = dict[str, Any]


class Hand:
    """An object that somebody holds, and what was stored when he got it."""

    def __init__(self, entity: Any, life: int | None) -> None:
        self.entity = entity
        self.life = life  # of the row when it was loaded; None if it never was stored
        self.base = copy.deepcopy(values(entity))

    @property
    def changed(self) -> Row:
        return {n: v for n, v in values(self.entity).items() if v != self.base[n]}


class Program(RuleBasedStateMachine):
    """What the store and a dictionary have to agree on."""

    contract: Contract
    cls: Any
    hands = Bundle("hands")

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, tuple[int, Row]] = {}  # each with the number of its last write
        self.lives = itertools.count(1)

    @rule(target=hands, id=_ids, given=_some, unit=st.booleans())
    def create(self, id: str, given: Row, unit: bool) -> Any:
        entity = self.cls(id=id, **copy.deepcopy(given))
        hand = Hand(entity, None)
        if id in self.rows:
            with pytest.raises(EntityExists), self._within(unit):
                entity.save()
            assert entity.is_new
            return hand
        with self._within(unit):
            assert entity.save() is entity
        self._written(hand)
        return hand

    @rule(target=hands, id=_ids, way=st.integers(0, 4))
    def read(self, id: str, way: int) -> Any:
        found: Any
        if way in (0, 1) or not self.contract.offers(Ability.QUERY):
            found = self.cls.get_or_none(id)
        elif way == 2:
            found = next(iter(self.cls.get_many(["nobody", id])), None)
        elif way == 3:
            found = self.cls.where(id=id).first()
        else:
            found = next((one for one in self.cls.where().slice(20).items if one.id == id), None)
        if id not in self.rows:
            assert found is None
            return cast("Any", multiple())
        life, row = self.rows[id]
        assert values(found) == row
        assert not found.is_new
        return Hand(found, life)

    @rule(hand=hands, given=_one)
    def change(self, hand: Hand, given: Row) -> None:
        for name, value in given.items():
            setattr(hand.entity, name, copy.deepcopy(value))

    @rule(hand=hands, tag=st.sampled_from("xyz"))
    def change_inside(self, hand: Hand, tag: str) -> None:
        hand.entity.tags.append(tag)

    @rule(hand=hands, given=_one, unit=st.booleans())
    def change_and_save(self, hand: Hand, given: Row, unit: bool) -> None:
        self.change(hand, given)
        self.save(hand, unit)

    @rule(hand=hands, unit=st.booleans())
    def save(self, hand: Hand, unit: bool) -> None:
        id, mine = hand.entity.id, hand.changed
        stored = self.rows.get(id)
        if hand.life is None and stored is not None:
            with pytest.raises(EntityExists), self._within(unit):
                hand.entity.save()
        elif hand.life is None or (mine and stored is not None and stored[0] == hand.life):
            with self._within(unit):
                hand.entity.save()
            self._written(hand)
        elif not mine:
            with self._within(unit):
                hand.entity.save()
        else:
            with pytest.raises(StaleEntity) as caught, self._within(unit):
                hand.entity.save()
            assert caught.value.mine == mine
            assert caught.value.gone is (stored is None)
            if stored is not None:
                assert caught.value.theirs == {name: stored[1][name] for name in mine}

    @rule(hand=hands, unit=st.booleans())
    def delete(self, hand: Hand, unit: bool) -> None:
        id = hand.entity.id
        stored = self.rows.get(id)
        if stored is not None and hand.life is None:
            return
        if stored is not None and stored[0] != hand.life:
            with pytest.raises(StaleEntity), self._within(unit):
                hand.entity.delete()
            return
        with self._within(unit):
            hand.entity.delete()
        self.rows.pop(id, None)
        hand.life = None
        assert hand.entity.is_new

    @rule(hand=hands)
    def refresh(self, hand: Hand) -> None:
        stored = self.rows.get(hand.entity.id)
        if stored is None:
            with pytest.raises(EntityNotFound):
                hand.entity.refresh()
            return
        hand.entity.refresh()
        assert values(hand.entity) == stored[1]
        hand.life, hand.base = stored[0], copy.deepcopy(stored[1])

    @rule(hand=hands, delta=st.integers(1, 3), unit=st.booleans())
    def incr(self, hand: Hand, delta: int, unit: bool) -> None:
        id = hand.entity.id
        if id not in self.rows:
            with pytest.raises(EntityNotFound), self._within(unit):
                hand.entity.incr(number=delta)
            return
        if hand.life is None:
            return
        life, row = self.rows[id]
        with self._within(unit):
            hand.entity.incr(number=delta)
        row = {**row, "number": row["number"] + delta}
        assert hand.entity.number == row["number"]
        self.rows[id] = (next(self.lives), row)
        if hand.life == life:
            hand.life, hand.base = self.rows[id][0], copy.deepcopy(row)

    @rule(hand=consumes(hands))
    def let_go(self, hand: Hand) -> None:
        """Forget an object, with its unsaved changes."""

    @precondition(lambda self: self.contract.offers(Ability.TRANSACTIONS))
    @rule(script=_script, end=st.sampled_from(["commit", "commit", "roll back", "conflict"]))
    def work_in_a_unit(self, script: list[Any], end: str) -> None:
        before = dict(self.rows)
        after = dict(self.rows)
        if end == "commit":
            with UnitOfWork() as unit:
                self._play(unit, script, after)
                self._outside_is(before)
            self.rows = after
            return
        with pytest.raises(Stop if end == "roll back" else EntityExists), UnitOfWork() as unit:
            self._play(unit, script, after)
            if end == "roll back":
                raise Stop
            self.cls.create(id="twice")
            unit.flush()
            self.cls.create(id="twice")
        assert self.cls.get_or_none("twice") is None

    @precondition(lambda self: self.contract.offers(Ability.QUERY))
    @rule(data=st.data(), order=_order, limit=st.none() | st.integers(0, 5))
    def ask(self, data: Any, order: Any, limit: int | None) -> None:
        where = data.draw(self._rules())
        wanted = [
            row["id"]
            for row in oracle.ordered([row for _, row in self.rows.values()], order)
            if oracle.holds(where, row)
        ]
        query = self.cls.where(oracle.condition(self.cls, where)).order_by(*oracle.keys(order))
        limited = query if limit is None else query.limit(limit)
        assert [one.id for one in limited] == wanted[:limit]
        assert limited.count() == len(wanted[:limit])
        assert query.exists() is bool(wanted)
        if limit:
            assert query.count(cap=limit) == min(len(wanted), limit + 1)
            walked: list[str] = []
            after = None
            while True:
                part = query.slice(limit, after=after)
                walked += [one.id for one in part.items]
                after = part.next
                if after is None:
                    break
            assert walked == wanted

    @rule(id=st.sampled_from(["nobody", "", "aa", "a%", "\u00c9", "_", "1.0", "ab"]))
    def nobody(self, id: str) -> None:
        assert self.cls.get_or_none(id) is None
        assert self.cls.get_many([id]) == []

    @invariant()
    def the_store_holds_what_the_dictionary_does(self) -> None:
        found = self.contract.everything(self.cls, IDS)
        assert found == {id: row for id, (_, row) in self.rows.items()}
        if self.contract.offers(Ability.QUERY):
            assert self.cls.count() == len(self.rows)

    def teardown(self) -> None:
        if self.contract.offers(Ability.QUERY):
            self.contract.empty(self.cls)
        else:
            for entity in self.cls.get_many(IDS):
                entity.delete()

    def _within(self, unit: bool) -> Any:
        together = unit and self.contract.offers(Ability.TRANSACTIONS)
        return UnitOfWork() if together else contextlib.nullcontext()

    def _written(self, hand: Hand) -> None:
        """Note that what *hand* holds is what is stored."""
        hand.life, hand.base = next(self.lives), copy.deepcopy(values(hand.entity))
        self.rows[hand.entity.id] = (hand.life, hand.base)
        assert not hand.entity.is_new
        assert hand.entity.changed == frozenset()

    def _play(self, unit: Any, script: list[Any], rows: dict[str, tuple[int, Row]]) -> None:
        """Do in *unit* and to *rows* what *script* says."""
        for step in script:
            match step:
                case ("create", id, given):
                    if id not in rows:
                        entity = self.cls.create(id=id, **copy.deepcopy(given))
                        rows[id] = (next(self.lives), copy.deepcopy(values(entity)))
                case ("update", id, given):
                    entity = self.cls.get_or_none(id)
                    assert (entity is None) is (id not in rows)
                    if entity is not None and any(
                        getattr(entity, n) != v for n, v in given.items()
                    ):
                        # written at once, so that turning back to an old value is a write too
                        entity.update(**copy.deepcopy(given)).save()
                        unit.flush()
                        rows[id] = (next(self.lives), {**rows[id][1], **given})
                case ("delete", id):
                    entity = self.cls.get_or_none(id)
                    if entity is not None:
                        entity.delete()
                        del rows[id]
                case ("incr", id, delta):
                    entity = self.cls.get_or_none(id)
                    if entity is not None:
                        entity.incr(number=delta)
                        number = rows[id][1]["number"] + delta
                        rows[id] = (next(self.lives), {**rows[id][1], "number": number})
                case ("flush",):
                    unit.flush()
                case ("look",):
                    found = self.contract.everything(self.cls, IDS)
                    assert found == {id: row for id, (_, row) in rows.items()}
                case _:
                    _, inner, keep = step  # nest
                    unit.flush()
                    tried = dict(rows)
                    with contextlib.suppress(Stop), UnitOfWork() as nested:
                        self._play(nested, inner, tried)
                        if not keep:
                            raise Stop
                    if keep:
                        rows.clear()
                        rows.update(tried)

    def _outside_is(self, rows: dict[str, tuple[int, Row]]) -> None:
        found = others(lambda: self.contract.everything(self.cls, IDS))
        assert found == {id: row for id, (_, row) in rows.items()}

    def _rules(self) -> st.SearchStrategy[Any]:
        """Draw a condition about a value that is stored, or nearly."""
        stored = [row for _, row in self.rows.values()] or [
            {"number": 1, "name": "a", "note": "a"}
        ]

        def of(field: str) -> st.SearchStrategy[Any]:
            return st.sampled_from([row[field] for row in stored])

        ops = st.sampled_from([*oracle.COMPARE, "eq", "ne"])
        leaf = st.one_of(
            st.tuples(ops, st.just("number"), of("number")),
            st.tuples(ops, st.just("name"), of("name")),
            st.tuples(st.sampled_from(["eq", "ne"]), st.just("note"), of("note")),
            st.tuples(st.just("in"), st.just("note"), st.lists(of("note"), max_size=2).map(tuple)),
            st.tuples(st.sampled_from([*oracle.TEXT]), st.just("name"), of("name")),
            st.tuples(st.just("null"), st.sampled_from(["note", "price"])),
        )
        pair = st.tuples(st.sampled_from(["and", "or"]), leaf, leaf)
        return st.one_of(leaf, leaf.map(lambda part: ("not", part)), pair)


class MachineContract(Contract):
    """Programs drawn by chance"""

    def test_the_store_does_as_a_dictionary_would(self, item: Any) -> None:
        bound = {"contract": self, "cls": item}
        program = type("Program", (Program,), bound)
        steps = rounds(20, 30)
        run_state_machine_as_test(program, settings=thorough(25, 1_000, steps))
