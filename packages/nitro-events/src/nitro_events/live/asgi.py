"""A stream as an ASGI response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_events.live import pace

if TYPE_CHECKING:
    from nitro_events.live.outgoing import Outgoing

__all__ = ["HEADERS", "serve"]

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # not no-cache: with that Chromium repeats a cancelled request
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


async def serve(
    stream: Outgoing,
    send: Send,
    receive: Receive,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send *stream* until it ends or the client is gone, with *headers* beside the usual ones.

    A client that takes nothing for 30 s is given up; it can come back with its last id.
    """
    watcher = asyncio.ensure_future(_stop_when_gone(stream, receive))
    limit = asyncio.timeout(None)
    try:
        async with limit:
            # stopped or cut: the client may take the rest, but nobody waits long for it
            stream.when_over(lambda: _end_by(limit))
            await _send_all(stream, send, headers)
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        stream.when_over(None)
        watcher.cancel()
        stream.close()


def _end_by(limit: asyncio.Timeout) -> None:
    if limit.when() is None:
        limit.reschedule(asyncio.get_running_loop().time() + pace.GRACE)


async def _send_all(stream: Outgoing, send: Send, headers: Iterable[tuple[bytes, bytes]]) -> None:
    head = {"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]}
    await send(head)
    chunk = await stream.next()
    # not in one line with `next`: a coroutine for each chunk would be felt
    while chunk or not stream.is_over:
        if not chunk:
            await stream.news()
            chunk = stream.take()
            continue
        stream.sending = True
        try:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except OSError:
            return  # the client is gone
        stream.sending = False
        chunk = stream.take()
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _stop_when_gone(stream: Outgoing, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.stop()
