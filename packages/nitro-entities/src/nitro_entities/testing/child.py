"""The process that the crash tests kill: ``python -m nitro_entities.testing.child``.

It loads the contract class once and forks whenever it reads a line, so that a thousand kills
need one start of Python. What a line says is done in the fork:

- "work", name: commit units until it is killed, and say so after each;
- "step", number, name: commit one, and be killed at that change of the file system;
- "sums", number, id: in two forks at once, add so often to an account.
"""

import importlib.util
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from nitro_entities import StaleEntity, StoreBusy, UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes

Task = Callable[..., None]

_CHANGES = {"os.rename", "os.remove", "os.truncate", "os.link", "os.mkdir", "os.rmdir"}

ACCOUNTS = ("a", "b", "c")
START = 1_000_000


class Order(NamedTuple):
    """What the parent writes in its first line, as JSON; in the others task, store, words."""

    path: list[str]
    module: str
    file: str
    contract: str


def main() -> None:
    """Wait for orders, and fork for each."""
    order = Order(*json.loads(sys.stdin.readline()))
    sys.path[:] = order.path
    contract = _load(order)
    say("ready")
    for line in sys.stdin:
        task, store, *words = json.loads(line)
        pids = _start(TASKS[task], contract, store, words, 2 if task == "sums" else 1)
        say(f"pid {pids[0]}")
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        say(f"end {next(filter(None, ends), 0)}")


def say(line: str) -> None:
    """Tell the parent, in one piece."""
    os.write(1, f"{line}\n".encode())


def _load(order: Order) -> Any:
    spec = importlib.util.spec_from_file_location(order.module, order.file)
    assert spec is not None, order.file
    assert spec.loader is not None, order.file
    module = importlib.util.module_from_spec(spec)
    sys.modules[order.module] = module
    spec.loader.exec_module(module)
    return getattr(module, order.contract)


def _start(task: Task, contract: Any, store: Any, words: list[str], number: int) -> list[int]:
    """Fork so often, and let all forks begin when the last one is ready."""
    (ready, say_ready), (begin, say_begin) = os.pipe(), os.pipe()
    pids: list[int] = []
    for _ in range(number):
        pid = os.fork()
        if pid == 0:
            os.close(say_begin)
            _run(task, contract, store, words, lambda: _wait(say_ready, begin))
        pids.append(pid)
    for end in (say_ready, begin):
        os.close(end)
    for _ in pids:
        os.read(ready, 1)
    for end in (ready, say_begin):
        os.close(end)
    return pids


def _wait(say_ready: int, begin: int) -> None:
    os.write(say_ready, b".")
    os.read(begin, 1)  # until it is closed


def _run(
    task: Task, contract: Any, store: Any, words: list[str], wait: Callable[[], None]
) -> None:
    code = 1
    try:
        contract.configure_child(store)
        tests = contract()
        account, entry = tests.made(shapes.account), tests.made(shapes.entry)
        wait()
        task(tests, account, entry, *words)
        code = 0
    except BaseException as exc:
        say(f"error {type(exc).__name__}: {str(exc)[:500]}".replace("\n", " "))
    finally:
        os._exit(code)


def _work(tests: Any, account: Any, entry: Any, name: str) -> None:
    outbox = tests.offers(Ability.OUTBOX)
    chance = random.Random(name)
    for number in count(1):
        id = f"{name}-{number:06}"
        transfer(account, entry, id, chance, outbox=outbox)
        say(f"ack {id}")


def _step(tests: Any, account: Any, entry: Any, number: str, name: str) -> None:
    account.get(ACCOUNTS[0])  # what opens the store is no step of the commit
    left = int(number)

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _CHANGES or (event == "open" and _writes(*arguments)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)
    transfer(account, entry, name, random.Random(name), outbox=tests.offers(Ability.OUTBOX))
    left = 0
    say(f"ack {name}")


def _writes(path: object, mode: str | None, flags: int) -> bool:
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


def _sums(tests: Any, account: Any, entry: Any, number: str, id: str) -> None:
    for _ in range(int(number)):
        while True:
            mine = account.get(id)
            mine.balance += 1
            try:
                mine.save()
            except (StaleEntity, StoreBusy):
                continue
            break


TASKS: dict[str, Task] = {"work": _work, "step": _step, "sums": _sums}


def transfer(account: Any, entry: Any, id: str, chance: random.Random, *, outbox: bool) -> None:
    """Move an amount between two accounts and write it down, in one unit."""
    here, there = chance.sample(ACCOUNTS, 2)
    amount = chance.randint(1, 9)
    with UnitOfWork() as unit:
        giver, taker = account.get(here), account.get(there)
        giver.balance -= amount
        giver.save()
        if chance.random() < 0.5:
            unit.flush()
        taker.balance += amount
        taker.save()
        entry.create(id=id, account=f"{here}>{there}", amount=amount)
        if outbox:
            unit.outbox("moved", {"entry": id})


if __name__ == "__main__":
    main()
