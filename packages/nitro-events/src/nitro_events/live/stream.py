"""What one open page is sent: the state of its views and the patches of its topics, no gap."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Final

from nitro_events.live import pace
from nitro_events.live.cursor import taken_up
from nitro_events.live.frames import Frame
from nitro_events.live.pending import Pending, first_of
from nitro_events.live.shared import Slot
from nitro_events.live.shutdown import end_with_the_process
from nitro_events.patches import comment, patch_elements, patch_signals

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from nitro_events.live.clients import Client
    from nitro_events.live.hub import Hub
    from nitro_events.live.relay import Relay
    from nitro_events.live.view import View

__all__ = ["RESET", "Stream"]

RESET: Final = patch_elements('<div id="nitro-live-reset" data-nitro-reset hidden></div>')
"""Tells the page that it must load itself again: something it should have seen is lost.

The page has an empty element of this id, which is patched like any other.
"""

CONNECTED: Final = patch_signals({}).encode()
"""Changes nothing: by this first event the page knows that it is connected."""

_RESET: Final = RESET.encode()
_BEAT: Final = comment()


class Stream:
    """The event stream of one page: ``async for chunk in stream`` gives bytes to be sent.

    *views* are rendered and sent first if they changed after *cursor* (all of them if it is
    None), then whenever they change; patches published to *topics* follow in order, those after
    *cursor* included. Events carry an ``id:`` that says up to where the client now has
    everything; with it as *cursor* a later stream goes on from there, in any process. If patches
    may be lost, all views and an explicit `RESET` are sent. A client that lags behind by too
    much is cut, and can resume. Make it in the context in which the views are to be rendered.

    *client* is who the stream is counted for, *tenant* keeps its views apart from those of
    others; with *echo* the page itself can read the cursor of each event.
    """

    __slots__ = (
        "__weakref__",
        "_backlog",
        "_beat",
        "_context",
        "_cursor",
        "_echo",
        "_expires",
        "_finishing",
        "_fresh",
        "_held_until",
        "_hub",
        "_last_id",
        "_on_end",
        "_over",
        "_pending",
        "_quiet",
        "_ready",
        "_relay",
        "_reset",
        "_slots",
        "_tenant",
        "_views",
        "_waiter",
        "begins_after",
        "client",
        "sending",
        "topics",
    )

    def __init__(
        self,
        hub: Hub,
        views: Sequence[View] = (),
        topics: Iterable[str] = (),
        cursor: str | None = None,
        *,
        client: Client | None = None,
        tenant: str | None = None,
        echo: bool = False,
    ) -> None:
        self.topics = frozenset(topics)
        self.client = client
        self.begins_after = 0
        self.sending = False
        """Whether the connection has not taken the last chunk yet; set by who sends it."""
        self._hub = hub
        self._views = tuple(views)
        self._cursor, self._fresh = taken_up(cursor)
        self._tenant = tenant
        self._echo = echo
        self._context = copy_context() if views else None
        self._relay: Relay | None = None
        self._slots: tuple[Slot, ...] = ()
        self._backlog: list[Frame] = []
        self._pending = Pending()
        self._reset = False
        self._beat = False
        self._ready = True
        self._over = False
        self._finishing = False
        self._last_id = 0
        self._quiet = 0.0
        self._expires = 0.0
        self._held_until = 0.0
        self._waiter: asyncio.Future[None] | None = None
        self._on_end: Callable[[], None] | None = None

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Yield chunks until the client is cut, the process goes down, or the reader leaves."""
        try:
            while chunk := await self.next():
                yield chunk
        finally:
            self.close()

    async def next(self) -> bytes:
        """Return the next chunk as soon as there is one; an empty one is the end."""
        if self._relay is None:
            return await self._open()
        while not self._over:
            chunk = self.take()
            if chunk:
                return chunk
            if not self._over:
                await self.news()
        return b""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._over

    def take(self) -> bytes:
        """Return what is to be sent now, empty if there is nothing. After `next` was called."""
        if not self._ready or self._over:
            return b""
        self._ready = False
        chunk = self._take()
        if self._finishing:
            self._over = True
        if chunk:
            self._quiet = 0.0
        return chunk

    def news(self) -> asyncio.Future[None]:
        """Return what is done when there may be something to take."""
        assert self._relay is not None
        self._waiter = self._relay.loop.create_future()
        return self._waiter

    async def once(self, retry: int) -> bytes:
        """Return all there is to send now, and let the client ask again after *retry* ms."""
        parts = [b"retry: %d\n\n" % retry]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(pace.HOLD * 2):
                    while self._relay is None or self._has_more():
                        parts.append(_without_retry(await self.next()))
                        if self._over:
                            break
            return b"".join(parts)
        finally:
            self.close()

    def _has_more(self) -> bool:
        waiting = any(slot.waiting or slot.next is not None for slot in self._slots)
        return waiting or bool(self._backlog or self._pending)

    def close(self) -> None:
        """Leave the hub; a second time does nothing. Only on the stream's own loop."""
        self._over = True
        relay, self._relay = self._relay, None
        if relay is None:
            return
        for slot in self._slots:
            slot.shared.leave(slot)
            relay.release(slot.shared)
        self._slots = ()
        self._drop_patches()
        self._hub.detach(self, relay)
        if self.client is not None:
            self._hub.clients.leave(self.client)

    def when_over(self, call: Callable[[], None] | None) -> None:
        """Have *call* called when the stream is stopped or cut, even while its client is stuck."""
        self._on_end = call
        if self._over and call is not None:
            call()

    def offer(self, frame: Frame) -> None:
        """Take a published patch. Called on the stream's loop."""
        if frame.position <= self.begins_after or self._over:
            return
        if self._pending.add(frame):
            self.wake()
        else:
            self.cut()

    def reset(self) -> None:
        """Tell the client to load the page again. Called on the stream's loop."""
        self._hub.count("resets")
        self._reset = True
        self.wake()

    def cut(self) -> None:
        """End the stream because its client lags behind. Called on the stream's loop."""
        self._hub.count("cut")
        self.stop()

    def stop(self) -> None:
        """End the stream at once. Called on the stream's loop."""
        self._over = True
        self._drop_patches()
        self.wake()
        if self._on_end is not None:
            self._on_end()

    def wake(self) -> None:
        """Let the stream look what there is to send. Called on the stream's loop."""
        self._ready = True
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def look_after(self, now: float, interval: float) -> None:
        """Give signs of life, and end what is stuck or old. Called on the stream's loop."""
        if self._over:
            return
        self._quiet += interval
        if self.sending:
            if self._quiet >= pace.SEND_TIMEOUT:
                self.cut()
        elif now >= self._expires:
            self._finishing = self._beat = True
            self.wake()
        elif self._quiet >= pace.HEARTBEAT:
            self._beat = True
            self.wake()
        elif self._held_until and now >= self._held_until:
            self.wake()

    async def _open(self) -> bytes:
        if self._over:
            msg = "A stream can be read once. Make a new one, with the last id as its cursor"
            raise RuntimeError(msg)
        end_with_the_process(self._hub)
        if not self._hub.watching:
            await asyncio.to_thread(self._hub.watch)
        cursor, history = self._cursor, None
        if cursor is not None and self.topics and not self._hub.knows(cursor) and self._hub.remote:
            history = await asyncio.to_thread(self._hub.remote.history, cursor)
        retry = b"retry: %d\n" % random.randint(*pace.RETRY)
        if self.client is not None and not self._hub.clients.enter(self.client):
            self._over = True
            return b"retry: 10000\n" + CONNECTED
        loop = asyncio.get_running_loop()
        relay, self.begins_after, missed = self._hub.attach(self, loop, cursor, history)
        self._relay = relay
        if self._hub.stopping:  # looked at after entering, so that stop() cannot miss this one
            self.stop()
            return retry + CONNECTED
        now = loop.time()
        self._expires = now + pace.age()
        relay.settle()
        relay.look_after()
        self._begin(relay, missed)
        if any(slot.waiting for slot in self._slots):
            self._held_until = now + pace.HOLD
        # without jitter all clients would come back at the same moment after a restart
        return retry + CONNECTED + (self._take() or self._id_alone())

    def _begin(self, relay: Relay, missed: list[Frame] | None) -> None:
        cursor = self._cursor
        if missed is None:
            self.reset()
        self._backlog = missed or []
        known = cursor is not None and self._hub.knows(cursor) and missed is not None
        since = None if cursor is None or not known or self._fresh else cursor.position
        for view in self._views:
            assert self._context is not None
            shared = relay.shared(view, self._context, self._tenant)
            # entered first, then asked: a change in between is seen by both, never by none
            changed = since is None or self._hub.changed_since(shared.topics, since)
            slot = Slot(self, shared, since=None if changed else since)
            self._slots = (*self._slots, slot)
            shared.join(slot)

    def _take(self) -> bytes:
        """Return what is to be sent now, as one chunk."""
        if not (self._slots or self._backlog or self._reset or self._beat):
            # by far the most frequent case: one patch, the same for everybody
            only = self._pending.take_only()
            if only is not None:
                return self._with_own_id(only)
        parts = [frame for slot in self._slots if (frame := slot.take()) is not None]
        complete = self._complete_up_to()
        if (self._backlog or self._pending) and not self._is_holding():
            self._take_patches(parts, complete)
        if self._reset:
            self._reset = False
            parts.append(_RESET)
            complete = self._complete_up_to()
        if self._beat:
            self._beat = False
            parts.append(_BEAT)
        if not parts:
            return b""
        complete = min(complete, self._next_position(complete))
        if complete > self._last_id:
            self._last_id = complete
            # at the end of the last event: a client must not have it before it has all that it
            # stands for
            parts[-1] = self._with_id(parts[-1], complete)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take_patches(self, parts: list[bytes], complete: int) -> None:
        """Add patches to *parts*, each with its own id if the client then has all before it."""
        if self._backlog:
            frames = first_of(self._backlog)
            self._backlog = self._backlog[len(frames) :]
        else:
            frames = self._pending.take()
        self._ready = bool(self._backlog or self._pending)
        for frame in frames:
            fits = self._last_id < frame.position <= complete
            parts.append(self._with_own_id(frame) if fits else frame.data)

    def _with_own_id(self, frame: Frame) -> bytes:
        assert self._relay is not None
        self._last_id = frame.position
        return self._relay.event(frame.data, frame.position, self._echo)

    def _with_id(self, data: bytes, position: int) -> bytes:
        assert self._relay is not None
        return self._relay.event(data, position, self._echo and data is not _BEAT)

    def _id_alone(self) -> bytes:
        complete = min(position := self._complete_up_to(), self._next_position(position))
        if complete <= self._last_id or self._relay is None:
            return b""
        self._last_id = complete
        return self._relay.id_lines(complete, echo=False) + b"\n"

    def _is_holding(self) -> bool:
        if not self._held_until:
            return False
        assert self._relay is not None
        held = any(slot.waiting for slot in self._slots)
        full = len(self._pending) > 100
        if held and not full and self._relay.loop.time() < self._held_until:
            return True
        self._held_until = 0.0
        return False

    def _next_position(self, complete: int) -> int:
        """Return the position before the first patch that is still to be sent."""
        if self._backlog:
            return self._backlog[0].position - 1
        following = self._pending.next_position()
        return complete if following is None else following - 1

    def _complete_up_to(self) -> int:
        # at the end nothing is collected any more, so nothing may be claimed either
        if self._relay is None or self._reset or self._over:
            return 0
        # what came before it began, it has looked up: that may be ahead of what others were told
        position = max(self._relay.settled, self.begins_after)
        for slot in self._slots:
            if slot.waiting:
                return 0
            if slot.shared.owed is not None:
                position = min(position, slot.shared.owed - 1)
        return position

    def _drop_patches(self) -> None:
        if self._pending.left_out:
            self._hub.count("left_out", self._pending.left_out)
        self._pending.clear()
        self._backlog = []


def _without_retry(chunk: bytes) -> bytes:
    return chunk.partition(b"\n")[2] if chunk.startswith(b"retry:") else chunk
