"""What the browser's signals are, for endpoints that ask."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from nitro_events import Signals
from nitro_events.http.asgi import request_of
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.http.problems import HttpError
from nitro_events.signals import MAX_BYTES, BadSignals

__all__ = ["read_signals"]


async def read_signals(request: Request) -> Signals:
    """Read the signals that Datastar sent with *request*, from the query or from the body.

    Others that ask for the body find it again. Raises HTTPException 400 when they are not a JSON
    object, 413 when they are too large, 415 for a charset that is not read; and RuntimeError if
    the body was read as a stream before.
    """
    neutral = request_of(request.scope, request.receive)
    try:
        if may_be_signals(neutral) and not hasattr(request, "_body"):
            if getattr(request, "_stream_consumed", False):
                # there is nothing left to read, and waiting for it would never end
                msg = "The body was read before: call read_signals() first"
                raise RuntimeError(msg)
            request._body = await neutral.body(MAX_BYTES)  # pyright: ignore[reportPrivateUsage]
        return sent_signals(neutral, getattr(request, "_body", b""))
    except BadSignals as error:
        raise HTTPException(error.status, str(error)) from None
    except HttpError as error:
        raise HTTPException(error.status, error.detail) from None
