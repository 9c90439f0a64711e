"""One view, rendered once per change for all streams that show it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from nitro_events.live.drawn import Drawn

if TYPE_CHECKING:
    from collections.abc import Hashable
    from contextvars import Context

    from nitro_events.live.hub import Hub
    from nitro_events.live.stream import Stream
    from nitro_events.live.view import View

__all__ = ["SharedView", "Slot"]

_log = logging.getLogger("nitro_events")

PACE = 0.04
FAILURES_BEFORE_RESET = 3
FIRST_RETRY = 0.1
SLOWEST_RETRY = 10.0


class Slot:
    """A shared view in one stream: the frame that was sent and the one to be sent.

    *since* is the position whose state the client shows already; None if it needs one.
    """

    __slots__ = ("_sent", "_since", "_told", "next", "shared", "stream", "waiting")

    def __init__(self, stream: Stream, shared: SharedView, since: int | None) -> None:
        self.stream = stream
        self.shared = shared
        self.waiting = since is None
        """Whether the client has not been given any state yet and needs it."""
        self._since = -1 if since is None else since
        self.next: Drawn | None = None
        self._sent: Drawn | None = None
        self._told = False

    def offer(self, position: int, frame: Drawn) -> None:
        """Make *frame*, rendered at *position*, the one to be sent, unless the client has it."""
        self._told = False
        if position < self._since:
            return  # begun before the page was made: it would take the client back in time
        self.waiting = False
        self.next = None if frame is self._sent else frame
        if self.next is not None:
            self.stream.wake()

    def shows(self, position: int, frame: Drawn) -> None:
        """Note that *frame* is the state since *position*, which the client may show already."""
        if self._since >= position:
            self._sent = frame

    def take(self) -> bytes | None:
        """Return what is to be sent now, if there is something."""
        frame = self.next
        if frame is None:
            return None
        data = frame.after(self._sent)
        self._sent, self.next = frame, None
        return data

    def tell_failing(self) -> None:
        """Let the client reload, once until the view works again."""
        if not self._told:
            self._told = True
            self.stream.reset()


class SharedView:
    """Renders a view when it was touched: the first time at once, then every 40 ms at most.

    Lives on one loop; only `_draw` runs in another thread.
    """

    def __init__(
        self,
        hub: Hub,
        loop: asyncio.AbstractEventLoop,
        view: View,
        key: Hashable,
        context: Context,
    ) -> None:
        self.key = key
        self.topics: frozenset[str] = frozenset(view.topics)
        self.slots: set[Slot] = set()
        self.owed: int | None = None
        """The earliest change that is in no finished frame yet."""
        self._hub = hub
        self._loop = loop
        self._view = view
        self._context = context
        self._frame: Drawn | None = None
        self._covered = -1  # what happened up to here is in the last or the coming frame
        self._rendered = -1
        self._rendering = False
        self._later: int | None = None
        self._failures = 0
        self._not_before = 0.0
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<SharedView {self.key!r}, {len(self.slots)} streams>"

    def touched(self, position: int) -> None:
        """Note a change, and render unless a render that began after it is running or done."""
        if position > self._covered:
            self._owe(position)

    def join(self, slot: Slot) -> None:
        """Show this view in *slot*; if it is waiting it gets a frame that is not out of date."""
        self.slots.add(slot)
        stale = self._hub.changed_since(self.topics, self._covered)
        if not slot.waiting:
            if self._frame is not None and self.owed is None and not (self._rendering or stale):
                slot.shows(self._covered, self._frame)
            return
        if self._rendering and not stale:
            return  # the coming frame is for this slot too
        if self._frame is not None and self.owed is None and not stale:
            slot.offer(self._rendered, self._frame)
            return
        self._owe(self._hub.position + 1)

    def leave(self, slot: Slot) -> None:
        """Forget *slot*."""
        self.slots.discard(slot)

    def _owe(self, position: int) -> None:
        if self._rendering:
            self._later = position if self._later is None else min(position, self._later)
        else:
            self.owed = position if self.owed is None else min(position, self.owed)
        if self._task is None:
            self._task = self._loop.create_task(self._render_while_owed())

    async def _render_while_owed(self) -> None:
        try:
            while self.owed is not None and self.slots:
                pause = self._not_before - self._loop.time()
                if pause > 0:
                    await asyncio.sleep(pause)
                if self.slots:
                    await self._render()
        finally:
            self._task = None

    async def _render(self) -> None:
        # read first: a change during the render gets a greater position and another render
        position = self._covered = self._hub.position
        self._rendering = True
        self._later = None
        self._not_before = self._loop.time() + PACE
        try:
            drawn = await self._loop.run_in_executor(None, self._context.copy().run, self._draw)
        except Exception as exc:  # no thread was to be had
            drawn = exc
        finally:
            self._rendering = False
        if isinstance(drawn, Drawn):
            self._done(position, drawn)
        else:
            self._failed(drawn)

    def _draw(self) -> Drawn | BaseException:
        try:
            return Drawn(self._view.render())
        except BaseException as exc:
            # not raised: a future cannot carry a StopIteration, a SystemExit would end the loop
            return exc

    def _done(self, position: int, frame: Drawn) -> None:
        self._hub.count("renders")
        self._failures = 0
        self._rendered = position
        self.owed = self._later
        if self._frame is None or not frame.says_the_same(self._frame):
            self._frame = frame
        for slot in self.slots:
            slot.offer(position, self._frame)

    def _failed(self, error: BaseException) -> None:
        self._hub.count("failed_renders")
        self._covered = self._rendered  # a failed render covers nothing; self.owed still stands
        self._failures += 1
        _log.error("Rendering the live view %r failed, trying again", self.key, exc_info=error)
        pause = min(FIRST_RETRY * 2 ** min(self._failures - 1, 10), SLOWEST_RETRY)
        self._not_before = self._loop.time() + pause
        if self._failures >= FAILURES_BEFORE_RESET:
            for slot in self.slots:
                slot.tell_failing()
