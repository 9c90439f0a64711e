"""A neutral response for servers that iterate over its body and call ``close()`` at the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar, copy_context
from http import HTTPStatus
from typing import TYPE_CHECKING

from nitro_events.live.workers import OpenAnswers
from nitro_events.live.wsgi import HEADERS, body
from nitro_events.loop_thread import LoopEnded, own_loop
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    from nitro_events.http.response import Header, Response
    from nitro_events.live.outgoing import Outgoing

__all__ = ["Begun", "Chunks", "body_of", "close", "headers_of", "native", "status_line"]

native: ContextVar[Callable[[Outgoing], None] | None] = ContextVar("nitro_native", default=None)
"""Takes over the streams that are begun in this context, for a server that has an event loop."""

LOOK_AGAIN = 0.25
"""Seconds between two looks whether the process is asked to end."""


def headers_of(response: Response) -> list[Header]:
    """Return the headers that *response* is sent with, its length included if it has one."""
    if response.stream is not None:
        return [*HEADERS, *response.headers]
    if response.chunks is not None or response.status == 204:
        return list(response.headers)
    return [*response.headers, ("content-length", str(len(response.body)))]


def body_of(response: Response) -> Iterable[bytes]:
    """Return the body of *response* in parts: at once, as they come, or live.

    Call it in the context of the request. What it returns may have a ``close()``, which has to
    be called in any case, see `close`.
    """
    if response.stream is not None:
        take = native.get()
        if take is None:
            return body(response.stream)
        take(response.stream)
        return ()
    if response.chunks is not None:
        return Chunks(response.chunks, whole=response.whole)
    return [response.body] if response.body else []


def close(parts: Iterable[bytes]) -> None:
    """Say that nobody takes more of *parts*."""
    end = getattr(parts, "close", None)
    if end is not None:
        end()


def status_line(status: int) -> str:
    """Return *status* with its words, as ``200 OK``."""
    words = HTTPStatus(status).phrase if status in _KNOWN else "Unknown"
    return f"{status} {words}"


_KNOWN = frozenset(HTTPStatus)


class Begun:
    """What an application yields, with as much of it read as it takes to start the response."""

    def __init__(self, parts: Iterable[bytes], has_begun: Callable[[], bool]) -> None:
        self._parts = parts
        self._rest = iter(parts)
        self._read: list[bytes] = []
        for part in self._rest:
            self._read.append(part)
            if has_begun():
                break

    def __iter__(self) -> Iterator[bytes]:
        yield from self._read
        yield from self._rest

    def close(self) -> None:
        """Say that nobody takes more."""
        close(self._parts)


class Chunks:
    """What an async generator yields, for a thread that has no event loop.

    The generator runs on the loop that this process has for such work, each step in the same
    context. It ends when the process is asked to, unless it is worth nothing in part (*whole*).
    """

    def __init__(self, chunks: AsyncGenerator[bytes], *, whole: bool = False) -> None:
        self._chunks = chunks
        self._whole = whole
        self._context = copy_context()
        self._done = False
        self._entered = False
        self._open = state.part(OpenAnswers)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        if not self._entered:
            self._entered = True
            self._open.enter()
        try:
            chunk = own_loop().run(self._next())
        except LoopEnded:
            chunk = None
        except BaseException:
            self._leave()
            raise
        if chunk is None:
            self.close()
            raise StopIteration
        return chunk

    def close(self) -> None:
        """End the generator; a second time does nothing."""
        if self._leave():
            with suppress(LoopEnded):
                own_loop().run(self._end())

    def _leave(self) -> bool:
        if self._done:
            return False
        self._done = True
        if self._entered:
            self._open.leave()
        return True

    async def _next(self) -> bytes | None:
        hub = state.hub
        if hub.stopping and not self._whole:
            return None
        step = self._step()
        while not step.done():
            await asyncio.wait((step,), timeout=LOOK_AGAIN)
            if hub.stopping and not self._whole and not step.done():
                step.cancel()
                await asyncio.wait((step,))
                return None
        return step.result()

    def _step(self) -> asyncio.Task[bytes | None]:
        return asyncio.get_running_loop().create_task(
            _next_of(self._chunks), context=self._context
        )

    async def _end(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_task(_closed(self._chunks), context=self._context)


async def _next_of(chunks: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(chunks, None)


async def _closed(chunks: AsyncGenerator[bytes]) -> None:
    await chunks.aclose()
