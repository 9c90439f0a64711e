"""What the browser's signals are: read from a request, or handed to a handler by Sanic-Ext."""

from __future__ import annotations

from typing import Any, cast

from sanic import Request, Sanic
from sanic.exceptions import SanicException

from nitro_events import Signals
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.http.problems import HttpError
from nitro_events.http.request import Request as NeutralRequest
from nitro_events.http.request import current_request
from nitro_events.signals import MAX_BYTES, BadSignals
from nitro_sanic.requests import Neutral

__all__ = ["ReadSignals", "aread_signals", "inject_signals", "read_signals"]


class ReadSignals(Signals):
    """The signals of a page, as the annotation of a parameter where Sanic-Ext is installed."""

    __slots__ = ()


def read_signals(request: Request[Any, Any]) -> Signals:
    """Return the signals that Datastar sent with *request*, from the query or from the body.

    Raises an exception of Sanic with status 400 when they are not a JSON object, 413 when they
    are too large, 415 for a charset that is not read.
    """
    return _read(_asked(request), request.body)


async def aread_signals(request: Request[Any, Any]) -> Signals:
    """Return the signals as `read_signals` does, in a handler that reads its body itself."""
    asked = _asked(request)
    try:
        body = await asked.body(MAX_BYTES) if may_be_signals(asked) else b""
    except HttpError as error:
        raise SanicException(error.detail, error.status, quiet=True) from None
    return _read(asked, body)


async def inject_signals(app: Sanic[Any, Any]) -> None:
    """Let Sanic-Ext hand over `ReadSignals`, if it is installed and active."""
    ext = getattr(app, "_ext", None)
    if getattr(ext, "_injection_registry", None) is not None:
        cast("Any", ext).add_dependency(ReadSignals, _injected)


async def _injected(request: Request) -> ReadSignals:
    return ReadSignals(dict(await aread_signals(request)))


def _asked(request: Request[Any, Any]) -> NeutralRequest:
    asked = current_request.get()
    if isinstance(asked, Neutral) and asked.sanic is request:
        return asked
    return Neutral(request)


def _read(asked: NeutralRequest, body: bytes) -> Signals:
    try:
        return sent_signals(asked, body)
    except BadSignals as error:
        raise SanicException(str(error), error.status, quiet=True) from None
    except HttpError as error:
        raise SanicException(error.detail, error.status, quiet=True) from None
