"""What every contender has beside its stream: the clock, and what the server has cost so far."""

import asyncio
import json
import os
import resource
import time
from collections.abc import Callable
from urllib.parse import parse_qs

FILLER = "x" * 470


def patch_of(size: int) -> str:
    """Return markup with the time it was made at, of about *size* bytes with what is around it."""
    return f'<p id="clock" data-at="{time.monotonic_ns()}">{"x" * max(0, size - 100)}</p>'


def cost() -> dict[str, float]:
    """Return CPU seconds and resident KiB of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    kib = pages * os.sysconf("SC_PAGE_SIZE") / 1024
    return {"cpu": used.ru_utime + used.ru_stime, "rss": kib}


class Board:
    """Answers /cost, and /publish?count=…&pause=…&size=… by publishing in the background."""

    def __init__(self, publish: Callable[[str], None]) -> None:
        self._publish = publish
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope, receive, send) -> bool:
        if scope["path"] not in ("/cost", "/publish"):
            return False
        if scope["path"] == "/publish":
            asked = {k: float(v[0]) for k, v in parse_qs(scope["query_string"].decode()).items()}
            self._running = asyncio.ensure_future(self._go_on(**asked))
        body = json.dumps(cost()).encode()
        head = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return True

    async def _go_on(self, count: float, pause: float, size: float) -> None:
        for _ in range(int(count)):
            self._publish(patch_of(int(size)))
            await asyncio.sleep(pause)


async def lifespan(receive, send) -> None:
    """Answer the server's start and end."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
