"""A stream as an ASGI response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from nitro_events.live.stream import Stream

__all__ = ["serve"]

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

SEND_TIMEOUT = 30.0
GRACE = 0.5
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # not no-cache: with that Chromium repeats a cancelled request
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


async def serve(
    stream: Stream,
    send: Send,
    receive: Receive,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send *stream* until it ends or the client is gone, with *headers* beside the usual ones.

    A client that takes nothing for 30 s is given up; it can come back with its last id.
    """
    body = asyncio.ensure_future(_send_all(stream, send, headers))
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    ended = asyncio.ensure_future(stream.ended())
    tasks = (body, gone, ended)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not gone.done() and not body.done():
            # stopped or cut: the client may take the rest, but nobody waits for it
            await asyncio.wait((body, gone), timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        stream.close()
    error = results[0]
    if isinstance(error, Exception) and not isinstance(error, OSError):
        raise error


async def _send_all(stream: Stream, send: Send, headers: Iterable[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]})
    async with aclosing(aiter(stream)) as chunks:
        async for chunk in chunks:
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                stream.cut()
                return
    async with asyncio.timeout(GRACE):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
