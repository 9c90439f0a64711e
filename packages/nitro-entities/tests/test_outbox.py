"""Messages that are committed with the rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import Entity, MemoryRepo, SQLModelBackend, UnitOfWork, configure
from nitro_entities.outbox import Message, Outbox, message
from nitro_entities.repository import Ability


class MemoryParcel(Entity):
    total: int = 0
    _persistence_backend_class = MemoryRepo


class SQLParcel(Entity):
    total: int = 0
    _persistence_backend_class = SQLModelBackend


@pytest.fixture(params=["memory", "sqlite", "sqlite durable", "postgresql", "postgresql durable"])
def parcel(request: pytest.FixtureRequest) -> Any:
    name, _, durable = request.param.partition(" ")
    if name == "postgresql":
        configure(database_url=request.getfixturevalue("postgres_url"))
    configure(durable_changes=bool(durable))
    return MemoryParcel if name == "memory" else SQLParcel


def outbox_of(cls: Any) -> Outbox:
    outbox: Outbox = cls.repository().store.outbox
    return outbox


def test_a_message_is_there_when_its_rows_are(parcel: Any) -> None:
    outbox = outbox_of(parcel)

    with UnitOfWork() as uow:
        mine = parcel(total=5)
        mine.save()
        uow.outbox("ordered", {"id": mine.id, "total": 5})
        uow.outbox("paid", ["é", None])
        uow.flush()
        before = outbox.pending()
    after = outbox.pending()

    assert before == []
    assert [(m.topic, json.loads(m.payload)) for m in after] == [
        ("ordered", {"id": mine.id, "total": 5}),
        ("paid", ["é", None]),
    ]
    assert all(m.at.tzinfo is not None for m in after)
    assert parcel.get(mine.id).total == 5


def test_a_message_of_a_unit_that_fails_is_never_there(parcel: Any) -> None:
    outbox = outbox_of(parcel)

    with pytest.raises(RuntimeError), UnitOfWork() as uow:
        parcel().save()
        uow.outbox("ordered", 1)
        uow.flush()
        raise RuntimeError
    with UnitOfWork() as uow:
        parcel().save()
        uow.outbox("kept", 2)
        with UnitOfWork() as inner:
            parcel().save()
            inner.outbox("dropped", 3)
            inner.flush()
            inner.rollback()

    assert [m.topic for m in outbox.pending()] == ["kept"]


def test_messages_come_in_the_order_of_their_commits(parcel: Any) -> None:
    outbox = outbox_of(parcel)
    for number in range(7):
        with UnitOfWork() as uow:
            parcel().save()
            uow.outbox("first", number)
            uow.outbox("second", number)

    messages = outbox.pending()

    assert [(m.topic, json.loads(m.payload)) for m in messages] == [
        (topic, number) for number in range(7) for topic in ("first", "second")
    ]
    assert outbox.pending(3) == messages[:3]


def test_what_is_done_is_gone_and_may_be_done_again(parcel: Any) -> None:
    outbox = outbox_of(parcel)
    with UnitOfWork() as uow:
        parcel().save()
        for number in range(4):
            uow.outbox("ordered", number)
    first, second, third, fourth = outbox.pending()

    outbox.done([first.id, third.id])
    outbox.done([third.id, "nobody"])
    outbox.done([])

    assert outbox.pending() == [second, fourth]


def test_an_empty_outbox_can_be_asked_before_anything_was_written(parcel: Any) -> None:
    outbox = outbox_of(parcel)

    outbox.done(["nobody"])

    assert outbox.pending() == []


def test_messages_survive_the_process_in_a_database(database: Path) -> None:
    from nitro_entities import state

    with UnitOfWork() as uow:
        SQLParcel().save()
        uow.outbox("ordered", "ü")
    kept = outbox_of(SQLParcel).pending()
    state.reset()
    configure(database_url=f"sqlite:///{database}")

    again = outbox_of(SQLParcel).pending()

    assert again == kept
    assert type(again[0]) is Message


def test_a_message_that_is_committed_late_is_not_skipped(postgres_url: str) -> None:
    configure(database_url=postgres_url)
    SQLParcel.repository().prepare()
    database: Any = SQLParcel.repository().store
    outbox = database.outbox
    database.begin().commit((), [message("first", 0)])
    outbox.done([m.id for m in outbox.pending()])
    late, early = message("late", 1), message("early", 2)

    slow = database.begin()
    outbox.write(slow, [late])
    fast = database.begin()
    fast.commit((), [early])
    seen = outbox.pending()
    outbox.done([m.id for m in seen])
    slow.commit(())

    assert seen == [early]
    assert outbox.pending() == [late]


def test_a_store_with_an_outbox_says_so() -> None:
    assert Ability.OUTBOX in MemoryRepo.abilities
    assert Ability.OUTBOX in SQLModelBackend.abilities
