"""The patches that wait for one client: bounded, and fewer when they are about one element."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_events.live.frames import coalesced

if TYPE_CHECKING:
    from nitro_events.live.frames import Frame

__all__ = ["Pending"]

MAX_FRAMES = 256
MAX_BYTES = 512 * 1024
CHUNK = 64 * 1024
FEW = 16
"""So many may wait as they came; of more, those that a later one replaces are left out."""


class Pending:
    """What was published and not handed to the connection yet.

    What one client can hold here is bounded by number and bytes, however long it takes nothing.
    """

    __slots__ = ("_frames", "_look_at", "_size", "left_out")

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._size = 0
        self._look_at = FEW
        self.left_out = 0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: Frame) -> bool:
        """Take *frame*; False if that is too much, and the client has to come again."""
        frames = self._frames
        frames.append(frame)
        self._size += len(frame.data)
        if len(frames) <= self._look_at and self._size <= MAX_BYTES:
            return True
        self._thin_out()
        return len(self._frames) <= MAX_FRAMES and (
            self._size <= MAX_BYTES or len(self._frames) == 1
        )

    def take_only(self) -> Frame | None:
        """Return the one frame that waits; None if there are more, or none."""
        frames = self._frames
        if len(frames) != 1:
            return None
        self._size = 0
        return frames.pop()

    def take(self) -> list[Frame]:
        """Return what goes out next, about `CHUNK` bytes of it."""
        frames = self._frames
        if self._size <= CHUNK:
            self._frames, self._size, self._look_at = [], 0, FEW
            return frames
        taken = first_of(frames)
        del frames[: len(taken)]
        self._size -= sum([len(frame.data) for frame in taken])
        return taken

    def next_position(self) -> int | None:
        """Return the position of what is first in the queue."""
        return self._frames[0].position if self._frames else None

    def clear(self) -> None:
        """Forget everything."""
        self._frames, self._size = [], 0

    def _thin_out(self) -> None:
        before = len(self._frames)
        self._frames = coalesced(self._frames)
        self._size = sum([len(frame.data) for frame in self._frames])
        self._look_at = min(MAX_FRAMES, max(FEW, 2 * len(self._frames)))
        self.left_out += before - len(self._frames)


def first_of(frames: list[Frame]) -> list[Frame]:
    """Return the first of *frames*, at least one, with about `CHUNK` bytes together."""
    size = 0
    for number, frame in enumerate(frames):
        size += len(frame.data)
        if size > CHUNK:
            return frames[: max(1, number)]
    return frames[:]
