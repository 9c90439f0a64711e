"""The answer of a generator as an ASGI response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from nitro_events.live.shutdown import end_with_the_process
from nitro_events.state import state

if TYPE_CHECKING:
    from nitro_events.http.response import Response

__all__ = ["serve_chunks"]

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

SEND_TIMEOUT = 30.0
LOOK_AGAIN = 0.25
"""Seconds between two looks whether the process is asked to end."""


async def serve_chunks(
    response: Response, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send
) -> None:
    """Send the chunks of *response* until they end, the client leaves or the process goes down.

    A client that takes nothing for 30 s is given up. The generator is closed in any case.
    """
    chunks = response.chunks
    if chunks is None:
        return
    end_with_the_process(state.hub)
    start: Message = {"type": "http.response.start", "status": response.status, "headers": headers}
    body = asyncio.ensure_future(_send_all(start, chunks, send))
    others = (asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(_stopping()))
    try:
        await asyncio.wait((body, *others), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (body, *others):
            task.cancel()
        results = await asyncio.gather(body, *others, return_exceptions=True)
        await chunks.aclose()  # a task that was cancelled at once has not begun with them
    left = results[1] is None
    if isinstance(results[0], asyncio.CancelledError) and not left and not response.whole:
        await _end_well(send)
    error = results[0]
    if isinstance(error, Exception) and not isinstance(error, OSError):
        raise error


async def _send_all(start: Message, chunks: AsyncGenerator[bytes], send: Send) -> None:
    async with aclosing(chunks):
        await send(start)
        # in one task from beginning to end, or the generator would change its context
        async for chunk in chunks:
            async with asyncio.timeout(SEND_TIMEOUT):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_well(send: Send) -> None:
    # an answer that breaks is asked for again by the browser, a POST too
    with suppress(OSError):
        async with asyncio.timeout(LOOK_AGAIN):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stopping() -> None:
    hub = state.hub
    while not hub.stopping:
        await asyncio.sleep(LOOK_AGAIN)
