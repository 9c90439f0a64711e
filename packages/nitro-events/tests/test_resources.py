"""Merging, refusing and repeating: what forms mean when several people use them at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from nitro_events.fields import Field, Unreadable, text_of
from nitro_events.outcomes import Conflict, Invalid, Taken
from nitro_events.resources import (
    Given,
    Seal,
    create,
    delete,
    digest,
    merge,
    typed_changes,
    update,
)
from nitro_events.seal import BadSeal

FIELDS = ("title", "pages", "note", "lent", "price")


def sealed(shelf: Any, fields: tuple[str, ...] = FIELDS) -> Seal:
    """Return the seal of an edit form for b1 as it is now."""
    now = shelf.current(shelf.stored["b1"])
    return Seal("books", "b1", "update", fields, {name: digest(now[name]) for name in fields})


def form(shelf: Any, **typed: str | None) -> Given:
    """Return what a browser sends when the user changed only *typed*."""
    now = {name: text_of(value) for name, value in shelf.current(shelf.stored["b1"]).items()}
    if now["lent"] == "false":
        del now["lent"]
    sent = {name: text for name, text in {**now, **typed}.items() if text is not None}
    return Given(sent, {name: [text] for name, text in sent.items()}, form=True)


def test_changes_to_different_fields_are_both_kept(
    shelf: Any, change: Callable[..., None]
) -> None:
    seal, sent = sealed(shelf), form(shelf, title="Persuasion")
    change(pages=301)

    update(shelf, shelf.load("b1"), sent, seal)

    assert (shelf.stored["b1"].title, shelf.stored["b1"].pages) == ("Persuasion", 301)


def test_the_same_field_is_never_overwritten_silently(
    shelf: Any, change: Callable[..., None]
) -> None:
    seal, sent = sealed(shelf), form(shelf, title="Persuasion")
    change(title="Emma, annotated")

    with pytest.raises(Conflict) as caught:
        update(shelf, shelf.load("b1"), sent, seal)

    conflict = caught.value.conflicts["title"]
    assert (conflict.mine, conflict.theirs, conflict.by) == (
        "Persuasion",
        "Emma, annotated",
        "Ann",
    )
    assert conflict.at is not None
    assert caught.value.values == {"title": "Persuasion"}
    assert caught.value.digests == {"title": digest("Emma, annotated")}
    assert shelf.stored["b1"].title == "Emma, annotated"


def test_mine_is_saved_once_theirs_was_seen(shelf: Any, change: Callable[..., None]) -> None:
    sent = form(shelf, title="Persuasion")
    change(title="Emma, annotated")

    update(shelf, shelf.load("b1"), sent, sealed(shelf))

    assert shelf.stored["b1"].title == "Persuasion"


def test_the_same_change_by_two_is_no_conflict(shelf: Any, change: Callable[..., None]) -> None:
    seal, sent = sealed(shelf), form(shelf, title="Persuasion")
    change(title="Persuasion")

    assert not update(shelf, shelf.load("b1"), sent, seal).created


def test_taking_theirs_shows_the_form_without_what_was_typed(
    shelf: Any, change: Callable[..., None]
) -> None:
    seal, sent = sealed(shelf), form(shelf, title="Persuasion", pages="12")
    change(title="Emma, annotated")

    with pytest.raises(Taken) as caught:
        update(shelf, shelf.load("b1"), Given(sent.values, sent.lists, ("title",), True), seal)

    assert caught.value.values == {"pages": "12"}
    assert not caught.value.conflicts
    assert shelf.stored["b1"].pages == 300


def test_a_conflict_is_told_beside_an_error(shelf: Any, change: Callable[..., None]) -> None:
    seal, sent = sealed(shelf), form(shelf, title="Persuasion", pages="many")
    change(title="Emma, annotated")

    with pytest.raises(Conflict) as caught:
        update(shelf, shelf.load("b1"), sent, seal)

    assert "pages" in caught.value.errors
    assert caught.value.values == {"title": "Persuasion", "pages": "many"}


def test_what_cannot_be_read_is_refused_with_what_was_typed(shelf: Any) -> None:
    with pytest.raises(Invalid) as caught:
        update(shelf, shelf.load("b1"), form(shelf, pages="many", price=""), sealed(shelf))

    assert caught.value.errors["price"] == "Fill in this field"
    assert caught.value.values == {"pages": "many", "price": ""}
    assert "many" not in caught.value.errors["pages"]


def test_only_sealed_fields_are_accepted(shelf: Any) -> None:
    sent = form(shelf, title="Persuasion", pages="1")

    update(shelf, shelf.load("b1"), sent, sealed(shelf, ("pages",)))

    assert (shelf.stored["b1"].title, shelf.stored["b1"].pages) == ("Emma", 1)


def test_neither_ids_nor_secrets_can_be_set(shelf: Any) -> None:
    update(shelf, shelf.load("b1"), Given({"id": "x", "pages": 5}), None)
    with pytest.raises(Invalid) as refused:
        update(shelf, shelf.load("b1"), Given({"token": "mine", "pages": 6}), None)

    assert list(refused.value.errors) == ["token"]
    assert shelf.stored["b1"].pages == 5
    assert shelf.stored["b1"].token == "secret-token"
    assert list(shelf.stored) == ["b1"]


def test_a_box_that_is_not_ticked_is_a_no(shelf: Any, change: Callable[..., None]) -> None:
    change(lent=True)

    update(shelf, shelf.load("b1"), form(shelf, lent=None), sealed(shelf))

    assert shelf.stored["b1"].lent is False


def test_nothing_in_an_optional_field_is_none(shelf: Any, change: Callable[..., None]) -> None:
    change(note="x")

    update(shelf, shelf.load("b1"), form(shelf, note=""), sealed(shelf))

    assert shelf.stored["b1"].note is None


def test_an_empty_text_that_was_shown_is_not_a_change(
    shelf: Any, change: Callable[..., None]
) -> None:
    change(note="")

    update(shelf, shelf.load("b1"), form(shelf, title="T"), sealed(shelf))

    assert shelf.stored["b1"].note == ""


def test_a_form_sent_twice_creates_once(shelf: Any) -> None:
    seal = Seal("books", "new", "create", FIELDS)
    sent = Given({"title": "T", "pages": "", "note": ""}, form=True)

    first, second = create(shelf, sent, seal), create(shelf, sent, seal)

    assert first.created
    assert (second.created, second.repeated) == (False, True)
    assert set(shelf.stored) == {"b1", "new"}


def test_a_form_used_again_for_something_else_is_not_lost_silently(shelf: Any) -> None:
    seal = Seal("books", "new", "create", FIELDS)
    create(shelf, Given({"title": "T"}, form=True), seal)

    with pytest.raises(Invalid) as caught:
        create(shelf, Given({"title": "U"}, form=True), seal)

    assert "" in caught.value.errors


def test_a_required_text_left_blank_in_a_form_is_refused(shelf: Any) -> None:
    with pytest.raises(Invalid) as caught:
        create(shelf, Given({"title": ""}, form=True), Seal("books", None, "create", FIELDS))

    assert caught.value.errors == {"title": "Fill in this field"}


def test_what_the_whole_model_refuses_is_invalid(shelf: Any) -> None:
    with pytest.raises(Invalid) as caught:
        create(shelf, Given({}), None)

    assert set(caught.value.errors) == {"title"}


def test_deleting_deletes(shelf: Any) -> None:
    delete(shelf, shelf.load("b1"))

    assert not shelf.stored


def test_the_typed_changes_are_those_against_what_was_seen(shelf: Any) -> None:
    values, digests = typed_changes(shelf, form(shelf, pages="7"), sealed(shelf))

    assert values == {"pages": "7"}
    assert digests == {"pages": digest(300)}


@pytest.mark.parametrize(
    "other",
    [
        ("cats", "b1", "update", None),
        ("books", "b2", "update", None),
        ("books", "b1", "delete", None),
        ("books", "b1", "update", "eve"),
    ],
)
def test_a_seal_is_good_for_one_thing_and_one_caller(
    other: tuple[str, str, str, str | None],
) -> None:
    seal = Seal("books", "b1", "update")

    seal.check("books", "b1", "update", None)
    with pytest.raises(BadSeal):
        seal.check(*other)


def test_a_seal_survives_its_payload() -> None:
    seal = Seal("books", "b1", "update", ("a",), {"a": "x"}, "/p", "/n", "k", "u")

    assert Seal.from_payload(seal.payload()) == seal
    with pytest.raises(BadSeal):
        Seal.from_payload({"v": 2})


def test_digests_know_line_ends_as_one() -> None:
    assert digest("a\r\nb") == digest("a\nb")
    assert digest("1") != digest(1)


class Size(Enum):
    SMALL = 1
    LARGE = 2


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 3),
        (float, 1e22),
        (bool, True),
        (date, date(2026, 1, 2)),
        (datetime, datetime(2026, 1, 2, 3, 4, 5, 678901)),
        (datetime, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (time, time(3, 4)),
        (Decimal, Decimal("1.50")),
        (Size, Size.LARGE),
        (Size | None, Size.SMALL),
        (Literal["a", "b"], "b"),
        (Literal[1, 2], 2),
        (UUID, UUID(int=7)),
    ],
)
def test_what_a_form_writes_is_read_as_the_same(annotation: Any, value: object) -> None:
    field = Field("f", annotation)
    shown = field.dump(value)

    again = field.read(text_of(shown))

    assert again == value
    assert digest(field.dump(again)) == digest(shown)


def test_a_choice_that_there_is_not_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        Field("f", Size).read("3")


NAMES = st.sampled_from("abcdef")
STATES = st.dictionaries(NAMES, st.sampled_from(["1", "2", "3"]))


@examples(base=STATES, mine=STATES, theirs=STATES)
def test_merging_loses_nobodys_change(
    base: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    merged = merge(base, mine, theirs)
    result = {**theirs, **{name: mine[name] for name in merged.changed - merged.conflicts}}

    for name in mine:
        touched_by_me = mine[name] != base.get(name)
        touched_by_them = theirs.get(name) != base.get(name)
        if touched_by_me and touched_by_them and mine[name] != theirs.get(name):
            assert name in merged.conflicts
        elif touched_by_me:
            assert result[name] == mine[name]
    for name in theirs:
        if theirs[name] != base.get(name):
            assert result[name] == theirs[name]


@pytest.mark.parametrize(
    ("annotation", "nullable", "boolean", "many", "text"),
    [
        (int, False, False, False, False),
        (int | None, True, False, False, False),
        (bool, False, True, False, False),
        (str, False, False, False, True),
        (list[str], False, False, True, False),
        (list[str] | None, True, False, True, False),
    ],
)
def test_a_field_knows_how_forms_write_it(
    annotation: Any, nullable: bool, boolean: bool, many: bool, text: bool
) -> None:
    field = Field("f", annotation)

    assert (field.nullable, field.boolean, field.many, field.text) == (
        nullable,
        boolean,
        many,
        text,
    )
