"""Messages that are committed with the rows, or not at all."""

import json
from typing import Any

import pytest

from nitro_entities import EntityExists, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, needs
from nitro_entities.testing.units import Stop, others


@needs(Ability.OUTBOX, Ability.TRANSACTIONS)
class OutboxContract(Contract):
    """Outbox"""

    def test_messages_become_visible_with_the_rows(self, item: Any) -> None:
        item.create(id="old")
        assert self._pending(item) == []
        with UnitOfWork() as unit:
            item.create(id="a")
            unit.outbox("one", {"n": 1, "text": "\u00e9\U0001f600"})
            unit.outbox("two", [1, None, "x"])
            unit.flush()
            assert others(lambda: self._pending(item)) == []
        assert self._pending(item) == [
            ("one", {"n": 1, "text": "\u00e9\U0001f600"}),
            ("two", [1, None, "x"]),
        ]

    def test_messages_go_with_what_is_rolled_back(self, item: Any) -> None:
        item.create(id="taken")
        with pytest.raises(Stop), UnitOfWork() as unit:
            unit.outbox("never", 1)
            item.create(id="a")
            unit.flush()
            raise Stop
        with pytest.raises(EntityExists), UnitOfWork() as unit:
            unit.outbox("never", 2)
            item.create(id="taken")
        with UnitOfWork() as unit:
            item.create(id="b")
            unit.outbox("kept", 1)
            with pytest.raises(Stop), UnitOfWork() as inner:
                inner.outbox("never", 3)
                raise Stop
            with UnitOfWork() as inner:
                inner.outbox("kept", 2)
        assert self._pending(item) == [("kept", 1), ("kept", 2)]

    def test_messages_are_kept_in_order_until_they_are_done(self, item: Any) -> None:
        for number in range(6):
            with UnitOfWork() as unit:
                item.create(id=str(number))
                unit.outbox("a", number)
                unit.outbox("b", number)
        box = item.repository().store.outbox
        wanted = [(topic, n) for n in range(6) for topic in "ab"]
        assert self._pending(item) == wanted
        messages = box.pending(5)
        assert [(m.topic, json.loads(m.payload)) for m in messages] == wanted[:5]
        assert len({m.id for m in box.pending(100)}) == 12
        assert all(m.at.tzinfo is not None for m in messages)
        box.done([messages[1].id, messages[3].id])
        wanted = [wanted[0], wanted[2], *wanted[4:]]
        assert self._pending(item) == wanted
        box.done([messages[1].id, "nobody"])
        assert self._pending(item) == wanted
        box.done([m.id for m in box.pending(100)])
        assert box.pending(100) == []

    @staticmethod
    def _pending(item: Any) -> list[tuple[str, Any]]:
        messages = item.repository().store.outbox.pending(100)
        return [(message.topic, json.loads(message.payload)) for message in messages]
