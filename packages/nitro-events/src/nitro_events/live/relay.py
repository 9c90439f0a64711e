"""From any thread into one event loop: who there wants to know, told in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from nitro_events.live.shared import SharedView
from nitro_events.live.topics import parent_of

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Hashable, Iterable
    from contextvars import Context

    from nitro_events.live.hub import Hub
    from nitro_events.live.stream import Stream
    from nitro_events.live.view import View

__all__ = ["Relay"]

T = TypeVar("T")


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

    def post_touch(self, position: int, topics: frozenset[str], whole: frozenset[str]) -> None:
        """Tell the views of these topics. Called by the hub, under its lock."""
        if any(t in self._viewers for t in topics) or any(
            t in self._member_viewers for t in whole
        ):
            self._post(position, lambda: self._touch(position, topics, whole))

    def post_patch(self, position: int, topics: tuple[str, ...], data: bytes) -> None:
        """Hand a patch to the streams of these topics. Called by the hub, under its lock."""
        if any(topic in self._listeners for topic in topics):
            self._post(position, lambda: self._offer(position, topics, data))

    def stop_soon(self) -> None:
        """End all streams of this loop, from any thread."""
        self._call(self._stop)

    def settled(self) -> int:
        """Return the position up to which everything was told to the streams of this loop."""
        with self._lock:
            return self._pending[0][0] - 1 if self._pending else self.hub.position

    def add(self, stream: Stream) -> None:
        """Enter *stream*. Called by the hub, under its lock."""
        self.streams.add(stream)
        _enter(self._listeners, stream.topics, stream)

    def discard(self, stream: Stream) -> None:
        """Forget *stream*. Called by the hub, under its lock."""
        self.streams.discard(stream)
        _leave(self._listeners, stream.topics, stream)

    def shared(self, view: View, context: Context) -> SharedView:
        """Return the shared view of this key, made from *view* if there is none."""
        shared = self.views.get(view.key)
        if shared is None:
            shared = SharedView(self.hub, self.loop, view, context)
            with self._lock:
                self.views[view.key] = shared
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

    def _touch(self, position: int, topics: frozenset[str], whole: frozenset[str]) -> None:
        views: set[SharedView] = set()
        for topic in topics:
            views.update(self._viewers.get(topic, ()))
        for topic in whole:
            views.update(self._member_viewers.get(topic, ()))
        for view in views:
            view.touched(position)

    def _offer(self, position: int, topics: tuple[str, ...], data: bytes) -> None:
        streams: set[Stream] = set()
        for topic in topics:
            streams.update(self._listeners.get(topic, ()))
        for stream in streams:
            stream.offer(position, data)

    def _stop(self) -> None:
        for stream in tuple(self.streams):
            stream.stop()


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
