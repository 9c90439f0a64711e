"""``ReadSignals``: what the browser's signals are, as an annotation of an endpoint's parameter."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from nitro_events import Signals
from nitro_events.signals import MAX_BYTES, BadSignals, parse_signals

__all__ = ["ReadSignals", "read_signals"]


async def read_signals(request: Request) -> Signals:
    """Read the signals that Datastar sent with *request*, from the query or from the body.

    Raises HTTPException 400 when they are not a JSON object, 413 when they are too large.
    """
    try:
        if request.method in ("GET", "DELETE", "HEAD"):
            return parse_signals(request.query_params.get("datastar", ""))
        return parse_signals(await _body(request))
    except BadSignals as error:
        raise HTTPException(error.status, str(error)) from None


async def _body(request: Request) -> bytes:
    """Read the body with a limit, and leave it where others find it again."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/json"):
        return b""
    if not hasattr(request, "_body"):
        request._body = b"".join([chunk async for chunk in _limited(request)])
    return await request.body()


async def _limited(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise HTTPException(413, f"Signals may have {MAX_BYTES} bytes at most")
        yield chunk


ReadSignals = Annotated[Signals, Depends(read_signals)]
"""``signals: ReadSignals`` gives attribute access to what the browser sent."""
