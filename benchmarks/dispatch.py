"""Compare a command that is dispatched with a bare call of its handler.

    python benchmarks/dispatch.py [--rounds 15]

What is dispatched goes the whole way: arguments read and validated by types, one unit of work of
nitro-entities opened and committed, policy and retry in their places. The handler changes
nothing, so that no database is measured. The rows of requests also read JSON, ask the policy of
development, check where the request comes from, and write the answer; there is no framework and
no socket.
The ways take turns within each round and CPU time is what counts; the smallest of all rounds is
shown, because everything else that runs on the machine only adds to it.

A function that is not async is run in a worker thread where an event loop goes on meanwhile;
the last row of each part is what such a hop alone takes.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import nitro_entities
from nitro_events import Command, Request, action, adispatch, command, configure, dispatch
from nitro_events.http.dispatch import answer
from nitro_events.threads import in_thread
from nitro_events.with_entities import connect

AT_MOST = 30.0
"""Microseconds that dispatching may add to the bare handler."""
TIMES = 300

Sync = Callable[[], object]
Async = Callable[[], Awaitable[object]]


class PlaceOrder(Command):
    """A message, validated when it is made."""

    customer: str
    quantity: int = 1


@action
def restock(quantity: int, note: str = "") -> int:
    """Take validated arguments."""
    return quantity


@action
async def restock_async(quantity: int, note: str = "") -> int:
    """Take validated arguments, on the loop."""
    return quantity


@command
def place(order: PlaceOrder) -> int:
    """Take a message."""
    return order.quantity


def sync_ways() -> dict[str, Sync]:
    """Return what is called without an event loop."""
    return {
        "bare handler": lambda: restock(quantity=5, note="x"),
        "dispatch(function)": lambda: dispatch(restock, quantity=5, note="x"),
        "dispatch(Message(…))": lambda: dispatch(PlaceOrder(customer="Ann", quantity=5)),
    }


def async_ways() -> dict[str, Async]:
    """Return what is awaited."""
    return {
        "bare async handler": lambda: restock_async(quantity=5, note="x"),
        "adispatch(async function)": lambda: adispatch(restock_async, quantity=5, note="x"),
        "adispatch(sync function)": lambda: adispatch(restock, quantity=5, note="x"),
        "request to async function": lambda: answer(request("/restock_async")),
        "request to sync function": lambda: answer(request("/restock")),
        "a hop to a thread": lambda: in_thread(restock, quantity=5, note="x"),
    }


BODY = json.dumps({"quantity": 5, "note": "x"}).encode()
HEADERS = [("host", "localhost"), ("content-type", "application/json")]


def request(path: str) -> Request:
    """Return a request as an adapter makes it."""
    return Request("POST", path, headers=HEADERS, body=BODY, client="127.0.0.1")


def measured(ways: dict[str, Sync], rounds: int) -> dict[str, float]:
    """Return the microseconds of each call."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            for _ in range(TIMES):
                way()
            best[name] = min(best[name], (time.process_time() - began) / TIMES * 1e6)
    return best


async def ameasured(ways: dict[str, Async], rounds: int) -> dict[str, float]:
    """Return the microseconds of each await."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            for _ in range(TIMES):
                await way()
            best[name] = min(best[name], (time.process_time() - began) / TIMES * 1e6)
    return best


def show(found: dict[str, float]) -> bool:
    """Print a table; tell whether dispatching stays within its bound."""
    bare = next(iter(found.values()))
    for name, micros in found.items():
        print(f"  {name:<28} {micros:8.2f} µs   {micros - bare:+8.2f}")
    dispatched = [micros for name, micros in found.items() if name in BOUND]
    return all(micros - bare <= AT_MOST for micros in dispatched)


BOUND = {"dispatch(function)", "dispatch(Message(…))", "adispatch(async function)"}


def main() -> None:
    """Measure, show, and end with 1 if dispatching takes too long."""
    parser = argparse.ArgumentParser(description="Dispatching beside bare calls.")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    nitro_entities.configure(database_url="sqlite://")
    configure(secret="a secret for this alone, of 32 bytes")
    connect()
    assert dispatch(restock, quantity="5") == 5, "arguments are validated"

    print("without an event loop")
    kept = show(measured(sync_ways(), rounds))
    print("on an event loop")
    kept = show(asyncio.run(ameasured(async_ways(), rounds))) and kept
    print(f"dispatching adds {'at most' if kept else 'MORE than'} {AT_MOST:.0f} µs")
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()
