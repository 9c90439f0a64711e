"""The process that the crash tests kill: ``python -m nitro_entities.testing.child``.

It loads the contract class once and forks whenever it reads a line, so that a thousand kills
need one start of Python. The fork commits units until it is killed, and says so after each.
"""

import importlib.util
import json
import os
import random
import sys
from typing import Any, NamedTuple

from nitro_entities import UnitOfWork
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes

ACCOUNTS = ("a", "b", "c")
START = 1_000_000


class Order(NamedTuple):
    """What the parent writes in one line, as JSON."""

    path: list[str]
    module: str
    file: str
    contract: str
    store: Any


def main() -> None:
    """Wait for orders, and fork for each."""
    order = Order(*json.loads(sys.stdin.readline()))
    sys.path[:] = order.path
    contract = _load(order)
    say("ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(contract, order.store, line.strip())
        say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        say(f"end {os.waitstatus_to_exitcode(status)}")


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


def _work(contract: Any, store: Any, name: str) -> None:
    try:
        contract.configure_child(store)
        tests = contract()
        account, entry = tests.made(shapes.account), tests.made(shapes.entry)
        outbox = tests.offers(Ability.OUTBOX)
        chance = random.Random(name)
        number = 0
        while True:
            number += 1
            id = f"{name}-{number:06}"
            transfer(account, entry, id, chance, outbox=outbox)
            say(f"ack {id}")
    except BaseException as exc:
        say(f"error {type(exc).__name__}: {str(exc)[:500]}".replace("\n", " "))
    finally:
        os._exit(1)


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
