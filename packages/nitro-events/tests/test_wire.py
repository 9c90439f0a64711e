"""What an event carries survives JSON, or is refused where it is emitted."""

from __future__ import annotations

import enum
import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from nitro_events.actions import command
from nitro_events.messages import Command
from nitro_events.state import state
from nitro_events.typed import Event
from nitro_events.wire import NotKnownHere, NotPortable, Vanished, from_wire, to_wire


def carried(value: object) -> Any:
    _, values = from_wire(json.loads(json.dumps(to_wire(None, {"v": value}), allow_nan=False)))
    return values["v"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**70),
        1.5,
        math.inf,
        "\u00e9\U0001f600\0\u2028",
        [1, [2, None]],
        (1, "a"),
        {1, 2},
        frozenset({"x"}),
        {"a": {"b": [1]}},
        {"$": "entity", "class": "x", "id": 1},
        datetime(2026, 11, 21, 8, 30, 1, 5, tzinfo=UTC),
        datetime(2026, 11, 21),
        date(2026, 11, 21),
        time(8, 30),
        timedelta(days=-1, microseconds=3),
        Decimal("1.10"),
        UUID(int=7),
        b"\0\xff",
        ({"when": [date(2026, 1, 1)]},),
    ],
    ids=repr,
)
def test_a_value_arrives_as_it_was(value: object) -> None:
    arrived = carried(value)

    assert arrived == value
    assert type(arrived) is type(value)


def test_not_a_number_arrives_as_that() -> None:
    assert math.isnan(carried(math.nan))


def test_a_string_of_a_subclass_arrives_as_a_plain_one() -> None:
    class Colour(enum.StrEnum):
        RED = "red"

    assert carried({"c": Colour.RED}) == {"c": "red"}
    assert type(carried(Colour.RED)) is str


def test_an_entity_travels_as_its_class_and_id_and_is_loaded_again(shelf: Any) -> None:
    book = shelf.stored["b1"]
    wired = to_wire(book, {"others": [book], "kind": type(book)})
    shelf.stored["b1"] = book.model_copy(update={"pages": 7})

    sender, values = from_wire(json.loads(json.dumps(wired)))

    assert wired["sender"] == {"$": "entity", "class": "books", "id": "b1"}
    assert "secret-token" not in json.dumps(wired)
    assert sender.pages == 7  # type: ignore[attr-defined]
    assert values == {"others": [sender], "kind": type(book)}


def test_an_entity_that_is_gone_is_named(shelf: Any) -> None:
    wired = to_wire(shelf.stored.pop("b1"), {})

    with pytest.raises(Vanished, match="books/b1 was deleted since"):
        from_wire(wired)


def test_a_typed_event_travels_by_its_versioned_name() -> None:
    class Counted(Event, version=2):
        price: Decimal
        tags: tuple[str, ...] = ()

    wired = to_wire(None, {"v": Counted(price=Decimal("1.10"), tags=("a",))})
    arrived = carried(Counted(price=Decimal("1.10"), tags=("a",)))

    assert '"name": "counted.v2"' in json.dumps(wired)
    assert arrived == Counted(price=Decimal("1.10"), tags=("a",))


def test_a_typed_event_with_other_fields_is_not_known_here() -> None:
    class Weighed(Event):
        grams: int

    wired: Any = to_wire(None, {"v": Weighed(grams=1)})
    wired["values"]["v"]["v"]["colour"] = "red"

    with pytest.raises(NotKnownHere, match="has other fields here"):
        from_wire(wired)


class Plain(BaseModel):
    n: int = 1


class Colour(enum.Enum):
    RED = object()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "object has no form in JSON"),
        (Plain(), "model_dump"),
        (Plain, "the class Plain is no entity class"),
        (Colour.RED, "Colour has no form"),
        (lambda: None, "has no form in JSON"),
        ({1: 2}, "keys of a JSON object are text, got 1"),
        (["\ud800"], "half of a surrogate pair"),
        ([[object()]], "object has no form"),
    ],
    ids=["object", "model", "class", "enum", "function", "number as key", "surrogate", "deep"],
)
def test_what_cannot_be_carried_is_refused_with_its_name(value: object, said: str) -> None:
    with pytest.raises(NotPortable, match=said) as caught:
        to_wire(None, {"thing": value})

    assert "'thing' of an event cannot leave this process" in str(caught.value)


def test_what_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)

    with pytest.raises(NotPortable, match="the sender contains itself"):
        to_wire(loop, {})


def test_an_entity_without_an_id_is_refused(shelf: Any) -> None:
    book = shelf.stored["b1"].model_copy(update={"id": None})

    with pytest.raises(NotPortable, match="has no id yet"):
        to_wire(book, {})


@pytest.mark.parametrize(
    "value",
    [
        {"$": "entity", "class": "ships", "id": "1"},
        {"$": "class", "v": "ships"},
        {"$": "event", "name": "ship.sunk", "v": {}},
        {"$": "quaternion", "v": [1]},
    ],
    ids=lambda value: str(value["$"]),
)
def test_what_another_release_sent_is_not_known_here(value: Any) -> None:
    assert state.targets.named("ships") is None
    with pytest.raises(NotKnownHere):
        from_wire({"sender": None, "values": {"v": value}})


@pytest.mark.parametrize("data", [None, [], {}, {"sender": 1}, {"sender": 1, "values": [2]}])
def test_what_is_no_event_is_a_value_error(data: Any) -> None:
    with pytest.raises(ValueError, match="An event is an object with sender and values"):
        from_wire(data)


def test_a_message_travels_by_its_name_and_arrives_only_where_it_is_handled() -> None:
    class Ship(Command):
        order: str
        days: tuple[int, int] = (1, 2)

    data = json.loads(json.dumps(to_wire(Ship(order="a"), {})))
    with pytest.raises(NotKnownHere, match=r"Ship.*Import the module"):
        from_wire(data)

    @command
    def ship(message: Ship) -> None: ...

    assert from_wire(data)[0] == Ship(order="a")
    data["sender"]["v"] = {"order": "a", "other": 1}
    with pytest.raises(NotKnownHere, match="other fields here"):
        from_wire(data)
