"""Answers that last, for servers that take them with ``async for`` and ``close()`` them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from contextvars import copy_context

from nitro_events.live import pace
from nitro_events.live.outgoing import Outgoing
from nitro_events.live.shutdown import end_with_the_process
from nitro_events.loop_thread import LoopEnded, own_loop
from nitro_events.state import state

__all__ = ["ChunksBody", "LiveBody"]

LOOK_AGAIN = 0.25
"""Seconds between two looks whether the process is asked to end."""


class LiveBody:
    """The chunks of one live stream."""

    def __init__(self, stream: Outgoing) -> None:
        self._stream = stream
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sender: asyncio.Task[object] | None = None
        self._over = False

    def __aiter__(self) -> "LiveBody":
        return self

    async def __anext__(self) -> bytes:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._sender = asyncio.current_task()
            self._stream.when_over(self._give_up_later)
        self._stream.sending = False
        chunk = b""
        try:
            chunk = b"" if self._over else await self._stream.next()
        finally:
            if not chunk:
                self._end()
        if not chunk:
            raise StopAsyncIteration
        self._stream.sending = True
        return chunk

    def close(self) -> None:
        """End the stream. Django calls this in a thread."""
        if self._loop is not None and not self._over:
            with suppress(RuntimeError):  # the loop has ended, and the stream with it
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._over = True
        self._stream.when_over(None)
        self._stream.close()

    def _give_up_later(self) -> None:
        """Wait a little for a client that is to take the rest, but not for ever."""
        assert self._loop is not None
        self._loop.call_later(pace.GRACE, self._give_up)

    def _give_up(self) -> None:
        if self._sender is not None and self._stream.sending and not self._over:
            self._sender.cancel()


class ChunksBody:
    """What an async generator yields, in one task from beginning to end and as it is taken."""

    def __init__(self, chunks: AsyncGenerator[bytes], *, whole: bool = False) -> None:
        self._chunks = chunks
        self._whole = whole
        self._context = copy_context()
        self._wanted = asyncio.Semaphore(0)
        self._made: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None

    def __aiter__(self) -> "ChunksBody":
        return self

    async def __anext__(self) -> bytes:
        if self._work is None:
            end_with_the_process(state.hub)
            loop = asyncio.get_running_loop()
            self._work = loop.create_task(self._make(), context=self._context)
        self._wanted.release()
        chunk = await self._next(self._work)
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def close(self) -> None:
        """End the generator. Django calls this in a thread."""
        work = self._work
        if work is None:  # nobody has taken anything, and what is closed now has not begun
            with suppress(LoopEnded):
                own_loop().run(self._chunks.aclose())
        elif not work.done():
            with suppress(RuntimeError):
                work.get_loop().call_soon_threadsafe(work.cancel)

    async def _next(self, work: asyncio.Task[None]) -> bytes | None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    chunk = await self._made.get()
                if chunk is None:
                    await work  # which may have failed
                return chunk
            if state.hub.stopping and not self._whole:
                work.cancel()
                return None

    async def _make(self) -> None:
        try:
            async with aclosing(self._chunks) as chunks:
                await self._wanted.acquire()
                async for chunk in chunks:
                    self._made.put_nowait(chunk)
                    await self._wanted.acquire()
        finally:
            self._made.put_nowait(None)
