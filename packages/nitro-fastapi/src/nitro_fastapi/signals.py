"""``ReadSignals``: what the browser's signals are, as an annotation of an endpoint's parameter."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from nitro_events import Signals
from nitro_events.http.asgi import request_of
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.http.problems import HttpError
from nitro_events.signals import MAX_BYTES, BadSignals

__all__ = ["ReadSignals", "read_signals"]


async def read_signals(request: Request) -> Signals:
    """Read the signals that Datastar sent with *request*, from the query or from the body.

    Raises HTTPException 400 when they are not a JSON object, 413 when they are too large, 415
    for a charset that is not read.
    """
    neutral = request_of(request.scope, request.receive)
    try:
        if may_be_signals(neutral) and not hasattr(request, "_body"):
            # others that ask for the body find it again
            request._body = await neutral.body(MAX_BYTES)
        return sent_signals(neutral, getattr(request, "_body", b""))
    except BadSignals as error:
        raise HTTPException(error.status, str(error)) from None
    except HttpError as error:
        raise HTTPException(error.status, error.detail) from None


ReadSignals = Annotated[Signals, Depends(read_signals)]
"""``signals: ReadSignals`` gives attribute access to what the browser sent."""
