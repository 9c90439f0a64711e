"""The way of changes from the commit to those who subscribed."""

import contextvars
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from nitro_entities.backends import repository_of
from nitro_entities.changes.recent import Recent, Written
from nitro_entities.changes.record import Change
from nitro_entities.changes.watchers import Following, Watched, Watchers
from nitro_entities.log import log_exception
from nitro_entities.state import state

Subscriber = Callable[[Sequence[Change]], None]


class Feed:
    """Bring batches of changes to the subscribers, one commit after the other."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.subscribers: tuple[Subscriber, ...] = ()
        self.may_wait = False
        """Whether one of them may wait, so that an event loop should not call them."""
        self._waiting: tuple[Subscriber, ...] = ()
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._queue: deque[Sequence[Change]] = deque()
        self._recent = Recent()
        self._watchers = Watchers()

    @property
    def watched(self) -> "list[Watched | Following]":
        """Answer the open stores in which others can write; they enter themselves."""
        return self._watchers.stores

    @property
    def watching(self) -> bool:
        """Say whether anybody wants to hear what other processes write."""
        return self._watchers.running

    def start_in_child(self) -> None:
        """Go on after a fork, which copies held locks and leaves the threads behind."""
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._queue.clear()
        self._watchers.start_in_child()

    def reset(self) -> None:
        """End the watching, and forget the subscribers and what was written."""
        self._watchers.close()
        self._begin()

    def subscribe(self, callback: Subscriber, *, may_wait: bool = True) -> Callable[[], None]:
        """Add *callback*; answer what removes it."""
        with self._lock:
            self.subscribers = (*self.subscribers, callback)
            if may_wait:
                self._waiting = (*self._waiting, callback)
            self.may_wait = bool(self._waiting)

        def end() -> None:
            with self._lock:
                self.subscribers = tuple(s for s in self.subscribers if s is not callback)
                self._waiting = tuple(s for s in self._waiting if s is not callback)
                self.may_wait = bool(self._waiting)

        return end

    def publish(self, batch: Sequence[Change]) -> None:
        """Queue one commit's changes; called while the store is still locked, for the order.

        Needs no lock of its own: what it appends to are atomic.
        """
        self._recent.note(batch)
        if self.subscribers:
            self._queue.append(batch)

    def deliver(self) -> None:
        """Call the subscribers with what is queued; called when the store is free again."""
        # a subscriber may fork or reset, which begins with others
        queue, turn = self._queue, self._turn
        while queue:
            if not turn.acquire(blocking=False):
                return  # whoever has the turn delivers ours too, and keeps the order
            try:
                while queue:
                    self._call(queue.popleft())
            finally:
                turn.release()

    def _call(self, batch: Sequence[Change]) -> None:
        for subscriber in self.subscribers:
            try:
                # in an empty context: a subscriber is no part of the committing unit
                contextvars.Context().run(subscriber, batch)
            except Exception:
                log_exception("A subscriber of changes failed: %r", subscriber)

    def last_writer(self, cls: type, id: object, field: str | None) -> Written | None:
        """Answer who wrote last."""
        return self._recent.last_writer(cls, id, field)

    def watch(self) -> None:
        """Start looking for changes of others, once per process."""
        with self._lock:
            self._watchers.start()


_feed = state.part(Feed)  # which stays, see `State`: it is asked several times a save


def feed() -> Feed:
    """Answer the feed of this process."""
    return _feed


os.register_at_fork(after_in_child=lambda: feed().start_in_child())


def subscribe(callback: Subscriber, *, may_wait: bool = True) -> Callable[[], None]:
    """Call *callback* with the changes of each commit, after it, in the order of commits.

    It runs in a thread that committed, when no lock of a store is held, so it may read. When it
    raises, that is logged and nobody else is harmed. Where *may_wait* is False for all of them,
    an event loop commits what is in memory by itself. Answers a function that ends it.
    """
    return feed().subscribe(callback, may_wait=may_wait)


def watch(*entities: type[Any]) -> None:
    """Tell the subscribers from now on what other processes write, too.

    The stores in use are watched, those opened later, and those of *entities*. Where a store
    cannot say what was written, each class in it gets one Change with operation "unknown".
    """
    feed().watch()
    for entity in entities:
        repository_of(entity).prepare()


def last_writer(cls: type[Any], id: object, *, field: str | None = None) -> Written | None:
    """Answer who changed an entity last, or one *field* of it, and when.

    None if this process does not remember: it was longer ago, or in a process that does not tell.
    """
    return feed().last_writer(cls, id, field)
