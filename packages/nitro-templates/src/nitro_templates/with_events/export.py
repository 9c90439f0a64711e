"""A download: its headers, and its chunks as they are read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

from nitro_events.http.response import Header, Response
from nitro_events.threads import in_thread
from nitro_events.units import OneUnit
from nitro_templates.asking import Download
from nitro_templates.context import RenderContext, rendering
from nitro_templates.export import disposition


def send(download: Download, context: RenderContext) -> Response:
    """Answer *download*. What fails before its first chunk is an ordinary problem.

    What fails later breaks the connection off: the browser tells that the file is incomplete.
    """
    headers: list[Header] = [
        ("content-type", download.content_type),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    if download.filename is not None:
        headers.append(("content-disposition", disposition(download.filename)))
    if isinstance(download.chunks, list | tuple):
        return Response(200, headers, b"".join(download.chunks))
    chunks = iter(download.chunks)
    first = _next(chunks, context)
    return Response(200, headers, chunks=_sent(first, chunks, context), whole=True)


async def _sent(
    first: bytes | None, chunks: Iterator[bytes], context: RenderContext
) -> AsyncGenerator[bytes]:
    try:
        chunk = first
        while chunk is not None:
            yield chunk
            chunk = await in_thread(_next, chunks, context)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            await in_thread(close)


def _next(chunks: Iterator[bytes], context: RenderContext) -> bytes | None:
    # each in a unit of its own: what one batch has read is let go before the next
    with rendering(context), OneUnit(read_only=True):
        return next(chunks, None)
