"""Each mutant breaks a promise that can be observed: one small proof for each."""

import importlib.util
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from nitro_entities import (
    Ability,
    ConstraintFailed,
    Entity,
    EntityError,
    EntityExists,
    InvalidCursor,
    NotStorable,
    NotUnique,
    StaleEntity,
    UnitOfWork,
    changes,
    col,
    configure,
)
from nitro_entities.changes import Change
from nitro_entities.errors import StoreBusy
from nitro_entities.fields import Unique


def _mutants() -> Any:
    spec = importlib.util.spec_from_file_location("mutants", Path(__file__).parent / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutants = sys.modules.get("mutants") or _mutants()
MUTANTS: dict[str, type[Any]] = mutants.MUTANTS
HEALTHY: dict[str, type[Any]] = mutants.HEALTHY

Proof = Callable[[type[Any]], None]
PROOFS: dict[str, Proof] = {}


def shows(name: str) -> Callable[[Proof], Proof]:
    def enter(proof: Proof) -> Proof:
        assert name not in PROOFS
        PROOFS[name] = proof
        return proof

    return enter


def test_every_mutant_has_its_proof() -> None:
    assert PROOFS.keys() == MUTANTS.keys()
    assert all(cls.__doc__ for cls in MUTANTS.values())


@pytest.mark.parametrize("name", MUTANTS)
def test_the_proof_fails_on_the_mutant(name: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception, EntityError, RuntimeError)):
        PROOFS[name](MUTANTS[name])


@pytest.mark.parametrize("name", MUTANTS)
def test_the_proof_passes_on_the_healthy_ones(name: str) -> None:
    PROOFS[name](HEALTHY["MemoryRepo"])


@pytest.mark.parametrize("name", MUTANTS)
def test_the_proof_passes_on_what_the_mutant_was_made_from(name: str) -> None:
    base = "OwnRepo" if issubclass(MUTANTS[name], HEALTHY["MemoryRepo"]) else "ShelfRepo"
    PROOFS[name](HEALTHY[base])


class Part(BaseModel):
    size: int = 0


def things(backend: type[Any]) -> Any:
    class Thing(Entity):
        _persistence_backend_class = backend
        name: str = ""
        note: str | None = None
        number: int = 0
        score: int | None = None
        weight: float = 0.0
        price: Decimal = Decimal(0)
        at: datetime | None = None
        data: bytes = b""
        boxes: dict[str, list[int]] = {}
        doc: dict[str, int] | None = None
        part: Part = Part()

    return Thing


def codes(backend: type[Any]) -> Any:
    class Coded(Entity):
        __unique__ = [("room", "row")]
        _persistence_backend_class = backend
        code: Unique[str | None] = None
        room: str | None = None
        row: int = 0

    return Coded


def ids(found: Any) -> list[str]:
    return [entity.id for entity in found]


def abc(backend: type[Any], **values: list[Any]) -> Any:
    """Entities with the ids a, b, c, …, and the values given for each."""
    cls = things(backend)
    number = max([3, *map(len, values.values())])
    for place in range(number):
        own = {name: several[place] for name, several in values.items()}
        cls.create(id="abcdefgh"[place], **own)
    return cls


def heard() -> list[list[Change]]:
    batches: list[list[Change]] = []
    changes.subscribe(lambda batch: batches.append(list(batch)))
    return batches


def in_thread(work: Callable[[], object]) -> "tuple[threading.Thread, list[BaseException]]":
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as exc:
            failed.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


# Copies


@shows("CachesWhatItHandedOut")
def every_read_answers_an_object_of_its_own(backend: type[Any]) -> None:
    cls = abc(backend)
    first = cls.get("a")
    first.name = "not saved"
    assert cls.get("a").name == ""


@shows("KeepsInnerLists")
def what_is_stored_does_not_change_with_a_list_of_the_entity(backend: type[Any]) -> None:
    thing = things(backend)(boxes={"a": [1]}).save()
    thing.boxes["a"].append(2)
    assert things_boxes(thing) == {"a": [1]}
    assert thing.changed == {"boxes"}


def things_boxes(thing: Any) -> Any:
    return type(thing).get(thing.id).boxes


