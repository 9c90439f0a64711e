"""The last middleware of a project: it sees what views return, and ends each request's unit.

It is the innermost one, so users, sessions and messages are there, and whatever a view returns
has not met any code that expects a response of Django.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from nitro_django import atomic
from nitro_django.answering import OWN, Raised, answered, early, is_early, passes
from nitro_django.callables import is_async
from nitro_django.errors import is_answered
from nitro_django.identity import close_ended, follow_session
from nitro_django.kept import kept, kept_async
from nitro_django.requests import request_of
from nitro_django.rerunning import rerun_by
from nitro_django.responses import on_a_loop
from nitro_django.routing import nitro, watch_routes
from nitro_django.starting import begin
from nitro_django.worker import RequestThread
from nitro_events.http.kept import current_visit, is_wanted
from nitro_events.http.request import SAFE_METHODS, Request, current_request
from nitro_events.inline import run
from nitro_events.threads import worker
from nitro_events.units import current_unit, open_unit

__all__ = ["NitroMiddleware"]

GetResponse: TypeAlias = Callable[[HttpRequest], Any]
View: TypeAlias = Callable[..., Any]


@sync_and_async_middleware
def NitroMiddleware(get_response: GetResponse) -> "Threaded | Looped":  # noqa: N802
    """Let views return what Nitro knows, and give each request one unit of work."""
    if is_async(get_response):
        return Looped(get_response)
    return Threaded(get_response)


class Innermost:
    """What is the same under WSGI and ASGI."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._rerun = rerun_by(get_response)
        self._begun = False

    def process_exception(self, _request: HttpRequest, error: Exception) -> Raised | None:
        """Answer the errors that Nitro knows, before any other middleware is asked.

        What was changed before any other is forgotten: a middleware may answer it with status 200.
        """
        if is_answered(error):
            return Raised(error)
        unit = current_unit()
        if unit is not None:
            unit.rollback()
        return None

    def neutral(self, request: HttpRequest) -> Request:
        """Return the neutral request of *request*; the first one begins what waits for that."""
        if not self._begun:
            begin()
            self._begun = True
        watch_routes()
        return request_of(request, partial(self._rerun, request))


class Threaded(Innermost):
    """The middleware where each request has a thread (WSGI)."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        asked = self.neutral(request)
        token = current_request.set(asked)
        follow_session(request)
        try:
            if is_wanted():
                return kept(asked, lambda: self._answer(request, asked))
            return self._answer(request, asked)
        finally:
            current_request.reset(token)
            close_ended(request)

    def process_view(
        self, request: HttpRequest, view: View, _args: object, _kwargs: object
    ) -> object:
        """Leave our own routes to `answered`, and let Django's transaction wait for our unit."""
        if view is nitro:
            return OWN
        if request.method not in SAFE_METHODS and atomic.wants_atomic(view):
            atomic.enter(request, view)
        return None

    def _answer(self, request: HttpRequest, asked: Request) -> HttpResponseBase:
        if is_early(asked):
            response = run(early(asked))
            if response is not None:
                return response
        unit = None if asked.is_safe else open_unit()
        try:
            value = self.get_response(request)
            if passes(value, request, unit):
                return value
            return run(answered(value, request, asked, unit))
        finally:
            atomic.leave(request, undo=True)
            if unit is not None and not unit.closed:
                unit.rollback()


class Looped(Innermost):
    """The middleware where requests share an event loop (ASGI)."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        asked = self.neutral(request)
        thread = RequestThread()
        follow_session(request)
        tokens = current_request.set(asked), worker.set(thread), on_a_loop.set(True)
        try:
            if is_wanted():
                return await kept_async(asked, lambda: self._answer(request, asked))
            return await self._answer(request, asked)
        finally:
            thread.over = True
            current_request.reset(tokens[0])
            worker.reset(tokens[1])
            on_a_loop.reset(tokens[2])
            close_ended(request)

    async def process_view(
        self, request: HttpRequest, view: View, _args: object, _kwargs: object
    ) -> object:
        """Do as `Threaded.process_view` does; Django's transactions are of its thread."""
        if view is nitro:
            return OWN
        if request.method not in SAFE_METHODS and atomic.wants_atomic(view):
            await sync_to_async(atomic.enter)(request, view)
        asked = current_request.get()
        if asked is not None and current_visit.get() is not None and is_async(view):
            await asked.identify()  # on the loop nobody could ask the database who it is
        return None

    async def _answer(self, request: HttpRequest, asked: Request) -> HttpResponseBase:
        if is_early(asked):
            response = await early(asked)
            if response is not None:
                return response
        unit = None if asked.is_safe else open_unit()
        try:
            value = await self.get_response(request)
            if passes(value, request, unit):
                return value
            return await answered(value, request, asked, unit)
        finally:
            if atomic.is_held(request):
                await sync_to_async(atomic.leave)(request, undo=True)
            if unit is not None and not unit.closed:
                await unit.arollback()
