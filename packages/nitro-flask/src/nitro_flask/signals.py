"""``read_signals()``: what the browser's signals are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Request, abort
from flask import request as flask_request

from nitro_events.http.environ import put_back, request_of
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.http.problems import HttpError
from nitro_events.http.request import current_request
from nitro_events.inline import run
from nitro_events.signals import MAX_BYTES, BadSignals

if TYPE_CHECKING:
    from nitro_events import Signals

__all__ = ["read_signals"]


def read_signals() -> Signals:
    """Return the signals that Datastar sent with the current request, from query or body.

    They have attribute access. Aborts with 400 when they are not a JSON object, 413 when they are
    too large, 415 for a charset that is not read. The body is there for others as before.
    """
    given = cast("Request", flask_request._get_current_object())  # type: ignore[attr-defined]
    neutral = current_request.get() or request_of(given.environ)
    try:
        if not may_be_signals(neutral):
            return sent_signals(neutral, b"")
        if "stream" in vars(given):  # somebody has read it, and Flask may have kept it
            return sent_signals(neutral, given.get_data())
        body = run(neutral.body(MAX_BYTES))
        put_back(neutral, given.environ)
        return sent_signals(neutral, body)
    except BadSignals as error:
        abort(error.status, str(error))
    except HttpError as error:
        abort(error.status, error.detail)
