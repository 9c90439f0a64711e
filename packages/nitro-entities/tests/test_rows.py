"""A backend of one's own, from the three methods of a row store."""

import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_entities import Entity, EntityExists, StaleEntity, UnitOfWork, changes, classes
from nitro_entities.conditions import Condition
from nitro_entities.errors import NotStorable, NotUnique, UnreadableRow
from nitro_entities.fields import Unique, specs
from nitro_entities.repository import Ability
from nitro_entities.stores.rows import Batch, Conflict, Row, RowRepository, RowStore, Write, check
from nitro_entities.stores.sort_keys import sort_key
from nitro_entities.verbs import Verbs

E = TypeVar("E", bound=Verbs)


class ShelfStore(RowStore):
    """What the docstring of the module shows."""

    durable = True
    blocking = True
    abilities = frozenset({Ability.DURABLE, Ability.UNIQUE})

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._rows: dict[tuple[str, str], Row] = {}

    def read(self, cls: type[Verbs], keys: Sequence[str]) -> Sequence[Row | None]:
        with self._lock:
            return [self._rows.get((classes.key(cls), key)) for key in keys]

    def scan(self, cls: type[Verbs], where: Condition | None) -> Iterable[Row]:
        with self._lock:
            return [row for (name, _), row in self._rows.items() if name == classes.key(cls)]

    def write(self, batch: Batch) -> None:
        with self._lock:
            check(self, batch)
            for write in batch.writes:
                place = (classes.key(write.cls), write.key)
                if write.row is None:
                    self._rows.pop(place, None)
                else:
                    self._rows[place] = write.row


class CarelessStore(ShelfStore):
    """Leaves unique values to the base."""

    abilities = frozenset()

    def write(self, batch: Batch) -> None:
        super().write(Batch([write._replace(unique=()) for write in batch.writes]))


class ShelfRepo(RowRepository[E]):
    store_class = ShelfStore


class CarelessRepo(RowRepository[E]):
    store_class = CarelessStore


class Member(Entity):
    email: Unique[str]
    name: str = ""
    level: int = 0
    tags: set[str] = set()
    _persistence_backend_class = ShelfRepo
    __unique__ = [("name", "level")]


class CarelessMember(Entity):
    email: Unique[str]
    name: str = ""
    _persistence_backend_class = CarelessRepo


def shelf() -> ShelfStore:
    found = Member.repository().store
    assert isinstance(found, ShelfStore)
    return found


def test_an_entity_comes_back_as_a_copy() -> None:
    ann = Member.create(email="a@x", tags={"new"})

    found = Member.get(ann.id)

    assert found == ann
    assert found is not ann
    found.tags.add("old")
    assert found.changed == {"tags"}
    assert Member.get(ann.id).tags == {"new"}


def test_what_the_store_can_do_shows_in_the_repository() -> None:
    assert ShelfRepo.abilities == {
        Ability.DURABLE, Ability.UNIQUE, Ability.QUERY, Ability.TRANSACTIONS
    }  # fmt: skip
    assert Ability.UNIQUE in CarelessRepo.abilities
    assert ShelfRepo.blocking


def test_a_stale_save_shows_both_versions() -> None:
    mine = Member.create(email="a@x")
    theirs = Member.get(mine.id)
    theirs.level = 2
    theirs.save()
    mine.level = 1

    with pytest.raises(StaleEntity) as caught:
        mine.save()

    assert caught.value.mine == {"level": 1}
    assert caught.value.theirs == {"level": 2}
    assert not caught.value.gone


def test_a_save_over_a_removed_row_is_stale() -> None:
    mine = Member.create(email="a@x")
    Member.get(mine.id).delete()
    mine.level = 1

    with pytest.raises(StaleEntity) as caught:
        mine.save()

    assert caught.value.gone


def test_an_id_is_taken_once() -> None:
    Member.create(id="1", email="a@x")

    with pytest.raises(EntityExists):
        Member.create(id="1", email="b@x", name="b")


@pytest.mark.parametrize("cls", [Member, CarelessMember])
def test_a_unique_value_is_taken_once(cls: Any) -> None:
    ann = cls.create(email="a@x")

    with pytest.raises(NotUnique) as caught:
        cls.create(email="a@x", name="other")
    ann.name = "Ann"
    ann.save()
    ann.delete()
    cls.create(email="a@x", name="other")

    assert caught.value.fields == ("email",)
    assert cls.count() == 1


def test_fields_that_are_unique_together() -> None:
    Member.create(email="a@x", name="Ann", level=1)
    Member.create(email="b@x", name="Ann", level=2)

    with pytest.raises(NotUnique) as caught:
        Member.create(email="c@x", name="Ann", level=2)

    assert caught.value.fields == ("name", "level")


def test_unique_values_can_be_swapped_in_one_unit() -> None:
    a = Member.create(email="a@x", name="a")
    b = Member.create(email="b@x", name="b")

    with UnitOfWork():
        a.email, b.email = "b@x", "a@x"
        a.save()
        b.save()

    assert Member.get(a.id).email == "b@x"
    assert Member.get(b.id).email == "a@x"


