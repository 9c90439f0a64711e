"""What a server sends as an event stream: one stream, or several in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["Outgoing"]


class Outgoing(Protocol):
    """A stream as those see it who send it, see `nitro_events.live.stream.Stream`."""

    @property
    def sending(self) -> bool:
        """Whether the connection has not taken the last chunk yet; set by who sends it."""
        ...

    @sending.setter
    def sending(self, value: bool, /) -> None: ...

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        ...

    async def next(self) -> bytes:
        """Return the next chunk as soon as there is one; an empty one is the end."""
        ...

    def take(self) -> bytes:
        """Return what is to be sent now, empty if there is nothing. After `next` was called."""
        ...

    def news(self) -> asyncio.Future[None]:
        """Return what is done when there may be something to take."""
        ...

    async def once(self, retry: int) -> bytes:
        """Return all there is to send now, and let the client ask again after *retry* ms."""
        ...

    def when_over(self, call: Callable[[], None] | None) -> None:
        """Have *call* called when it is stopped or cut, even while its client is stuck."""
        ...

    def stop(self) -> None:
        """End at once. Called on its loop."""
        ...

    def close(self) -> None:
        """Leave the hub; a second time does nothing. Only on its own loop."""
        ...
