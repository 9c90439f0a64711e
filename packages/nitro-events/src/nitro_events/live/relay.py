"""From any thread into one event loop: who there wants to know, told in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from nitro_events.live import pace
from nitro_events.live.shared import SharedView
from nitro_events.live.topics import parent_of

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Hashable, Iterable
    from contextvars import Context

    from nitro_events.live.frames import Frame
    from nitro_events.live.hub import Hub
    from nitro_events.live.stream import Stream
    from nitro_events.live.view import View

__all__ = ["Relay"]

T = TypeVar("T")

KEPT = 64
"""Events with their id are kept for the other streams that send the same, up to so many."""


class Relay:
    """The streams and shared views of one loop.

    Its indexes change only on the loop and under the hub's lock; so the loop may read them
    without the lock, and other threads with it.
    """

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop, lock: threading.RLock) -> None:
        self.hub = hub
        self.loop = loop
        self.streams: set[Stream] = set()
        self.views: dict[Hashable, SharedView] = {}
        self._lock = lock
        self._listeners: dict[str, set[Stream]] = {}
        self._viewers: dict[str, set[SharedView]] = {}
        self._member_viewers: dict[str, set[SharedView]] = {}
        self._pending: deque[tuple[int, Callable[[], None]]] = deque()
        self._called = False
        self._settled = 0
        self._last_data = self._last_event = b""
        self._last_position = 0
        self._events: dict[tuple[bytes, int], bytes] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def post_touch(self, position: int, topics: frozenset[str], whole: frozenset[str]) -> None:
        """Tell the views of these topics. Called by the hub, under its lock."""
        if any(t in self._viewers for t in topics) or any(
            t in self._member_viewers for t in whole
        ):
            self._post(position, lambda: self._touch(position, topics, whole))

    def post_patch(self, topics: tuple[str, ...], frame: Frame) -> None:
        """Hand a patch to the streams of these topics. Called by the hub, under its lock."""
        for topic in topics:
            if topic in self._listeners:
                self._post(frame.position, lambda: self._offer(topics, frame))
                return

    def post_reset(self, position: int) -> None:
        """Let every page that listens to topics load again. Called by the hub, under its lock."""
        if self._listeners:
            self._post(position, lambda: self._reset(position))

    def stop_soon(self) -> None:
        """End all streams of this loop, from any thread."""
        self._call(self._stop)

    def end_soon(self, caller_id: str) -> None:
        """End the streams of a caller, from any thread."""
        self._call(lambda: self._end(caller_id))

    @property
    def settled(self) -> int:
        """The position up to which everything was told to the streams of this loop."""
        return self._settled

    def settle(self) -> None:
        """Find out how far `settled` reaches. On the loop."""
        with self._lock:
            self._settled = self._pending[0][0] - 1 if self._pending else self.hub.position

    def event(self, data: bytes, position: int) -> bytes:
        """Return the event *data* with the cursor for *position* as its id. On the loop."""
        if data is self._last_data and position == self._last_position:
            return self._last_event
        self._last_data, self._last_position = data, position
        self._last_event = self._made(data, position)
        return self._last_event

    def _made(self, data: bytes, position: int) -> bytes:
        key = (data, position)
        made = self._events.get(key)
        if made is None:
            if len(self._events) >= KEPT:
                self._events = {}
            made = self._events[key] = data[:-1] + self.id_line(position) + b"\n"
        return made

    def id_line(self, position: int) -> bytes:
        """Return the line that gives the client the cursor for *position*."""
        return b"id: " + self.hub.cursor(position).encode() + b"\n"

    def look_after(self) -> None:
        """Look after the streams from now on: signs of life, and ends. On the loop."""
        if self._sweeper is None:
            self._sweeper = self.loop.call_later(pace.interval(), self._sweep)

    def add(self, stream: Stream) -> None:
        """Enter *stream*. Called by the hub, under its lock."""
        self.streams.add(stream)
        _enter(self._listeners, stream.topics, stream)

    def discard(self, stream: Stream) -> None:
        """Forget *stream*. Called by the hub, under its lock."""
        self.streams.discard(stream)
        _leave(self._listeners, stream.topics, stream)

    def shared(
        self, view: View, context: Context, tenant: str | None, root: str = ""
    ) -> SharedView:
        """Return the shared view of this key, made from *view* if there is none."""
        key = view.key if tenant is None else (tenant, view.key)
        if root:  # its links are none below another one
            key = ("nitro-root", root, key)
        shared = self.views.get(key)
        if shared is None:
            shared = SharedView(self.hub, self.loop, view, key, context)
            with self._lock:
                self.views[key] = shared
                _enter(self._viewers, shared.topics, shared)
                _enter(self._member_viewers, _parents(shared.topics), shared)
        return shared

    def release(self, shared: SharedView) -> None:
        """Drop *shared* if no stream shows it any more."""
        if shared.slots or self.views.get(shared.key) is not shared:
            return
        with self._lock:
            del self.views[shared.key]
            _leave(self._viewers, shared.topics, shared)
            _leave(self._member_viewers, _parents(shared.topics), shared)

    def _post(self, position: int, work: Callable[[], None]) -> None:
        self._pending.append((position, work))
        if not self._called:
            # before the call: the loop may be done with it before the call returns here
            self._called = True
            self._call(self._drain)

    def _call(self, work: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(work)
        except RuntimeError:  # the loop was closed with streams on it
            self.hub.drop(self)

    def _drain(self) -> None:
        self._called = False  # first: what is posted from here on calls again
        while self._pending:
            _, work = self._pending.popleft()
            work()
        self.settle()

    def _touch(self, position: int, topics: frozenset[str], whole: frozenset[str]) -> None:
        views: set[SharedView] = set()
        for topic in topics:
            views.update(self._viewers.get(topic, ()))
        for topic in whole:
            views.update(self._member_viewers.get(topic, ()))
        for view in views:
            view.touched(position)

    def _offer(self, topics: tuple[str, ...], frame: Frame) -> None:
        found = [streams for topic in topics if (streams := self._listeners.get(topic))]
        # a stream may leave when it is offered too much
        for stream in tuple(found[0]) if len(found) == 1 else set["Stream"]().union(*found):
            stream.offer(frame)

    def _reset(self, position: int) -> None:
        for stream in tuple(self.streams):
            if stream.topics and stream.begins_after < position:
                stream.reset()

    def _stop(self) -> None:
        for stream in tuple(self.streams):
            stream.stop()

    def _end(self, caller_id: str) -> None:
        for stream in tuple(self.streams):
            if stream.client is not None and stream.client.caller_id == caller_id:
                stream.stop()

    def _sweep(self) -> None:
        # one timer for all streams of the loop, where thousands would each set their own
        self._sweeper = None
        if not self.streams:
            return
        self.settle()
        now, interval = self.loop.time(), pace.interval()
        for stream in tuple(self.streams):
            stream.look_after(now, interval)
        self._sweeper = self.loop.call_later(interval, self._sweep)


def _parents(topics: Iterable[str]) -> frozenset[str]:
    return frozenset(parent for topic in topics if (parent := parent_of(topic)) is not None)


def _enter(index: dict[str, set[T]], topics: Iterable[str], item: T) -> None:
    for topic in topics:
        index.setdefault(topic, set()).add(item)


def _leave(index: dict[str, set[T]], topics: Iterable[str], item: T) -> None:
    for topic in topics:
        items = index.get(topic)
        if items is not None:
            items.discard(item)
            if not items:
                del index[topic]
