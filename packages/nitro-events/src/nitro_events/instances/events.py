"""Shared events: a handler registered with ``everywhere=True`` runs in every instance.

The instance that emits has run its handlers itself, so it leaves out what it hears of itself.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import os
import queue
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

# first: in a forked child the brokers must have begun anew before anybody listens to them
import nitro_events.instances.remote  # noqa: F401  # pyright: ignore[reportUnusedImport]
from nitro_events.handlers import is_pattern
from nitro_events.instances.broker import Broker, QueueFull, broker
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHANNEL", "begin", "is_shared", "share", "tell"]

CHANNEL = "event"

_log = logging.getLogger("nitro_events")

_MOST_WAITING = 10_000
_MAX_KNOWN = 4096


class Shared:
    """Which events are shared, and the thread that runs those of other instances."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._patterns: list[str] = []
        self._known: dict[str, bool] = {}
        self._begin()
        state.on_reset(self.stop)
        _all.add(self)

    def _begin(self) -> None:
        self.instance = secrets.token_hex(8)
        self._lock = threading.RLock()
        self._heard: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._listening: Broker | None = None
        self._stopped = False

    def add(self, name: str) -> None:
        """Share the events of this name, or of a pattern of names."""
        with self._lock:
            if is_pattern(name):
                self._patterns.append(name)
            else:
                self._names.add(name)
            self._known.clear()

    def holds(self, name: str) -> bool:
        """Whether events of this name are shared."""
        known = self._known.get(name)
        if known is None:
            known = name in self._names or any(
                fnmatch.fnmatchcase(name, pattern) for pattern in self._patterns
            )
            if len(self._known) >= _MAX_KNOWN:  # names may come from URLs
                self._known.clear()
            self._known[name] = known
        return known

    def listen(self) -> None:
        """Listen to the other instances, if there is a broker and something is shared."""
        if not self._names and not self._patterns:
            return
        found = state.part(broker)
        with self._lock:
            if found is None or found is self._listening or self._stopped:
                return
            if self._listening is None:
                threading.Thread(target=self._run, name="nitro-events-run", daemon=True).start()
            self._listening = found
            found.listen(self._receive, _lost)

    def stop(self) -> None:
        """Run no more events of other instances."""
        self._stopped = True
        with suppress(queue.Full):  # the thread looks at _stopped after each
            self._heard.put_nowait(None)

    def begin_in_child(self) -> None:
        """Be another instance, after a fork, and listen as this one did."""
        listened = self._listening is not None and not self._stopped
        self._begin()
        if listened:
            self.listen()

    def _receive(
        self, _position: int, channel: str, _topics: tuple[str, ...], data: bytes
    ) -> None:
        # a full queue holds up the reading: the log keeps what is not read
        while channel == CHANNEL and not self._stopped:
            with suppress(queue.Full):
                return self._heard.put(data, timeout=0.5)

    def _run(self) -> None:
        heard = self._heard
        while (data := heard.get()) is not None and not self._stopped:
            try:
                self._handle(data)
            except BaseException:  # whatever it is: this thread goes on with the others
                _log.exception("An event of another instance was not handled")

    def _handle(self, data: bytes) -> None:
        told = cast("dict[str, Any]", json.loads(data))
        name = cast("str", told["name"])
        if told["from"] == self.instance or not self.holds(name):
            return
        from nitro_events import handlers, wire

        try:
            sender, values = wire.from_wire(told)
        except (LookupError, ValueError) as exc:
            _log.warning("The event %r of another instance was skipped: %s", name, exc)
            return
        handlers.run_everywhere(name, sender, values)


def share(name: str) -> None:
    """Share the events of this name or pattern (``order.*``) between all instances.

    From now on those that others emit are run here, by the handlers registered with
    ``everywhere=True``.
    """
    shared = state.part(Shared)
    shared.add(name)
    shared.listen()


def is_shared(name: str) -> bool:
    """Whether events of this name are told to the other instances."""
    return state.part(Shared).holds(name)


def begin() -> None:
    """Listen to the other instances, if there is a broker and something is shared."""
    state.part(Shared).listen()


def tell(name: str, sender: object, values: Mapping[str, object]) -> None:
    """Tell the other instances of an event, if it is shared and there is a broker.

    It is told in the order of the calls; inside a unit when that is committed, and not at all if
    it is not. Raises `nitro_events.wire.NotPortable`, here and now, for what JSON cannot carry.
    """
    shared = state.part(Shared)
    if not shared.holds(name):
        return
    found = state.part(broker)
    if found is None:
        return
    from nitro_events import units, wire

    shared.listen()
    told = {"name": name, "from": shared.instance, **wire.to_wire(sender, values)}
    data = json.dumps(told, separators=(",", ":")).encode()
    units.after_commit(lambda: _publish(found, name, data))


def _publish(found: Broker, name: str, data: bytes) -> None:
    try:
        found.publish(CHANNEL, (name,), data)
    except QueueFull as exc:
        # what was emitted has happened; it must not look as if it had not
        _log.error("The event %r was not told to the other instances: %s", name, exc)


def _lost() -> None:
    _log.warning(
        "Events of other instances may be lost. A handler that must not miss any is durable=True"
    )


_all: WeakSet[Shared] = WeakSet()


def _begin_in_child() -> None:
    for shared in tuple(_all):
        shared.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
