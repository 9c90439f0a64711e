"""What one open page is sent: the state of its views and the patches of its topics, no gap."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextvars import copy_context
from typing import TYPE_CHECKING, Final

from nitro_events.live.shared import Slot
from nitro_events.live.shutdown import end_with_the_process
from nitro_events.patches import comment, patch_elements, patch_signals

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from nitro_events.live.hub import Hub
    from nitro_events.live.relay import Relay
    from nitro_events.live.view import View

__all__ = ["RESET", "Stream"]

HEARTBEAT = 15.0
MAX_PENDING = 256
RETRY = (300, 800)

RESET: Final = patch_elements('<div id="nitro-live-reset" data-nitro-reset hidden></div>')
"""Tells the page that it must load itself again: something it should have seen is lost.

The page has an empty element of this id, which is patched like any other.
"""


CONNECTED: Final = patch_signals({}).encode()
"""Changes nothing: by this first event the page knows that it is connected."""


class Stream:
    """The event stream of one page: ``async for chunk in stream`` gives bytes to be sent.

    *views* are rendered and sent first if they changed after *cursor* (all of them if it is
    None), then whenever they change; patches published to *topics* follow in order, those after
    *cursor* included. Each chunk ends with an ``id:`` that says up to where the client now has
    everything; with it as *cursor* a later stream goes on from there. If patches may be lost,
    all views and an explicit `RESET` are sent. A client that lags behind by too many patches is
    cut, and can resume. Make it in the context in which the views are to be rendered.
    """

    def __init__(
        self,
        hub: Hub,
        views: Sequence[View] = (),
        topics: Iterable[str] = (),
        cursor: int | None = None,
    ) -> None:
        self.topics = frozenset(topics)
        self._hub = hub
        self._views = tuple(views)
        self._cursor = cursor
        self._context = copy_context()
        self._relay: Relay | None = None
        self._slots: list[Slot] = []
        self._begins_after = 0
        self._backlog: list[bytes] = []
        self._patches: deque[bytes] = deque()
        self._reset = False
        self._beat = False
        self._last_id = cursor or 0
        self._waiter: asyncio.Future[None] | None = None
        self._ended = asyncio.Event()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Yield chunks until the client is cut, the process goes down, or the reader leaves."""
        try:
            await self._open()
            yield self._first()
            while not self._ended.is_set():
                chunk = self._drain()
                if chunk:
                    yield chunk
                else:
                    await self._wait()
        finally:
            self.close()

    async def ended(self) -> None:
        """Wait until the stream was stopped or cut, even if its reader is stuck in sending."""
        await self._ended.wait()

    def close(self) -> None:
        """Leave the hub; a second time does nothing. Only on the stream's own loop."""
        self._ended.set()
        relay, self._relay = self._relay, None
        if relay is None:
            return
        for slot in self._slots:
            slot.shared.leave(slot)
            relay.release(slot.shared)
        self._slots.clear()
        self._patches.clear()
        self._hub.detach(self, relay)

    def offer(self, position: int, data: bytes) -> None:
        """Take a published patch. Called on the stream's loop."""
        if position <= self._begins_after or self._ended.is_set():
            return
        if len(self._patches) >= MAX_PENDING:
            self.cut()
            return
        self._patches.append(data)
        self.wake()

    def reset(self) -> None:
        """Tell the client to load the page again. Called on the stream's loop."""
        self._reset = True
        self.wake()

    def cut(self) -> None:
        """End the stream because its client lags behind. Called on the stream's loop."""
        self._hub.count("cut")
        self.stop()

    def stop(self) -> None:
        """End the stream at once. Called on the stream's loop."""
        self._ended.set()
        self._patches.clear()
        self.wake()

    def wake(self) -> None:
        """Let the stream look what there is to send. Called on the stream's loop."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _open(self) -> None:
        if self._relay is not None or self._ended.is_set():
            msg = "A stream can be read once. Make a new one, with the last id as its cursor"
            raise RuntimeError(msg)
        end_with_the_process(self._hub)
        if not self._hub.watching:
            await asyncio.to_thread(self._hub.watch)
        loop = asyncio.get_running_loop()
        relay, self._begins_after, missed = self._hub.attach(self, loop, self._cursor)
        self._relay = relay
        if self._hub.stopping:  # looked at after entering, so that stop() cannot miss this one
            self.stop()
            return
        lost = missed is None
        self._reset = lost
        self._backlog = [data for _, data in missed or ()]
        for view in self._views:
            shared = relay.shared(view, self._context)
            # entered first, then asked: a change in between is seen by both, never by none
            waiting = lost or self._cursor is None
            if self._cursor is not None and not waiting:
                waiting = self._hub.changed_since(shared.topics, self._cursor)
            slot = Slot(self, shared, since=None if waiting else self._cursor)
            self._slots.append(slot)
            shared.join(slot)

    def _first(self) -> bytes:
        # without jitter all clients would come back at the same moment after a restart
        retry = f"retry: {random.randint(*RETRY)}\n".encode()
        return retry + CONNECTED + (self._drain() or self._id() + b"\n")

    def _drain(self) -> bytes:
        """Return what is to be sent now, as one chunk."""
        parts = [frame for slot in self._slots if (frame := slot.take()) is not None]
        if self._backlog:
            parts += self._backlog
            self._backlog = []
        if self._patches:
            parts += self._patches
            self._patches.clear()
        if self._reset:
            self._reset = False
            parts.append(RESET.encode())
        if self._beat:
            self._beat = False
            parts.append(comment())
        if not parts:
            return b""
        # The id goes to the end of the last event: a client must not have it before it has all
        # that it stands for.
        parts[-1] = parts[-1][:-1]
        return b"".join((*parts, self._id(), b"\n"))

    def _id(self) -> bytes:
        position = self._complete_up_to()
        if position <= self._last_id:
            return b""
        self._last_id = position
        return f"id: {position}\n".encode()

    def _complete_up_to(self) -> int:
        # at the end nothing is collected any more, so nothing may be claimed either
        if self._relay is None or self._reset or self._ended.is_set():
            return 0
        position = self._relay.settled()
        for slot in self._slots:
            if slot.waiting:
                return 0
            if slot.shared.owed is not None:
                position = min(position, slot.shared.owed - 1)
        return position

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        beat = loop.call_later(HEARTBEAT, self._heartbeat)
        try:
            await self._waiter
        finally:
            self._waiter = None
            beat.cancel()

    def _heartbeat(self) -> None:
        self._beat = True
        self.wake()
