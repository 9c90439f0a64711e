"""How long a message takes from one instance to another, and how many of them a second.

    python benchmarks/instances.py [--only redis,postgresql] [--messages 1000]

Redis and PostgreSQL are started as the tests start them, but so that they keep what they promise:
Redis with appendonly and appendfsync always, PostgreSQL with fsync. Both instances are in this
process, each with threads and connections of its own; a message is sent when the one before has
arrived.
"""

import argparse
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from nitro_events import configure
from nitro_events.instances.broker import log_at
from nitro_events.instances.remote import LogBroker
from support import postgres, redis

MANY = 5_000


class Arrivals:
    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.count = 0
        self.arrived = threading.Event()

    def receive(self, _position: int, channel: str, _topics: tuple[str, ...], data: bytes) -> None:
        self.count += 1
        if channel == "one":
            self.seconds.append(time.perf_counter() - float(data))
            self.arrived.set()


def server(name: str) -> str:
    if name == "redis":
        return redis.own_server(keeps=True).url
    postgres.SETTINGS.update(fsync="on", full_page_writes="on", synchronous_commit="on")
    return postgres.own_server().url


def measure(name: str, messages: int) -> None:
    url = server(name)
    here, there = LogBroker(log_at(url)), LogBroker(log_at(url))
    arrivals = Arrivals()
    there.listen(arrivals.receive, lambda: print("lost"))
    here.listen(lambda *_: None, lambda: None)
    while not (here.position and there.position):
        time.sleep(0.01)
    for _ in range(messages):
        arrivals.arrived.clear()
        here.publish("one", ("City:7", "City"), str(time.perf_counter()).encode())
        arrivals.arrived.wait(10)
    taken = sorted(arrivals.seconds)
    p50, p99 = (taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))

    start, before = time.perf_counter(), arrivals.count
    for _ in range(MANY):
        here.publish("many", ("City:7", "City"), b"x" * 200)
    queued = time.perf_counter() - start
    while arrivals.count < before + MANY:
        time.sleep(0.001)
    through = time.perf_counter() - start
    print(
        f"{name:12} p50 {p50:.2f} ms  p99 {p99:.2f} ms  publish() {queued / MANY * 1e6:.1f} µs  "
        f"{MANY / through:,.0f} messages/s"
    )
    here.close()
    there.close()


def main() -> None:
    words = argparse.ArgumentParser(description="Messages between two instances.")
    words.add_argument("--only", default="redis,postgresql")
    words.add_argument("--messages", type=int, default=1000)
    said = words.parse_args()
    configure(secret="a secret of both instances")
    for name in said.only.split(","):
        measure(name, said.messages)


if __name__ == "__main__":
    main()
