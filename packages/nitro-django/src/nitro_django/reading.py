"""What the browser's signals are, for hand-written views."""

from django.http import HttpRequest

from nitro_django.requests import neutral
from nitro_events import Signals
from nitro_events.http.inputs import may_be_signals, sent_signals
from nitro_events.inline import run
from nitro_events.signals import MAX_BYTES

__all__ = ["aread_signals", "read_signals"]


def read_signals(request: HttpRequest) -> Signals:
    """Read the signals that Datastar sent with *request*, from the query or from the body.

    Raises BadSignals when they are not a JSON object, and an HttpError for a body that is too
    large or cannot be read; left alone these become answers of status 400, 413 or 415.
    """
    asked = neutral(request)
    # the body is in memory or with the server of this thread: there is nothing to wait for
    body = run(asked.body(MAX_BYTES)) if may_be_signals(asked) else b""
    return sent_signals(asked, body)


async def aread_signals(request: HttpRequest) -> Signals:
    """Read as `read_signals` does, in an async view."""
    return read_signals(request)
