"""One instance of an application, run by the tests of several instances as a process of its own.

    python an_instance.py URL SUBSCRIBERS PAUSE

It says "ready" when it listens, publishes after "go", says after "stop" how much it has
published, and after a number what each of its subscribers received, that many messages.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

from nitro_events import configure
from nitro_events.instances import QueueFull
from nitro_events.instances.broker import log_at
from nitro_events.instances.remote import LogBroker


class Subscriber:
    def __init__(self) -> None:
        self.received: list[tuple[int, str]] = []
        self.lost = 0

    def receive(self, position: int, _channel: str, _topics: tuple[str, ...], data: bytes) -> None:
        self.received.append((position, data.decode()))

    def lose(self) -> None:
        self.lost += 1


def until(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.005)


def said() -> str:
    return sys.stdin.readline().strip()


def say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    url, subscribers, pause = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    logging.disable()
    configure(secret="a secret of all the instances")
    broker = LogBroker(log_at(url))
    all_of_them = [Subscriber() for _ in range(subscribers)]
    for one in all_of_them:
        broker.listen(one.receive, one.lose)
    until(lambda: broker.position > 0, 20)
    say("ready")

    said()
    published = [0]
    stop = threading.Event()

    def publish() -> None:
        while not stop.is_set():
            topic = f"City:{published[0] % 10}"
            try:
                broker.publish("live", (topic,), f"{os.getpid()}:{published[0] + 1}".encode())
                published[0] += 1
            except QueueFull:
                time.sleep(0.05)
            time.sleep(pause)

    thread = threading.Thread(target=publish)
    thread.start()
    said()
    stop.set()
    thread.join()
    flushed = broker.flush(30)
    say({"pid": os.getpid(), "published": published[0], "flushed": flushed})

    total = int(said())
    until(lambda: all(len(one.received) >= total for one in all_of_them), 30)
    time.sleep(0.2)  # for what should not come
    first = all_of_them[0]
    say(
        {
            "received": first.received,
            "alike": all(one.received == first.received for one in all_of_them),
            "lost": sum(one.lost for one in all_of_them),
        }
    )
    broker.close()


if __name__ == "__main__":
    main()
