"""Compare emitting with a bare loop, blinker, Django's signals and asyncio.gather, in one run.

    python benchmarks/events.py [--rounds 41]

The contenders take turns within each round and CPU time is what counts; the smallest of all
rounds is shown, because everything else that runs on the machine only adds to it. All handlers add
a number that comes with the event to a counter. The floor calls them one after the other in a
loop. Ours keeps the order, collects the results and goes on after an error, which is shown before
anything is measured.
"""

import argparse
import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import blinker

from nitro_events import Event, emit, emit_async, event, on

UNRELATED = 10_000
PEERS = ["django>=5.2,<6"]

Run = Callable[[int], object]


class Counter:
    total = 0


def functions(count: int) -> list[Callable[..., None]]:
    """Return so many handlers, each a function of its own."""

    def one() -> Callable[..., None]:
        def add(sender: object, amount: int) -> None:
            Counter.total += amount

        return add

    return [one() for _ in range(count)]


def coroutines(count: int) -> list[Callable[..., Awaitable[None]]]:
    """Return so many async handlers."""

    def one() -> Callable[..., Awaitable[None]]:
        async def add(sender: object, amount: int) -> None:
            Counter.total += amount

        return add

    return [one() for _ in range(count)]


def bare_loop(handlers: list[Callable[..., None]]) -> Run:
    def run(times: int) -> None:
        for _ in range(times):
            for handler in handlers:
                handler("s", amount=1)

    return run


def nitro(name: str, handlers: list[Callable[..., None]]) -> Run:
    for handler in handlers:
        on(name)(handler)

    def run(times: int) -> None:
        for _ in range(times):
            emit(name, "s", amount=1)

    return run


def nitro_signal(name: str) -> Run:
    signal = event(name)

    def run(times: int) -> None:
        for _ in range(times):
            emit(signal, "s", amount=1)

    return run


def nitro_send(name: str) -> Run:
    send = event(name).send

    def run(times: int) -> None:
        for _ in range(times):
            send("s", amount=1)

    return run


def nitro_conditional(name: str, handlers: list[Callable[..., None]]) -> Run:
    for number, handler in enumerate(handlers):
        on(name, sender="s")(handler)
        for other in range(100):
            on(name, sender=f"{number}.{other}")(lambda sender, amount: None)
    return nitro(name, [])


class Paid(Event):
    amount: int


def nitro_typed(count: int) -> Run:
    def one() -> Callable[[Paid], None]:
        def add(paid: Paid) -> None:
            Counter.total += paid.amount

        return add

    for _ in range(count):
        on(Paid)(one())

    def run(times: int) -> None:
        paid = Paid(amount=1)
        for _ in range(times):
            emit(paid, "s")

    return run


def of_blinker(handlers: list[Callable[..., None]]) -> Run:
    signal = blinker.Signal()
    for handler in handlers:
        signal.connect(handler, weak=False)

    def run(times: int) -> None:
        for _ in range(times):
            signal.send("s", amount=1)

    return run


def of_django(handlers: list[Callable[..., None]], verb: str) -> Run:
    from django.dispatch import Signal

    def wrapped(handler: Callable[..., None]) -> Callable[..., None]:
        # Django hands `signal` to every receiver, so its receivers name it
        def add(sender: object, signal: object, amount: int) -> None:
            Counter.total += amount

        return add

    signal = Signal()
    kept = [wrapped(handler) for handler in handlers]
    for handler in kept:
        signal.connect(handler, weak=False)
    send = getattr(signal, verb)

    def run(times: int) -> None:
        for _ in range(times):
            send("s", amount=1)

    return run


def sequential(handlers: list[Callable[..., Awaitable[None]]]) -> Run:
    async def main(times: int) -> None:
        for _ in range(times):
            for handler in handlers:
                await handler("s", amount=1)

    return lambda times: LOOP.run_until_complete(main(times))


def nitro_async(name: str, handlers: list[Callable[..., Awaitable[None]]]) -> Run:
    for handler in handlers:
        on(name)(handler)

    async def main(times: int) -> None:
        for _ in range(times):
            await emit_async(name, "s", amount=1)

    return lambda times: LOOP.run_until_complete(main(times))


def blinker_async(handlers: list[Callable[..., Awaitable[None]]]) -> Run:
    signal = blinker.Signal()
    for handler in handlers:
        signal.connect(handler, weak=False)

    async def main(times: int) -> None:
        for _ in range(times):
            await signal.send_async("s", amount=1)

    return lambda times: LOOP.run_until_complete(main(times))


