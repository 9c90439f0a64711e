"""A generator that a client reads as it goes: patches are sent as they come.

What a handler yields has happened: before it is sent, what the handler changed until then is
committed. A failure takes back only what came after the last thing that was sent; one before the
first is an ordinary answer. A query may not write at any step. A client that leaves ends the
generator.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from nitro_events.http.response import streamed
from nitro_events.http.results import jsonable, markup_of, patches_of
from nitro_events.inline import settled
from nitro_events.patches import Patch, comment, patch_elements, patch_signals
from nitro_events.running import abounded
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import OneUnit, Units, acting, open_unit

if TYPE_CHECKING:
    from nitro_events.http.request import Request
    from nitro_events.http.response import Response

__all__ = ["begin", "patches_from", "reads_stream"]

_END = object()


def reads_stream(request: Request) -> bool:
    """Tell whether the caller takes events one by one."""
    return request.is_datastar or "text/event-stream" in request.headers.get("accept", "").lower()


async def begin(request: Request, result: object) -> object:
    """Return what the *result* of a handler comes to: awaited, begun as a stream, or collected.

    Raises TooManyItems for a generator that yields too much to a caller who reads no stream.
    """
    if inspect.isawaitable(result):
        result = await settled(result)
    items = _items(result)
    if items is None:
        return result
    if reads_stream(request):
        first = await settled(anext(items, _END))
        if first is _END:
            return None
        return streamed(_chunks(first, items, request))
    return await settled(_all(getattr(result, "__qualname__", "of this answer"), items))


async def _all(name: str, items: AsyncGenerator[object]) -> list[object]:
    async with aclosing(items):
        return await abounded(name, items)


def patches_from(item: object) -> list[Patch]:
    """Return the patches that a yielded *item* stands for.

    Markup is a patch of elements; a mapping or an entity is one of signals. None is nothing.
    Raises TypeError for anything else.
    """
    patches = patches_of(item)
    if patches is not None:
        return patches
    if item is None:
        return []
    markup = markup_of(item)
    if markup is not None:
        return [patch_elements(markup)]
    value = jsonable(item)
    if isinstance(value, Mapping):
        return [patch_signals(cast("Mapping[str, object]", value))]
    msg = f"A stream is made of patches, markup, mappings and entities, got {type(item).__name__}"
    raise TypeError(msg)


async def _chunks(
    first: object, rest: AsyncGenerator[object], request: Request
) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        try:
            yield await _encoded(first)
            async for item in _stepped(rest, request):
                yield await _encoded(item)
        except Exception as exc:
            yield await _told(request, exc)


def _items(result: object) -> AsyncGenerator[object] | None:
    if inspect.isasyncgen(result):
        return cast("AsyncGenerator[object]", result)
    if inspect.isgenerator(result):
        return _threaded(result)
    return None


async def _threaded(generator: Generator[object, Any, Any]) -> AsyncGenerator[object]:
    try:
        while (item := await in_thread(next, generator, _END)) is not _END:
            yield item
    finally:
        generator.close()


async def _stepped(items: AsyncIterable[object], request: Request) -> AsyncIterator[object]:
    """Yield what comes next, each after the end of a unit of its own."""
    source = aiter(items)
    while True:
        async with _unit_of(request):
            item = await anext(source, _END)
        if item is _END:
            return
        yield item


@asynccontextmanager
async def _unit_of(request: Request) -> AsyncGenerator[None]:
    if request.is_safe:
        with OneUnit(read_only=True) as reading:
            yield
            # nothing could be written; what waits for the commit is told
            if state.part(Units).reader is not None and not reading.dirty:
                await reading.acommit()
        return
    unit = open_unit()
    with acting(request.caller):
        try:
            yield
            await unit.acommit()
        except BaseException:
            await unit.arollback()
            raise


async def _encoded(item: object) -> bytes:
    patches = await in_thread(patches_from, item)
    return b"".join([patch.encode() for patch in patches])


async def _told(request: Request, failure: Exception) -> bytes:
    """Return what tells a page of a failure after the answer began, and ends the stream well.

    A stream that breaks is asked for again, a POST too.
    """
    from nitro_events.http.dispatch import present_problem

    response: Response = await present_problem(request, failure)
    kind = dict(response.headers).get("content-type", "")
    return response.body if kind.startswith("text/event-stream") else comment("ended by a problem")
