"""What waits to be sent to one page, and up to where the page has everything then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nitro_events.live.pending import Pending, first_of
from nitro_events.patches import comment, patch_elements

if TYPE_CHECKING:
    from nitro_events.live.frames import Frame
    from nitro_events.live.relay import Relay
    from nitro_events.live.shared import Slot

__all__ = ["RESET", "Content"]

RESET: Final = patch_elements('<div id="nitro-live-reset" data-nitro-reset hidden></div>')
"""Tells the page that it must load itself again: something it should have seen is lost.

The page has an empty element of this id, which is patched like any other.
"""

_RESET: Final = RESET.encode()
_BEAT: Final = comment()


class Content:
    """The frames, patches and signs that wait for one page, which has all until *begins_after*.

    *backlog* are the patches that it missed before. What is taken carries an ``id:`` wherever
    the client then has everything before it, and nowhere else.
    """

    __slots__ = (
        "_backlog", "_begins_after", "_ended", "_last_id", "_relay", "beat",
        "has_more", "held_until", "pending", "reset", "slots",
    )  # fmt: skip

    def __init__(self, relay: Relay, begins_after: int, backlog: list[Frame]) -> None:
        self._relay = relay
        self._begins_after = begins_after
        self._backlog = backlog
        self._ended = False
        self._last_id = 0
        self.pending = Pending()
        self.slots: tuple[Slot, ...] = ()
        self.reset = False
        """Whether the page is to be told to load again."""
        self.beat = False
        """Whether a sign of life is due."""
        self.held_until = 0.0
        """Until when the patches wait for the first state of the views."""
        self.has_more = False
        """Whether `take` left something that may go out next."""

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to send, or will be soon."""
        waiting = any(slot.waiting or slot.next is not None for slot in self.slots)
        return waiting or bool(self._backlog or self.pending)

    def end(self) -> None:
        """Forget the patches, and claim nothing any more."""
        self._ended = True
        self.pending.clear()
        self._backlog = []

    def take(self) -> bytes:
        """Return what is to be sent now, as one chunk."""
        self.has_more = False
        if not (self.slots or self._backlog or self.reset or self.beat):
            # by far the most frequent case: one patch, the same for everybody
            only = self.pending.take_only()
            if only is not None:
                return self._with_own_id(only)
        parts = [frame for slot in self.slots if (frame := slot.take()) is not None]
        complete = self._complete_up_to()
        if (self._backlog or self.pending) and not self._is_holding():
            self._take_patches(parts, complete)
        if self.reset:
            self.reset = False
            parts.append(_RESET)
            complete = self._complete_up_to()
        if self.beat:
            self.beat = False
            parts.append(_BEAT)
        if not parts:
            return b""
        complete = min(complete, self._next_position(complete))
        if complete > self._last_id:
            self._last_id = complete
            # at the end of the last event: a client must not have it before it has all that it
            # stands for
            parts[-1] = self._relay.event(parts[-1], complete)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def id_alone(self) -> bytes:
        """Return an event that only says up to where the client has everything, if it has."""
        complete = min(position := self._complete_up_to(), self._next_position(position))
        if complete <= self._last_id:
            return b""
        self._last_id = complete
        return self._relay.id_line(complete) + b"\n"

    def _take_patches(self, parts: list[bytes], complete: int) -> None:
        """Add patches to *parts*, each with its own id if the client then has all before it."""
        if self._backlog:
            frames = first_of(self._backlog)
            self._backlog = self._backlog[len(frames) :]
        else:
            frames = self.pending.take()
        self.has_more = bool(self._backlog or self.pending)
        for frame in frames:
            fits = self._last_id < frame.position <= complete
            parts.append(self._with_own_id(frame) if fits else frame.data)

    def _with_own_id(self, frame: Frame) -> bytes:
        self._last_id = frame.position
        return self._relay.event(frame.data, frame.position)

    def _is_holding(self) -> bool:
        if not self.held_until:
            return False
        held = any(slot.waiting for slot in self.slots)
        full = len(self.pending) > 100
        if held and not full and self._relay.loop.time() < self.held_until:
            return True
        self.held_until = 0.0
        return False

    def _next_position(self, complete: int) -> int:
        """Return the position before the first patch that is still to be sent."""
        if self._backlog:
            return self._backlog[0].position - 1
        following = self.pending.next_position()
        return complete if following is None else following - 1

    def _complete_up_to(self) -> int:
        # at the end nothing is collected any more, so nothing may be claimed either
        if self.reset or self._ended:
            return 0
        # what came before it began, it has looked up: that may be ahead of what others were told
        position = max(self._relay.settled, self._begins_after)
        for slot in self.slots:
            if slot.waiting:
                return 0
            if slot.shared.owed is not None:
                position = min(position, slot.shared.owed - 1)
        return position
