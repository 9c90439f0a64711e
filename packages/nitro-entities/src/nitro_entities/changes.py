"""Change records: what was committed, in order, to whoever subscribed."""

import contextvars
import logging
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from nitro_entities.config import utc_now
from nitro_entities.state import state

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

logger = logging.getLogger("nitro_entities")

Operation = Literal["create", "update", "delete", "unknown"]
Written = tuple[str | None, datetime]
Subscriber = Callable[[Sequence["Change"]], None]

POLL_SECONDS = 0.05
_REMEMBERED_WRITERS = 4096

_actor: contextvars.ContextVar[str | None] = contextvars.ContextVar("nitro_actor", default=None)


class Change(NamedTuple):
    """One committed change.

    *operation* "unknown" is a write that went past us: any entity of the class may have
    changed, so *id*, *version*, *fields* and *by* are None.
    """

    entity: "type[Verbs]"
    id: object | None
    version: int | None
    fields: frozenset[str] | None
    operation: Operation
    by: str | None
    at: datetime


class Watched(Protocol):
    """A store in which others can write: it finds out on its own when it is polled."""

    def poll(self) -> None:
        """Publish what others changed since the last time."""


class LastWriters:
    """Who changed which field of the entities that were changed lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[type, object], dict[str | None, Written]] = OrderedDict()

    def note(self, batch: Sequence[Change]) -> None:
        """Take note of one commit."""
        for change in batch:
            if change.operation == "unknown":
                # what we remember of this class may be about values that are gone
                for key in [key for key in self._known if key[0] is change.entity]:
                    del self._known[key]
                continue
            key = (change.entity, change.id)
            fields = change.fields if change.operation == "update" else None
            known = self._known.pop(key, {}) if fields is not None else {}
            for field in (None, *(fields or ())):
                known[field] = (change.by, change.at)
            self._known[key] = known
        while len(self._known) > _REMEMBERED_WRITERS:
            self._known.popitem(last=False)

    def of(self, cls: type, id: object, field: str | None) -> Written | None:
        """Answer who wrote last, to *field* or to the entity at all."""
        return self._known.get((cls, id), {}).get(field)


class Feed:
    """Bring batches of changes to the subscribers, one commit after the other."""

    def __init__(self) -> None:
        self.subscribers: tuple[Subscriber, ...] = ()
        self.watched: list[Watched] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._queue: deque[Sequence[Change]] = deque()
        self._writers = LastWriters()
        self._watcher: threading.Thread | None = None
        self._stop = threading.Event()

    def start_in_child(self) -> None:
        """Go on after a fork, which copies held locks and leaves the threads behind."""
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._queue.clear()
        if self._watcher is not None:
            self._watcher = None
            self.watch()

    def close(self) -> None:
        """End the watching."""
        self._stop.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join(timeout=2)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Add *callback*; answer what removes it."""
        with self._lock:
            self.subscribers = (*self.subscribers, callback)

        def end() -> None:
            with self._lock:
                self.subscribers = tuple(s for s in self.subscribers if s is not callback)

        return end

    def publish(self, batch: Sequence[Change]) -> None:
        """Queue one commit's changes; called while the store is still locked, for the order."""
        with self._lock:
            self._writers.note(batch)
        if self.subscribers:
            self._queue.append(batch)

    def deliver(self) -> None:
        """Call the subscribers with what is queued; called when the store is free again."""
        while self._queue:
            if not self._turn.acquire(blocking=False):
                return  # whoever has the turn delivers ours too, and keeps the order
            try:
                while self._queue:
                    self._call(self._queue.popleft())
            finally:
                self._turn.release()

    def _call(self, batch: Sequence[Change]) -> None:
        for subscriber in self.subscribers:
            try:
                # in an empty context: a subscriber is no part of the committing unit
                contextvars.Context().run(subscriber, batch)
            except Exception:
                logger.exception("A subscriber of changes failed: %r", subscriber)

    def last_writer(self, cls: type, id: object, field: str | None) -> Written | None:
        """Answer who wrote last."""
        return self._writers.of(cls, id, field)

    def watch(self) -> None:
        """Start the polling thread, once per process."""
        with self._lock:
            if self._watcher is not None and self._watcher.is_alive():
                return
            self._watcher = threading.Thread(
                target=self._poll_for_ever, name="nitro-changes", daemon=True
            )
            self._watcher.start()

    def _poll_for_ever(self) -> None:
        failing: dict[int, str] = {}
        while not self._stop.wait(POLL_SECONDS):
            for store in tuple(self.watched):
                try:
                    store.poll()
                except Exception as exc:
                    # said once, not 20 times a second
                    if failing.get(id(store)) != str(exc):
                        failing[id(store)] = str(exc)
                        logger.exception("Could not look for changes in %r", store)
                else:
                    failing.pop(id(store), None)


def feed() -> Feed:
    """Answer the feed of this process."""
    return state.part(Feed)


os.register_at_fork(after_in_child=lambda: feed().start_in_child())


def subscribe(callback: Subscriber) -> Callable[[], None]:
    """Call *callback* with the changes of each commit, after it, in the order of commits.

    It runs in a thread that committed, when no lock of a store is held, so it may read. When it
    raises, that is logged and nobody else is harmed. Answers a function that ends it.
    """
    return feed().subscribe(callback)


def watch() -> None:
    """Look for changes made by other processes, every 50 ms, from now on.

    They arrive as one Change with operation "unknown" for each class in that database.
    """
    feed().watch()


@contextmanager
def acting(by: str | None) -> Generator[None]:
    """Name who makes the changes inside."""
    token = _actor.set(by)
    try:
        yield
    finally:
        _actor.reset(token)


def last_writer(cls: type[Any], id: object, *, field: str | None = None) -> Written | None:
    """Answer who changed an entity last, or one *field* of it, and when.

    None if this process does not remember: it was longer ago, or somebody else's process.
    """
    return feed().last_writer(cls, id, field)


def made(
    entity: "type[Verbs]",
    id: object,
    version: int | None,
    fields: frozenset[str] | None,
    operation: Operation,
) -> Change:
    """Make a record of a change that happens now, by whoever acts."""
    return Change(entity, id, version, fields, operation, _actor.get(), utc_now())


def unknown(entity: "type[Verbs]") -> Change:
    """Make a record of a change that went past us."""
    return Change(entity, None, None, None, "unknown", None, utc_now())