def gathered(handlers: list[Callable[..., Awaitable[None]]]) -> Run:
    async def main(times: int) -> None:
        for _ in range(times):
            await asyncio.gather(*(handler("s", amount=1) for handler in handlers))

    return lambda times: LOOP.run_until_complete(main(times))


def compare(title: str, contenders: dict[str, Run], rounds: int, times: int = 3000) -> None:
    """Print CPU time and ratio to the first contender, which is the floor."""
    best = dict.fromkeys(contenders, float("inf"))
    for run in contenders.values():
        run(200)
    for _ in range(rounds):
        for name, run in contenders.items():
            begin = time.process_time()
            run(times)
            best[name] = min(best[name], (time.process_time() - begin) / times * 1e6)
    floor = next(iter(best.values()))
    print(f"\n{title}")
    for name, cost in best.items():
        print(f"  {name:<42}{cost:8.2f} µs{cost / floor:8.2f} x")


def check() -> None:
    """Show that what is measured goes on after an error, in order, and reports it."""
    heard: list[int] = []

    def broken(sender: object, amount: int) -> None:
        raise ValueError

    for handler in (lambda s, amount: heard.append(1), broken, lambda s, amount: heard.append(2)):
        on("checked")(handler)
    try:
        emit("checked", "s", amount=1)
    except ExceptionGroup as group:
        print(f"Error isolation is on: {group}; the handlers that ran: {heard}")


def suite(rounds: int) -> None:
    """Run every comparison, first alone, then among 10,000 other events."""
    three = functions(3)
    contenders: dict[str, Run] = {
        "bare loop": bare_loop(three),
        "Nitro emit(name)": nitro("three", three),
        "Nitro emit(signal)": nitro_signal("three"),
        "Nitro event(name).send": nitro_send("three"),
        "Nitro emit(typed event)": nitro_typed(3),
        "Nitro, for one of 300 senders": nitro_conditional("conditional", functions(3)),
        "blinker send (stops at an error)": of_blinker(three),
    }
    if importlib.util.find_spec("django"):
        contenders["Django send (stops at an error)"] = of_django(three, "send")
        contenders["Django send_robust"] = of_django(three, "send_robust")
    compare("emit, 3 handlers, one keyword", contenders, rounds)

    for count in (1, 10):
        some = functions(count)
        few = {
            "bare loop": bare_loop(some),
            "Nitro emit(name)": nitro(f"few.{count}", some),
            "blinker send": of_blinker(some),
        }
        compare(f"emit, {count} handlers", few, rounds)

    waits = coroutines(3)
    awaited = {
        "await one after the other": sequential(waits),
        "Nitro emit_async(name)": nitro_async("waits", waits),
        "blinker send_async (stops at an error)": blinker_async(waits),
        "asyncio.gather": gathered(waits),
    }
    compare("emit_async, 3 coroutines that do not suspend", awaited, rounds)

    begin = time.process_time()
    for number in range(UNRELATED):
        on(f"unrelated.{number}")(three[0])
    registered = (time.process_time() - begin) / UNRELATED * 1e6
    begin = time.process_time()
    for number in range(UNRELATED):
        emit(f"unrelated.{number}", "s", amount=1)
    first = (time.process_time() - begin) / UNRELATED * 1e6
    print(f"\n{UNRELATED} other events: {registered:.1f} µs to register one, {first:.1f} µs for")
    print("the first emit of each")
    names = ("bare loop", "Nitro emit(name)", "Nitro emit(signal)")
    compare(
        f"emit, 3 handlers, among {UNRELATED} other events",
        {name: contenders[name] for name in names} | {"nobody listens": nitro("nobody", [])},
        rounds,
    )


def with_peers(arguments: list[str]) -> None:
    """Run again where the peers are, if they can be installed."""
    packages = [part for peer in PEERS for part in ("--with", peer)]
    run = [
        sys.executable,
        "-m",
        "uv",
        "run",
        "--quiet",
        "--no-project",
        "--python",
        sys.executable,
    ]
    paths = ":".join(path for path in sys.path if path)
    command = [*run, *packages, "env", f"PYTHONPATH={paths}", "python", __file__, *arguments]
    if subprocess.run(command, check=False).returncode:
        sys.exit("The peers could not be installed; --alone measures without them")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Compare emit with its peers")
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--alone", action="store_true", help="do not install the missing peers")
    given = parser.parse_args()
    if not given.alone and importlib.util.find_spec("django") is None:
        with_peers(["--alone", "--rounds", str(given.rounds)])
        return
    check()
    suite(given.rounds)


LOOP: Any = asyncio.new_event_loop()

if __name__ == "__main__":
    main()
    LOOP.close()
