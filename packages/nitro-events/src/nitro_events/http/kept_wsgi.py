"""Carries what browsers keep through a WSGI application: read before it, sent with its answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nitro_events.http.environ import read_ahead
from nitro_events.http.iterables import Begun, close, headers_of, status_line
from nitro_events.http.kept import Visit, current_visit
from nitro_events.http.kept_reply import (
    Way,
    as_events,
    event_of,
    new_signals,
    way_of,
    with_cookie,
)
from nitro_events.http.request import current_request
from nitro_events.http.rerun import is_rerun
from nitro_events.inline import run
from nitro_events.signals import MAX_BYTES

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from nitro_events.http.request import Request
    from nitro_events.http.response import Header

__all__ = ["visiting"]

_END = b"\n\n"


def visiting(
    app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer with *app* a request in which state may come from the browser and go back."""
    if is_rerun() and current_visit.get() is not None:
        return app(environ, start_response)
    visit = Visit(_signals_in(environ))
    reply = _Reply(visit, start_response)
    token = current_visit.set(visit)
    try:
        parts = app(environ, reply.start)
        if not reply.started:
            parts = Begun(parts, lambda: reply.started)
        return reply.parts(parts)
    finally:
        current_visit.reset(token)


def _signals_in(environ: WSGIEnvironment) -> bytes | None:
    """Read the signals that Datastar put into the body, and leave it for the application."""
    if environ["REQUEST_METHOD"] not in ("POST", "PUT", "PATCH"):
        return None
    if environ.get("HTTP_DATASTAR_REQUEST", "").lower() != "true":
        return None
    if not environ.get("CONTENT_TYPE", "").lower().startswith("application/json"):
        return None
    return read_ahead(environ, MAX_BYTES)


class _Reply:
    """Begins what the application answers, and sends the signals with it."""

    def __init__(self, visit: Visit, start_response: StartResponse) -> None:
        self.started = False
        self._visit = visit
        self._begin = start_response
        self._way = Way.AS_IT_IS
        self._status = ""
        self._headers: list[Header] = []
        self._signals: Mapping[str, object] = {}
        self._at_end = True
        self._request: Request | None = None

    def start(self, status: str, headers: list[Header], *exc_info: Any) -> Callable[..., object]:
        """Do what ``start_response`` does, now or when the body is known."""
        self.started = True
        self._status, self._headers = status, headers
        self._request = current_request.get()
        number = int(status[:3])
        if number >= 400:
            return self._begin(status, headers, *exc_info)
        self._signals = run(new_signals(self._visit))
        self._way = way_of(number, headers, self._signals)
        if self._way is Way.AS_EVENTS:
            return _refuse_to_write
        if self._way is Way.WITH_EVENTS:
            headers = with_cookie(self._visit, headers, without=("content-length",))
        elif not self._signals:
            headers = with_cookie(self._visit, headers)
        return self._begin(status, headers, *exc_info)

    def parts(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """Return the body."""
        if self._way is Way.WITH_EVENTS:
            return _Parts(self, parts)
        if self._way is Way.AS_IT_IS:
            return parts
        try:
            body = b"".join(parts)
        finally:
            close(parts)
        with self.answering():
            response = as_events(body, self._headers, self._signals, self._visit)
        if response is None:
            self._begin(self._status, self._headers)
            return [body]
        self._begin(status_line(200), headers_of(response))
        return [response.body]

    def before(self, chunk: bytes) -> bytes:
        """Return *chunk* of a stream, behind what there is to tell."""
        if self._at_end:
            chunk = self.event() + chunk
        self._at_end = not chunk or chunk.endswith(_END)
        return chunk

    def event(self) -> bytes:
        """Return what there is to tell now."""
        signals, self._signals = self._signals or run(new_signals(self._visit)), {}
        return event_of(signals)

    def rest(self) -> bytes:
        """Return what there is to tell at the end."""
        return self.event() if self._at_end else b""

    @contextmanager
    def answering(self) -> Generator[None]:
        """Let the request seem to be answered still, which it is while its body is made."""
        visit, request = current_visit.set(self._visit), current_request.set(self._request)
        try:
            yield
        finally:
            current_request.reset(request)
            current_visit.reset(visit)


class _Parts:
    """A stream with events of ours, each part made while its request seems to be answered."""

    def __init__(self, reply: _Reply, parts: Iterable[bytes]) -> None:
        self._reply = reply
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        rest = iter(self._parts)
        while True:
            with self._reply.answering():
                chunk = next(rest, None)
                chunk = None if chunk is None else self._reply.before(chunk)
            if chunk is None:
                break
            yield chunk
        with self._reply.answering():
            last = self._reply.rest()
        if last:
            yield last

    def close(self) -> None:
        close(self._parts)


def _refuse_to_write(_: bytes) -> None:
    msg = "Yield the body: what start_response returns is not written to here"
    raise RuntimeError(msg)
