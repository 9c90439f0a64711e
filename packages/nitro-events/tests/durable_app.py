"""An application with durable handlers, for the tests; run as a script it is a worker to kill.

The script loads everything once and forks whenever it reads a line; the fork is a worker.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from nitro_entities import Entity, RedisRepo, SQLModelBackend
from nitro_entities import configure as configure_entities
from nitro_events import configure, durable, joints, on
from nitro_events.durable import Retry

OPTIONS: dict[str, Any] = {"inside": False, "lease": 0.3, "poll": 0.05, "backoff": 0.02}


class Order(Entity):
    """What events are about."""

    __plural__ = "durable_orders"  # other tests of the same run have orders, too

    total: int = 0


class Effect(Entity):
    """A row for each time that a handler has had its effect."""

    n: int
    by: str


def plain(order: Order, n: int) -> None:
    time.sleep(0.002)
    Effect(n=n, by="plain").save()
    order.total += n
    time.sleep(0.002)


async def waiting(order: Order, n: int) -> None:
    await asyncio.sleep(0.002)
    Effect(n=n, by="async").save()
    await asyncio.sleep(0.002)


def install(url: str) -> None:
    """Keep everything at *url*, and let the handlers hear ``order.placed``."""
    if url.startswith("redis"):
        configure_entities(redis_url=url, backend=RedisRepo)
    else:
        configure_entities(database_url=url, backend=SQLModelBackend)
    configure(durable=OPTIONS)
    joints.connect()
    on("order.placed", durable=Retry(1000, backoff=0.02, longest=0.1))(plain)
    on("order.placed", durable=Retry(1000, backoff=0.02, longest=0.1))(waiting)


def main(url: str) -> None:
    """Fork a worker for each line that is read."""
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            install(url)
            durable.start(2)
            os.write(1, f"{os.getpid()}\n".encode())
            time.sleep(60)
            os._exit(1)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    # messages know the handlers by the name of this module
    sys.path.insert(0, os.path.dirname(__file__))
    import durable_app

    durable_app.main(sys.argv[1])
