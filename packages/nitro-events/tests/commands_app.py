"""What the tests of commands run in other processes: a server, and a worker to be killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import nitro_entities
from nitro_entities import Entity, SQLModelBackend
from nitro_events import Command, action, command, configure, dispatch
from nitro_events.http.asgi import Middleware, own_answer, request_of, send_response
from nitro_events.with_entities import connect


class Tally(Entity):
    """What is counted."""

    _persistence_backend_class = SQLModelBackend

    number: int = 0

    @action
    def click(self) -> int:
        """Count one."""
        self.number += 1
        return self.number


class TallyLine(Entity):
    """What is written beside the count, in the same unit."""

    _persistence_backend_class = SQLModelBackend

    key: str


class Count(Command):
    """Count one, for a key."""

    tally: str
    key: str


@command
def count(message: Count) -> int:
    """Change one entity and make another."""
    tally = Tally.get(message.tally)
    tally.number += 1
    TallyLine(key=message.key).save()
    return tally.number


def start(url: str) -> None:
    """Connect to the database of the test."""
    nitro_entities.configure(database_url=url)
    configure(secret="k" * 32, policy=lambda *_: True)
    connect()


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer Nitro's own routes."""
    await served(scope, receive, send)


async def _routes(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        response = await own_answer(request_of(scope, receive))
        await send_response(response, receive, send)


served = Middleware(_routes, lambda scope: None)


def work(tally: str, first: int, last: int) -> None:
    """Do what the keys from *first* to *last* stand for, and say so of each."""
    for number in range(first, last):
        key = f"key-{number}"
        reply = dispatch(Count(tally=tally, key=key), idempotency_key=key)
        os.write(1, f"{number} {reply}\n".encode())


def main() -> None:
    """Fork a worker for each line that comes: so that killing one costs no start."""
    start(sys.argv[1])
    os.write(1, b"ready\n")
    for line in sys.stdin:
        tally, first, last = line.split()
        pid = os.fork()
        if pid == 0:
            work(tally, int(first), int(last))
            os._exit(0)
        os.write(1, f"pid {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"end\n")


if __name__ == "__main__":
    main()
elif "NITRO_TEST_DATABASE" in os.environ:
    start(os.environ["NITRO_TEST_DATABASE"])
