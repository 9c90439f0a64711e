"""What one open page is sent: the state of its views and the patches of its topics, no gap."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Final

from nitro_events.live import pace
from nitro_events.live.content import RESET, Content
from nitro_events.live.cursor import taken_up
from nitro_events.live.shared import Slot
from nitro_events.live.shutdown import end_with_the_process
from nitro_events.patches import patch_signals

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from nitro_events.live.clients import Client
    from nitro_events.live.frames import Frame
    from nitro_events.live.hub import Hub
    from nitro_events.live.relay import Relay
    from nitro_events.live.view import View

__all__ = ["RESET", "Stream"]

CONNECTED: Final = patch_signals({}).encode()
"""Changes nothing: by this first event the page knows that it is connected."""


class Stream:
    """The event stream of one page: ``async for chunk in stream`` gives bytes to be sent.

    *views* are rendered and sent first if they changed after *cursor* (all of them if it is
    None), then whenever they change; patches published to *topics* follow in order, those after
    *cursor* included. Events carry an ``id:`` that says up to where the client now has
    everything; with it as *cursor* a later stream goes on from there, in any process. If patches
    may be lost, all views and an explicit `RESET` are sent. A client that lags behind by too
    much is cut, and can resume. Make it in the context in which the views are to be rendered.

    *client* is who the stream is counted for, *tenant* keeps its views apart from those of
    others, and so does *root*, the path below which its page is.
    """

    __slots__ = (
        "__weakref__",
        "_content",
        "_context",
        "_cursor",
        "_ends_before",
        "_expires",
        "_finishing",
        "_fresh",
        "_hub",
        "_leave",
        "_on_end",
        "_over",
        "_quiet",
        "_ready",
        "_relay",
        "_root",
        "_tenant",
        "_views",
        "_waiter",
        "begins_after",
        "client",
        "refused",
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
        root: str = "",
    ) -> None:
        self.topics = frozenset(topics)
        self.client = client
        self.begins_after = 0
        self.refused = False
        """Whether its client has enough streams already."""
        self.sending = False
        """Whether the connection has not taken the last chunk yet; set by who sends it."""
        self._hub = hub
        self._ends_before = hub.ended.count
        self._views = tuple(views)
        self._cursor, self._fresh = taken_up(cursor)
        self._tenant = tenant
        self._root = root
        self._context = copy_context() if views else None
        self._relay: Relay | None = None
        self._content: Content | None = None
        self._ready = True
        self._over = False
        self._finishing = False
        self._quiet = 0.0
        self._expires = 0.0
        self._waiter: asyncio.Future[None] | None = None
        self._on_end: Callable[[], None] | None = None
        self._leave: list[Callable[[], None]] = []

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
        content = self._content
        if not self._ready or self._over or content is None:
            return b""
        chunk = content.take()
        self._ready = content.has_more
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

    def wake_with(self, waiter: asyncio.Future[None]) -> None:
        """Let *waiter*, which may be that of others too, be done when there is something."""
        self._waiter = waiter

    async def once(self, retry: int) -> bytes:
        """Return all there is to send now, and let the client ask again after *retry* ms."""
        parts = [b"retry: %d\n\n" % retry]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(pace.HOLD * 2):
                    while self._content is None or self._content.is_waiting:
                        parts.append(_without_retry(await self.next()))
                        if self._over:
                            break
            return b"".join(parts)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the hub; a second time does nothing. Only on the stream's own loop."""
        self._over = True
        relay, self._relay = self._relay, None
        if relay is None:
            return
        self.wake()  # somebody may wait for news in another task
        if self._content is not None:
            for slot in self._content.slots:
                slot.shared.leave(slot)
                relay.release(slot.shared)
            self._content.slots = ()
        for leave in self._leave:
            leave()
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
        if frame.position <= self.begins_after or self._over or self._content is None:
            return
        if self._content.pending.add(frame):
            self.wake()
        else:
            self.cut()

    def reset(self) -> None:
        """Tell the client to load the page again. Called on the stream's loop."""
        self._hub.count("resets")
        if self._content is not None:
            self._content.reset = True
        self.wake()

    def cut(self) -> None:
        """End the stream because its client lags behind. Called on the stream's loop."""
        self._hub.count("cut")
        self.stop()

    def stop(self) -> None:
        """End the stream at once. Called on the stream's loop."""
        self._over, self._finishing = True, False
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
        content = self._content
        if content is None or (self._over and not (self._finishing and self.sending)):
            return
        self._quiet += interval
        if self.sending:
            if self._quiet >= pace.SEND_TIMEOUT:
                self.cut()
        elif now >= self._expires:
            self._finishing = content.beat = True
            self.wake()
        elif self._quiet >= pace.HEARTBEAT:
            content.beat = True
            self.wake()
        elif content.held_until and now >= content.held_until:
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
            history = await self._hub.remote.missed(cursor)
        retry = b"retry: %d\n" % random.randint(*pace.RETRY)
        if self.client is not None and not self._hub.clients.enter(self.client):
            self._over = self.refused = True
            return b"retry: 10000\n" + CONNECTED
        loop = asyncio.get_running_loop()
        relay, self.begins_after, missed = self._hub.attach(self, loop, cursor, history)
        self._relay = relay
        # looked at after entering, so that nobody can miss this one
        if self.is_over or self._is_unwanted():
            self.stop()
            return retry + CONNECTED
        now = loop.time()
        self._expires = now + pace.age()
        relay.settle()
        relay.look_after()
        content = self._content = Content(relay, self.begins_after, missed or [])
        self._begin(content, relay, missed)
        if any(slot.waiting for slot in content.slots):
            content.held_until = now + pace.HOLD
        # without jitter all clients would come back at the same moment after a restart
        return retry + CONNECTED + (content.take() or content.id_alone())

    def _is_unwanted(self) -> bool:
        if self._hub.stopping:
            return True
        caller = None if self.client is None else self.client.caller_id
        return caller is not None and self._hub.ended.since(caller, self._ends_before)

    def _begin(self, content: Content, relay: Relay, missed: list[Frame] | None) -> None:
        cursor = self._cursor
        if missed is None:
            self.reset()
        known = cursor is not None and self._hub.knows(cursor) and missed is not None
        since = None if cursor is None or not known or self._fresh else cursor.position
        for view in self._views:
            assert self._context is not None
            shared = relay.shared(view, self._context, self._tenant, self._root)
            # entered first, then asked: a change in between is seen by both, never by none
            changed = since is None or self._hub.changed_since(shared.topics, since)
            slot = Slot(self, shared, since=None if changed else since)
            content.slots = (*content.slots, slot)
            shared.join(slot)
            opened = getattr(view, "opened", None)
            leave = None if opened is None else opened()
            if leave is not None:
                self._leave.append(leave)

    def _drop_patches(self) -> None:
        if self._content is None:
            return
        if self._content.pending.left_out:
            self._hub.count("left_out", self._content.pending.left_out)
        self._content.end()


def _without_retry(chunk: bytes) -> bytes:
    return chunk.partition(b"\n")[2] if chunk.startswith(b"retry:") else chunk
