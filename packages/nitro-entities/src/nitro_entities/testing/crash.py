"""A process that is killed in the middle of its work: nothing lost, nothing half-written."""

import inspect
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from nitro_entities import state
from nitro_entities.repository import Ability
from nitro_entities.testing.child import ACCOUNTS, START, Order, transfer
from nitro_entities.testing.contract import Contract, needs, rounds

PATIENCE = 60  # seconds without a word from the child


class Child:
    """The process that forks the ones to be killed."""

    def __init__(self, contract: type[Any], store: object) -> None:
        file = inspect.getfile(contract)
        order = Order(sys.path, contract.__module__, str(Path(file)), contract.__name__, store)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nitro_entities.testing.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._rest = b""
        self._tell(json.dumps(order))
        assert self._hear() == "ready", "the child could not load the contract class"

    def kill_at_work(self, name: str, chance: random.Random) -> list[str]:
        """Let it work for a moment, kill it, and answer the units that it said were committed."""
        self._tell(name)
        word, _, pid = self._hear().partition(" ")
        done: list[str] = []
        while word != "pid":  # the fork may be heard before the one who forked
            done.append(pid)
            word, _, pid = self._hear().partition(" ")
        if chance.random() < 0.8 and not done:
            self._note(self._hear(), done)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(int(pid), signal.SIGKILL)
        while self._note(self._hear(), done):
            pass
        return done

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _note(self, line: str, done: list[str]) -> bool:
        """Keep what *line* says was done; say whether there is more to come."""
        word, _, rest = line.partition(" ")
        assert word in ("ack", "end"), f"the child failed: {rest}"
        if word == "ack":
            done.append(rest)
            return True
        assert rest == str(-signal.SIGKILL), f"the child ended by itself with {rest}"
        return False

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            pipe = self._process.stdout.fileno()
            ready, _, _ = select.select([pipe], [], [], PATIENCE)
            assert ready, "the child says nothing"
            more = os.read(pipe, 65536)
            assert more, "the child ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


@needs(Ability.DURABLE, Ability.TRANSACTIONS, Ability.QUERY)
class CrashContract(Contract):
    """Killed at work"""

    kills: ClassVar[int] = rounds(10, 1_000)
    """How often the working process is killed."""

    @pytest.fixture
    def child(self, store: object, account: Any, entry: Any) -> Iterator[Child]:
        """Answer the process to be killed; the accounts are there."""
        if not hasattr(os, "fork"):
            pytest.skip("processes cannot be forked here")
        for id in ACCOUNTS:
            account.create(id=id, balance=START)
        entry.create(id="first", account="a>b", amount=0).delete()
        child = Child(type(self), store)
        yield child
        child.close()

    def test_a_killed_process_loses_nothing_and_leaves_nothing_half(
        self, child: Child, store: object, account: Any, entry: Any
    ) -> None:
        chance = random.Random(self.kills)
        balances = dict.fromkeys(ACCOUNTS, START)
        outbox = self.offers(Ability.OUTBOX)
        finished = 0
        for number in range(self.kills):
            done = child.kill_at_work(f"{number:05}", chance)
            state.reset()
            self.configure_child(store)

            entries = {one.id: one for one in entry.all()}
            assert set(done) <= set(entries), "a commit that was reported is lost"
            assert len(entries) <= len(done) + 1, "more than one commit was not reported"
            for one in entries.values():
                here, there = one.account.split(">")
                balances[here] -= one.amount
                balances[there] += one.amount
            assert {one.id: one.balance for one in account.all()} == balances, "half a unit"
            if outbox:
                self._outbox_is(account, sorted(entries))
            finished += len(done)
            entry.where().delete()
        assert finished > self.kills / 2, "it was killed before it could do anything"
        transfer(account, entry, "last", chance, outbox=outbox)
        assert entry.get("last").id == "last"

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

    @staticmethod
    def _outbox_is(account: Any, ids: list[str]) -> None:
        box = account.repository().store.outbox
        messages = box.pending(1_000_000)
        told = [json.loads(message.payload)["entry"] for message in messages]
        assert told == ids, Counter(told) - Counter(ids)
        assert {message.topic for message in messages} <= {"moved"}
        box.done([message.id for message in messages])
        assert box.pending(10) == []
