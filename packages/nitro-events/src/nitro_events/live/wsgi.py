"""A stream for servers that answer with an iterator, one worker for each open answer.

So there can be few at a time: beyond a limit a client gets what there is now and asks again.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from nitro_events.loop_thread import LoopEnded, own_loop
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Any

    from nitro_events.live.stream import Stream

__all__ = ["HEADERS", "Body", "Streams", "body"]

HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
)
POLL = 5000
"""After so many milliseconds a client asks again that got no stream."""


def body(stream: Stream, *, most: int | None = None) -> Body:
    """Return *stream* as an iterable of bytes whose ``close()`` ends it, as WSGI servers do.

    When *most* such streams are open (by default the limit ``worker_streams``), it has one chunk
    only: the state and what was missed, and when to ask again.
    """
    limit = state.settings.limits.worker_streams if most is None else most
    return Body(stream, state.part(Streams), limit)


class Streams:
    """Counts the streams that take a worker each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._open = 0

    def enter(self, most: int) -> bool:
        """Count one more open stream, unless there are *most*."""
        with self._lock:
            if self._process != os.getpid():  # a forked process begins to count anew
                self._process, self._open = os.getpid(), 0
            if self._open >= most:
                return False
            self._open += 1
            return True

    def leave(self) -> None:
        """Count one less."""
        with self._lock:
            self._open -= 1


class Body:
    """The chunks of one stream, for the worker thread that sends them."""

    def __init__(self, stream: Stream, streams: Streams, most: int) -> None:
        self._stream = stream
        self._streams = streams
        self._stays = streams.enter(most)
        self._loop = own_loop()
        self._done = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        if not self._stays:
            self._done = True
            return self._run(self._stream.once(POLL))
        chunk = self._run(self._stream.next())
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def _run(self, work: Coroutine[Any, Any, bytes]) -> bytes:
        try:
            return self._loop.run(work)
        except LoopEnded:
            return b""

    def close(self) -> None:
        """End the stream; a second time does nothing."""
        self._done = True
        if self._stays:
            self._stays = False
            self._streams.leave()
            self._loop.call(self._stream.close)
