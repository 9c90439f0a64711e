"""Several streams over one connection: what the open tabs of one browser show.

Browsers open six connections to a host, and a tab needs one to be of use. So one of the tabs asks
for the streams of all of them, and hands the others theirs. Each stream stays what it would be
alone; before what it sends stands an event that names it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nitro_events.live.clients import Client
    from nitro_events.live.stream import Stream

__all__ = ["Bundle", "find_bundle"]

_log = logging.getLogger("nitro_events")


class Bundle:
    """The streams of one browser by the name that the browser gave them, sent as one.

    It is used as a `Stream` is. *client* is who all of them are counted for, *refused* are the
    names of what may not be shown. When one of them ends, or the last is left out, it is over: the
    browser asks again, and is checked again.
    """

    def __init__(
        self, client: Client, streams: Mapping[str, Stream], refused: Iterable[str] = ()
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        """By this its browser, and nobody else, adds to it."""
        self.client = client
        self._streams = dict(streams)
        self._ready = [_told("closed", name) for name in refused]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._sending = False
        self._over = False
        self._on_end: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<Bundle of {len(self._streams)} streams>"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._over

    @property
    def sending(self) -> bool:
        """Whether the connection has not taken the last chunk yet; set by who sends it."""
        return self._sending

    @sending.setter
    def sending(self, value: bool) -> None:
        self._sending = value
        for stream in self._streams.values():
            stream.sending = value

    async def next(self) -> bytes:
        """Return the next chunk as soon as there is one; an empty one is the end."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            state.part(_Open)[self.id] = self
            await asyncio.gather(*[self._open(*pair) for pair in tuple(self._streams.items())])
            # nothing may be added before it is known what there is
            return _told("tabs", self.id) + self.take()
        while not self._over:
            chunk = self.take()
            if chunk:
                return chunk
            if not self._over:
                await self.news()
        return b""

    def take(self) -> bytes:
        """Return what is to be sent now, empty if there is nothing. After `next` was called."""
        if self._over:
            return b""
        parts, self._ready = self._ready, []
        for name, stream in tuple(self._streams.items()):
            chunk = stream.take()
            if chunk:
                parts += (_told("part", name), chunk)
            if stream.is_over:
                self._over = True
        if not (self._streams or self._opening):
            self._over = True  # it would count for nobody, and have no end
        return b"".join(parts)

    def news(self) -> asyncio.Future[None]:
        """Return what is done when there may be something to take."""
        assert self._loop is not None
        self._waiter = self._loop.create_future()
        for stream in self._streams.values():
            stream.wake_with(self._waiter)
        return self._waiter

    async def once(self, retry: int) -> bytes:
        """Return all there is to send now, and let the browser ask again after *retry* ms."""
        names = list(self._streams)
        chunks = await asyncio.gather(*[self._streams[name].once(retry) for name in names])
        parts = [*self._ready, b"retry: %d\n\n" % retry]
        for name, chunk in zip(names, chunks, strict=True):
            refused = self._streams[name].refused
            parts += [_told("closed", name)] if refused else [_told("part", name), chunk]
        self._over = True
        return b"".join(parts)

    def change(
        self, streams: Mapping[str, Stream], refused: Iterable[str], drop: Iterable[str]
    ) -> bool:
        """Add *streams*, leave out those called *drop*; False if it has ended. From any thread."""
        loop = self._loop
        if loop is None or self._over:
            return False
        try:
            loop.call_soon_threadsafe(self._change, dict(streams), tuple(refused), tuple(drop))
        except RuntimeError:  # the loop was closed
            return False
        return True

    def when_over(self, call: Callable[[], None] | None) -> None:
        """Have *call* called when one is stopped or cut, even while the browser is stuck."""
        self._on_end = call
        if self._over and call is not None:
            call()

    def stop(self) -> None:
        """End all at once. Called on their loop."""
        if self._over:
            return
        self._over = True
        for stream in tuple(self._streams.values()):
            stream.stop()
        self._wake()
        if self._on_end is not None:
            self._on_end()

    def close(self) -> None:
        """Leave the hub; a second time does nothing. Only on their own loop."""
        self._over = True
        for task in self._opening.values():
            task.cancel()
        for stream in self._streams.values():
            stream.when_over(None)
            stream.close()
        self._streams = {}
        self._wake()

    def _change(
        self, streams: dict[str, Stream], refused: tuple[str, ...], drop: tuple[str, ...]
    ) -> None:
        for name in drop:
            self._drop(name)
        if self._over:
            return
        self._ready += [_told("closed", name) for name in refused]
        for name, stream in streams.items():
            self._drop(name)
            assert self._loop is not None
            self._opening[name] = self._loop.create_task(self._open(name, stream))
        self._wake()

    async def _open(self, name: str, stream: Stream) -> None:
        first = b""
        try:
            first = await stream.next()
        except Exception:
            _log.exception("A stream of several failed to begin")
        except asyncio.CancelledError:
            stream.close()
            raise
        self._opening.pop(name, None)
        self._begin(name, stream, first)
        self._wake()

    def _begin(self, name: str, stream: Stream, first: bytes) -> None:
        if stream.refused or self._over or not first:
            stream.close()
            self._streams.pop(name, None)
            self._ready.append(_told("closed", name))
            return
        self._ready += (_told("part", name), first)
        stream.sending = self._sending
        self._streams[name] = stream
        stream.when_over(self.stop)

    def _drop(self, name: str) -> None:
        task = self._opening.pop(name, None)
        if task is not None:
            task.cancel()
        stream = self._streams.pop(name, None)
        if stream is not None:
            stream.when_over(None)
            stream.close()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class _Open(WeakValueDictionary[str, Bundle]):
    """The bundles of this process by their id."""


def find_bundle(id: str, client: Client) -> Bundle | None:
    """Return the bundle of *client* that is open here, None if it is elsewhere or ended."""
    found = state.part(_Open).get(id)
    return found if found is not None and found.client == client and not found.is_over else None


def _told(what: str, text: str) -> bytes:
    return f"event: nitro-{what}\ndata: {text}\n\n".encode()
