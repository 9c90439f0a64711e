"""Ask one ASGI application for one page, in process, and say what it cost.

A contender calls ``serve(app, path, statements)``; the driver then sends a number of requests to
make on standard input and reads one JSON line back for each.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any


async def get(app: Any, path: str) -> tuple[int, bytes]:
    """Return status and body of one GET, without a network."""
    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"text/html")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    status, body = 0, b""

    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:  # nobody leaves before the answer is there
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body += message.get("body", b"")

    await app(scope, receive, send)
    return status, body


async def _serve(app: Any, path: str, statements: Callable[[], int]) -> None:
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            before, start = statements(), time.process_time()
            status, body = await get(app, path)
            times.append((time.process_time() - start) * 1000)
            count = statements() - before
            assert status == 200, (status, body[:500])
        found = {"ms": statistics.median(times), "statements": count, "kb": len(body) / 1024}
        print(json.dumps(found), flush=True)


def serve(app: Any, path: str, statements: Callable[[], int]) -> None:
    """Answer the driver until its input ends; *statements* counts the SQL sent so far."""
    asyncio.run(_serve(app, path, statements))
