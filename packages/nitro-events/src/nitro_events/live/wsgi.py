"""A stream for servers that answer with an iterator, one worker for each open answer.

So there can be few at a time: beyond a limit a client gets what there is now and asks again.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from nitro_events.live.stream import Stream

__all__ = ["HEADERS", "Body", "Streams", "body"]

HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
)
POLL = 3000
"""After so many milliseconds a client asks again that got no stream."""


def body(stream: Stream, *, most: int | None = None) -> Body:
    """Return *stream* as an iterable of bytes whose ``close()`` ends it, as WSGI servers do.

    When *most* such streams are open (by default the limit ``worker_streams``), it has one chunk
    only: the state and what was missed, and when to ask again.
    """
    limit = state.settings.limits.worker_streams if most is None else most
    return Body(stream, state.part(Streams), limit)


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._ready = threading.Event()
        self._end = asyncio.Event()
        threading.Thread(target=self._run, name="nitro-live", daemon=True).start()
        self._ready.wait()

    def run(self, work: Coroutine[Any, Any, bytes]) -> bytes:
        """Return what *work* returns on the loop; nothing if the loop ends before."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except (CancelledError, RuntimeError):
            if self._loop.is_closed() or self._end.is_set():
                work.close()
                return b""
            raise

    def call(self, work: Callable[[], None]) -> None:
        """Call *work* on the loop soon, unless that has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def end(self) -> None:
        """End what runs on the loop, and the loop."""
        self.call(self._end.set)

    def _run(self) -> None:
        asyncio.run(self._stay())

    async def _stay(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._end.wait()


class Streams:
    """The streams that take a worker each, and the loop where they live."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: Loop | None = None
        self._open = 0
        state.on_reset(self.end)

    @property
    def loop(self) -> Loop:
        """The loop, running; a forked process gets one of its own."""
        with self._lock:
            if self._loop is None or self._loop.process != os.getpid():
                self._loop, self._open = Loop(), 0
            return self._loop

    def enter(self, most: int) -> bool:
        """Count one more open stream, unless there are *most*."""
        _ = self.loop  # a forked process begins to count anew
        with self._lock:
            if self._open >= most:
                return False
            self._open += 1
            return True

    def leave(self) -> None:
        """Count one less."""
        with self._lock:
            self._open -= 1

    def end(self) -> None:
        """End the loop."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and loop.process == os.getpid():
            loop.end()


class Body:
    """The chunks of one stream, for the worker thread that sends them."""

    def __init__(self, stream: Stream, streams: Streams, most: int) -> None:
        self._stream = stream
        self._streams = streams
        self._stays = streams.enter(most)
        self._loop = streams.loop
        self._done = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        if not self._stays:
            self._done = True
            return self._loop.run(self._stream.once(POLL))
        chunk = self._loop.run(self._stream.next())
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def close(self) -> None:
        """End the stream; a second time does nothing."""
        self._done = True
        if self._stays:
            self._stays = False
            self._streams.leave()
            self._loop.call(self._stream.close)