def test_a_unit_is_refused_as_a_whole() -> None:
    a = Member.create(email="a@x", name="a")
    mine = Member.get(a.id)
    a.level = 5
    a.save()
    mine.level = 1

    with pytest.raises(StaleEntity) as caught, UnitOfWork():
        Member(email="new@x", name="new").save()
        mine.save()

    assert caught.value.theirs == {"level": 5}
    assert Member.count() == 1


def test_reads_in_a_unit_see_its_writes() -> None:
    a = Member.create(email="a@x", name="a")
    with UnitOfWork() as uow:
        a.level = 7
        a.save()
        b = Member(email="b@x", name="b", level=8).save()
        uow.flush()
        assert [m.level for m in Member.where(Member.level > 5).order_by("-level")] == [8, 7]
        b.delete()
        assert Member.count() == 1
        uow.rollback()
    assert Member.get(a.id).level == 0


def test_a_nested_unit_is_rolled_back_alone() -> None:
    with UnitOfWork() as outer:
        a = Member(email="a@x", name="a").save()
        outer.flush()
        with pytest.raises(ZeroDivisionError), UnitOfWork() as inner:
            a.level = 3
            a.save()
            Member(email="b@x", name="b").save()
            inner.flush()
            raise ZeroDivisionError
    assert [m.level for m in Member.all()] == [0]


def test_a_row_can_be_deleted_and_made_again_in_one_unit() -> None:
    old = Member.create(id="1", email="a@x")
    with UnitOfWork() as uow:
        old.delete()
        uow.flush()
        Member(id="1", email="b@x").save()
    assert [m.email for m in Member.all()] == ["b@x"]


def test_a_row_that_was_deleted_and_made_again_is_another_one() -> None:
    mine = Member.create(id="1", email="a@x")
    Member.get("1").delete()
    Member.create(id="1", email="b@x")
    mine.level = 1

    with pytest.raises(StaleEntity):
        mine.save()


def test_changes_are_told_after_the_write() -> None:
    told: list[changes.Change] = []
    changes.subscribe(told.extend)

    ann = Member.create(email="a@x")
    ann.level = 1
    ann.save()
    ann.save()
    ann.delete()
    ann.delete()

    assert [c.operation for c in told] == ["create", "update", "delete"]
    assert [(c.version or 0) - (told[0].version or 0) for c in told] == [0, 1, 1]
    assert told[1].fields == frozenset({"level"})


def test_a_row_of_an_older_class_takes_the_defaults_and_is_not_dirty() -> None:
    store = shelf()
    row = Row("1", 1, b'{"id":"1","email":"a@x","gone":5}')
    store.write(Batch([Write(Member, "1", row, 0)]))

    found = Member.get("1")

    assert found.level == 0
    assert found.changed == frozenset()


def test_a_row_that_does_not_fit_is_named() -> None:
    store = shelf()
    store.write(Batch([Write(Member, "1", Row("1", 1, b'{"id":"1","email":5}'), 0)]))

    with pytest.raises(UnreadableRow, match=r"Member '1' does not fit its class: email"):
        Member.get("1")


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_text_that_cannot_be_stored_is_refused(value: str) -> None:
    with pytest.raises(NotStorable, match=r"Member\.name"):
        Member(email="a@x", name=value).save()
    assert Member.count() == 0


def test_text_that_only_looks_suspicious_is_kept() -> None:
    for number, text in enumerate(["NaN", "Infinity", "\\u0000"]):
        Member.create(id=str(number), email=text, name=text)
    assert [m.name for m in Member.all()] == ["NaN", "Infinity", "\\u0000"]


def test_a_conflict_names_its_write() -> None:
    store = shelf()
    write = Write(Member, "1", Row("1", 2, b"{}"), expects=1)

    with pytest.raises(Conflict) as caught:
        store.write(Batch([write]))

    assert caught.value.write is write


def test_removing_what_is_gone_is_no_conflict() -> None:
    store = shelf()
    store.write(Batch([Write(Member, "1", None, expects=3)]))


class Kinds(Entity):
    text: str
    whole: int
    number: float
    decimal: Decimal
    flag: bool
    raw: bytes


VALUES = {
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "whole": st.integers(),
    "number": st.floats(allow_nan=False),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False),
    "flag": st.booleans(),
    "raw": st.binary(),
}


@pytest.mark.parametrize("name", VALUES)
def test_sort_keys_sort_like_the_values(name: str) -> None:
    spec = specs(Kinds)[name]

    @given(VALUES[name], VALUES[name])
    def compare(a: Any, b: Any) -> None:
        if name == "whole":
            a, b = (max(min(x, 2**63 - 1), -(2**63)) for x in (a, b))
        first, second = sort_key(spec, a), sort_key(spec, b)
        assert (first < second) == (a < b)
        assert (first == second) == (a == b)
        assert b"\0" not in first

    compare()