@shows("HandsOutInnerModels")
def what_is_stored_does_not_change_with_a_model_that_was_loaded(backend: type[Any]) -> None:
    cls = abc(backend)
    cls.get("a").part.size = 5
    assert cls.get("a").part.size == 0


@shows("OriginalIsPresent")
def a_stale_entity_can_be_merged_where_others_changed_other_fields(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").update(note="theirs").save()
    mine.update(name="mine").save(merge=True)
    assert (cls.get("a").name, cls.get("a").note) == ("mine", "theirs")


@shows("NoneIsNoChange")
def a_value_can_be_taken_away(backend: type[Any]) -> None:
    cls = abc(backend, note=["x", "y", "z"])
    cls.get("a").update(note=None).save()
    assert cls.get("a").note is None


@shows("SavesWhatCannotBeKept")
def nan_is_not_stored(backend: type[Any]) -> None:
    cls = things(backend)
    with pytest.raises(NotStorable):
        cls.create(weight=float("nan"))


# Several at once


@shows("ManyInOrderOfTable")
def many_come_in_the_order_of_their_ids_as_given(backend: type[Any]) -> None:
    assert ids(abc(backend).get_many(["c", "a", "b"])) == ["c", "a", "b"]


@shows("ManyWithRepetitions")
def an_id_given_twice_is_answered_once(backend: type[Any]) -> None:
    assert ids(abc(backend).get_many(["b", "a", "b"])) == ["b", "a"]


@shows("ManyOutsideOfTransaction")
def many_are_answered_with_what_the_unit_wrote(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.create(id="new")
        cls.get("a").delete()
        assert ids(cls.get_many(["a", "b", "new"])) == ["b", "new"]


@shows("SaveManyStopsAtUnchanged")
def the_unchanged_among_many_does_not_keep_the_next_from_being_saved(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        cls.create()
        unit.flush()
        cls.save_many([cls.get("a"), cls.get("b").update(name="new")])
    assert cls.get("b").name == "new"


@shows("DeleteManyIgnoresStale")
def the_stale_among_many_is_not_deleted(backend: type[Any]) -> None:
    cls = abc(backend)
    both = cls.get_many(["a", "b"])
    cls.get("b").update(name="theirs").save()
    with pytest.raises(StaleEntity):
        cls.delete_many(both)
    assert ids(cls.all()) == ["a", "b", "c"]


@shows("DeleteManyTellsTheFirst")
def every_deletion_is_told(backend: type[Any]) -> None:
    cls = abc(backend)
    batches = heard()
    cls.delete_many(cls.get_many(["a", "b"]))
    assert [change.id for change in batches[0]] == ["a", "b"]


# Stale entities and versions


@shows("DeletesStale")
def a_stale_entity_is_not_deleted(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").update(name="theirs").save()
    with pytest.raises(StaleEntity):
        mine.delete()


@shows("StaleForSameFieldsOnly")
def what_others_wrote_to_another_field_is_not_lost(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").update(note="theirs").save()
    with pytest.raises(StaleEntity):
        mine.update(name="mine").save()
    assert cls.get("a").note == "theirs"


@shows("StaleSwapped")
def a_stale_entity_says_what_is_whose(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").update(name="theirs").save()
    with pytest.raises(StaleEntity) as caught:
        mine.update(name="mine").save()
    assert (caught.value.mine, caught.value.theirs) == ({"name": "mine"}, {"name": "theirs"})


@shows("StaleWithoutGone")
def a_stale_entity_says_that_it_is_gone(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").delete()
    with pytest.raises(StaleEntity) as caught:
        mine.update(name="mine").save()
    assert caught.value.gone


@shows("RevivesTheDeleted")
def what_others_deleted_stays_deleted(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").delete()
    with pytest.raises(StaleEntity):
        mine.update(name="mine").save()
    assert not cls.exists("a")


@shows("StaleOnlyOnce")
def a_stale_entity_stays_stale(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    cls.get("a").update(name="theirs").save()
    for _ in range(2):
        with pytest.raises(StaleEntity):
            mine.update(name="mine").save()


@shows("SameVersionInTransactions")
def what_a_unit_wrote_makes_others_stale(backend: type[Any]) -> None:
    cls = abc(backend)
    mine = cls.get("a")
    with UnitOfWork() as unit:
        cls.get("a").update(name="theirs").save()
        unit.flush()
    with pytest.raises(StaleEntity):
        mine.update(name="mine").save()


@shows("RefusedCountsAsSaved")
def a_refused_entity_is_still_new(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(code="x")
    second = cls(code="x")
    with pytest.raises(NotUnique):
        second.save()
    assert second.is_new


# Creating, deleting, ids


@shows("CreateOverwritesInTransactions")
def a_unit_does_not_create_what_is_there(backend: type[Any]) -> None:
    cls = abc(backend)
    with pytest.raises(EntityExists):
        cls.create_many([{"id": "new"}, {"id": "a", "name": "second"}])
    assert cls.get("a").name == ""


@shows("DeletedIdStaysTaken")
def an_id_can_be_used_again_in_the_unit_that_deleted_it(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.get("a").delete()
        cls.create(id="a", name="second")
    assert cls.get("a").name == "second"


@shows("ChangedIdMakesCopy")
def a_stored_entity_keeps_its_id(backend: type[Any]) -> None:
    cls = abc(backend)
    thing = cls.get("a")
    thing.id = "z"
    with pytest.raises(ConstraintFailed):
        thing.save()


@shows("GetIgnoresCase")
def an_id_in_other_letters_is_another(backend: type[Any]) -> None:
    assert abc(backend).get_or_none("A") is None


@shows("DeletedCountsAsStored")
def a_deleted_entity_can_be_saved_anew(backend: type[Any]) -> None:
    cls = abc(backend)
    thing = cls.get("a")
    thing.delete()
    assert thing.is_new
    thing.save()
    assert cls.exists("a")


@shows("TellsDeletionOfNothing")
def deleting_what_is_not_there_is_not_told(backend: type[Any]) -> None:
    cls = abc(backend)
    thing = cls.get("a")
    cls.get("a").delete()
    batches = heard()
    thing.delete()
    assert batches == []


# Conditions


@shows("UnequalDropsNone")
def a_missing_value_is_unequal(backend: type[Any]) -> None:
    cls = abc(backend, score=[1, 2, None])
    assert ids(cls.where(cls.score != 1)) == ["b", "c"]


@shows("NotDropsNone")
def the_opposite_of_a_comparison_holds_for_a_missing_value(backend: type[Any]) -> None:
    cls = abc(backend, score=[1, 5, None])
    assert ids(cls.where(~(cls.score > 2))) == ["a", "c"]


@shows("NoneIsSmallest")
def a_missing_value_is_not_smaller(backend: type[Any]) -> None:
    cls = abc(backend, score=[1, 5, None])
    assert ids(cls.where(cls.score < 2)) == ["a"]


@shows("InWithoutNone")
def none_among_values_matches_a_missing_one(backend: type[Any]) -> None:
    cls = abc(backend, score=[1, 5, None])
    assert ids(cls.where(col(cls, "score").in_([1, None]))) == ["a", "c"]


@shows("InNothingIsAnything")
def nothing_is_among_no_values(backend: type[Any]) -> None:
    cls = abc(backend)
    assert ids(cls.where(col(cls, "score").in_([]))) == []


@shows("OrBindsLooser")
def parts_of_a_condition_stay_together(backend: type[Any]) -> None:
    cls = abc(backend, score=[1, 2, 3], number=[0, 1, 1])
    assert ids(cls.where((cls.score == 1) | (cls.score == 2), cls.number == 1)) == ["b"]


@shows("DocumentIsNeverNull")
def a_missing_document_is_null(backend: type[Any]) -> None:
    cls = abc(backend, doc=[None, {}, {"a": 1}])
    assert ids(cls.where(col(cls, "doc").is_null())) == ["a"]


@shows("ContainsWildcards")
def a_part_of_a_text_has_no_wildcards(backend: type[Any]) -> None:
    cls = abc(backend, name=["50%", "500 %", "5"])
    assert ids(cls.where(col(cls, "name").contains("0%"))) == ["a"]


@shows("StartswithUnderscore")
def the_beginning_of_a_text_has_no_wildcards(backend: type[Any]) -> None:
    cls = abc(backend, name=["a_b", "axb", "a"])
    assert ids(cls.where(col(cls, "name").startswith("a_"))) == ["a"]


@shows("StartswithIgnoresCase")
def the_beginning_of_a_text_regards_case(backend: type[Any]) -> None:
    cls = abc(backend, name=["Abc", "abc", "b"])
    assert ids(cls.where(col(cls, "name").startswith("A"))) == ["a"]


@shows("IcontainsAsciiOnly")
def letters_of_all_scripts_have_case(backend: type[Any]) -> None:
    cls = abc(backend, name=["ÄPFEL", "äpfel", "Birnen"])
    assert ids(cls.where(col(cls, "name").icontains("äpf"))) == ["a", "b"]


@shows("IcontainsLower")
def a_letter_may_fold_to_two(backend: type[Any]) -> None:
    cls = abc(backend, name=["Straße", "STRASSE", "Platz"])
    assert ids(cls.where(col(cls, "name").icontains("SS"))) == ["a", "b"]


@shows("EqualIgnoresCase")
def equal_texts_are_equal_in_case(backend: type[Any]) -> None:
    cls = abc(backend, name=["Abc", "abc", "b"])
    assert ids(cls.where(name="abc")) == ["b"]


@shows("EqualIgnoresTrailingSpace")
def equal_texts_are_equal_to_the_end(backend: type[Any]) -> None:
    cls = abc(backend, name=["x ", "x", "b"])
    assert ids(cls.where(name="x")) == ["b"]


@shows("DecimalsEqualByText")
def a_decimal_is_found_however_it_is_written(backend: type[Any]) -> None:
    cls = abc(backend, price=[Decimal("1.50"), Decimal("1.5"), Decimal(2)])
    assert ids(cls.where(price=Decimal("1.5"))) == ["a", "b"]


@shows("MomentsByText")
def moments_of_other_zones_are_compared_as_moments(backend: type[Any]) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=9)))
    cls = abc(backend, at=[there, noon, None])
    assert ids(cls.where(cls.at <= noon)) == ["a", "b"]


# Sorting


@shows("NoneSortsFirst")
def missing_values_come_last(backend: type[Any]) -> None:
    assert ids(abc(backend, score=[None, 1, 2]).where().order_by("score")) == ["b", "c", "a"]


@shows("NoneFirstWhenDescending")
def missing_values_come_last_when_descending(backend: type[Any]) -> None:
    assert ids(abc(backend, score=[1, None, 2]).where().order_by("-score")) == ["c", "a", "b"]


@shows("TiesByInsertion")
def the_id_breaks_ties(backend: type[Any]) -> None:
    cls = things(backend)
    for id in "bca":
        cls.create(id=id)
    assert ids(cls.where().order_by("score", "name")) == ["a", "b", "c"]


@shows("TiesAlwaysAscending")
def a_list_and_its_slices_have_one_order(backend: type[Any]) -> None:
    asked = abc(backend).where().order_by("-number")
    assert ids(asked.list()) == ids(asked.slice(9).items) == ["c", "b", "a"]


@shows("OneDirectionForAll")
def each_field_has_a_direction_of_its_own(backend: type[Any]) -> None:
    cls = abc(backend, number=[1, 1, 2], name=["x", "y", "z"])
    assert ids(cls.where().order_by("-number", "name")) == ["c", "a", "b"]


@shows("SortsTextWithoutCase")
def capitals_come_before_small_letters(backend: type[Any]) -> None:
    assert ids(abc(backend, name=["a", "B", "c"]).where().order_by("name")) == ["b", "a", "c"]


@shows("SortsTextByUtf16")
def text_is_sorted_by_code_points(backend: type[Any]) -> None:
    cls = abc(backend, name=["\U0001f600", "\uff5e", "x"])
    assert ids(cls.where().order_by("name")) == ["c", "b", "a"]


@shows("SortsDecimalsAsFloats")
def decimals_are_sorted_to_the_last_digit(backend: type[Any]) -> None:
    prices = [Decimal("0.10000000000000000002"), Decimal("0.10000000000000000001"), Decimal(0)]
    assert ids(abc(backend, price=prices).where().order_by("price")) == ["c", "b", "a"]


# Limits and counts


@shows("LimitZeroIsNone")
def a_limit_of_zero_answers_nothing(backend: type[Any]) -> None:
    assert abc(backend).where().limit(0).list() == []


@shows("LimitBeforeSorting")
def a_limit_takes_the_first_in_order(backend: type[Any]) -> None:
    assert ids(abc(backend, number=[3, 2, 1]).where().order_by("number").limit(2)) == ["c", "b"]


@shows("CountIgnoresLimit")
def a_limited_query_counts_up_to_its_limit(backend: type[Any]) -> None:
    assert abc(backend).where().limit(2).count() == 2


@shows("CountIgnoresCap")
def counting_stops_behind_the_cap(backend: type[Any]) -> None:
    assert abc(backend).where().count(cap=1) == 2


@shows("CountStopsAtCap")
def counting_goes_one_behind_the_cap(backend: type[Any]) -> None:
    assert abc(backend).where().count(cap=2) == 3


@shows("CountOutsideOfTransaction")
def a_count_sees_what_the_unit_wrote(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.create()
        assert cls.where().count() == 4


# Slices


@shows("SliceSkipsEqual")
def the_next_slice_begins_among_equals(backend: type[Any]) -> None:
    asked = abc(backend).where().order_by("number")
    assert ids(asked.slice(2, after=asked.slice(2).next).items) == ["c"]


def letters(backend: type[Any]) -> Any:
    return abc(backend, number=[1, 2, 3, 4, 5]).where().order_by("number")


@shows("SliceBeforeIsFirst")
def the_slice_before_a_position_ends_at_it(backend: type[Any]) -> None:
    asked = letters(backend)
    last = asked.slice(1, after=asked.slice(4).next)
    assert ids(asked.slice(2, before=last.previous).items) == ["c", "d"]


@shows("SliceBeforeIsReversed")
def the_slice_before_a_position_has_the_same_order(backend: type[Any]) -> None:
    asked = letters(backend)
    second = asked.slice(2, after=asked.slice(2).next)
    assert ids(asked.slice(2, before=second.previous).items) == ["a", "b"]


@shows("SliceFullMeansMore")
def the_last_slice_has_no_next_even_if_it_is_full(backend: type[Any]) -> None:
    assert letters(backend).slice(5).next is None


@shows("SliceAfterAlwaysHasPrevious")
def there_is_nothing_before_a_position_when_that_is_gone(backend: type[Any]) -> None:
    asked = letters(backend)
    position = asked.slice(1).next
    asked.entity.get("a").delete()
    assert asked.slice(2, after=position).previous is None


@shows("EmptySliceHasNoWayBack")
def an_empty_slice_leads_back(backend: type[Any]) -> None:
    asked = letters(backend)
    position = asked.slice(4).next
    asked.entity.get("e").delete()
    empty = asked.slice(2, after=position)
    assert empty.items == []
    assert ids(asked.slice(1, before=empty.previous).items) == ["d"]
    assert empty.previous is not None


@shows("SliceLosesNone")
def slices_go_on_to_the_missing_values(backend: type[Any]) -> None:
    asked = abc(backend, score=[1, 2, None]).where().order_by("score")
    assert ids(asked.slice(2, after=asked.slice(1).next).items) == ["b", "c"]


@shows("WrongCursorStartsAnew")
def a_position_of_another_order_is_refused(backend: type[Any]) -> None:
    asked = letters(backend)
    with pytest.raises(InvalidCursor):
        asked.order_by("name").slice(1, after=asked.slice(1).next)


# Transactions


@shows("QueriesOutsideOfTransaction")
def a_query_sees_what_the_unit_wrote(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.get("a").update(number=7).save()
        assert ids(cls.where(number=7)) == ["a"]


def _nested(work: Callable[[], object]) -> None:
    with pytest.raises(ZeroDivisionError), UnitOfWork() as unit:
        work()
        unit.flush()
        raise ZeroDivisionError


@shows("RollbackKeepsDeletions")
def a_nested_unit_that_fails_deletes_nothing(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.create(id="d")
        _nested(lambda: cls.get("a").delete())
    assert ids(cls.all()) == ["a", "b", "c", "d"]


@shows("RollbackKeepsFirstWrites")
def a_nested_unit_that_fails_creates_nothing(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        _nested(lambda: cls.create(id="d"))
    assert ids(cls.all()) == ["a", "b", "c"]


@shows("RollbackToTheCommitted")
def a_nested_unit_that_fails_leaves_what_the_outer_one_wrote(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        cls.get("a").update(name="outer").save()
        unit.flush()
        _nested(lambda: cls.get("a").update(name="inner").save())
    assert cls.get("a").name == "outer"


@shows("RollbackOfEverything")
def a_nested_unit_that_fails_does_not_undo_the_outer_one(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        cls.create(id="d")
        unit.flush()
        _nested(lambda: cls.create(id="e"))
    assert ids(cls.all()) == ["a", "b", "c", "d"]


@shows("ReadsUncommitted")
def others_do_not_see_what_is_not_committed(backend: type[Any]) -> None:
    cls = abc(backend)
    seen: list[str] = []
    with UnitOfWork() as unit:
        cls.create(id="d")
        unit.flush()
        in_thread(lambda: seen.extend(ids(cls.all())))[0].join()
    assert seen == ["a", "b", "c"]


@shows("CommitsRowByRow")
def others_see_a_commit_as_a_whole(backend: type[Any]) -> None:
    cls = abc(backend)
    done = threading.Event()

    def write() -> None:
        for number in range(1, 40):
            with UnitOfWork():
                for thing in cls.get_many(["a", "b"]):
                    thing.update(number=number).save()
        done.set()

    writer, _ = in_thread(write)
    pairs: set[tuple[int, ...]] = set()
    while not done.is_set():
        pairs.add(tuple(thing.number for thing in cls.get_many(["a", "b"])))
    writer.join()
    assert all(first == second for first, second in pairs)


def _lost_update(backend: type[Any], other: Callable[[Any], object]) -> None:
    """Let *other* write while a unit, which has read and written before, is not committed."""
    cls = abc(backend)
    theirs = cls.get("a")
    with UnitOfWork() as unit:
        mine = cls.get("a")
        mine.update(number=1).save()
        unit.flush()
        thread, failed = in_thread(lambda: other(theirs))
        thread.join(0.05)
    thread.join()
    if not failed:  # then nothing of it may be lost
        assert cls.get("a").note == "theirs"


@shows("SaveDoesNotWait")
def a_save_waits_for_the_unit_of_somebody_else(backend: type[Any]) -> None:
    _lost_update(backend, lambda thing: thing.update(note="theirs").save())


@shows("TransactionsDoNotWait")
def a_unit_waits_for_the_unit_of_somebody_else(backend: type[Any]) -> None:
    def write(thing: Any) -> None:
        with UnitOfWork():
            thing.update(note="theirs").save()

    _lost_update(backend, write)


@shows("RefusedSaveKeepsStore")
def a_refused_save_does_not_keep_others_from_writing(backend: type[Any]) -> None:
    configure(busy_timeout=0.1)
    cls = abc(backend)
    with pytest.raises(EntityExists):
        cls.create(id="a")
    try:
        cls.create(id="d")
    except StoreBusy:
        pytest.fail("the store is still held")


# Changes


@shows("TellsBeforeCommit")
def what_was_rolled_back_is_not_told(backend: type[Any]) -> None:
    cls = abc(backend)
    batches = heard()
    _nested(lambda: cls.create(id="d"))
    cls.create(id="e")
    assert [change.id for batch in batches for change in batch] == ["e"]


@shows("TellsDeletionTwice")
def a_deletion_is_told_once(backend: type[Any]) -> None:
    cls = abc(backend)
    batches = heard()
    cls.get("a").delete()
    assert len(batches) == 1


@shows("TellsOneByOne")
def a_commit_is_told_as_a_whole(backend: type[Any]) -> None:
    cls = things(backend)
    batches = heard()
    cls.create_many([{"id": "a"}, {"id": "b"}])
    assert [[change.id for change in batch] for batch in batches] == [["a", "b"]]


@shows("TellsDeletionsFirst")
def changes_are_told_in_the_order_in_which_they_were_made(backend: type[Any]) -> None:
    cls = abc(backend)
    batches = heard()
    with UnitOfWork():
        cls.create(id="d")
        cls.get("a").delete()
    assert [change.id for change in batches[0]] == ["d", "a"]


@shows("TellsAllFields")
def an_update_names_the_fields_that_changed(backend: type[Any]) -> None:
    cls = abc(backend)
    batches = heard()
    cls.get("a").update(name="new").save()
    assert batches[0][0].fields == frozenset({"name"})


@shows("TellsOldVersion")
def the_version_that_is_told_grows(backend: type[Any]) -> None:
    cls = things(backend)
    batches = heard()
    cls.create(id="a").update(name="new").save()
    first, second = (batch[0].version for batch in batches)
    assert first is not None
    assert second is not None
    assert first < second


# Values


def kept(backend: type[Any], name: str, value: Any) -> Any:
    cls = things(backend)
    cls.create(id="a", **{name: value})
    return getattr(cls.get("a"), name)


MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@shows("MomentsToMilliseconds")
def moments_keep_their_microseconds(backend: type[Any]) -> None:
    found = kept(backend, "at", MOMENT)
    assert found == MOMENT


@shows("MomentsBecomeNaive")
def moments_keep_their_zone(backend: type[Any]) -> None:
    assert kept(backend, "at", MOMENT).tzinfo is not None


@shows("FloatsOf15Digits")
def floats_keep_all_digits(backend: type[Any]) -> None:
    assert kept(backend, "weight", 0.1 + 0.2) == 0.1 + 0.2


@shows("DecimalsThroughFloat")
def decimals_keep_all_digits(backend: type[Any]) -> None:
    value = Decimal("12345678901234567890.12345")
    assert kept(backend, "price", value) == value


@shows("DecimalsLoseZeros")
def decimals_keep_their_zeros(backend: type[Any]) -> None:
    assert str(kept(backend, "price", Decimal("1.50"))) == "1.50"


@shows("BytesThroughText")
def bytes_may_be_any(backend: type[Any]) -> None:
    assert kept(backend, "data", b"\x00\xff") == b"\x00\xff"


@shows("IntegersThroughFloat")
def whole_numbers_keep_all_digits(backend: type[Any]) -> None:
    assert kept(backend, "number", 2**53 + 1) == 2**53 + 1


@shows("TextIsNormalized")
def text_keeps_its_form(backend: type[Any]) -> None:
    assert kept(backend, "name", "e\u0301") == "e\u0301"


@shows("LineEndsAreUnified")
def text_keeps_its_line_ends(backend: type[Any]) -> None:
    assert kept(backend, "name", "a\r\nb") == "a\r\nb"


@shows("EmptyTextIsNone")
def empty_text_is_not_missing(backend: type[Any]) -> None:
    assert kept(backend, "note", "") == ""


# Unique fields


@shows("NoneIsUniqueToo")
def many_may_lack_a_unique_value(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create()
    cls.create()


@shows("UniqueWithoutCase")
def unique_texts_may_differ_in_case(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(code="x")
    cls.create(code="X")


@shows("UniqueOnCreateOnly")
def an_update_does_not_take_a_unique_value_of_another(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(code="x")
    second = cls.create(code="y")
    with pytest.raises(NotUnique):
        second.update(code="x").save()


@shows("UpdateKeepsOldValueTaken")
def a_unique_value_is_free_when_it_was_given_up(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(code="x").update(code="y").save()
    cls.create(code="x")


@shows("DeleteKeepsValueTaken")
def a_unique_value_is_free_when_its_entity_is_deleted(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(code="x").delete()
    cls.create(code="x")


@shows("UniqueAmongCommittedOnly")
def two_of_one_unit_do_not_have_the_same_unique_value(backend: type[Any]) -> None:
    cls = codes(backend)
    with pytest.raises(NotUnique):
        cls.create_many([{"code": "x"}, {"code": "x"}])


@shows("UniqueTogetherIsUniqueAlone")
def fields_that_are_unique_together_may_be_equal_alone(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(room="x", row=1)
    cls.create(room="x", row=2)


@shows("NamesWrongFields")
def the_refusal_names_the_fields_that_are_not_unique(backend: type[Any]) -> None:
    cls = codes(backend)
    cls.create(room="x", row=1)
    with pytest.raises(NotUnique) as caught:
        cls.create(room="x", row=1)
    assert caught.value.fields == ("room", "row")


# Stores of rows


@shows("KeysWithoutCase")
def ids_may_differ_in_case(backend: type[Any]) -> None:
    cls = abc(backend)
    cls.create(id="A")
    assert ids(cls.all()) == ["A", "a", "b", "c"]


@shows("KeysWithoutEdges")
def ids_may_differ_in_spaces(backend: type[Any]) -> None:
    cls = abc(backend)
    cls.create(id="a ")
    assert ids(cls.all()) == ["a", "a ", "b", "c"]


@shows("WritesHalfBatches")
def a_unit_that_is_refused_writes_nothing(backend: type[Any]) -> None:
    cls = abc(backend)
    with pytest.raises(EntityExists):
        cls.create_many([{"id": "new"}, {"id": "a"}])
    assert ids(cls.all()) == ["a", "b", "c"]


@shows("WritesOverTheExisting")
def a_new_entity_does_not_replace_another(backend: type[Any]) -> None:
    cls = abc(backend)
    with pytest.raises(EntityExists):
        cls.create(id="a")


@shows("RefusesToRemoveTheGone")
def what_was_deleted_meanwhile_may_be_deleted(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        cls.get("a").delete()
        if Ability.LOCK not in cls.repository().abilities:  # or the other would wait
            unit.flush()
        other, failed = in_thread(lambda: cls.get("a").delete())
        other.join(1)
    assert not failed
    assert not cls.exists("a")


@shows("ScansWhatOthersWrite")
def others_may_write_while_a_query_is_answered(backend: type[Any]) -> None:
    class Late(Entity):
        _persistence_backend_class = backend
        name: str = ""

        @field_validator("name")
        @classmethod
        def writes(cls, name: str) -> str:
            if name == "a" and writing:
                writing.clear()
                Late(id="b").save()
            return name

    writing: list[bool] = []
    Late.create(id="a", name="a")
    writing.append(True)
    assert len(Late.all()) in (1, 2)


@shows("ScansFirstEquality")
def either_part_of_a_condition_may_hold(backend: type[Any]) -> None:
    cls = abc(backend, name=["x", "y", "z"])
    assert ids(cls.where((cls.name == "x") | (cls.name == "z"))) == ["a", "c"]


@shows("SharesNames")
def classes_of_the_same_name_are_apart(backend: type[Any]) -> None:
    class Elsewhere:
        class Thing(Entity):
            _persistence_backend_class = backend

    cls = abc(backend)
    assert Elsewhere.Thing.all() == []
    assert len(cls.all()) == 3


@shows("SecondWriteExpectsFirst")
def a_unit_may_write_an_entity_twice(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        thing = cls.get("a").update(number=1).save()
        unit.flush()
        thing.update(number=2).save()
    assert cls.get("a").number == 2


@shows("NestedWritesAreNotVerified")
def the_outer_unit_goes_on_without_a_nested_one_that_was_refused(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork():
        cls.create(id="d")
        with pytest.raises(EntityExists), UnitOfWork() as nested:
            cls.create(id="a")
            nested.flush()
    assert ids(cls.all()) == ["a", "b", "c", "d"]


@shows("ScanSeesOldRows")
def a_query_sees_what_the_unit_changed(backend: type[Any]) -> None:
    cls = abc(backend)
    with UnitOfWork() as unit:
        cls.get("a").update(number=7).save()
        assert ids(unit[cls].where(number=7)) == ["a"]


@shows("LocksNothing")
def what_was_read_with_a_lock_does_not_change_unseen(backend: type[Any]) -> None:
    cls = abc(backend)
    theirs = cls.get("a")
    refused: type[Exception] | None = None
    try:
        with UnitOfWork() as unit:
            unit.take_store(cls)
            unit.read(cls(id="a"), lock=True)
            thread, _ = in_thread(lambda: theirs.update(name="theirs").save())
            thread.join(0.05)
            seen = "" if thread.is_alive() else "theirs"
    except StaleEntity as exc:
        refused = type(exc)
    thread.join()
    assert refused is not None or seen == ""
