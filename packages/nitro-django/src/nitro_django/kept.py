"""State that a browser keeps: it comes with the request and goes back with the answer."""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from contextlib import contextmanager
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from nitro_django.responses import to_django
from nitro_events.http.kept import Visit, current_visit
from nitro_events.http.kept_reply import (
    Way,
    as_events,
    event_of,
    new_signals,
    way_of,
    with_cookie,
)
from nitro_events.http.problems import TooLarge
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import is_rerun
from nitro_events.inline import run
from nitro_events.signals import MAX_BYTES

__all__ = ["kept", "kept_async"]

_END = b"\n\n"


def kept(request: Request, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer *request*, in which state may come from the browser, and let it go back."""
    if is_rerun() and current_visit.get() is not None:
        return answer()
    visit = Visit(run(_signals_in(request)))
    token = current_visit.set(visit)
    try:
        return run(_replied(visit, request, answer()))
    finally:
        current_visit.reset(token)


async def kept_async(
    request: Request, answer: Callable[[], Awaitable[HttpResponseBase]]
) -> HttpResponseBase:
    """Do as `kept` does, where requests share an event loop."""
    if is_rerun() and current_visit.get() is not None:
        return await answer()
    visit = Visit(await _signals_in(request))
    token = current_visit.set(visit)
    try:
        return await _replied(visit, request, await answer())
    finally:
        current_visit.reset(token)


async def _signals_in(request: Request) -> bytes | None:
    """Read the signals that Datastar put into the body, and leave it for the view."""
    in_body = request.method in ("POST", "PUT", "PATCH") and request.is_datastar
    if not in_body or request.content_type != "application/json":
        return None
    try:
        return await request.body(MAX_BYTES)
    except TooLarge:
        return None


async def _replied(visit: Visit, request: Request, answer: HttpResponseBase) -> HttpResponseBase:
    if answer.status_code >= 400:
        return answer
    signals = await new_signals(visit)
    headers = list(answer.items())
    way = way_of(answer.status_code, headers, signals)
    if way is Way.AS_EVENTS and isinstance(answer, HttpResponse):
        response = as_events(answer.content, headers, signals, visit)
        if response is None:
            return answer
        made = to_django(response)
        made.cookies.update(answer.cookies)
        return made
    if way is Way.WITH_EVENTS:
        _add_events(answer, event_of(signals), visit, request)
    if way is Way.WITH_EVENTS or not signals:
        for _, text in with_cookie(visit, ()):
            answer.cookies.load(text)
    return answer


def _add_events(answer: HttpResponseBase, first: bytes, visit: Visit, request: Request) -> None:
    if isinstance(answer, HttpResponse):
        answer.content = first + answer.content
    elif isinstance(answer, StreamingHttpResponse):
        told = _Told(first, visit, request)
        content = answer.streaming_content
        if answer.is_async:
            parts = cast("AsyncIterable[bytes]", content)
            answer.streaming_content = told.around_async(parts)
        else:
            answer.streaming_content = told.around(cast("Iterable[bytes]", content))


class _Told:
    """Puts what there is to tell before the events of a stream, and behind the last."""

    def __init__(self, first: bytes, visit: Visit, request: Request) -> None:
        self._first = first
        self._visit = visit
        self._request = request

    def around(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        at_end = True
        for part in parts:
            yield (run(self._event()) if at_end else b"") + part
            at_end = part.endswith(_END)
        if at_end:
            yield run(self._event())

    async def around_async(self, parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        at_end = True
        async for part in parts:
            yield (await self._event() if at_end else b"") + part
            at_end = part.endswith(_END)
        if at_end:
            yield await self._event()

    async def _event(self) -> bytes:
        first, self._first = self._first, b""
        if first:
            return first
        with self._answering():
            return event_of(await new_signals(self._visit))

    @contextmanager
    def _answering(self) -> Generator[None]:
        """Let the request seem to be answered still, which it is while its body is made."""
        visit, request = current_visit.set(self._visit), current_request.set(self._request)
        try:
            yield
        finally:
            current_request.reset(request)
            current_visit.reset(visit)
