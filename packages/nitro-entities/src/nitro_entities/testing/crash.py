"""A process that is killed in the middle of its work: nothing lost, nothing half-written."""

import json
import random
from collections import Counter
from typing import Any, ClassVar

import pytest

from nitro_entities import state
from nitro_entities.repository import Ability
from nitro_entities.testing.child import ACCOUNTS, START, transfer
from nitro_entities.testing.contract import needs, rounds
from nitro_entities.testing.processes import ProcessContract, Processes


@needs(Ability.DURABLE, Ability.TRANSACTIONS, Ability.QUERY)
class CrashContract(ProcessContract):
    """Killed at work"""

    kills: ClassVar[int] = rounds(10, 1_000)
    """How often the working process is killed."""

    steps: ClassVar[int] = rounds(60, 600)
    """Up to which change of the file system a commit is killed."""

    @pytest.fixture
    def child(self, processes: Processes, account: Any, entry: Any) -> Processes:
        """Answer who starts the processes to be killed; the accounts are there."""
        for id in ACCOUNTS:
            account.create(id=id, balance=START)
        entry.create(id="first", account="a>b", amount=0).delete()
        return processes

    def test_a_killed_process_loses_nothing_and_leaves_nothing_half(
        self, child: Processes, store: object, account: Any, entry: Any
    ) -> None:
        chance = random.Random(self.kills)
        balances = dict.fromkeys(ACCOUNTS, START)
        finished = 0
        for number in range(self.kills):
            done = child.kill_at_work(f"{number:05}", chance)
            state.reset()
            self.configure_child(store)

            self._check_and_clear(account, entry, done, balances)
            finished += len(done)
        assert finished > self.kills / 2, "it was killed before it could do anything"
        transfer(account, entry, "last", chance, outbox=self.offers(Ability.OUTBOX))
        assert entry.get("last").id == "last"

    def test_a_process_killed_at_a_step_of_a_commit_leaves_all_or_nothing(
        self, child: Processes, store: object, account: Any, entry: Any
    ) -> None:
        balances = dict.fromkeys(ACCOUNTS, START)
        for number in range(1, self.steps):
            done = child.kill_at_step(number, f"{number:05}")
            state.reset()
            self.configure_child(store)

            self._check_and_clear(account, entry, done, balances)
            if done:  # so there are no more steps
                break

    def test_what_is_committed_is_there_after_a_new_start(self, store: object, item: Any) -> None:
        mine = item.create(id="a", name="x", tags=["t"])
        stale = item.get("a")
        mine.update(number=5).save()
        item.create(id="b").delete()
        state.reset()
        self.configure_child(store)
        assert [(one.id, one.number, one.tags) for one in item.all()] == [("a", 5, ["t"])]
        mine.update(name="y").save()
        assert item.get("a").name == "y"
        stale.name = "stale"
        with pytest.raises(Exception, match="changed by somebody else"):
            stale.save()

    def _check_and_clear(
        self, account: Any, entry: Any, done: list[str], balances: dict[str, int]
    ) -> None:
        entries = {one.id: one for one in entry.all()}
        assert set(done) <= set(entries), "a commit that was reported is lost"
        assert len(entries) <= len(done) + 1, "more than one commit was not reported"
        for one in entries.values():
            here, there = one.account.split(">")
            balances[here] -= one.amount
            balances[there] += one.amount
        assert {one.id: one.balance for one in account.all()} == balances, "half a unit"
        if self.offers(Ability.OUTBOX):
            self._outbox_is(account, sorted(entries))
        entry.where().delete()

    @staticmethod
    def _outbox_is(account: Any, ids: list[str]) -> None:
        box = account.repository().store.outbox
        messages = box.pending(1_000_000)
        told = [json.loads(message.payload)["entry"] for message in messages]
        assert told == ids, Counter(told) - Counter(ids)
        assert {message.topic for message in messages} <= {"moved"}
        box.done([message.id for message in messages])
        assert box.pending(10) == []
