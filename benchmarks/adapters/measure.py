"""Ask an application in process, without a network, and say what each request cost.

A contender ends with ``serve_asgi(app)`` or ``serve_wsgi(app)``. The driver then sends lines with
the name of a request and how many to make, and reads the CPU microseconds of one for each line.
"""

import asyncio
import io
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

BODY = json.dumps({"id": 7, "quantity": 1, "note": "a few words"}).encode()
REQUESTS = {
    "get": ("GET", "/plain"),
    "post": ("POST", "/plain"),
    "hand": ("POST", "/hand/7"),
    "ahand": ("POST", "/ahand/7"),
    "function": ("POST", "/touch"),
    "afunction": ("POST", "/atouch"),
    "action": ("POST", "/orders/7/touch"),
    "aaction": ("POST", "/orders/7/atouch"),
}
# what a program sends, and a browser sends more of
HEADERS = {
    "host": "127.0.0.1:8000",
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "connection": "keep-alive",
    "user-agent": "python-httpx/0.28.1",
}
WITH_BODY = {**HEADERS, "content-type": "application/json", "content-length": str(len(BODY))}


async def ask_asgi(app: Any, method: str, path: str) -> tuple[int, bytes]:
    """Return status and body of one request."""
    body = BODY if method == "POST" else b""
    headers = WITH_BODY if body else HEADERS
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    status, answer, asked = 0, b"", False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:  # nobody leaves before the answer is there
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, answer
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            answer += message.get("body", b"")

    await app(scope, receive, send)
    return status, answer


def ask_wsgi(app: Any, method: str, path: str) -> tuple[int, bytes]:
    """Return status and body of one request."""
    body = BODY if method == "POST" else b""
    headers = WITH_BODY if body else HEADERS
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, text in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT") else f"HTTP_{key}"] = text
    status = 0

    def start_response(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        nonlocal status
        status = int(line.split()[0])

    chunks = app(environ, start_response)
    try:
        return status, b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()


def _checked(name: str, status: int, answer: bytes) -> None:
    method, path = REQUESTS[name]
    if status != 200 or not answer.startswith(b"{"):
        sys.exit(f"{method} {path} was answered with {status}: {answer[:300]!r}")


async def _serve_asgi(app: Any) -> None:
    for line in sys.stdin:
        name, count = line.split()
        method, path = REQUESTS[name]
        _checked(name, *await ask_asgi(app, method, path))
        began = time.process_time()
        for _ in range(int(count)):
            await ask_asgi(app, method, path)
        print((time.process_time() - began) / int(count) * 1e6, flush=True)


def serve_asgi(app: Any, start: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
    """Answer the driver until its input ends."""

    async def run() -> None:
        if start is not None:
            await start()
        await _serve_asgi(app)

    asyncio.run(run())


def serve_wsgi(app: Any) -> None:
    """Answer the driver until its input ends."""
    for line in sys.stdin:
        name, count = line.split()
        method, path = REQUESTS[name]
        _checked(name, *ask_wsgi(app, method, path))
        began = time.process_time()
        for _ in range(int(count)):
            ask_wsgi(app, method, path)
        print((time.process_time() - began) / int(count) * 1e6, flush=True)
