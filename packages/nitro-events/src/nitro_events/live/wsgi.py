"""A stream for servers that answer with an iterator, one worker for each open answer.

So there can be few at a time: beyond a limit a client gets what there is now and asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.live.workers import OpenAnswers, room_for_streams
from nitro_events.loop_thread import LoopEnded, own_loop
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Any

    from nitro_events.live.outgoing import Outgoing

__all__ = ["HEADERS", "Body", "Streams", "body"]

HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
)
POLL = 5000
"""After so many milliseconds a client asks again that got no stream."""


def body(stream: Outgoing, *, most: int | None = None) -> Body:
    """Return *stream* as an iterable of bytes whose ``close()`` ends it, as WSGI servers do.

    When *most* such streams are open (by default the limit ``worker_streams``, or half of the
    threads that a server says it has), it has one chunk only: the state and what was missed, and
    when to ask again.
    """
    if most is None:
        most = room_for_streams(state.settings.limits.worker_streams)
    return Body(stream, state.part(Streams), most)


class Streams(OpenAnswers):
    """Counts the streams that take a worker each."""


class Body:
    """The chunks of one stream, for the worker thread that sends them."""

    def __init__(self, stream: Outgoing, streams: Streams, most: int) -> None:
        self._stream = stream
        self._streams = streams
        self._most = most
        self._stays: bool | None = None
        self._loop = own_loop()
        self._done = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        if self._stays is None:
            # not before: an answer that is put aside is never closed, and would count for ever
            self._stays = self._streams.enter(self._most)
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
