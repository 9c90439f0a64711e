"""Other processes that use the store of a contract class."""

import inspect
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nitro_entities.testing.child import Order
from nitro_entities.testing.contract import Contract

PATIENCE = 60  # seconds without a word from the child
_KILLED = "-9"


class Child:
    """The process that forks others, all of them for one contract class."""

    def __init__(self, contract: type[Any]) -> None:
        file = inspect.getfile(contract)
        order = Order(sys.path, contract.__module__, str(Path(file)), contract.__name__)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nitro_entities.testing.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._rest = b""
        self.tell(json.dumps(order))
        assert self.hear() == "ready", "the child could not load the contract class"

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def tell(self, line: str) -> None:
        """Write a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def hear(self) -> str:
        """Read a line."""
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


class Processes:
    """Start processes that use one store."""

    def __init__(self, child: Child, store: object) -> None:
        self._child = child
        self._store = store
        self.is_busy = False

    def kill_at_work(self, name: str, chance: random.Random) -> list[str]:
        """Let it work for a moment, kill it, and answer the units that it said were committed."""
        done: list[str] = []
        pid = self._forked(done, "work", name)
        if chance.random() < 0.8 and not done:
            self._note(self._child.hear(), done)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(int(pid), signal.SIGKILL)
        while self._note(self._child.hear(), done):
            pass
        return done

    def kill_at_step(self, number: int, name: str) -> list[str]:
        """Let it be killed at a step of a commit; answer what it said was committed."""
        done: list[str] = []
        self._forked(done, "step", str(number), name)
        while self._note(self._child.hear(), done, ends=(_KILLED, "0")):
            pass
        return done

    def add(self, number: int, id: str) -> None:
        """Let two processes add to an account, each so often."""
        self._forked([], "sums", str(number), id)
        assert not self._note(self._child.hear(), [], ends=("0",))

    def _forked(self, done: list[str], task: str, *words: str) -> str:
        self.is_busy = True
        self._child.tell(json.dumps([task, self._store, *words]))
        word, _, rest = self._child.hear().partition(" ")
        while word != "pid":  # the fork may be heard before the one who forked
            assert word == "ack", f"the child failed: {rest}"
            done.append(rest)
            word, _, rest = self._child.hear().partition(" ")
        return rest

    def _note(self, line: str, done: list[str], ends: tuple[str, ...] = (_KILLED,)) -> bool:
        """Keep what *line* says was done; say whether there is more to come."""
        word, _, rest = line.partition(" ")
        assert word in ("ack", "end"), f"the child failed: {rest}"
        if word == "ack":
            done.append(rest)
            return True
        assert rest in ends, f"the child ended by itself with {rest}"
        self.is_busy = False
        return False


class ProcessContract(Contract):
    """Prepare other processes; one start of Python serves the tests of a class."""

    @pytest.fixture
    def processes(self, request: pytest.FixtureRequest, store: object) -> Iterator[Processes]:
        """Answer who starts processes that use the store of the test."""
        if not hasattr(os, "fork"):
            pytest.skip("processes cannot be forked here")
        contract = type(self)
        if contract not in _children:
            _children[contract] = Child(contract)
            whole = request.node.getparent(pytest.Class)
            assert whole is not None
            whole.addfinalizer(lambda: _end(contract))
        processes = Processes(_children[contract], store)
        yield processes
        if processes.is_busy:  # the test failed, and nobody else should hear the rest
            _end(contract)


_children: dict[type, Child] = {}


def _end(contract: type) -> None:
    child = _children.pop(contract, None)
    if child is not None:
        child.close()
