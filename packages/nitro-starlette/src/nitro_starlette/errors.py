"""Errors of entities and commands as answers, in hand-written routes too."""

from collections.abc import Callable
from functools import partial, update_wrapper
from inspect import iscoroutinefunction, isfunction, ismethod
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nitro_events.http.dispatch import present
from nitro_events.http.problems import (
    Problem,
    is_answered,
    problem_of,
    registered_types,
    told,
    translate,
)
from nitro_events.http.request import current_request
from nitro_events.units import RequestUnit, current_unit
from nitro_starlette.responses import Sent

__all__ = ["answer_problems", "tell_http_exceptions"]

_ROLLS_BACK = "rolls_back_first"


def answer_problems(app: Starlette) -> None:
    """Let *app* answer the errors that Nitro knows, unless it has an answer of its own."""
    handlers: Any = app.exception_handlers
    for kind in registered_types():
        if not issubclass(kind, HTTPException):  # which the framework answers
            handlers.setdefault(kind, _present)
    for kind, handler in handlers.items():
        handlers[kind] = _rolling_back(handler)


def _rolling_back(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let *handler* forget first what was changed before the error: it may answer with 200."""
    if handler is _present or hasattr(handler, _ROLLS_BACK):
        return handler
    called = handler
    while isinstance(called, partial):
        called = called.func
    if not isfunction(called) and not ismethod(called):
        called = type(called).__call__
    if iscoroutinefunction(called):

        async def ahandle(request: Any, error: Exception) -> Any:
            unit = _undone(error)
            if unit is not None:
                await unit.arollback()
            return await handler(request, error)

        return _marked(ahandle, handler)

    def handle(request: Any, error: Exception) -> Any:
        unit = _undone(error)
        if unit is not None:
            unit.rollback()
        return handler(request, error)

    return _marked(handle, handler)


def _marked(ours: Callable[..., Any], handler: Callable[..., Any]) -> Callable[..., Any]:
    setattr(ours, _ROLLS_BACK, True)
    return update_wrapper(ours, handler)


def _undone(error: Exception) -> RequestUnit | None:
    """Return the unit that *error* undoes; one raised only to answer, as a redirect, does not."""
    answers = isinstance(error, HTTPException) and error.status_code < 400
    return None if answers else current_unit()


def tell_http_exceptions() -> None:
    """Let an HTTPException that an action raises keep its status."""
    translate(HTTPException, _told)


def _told(error: HTTPException) -> Problem:
    return told(error.status_code, str(error.detail), (error.headers or {}).items())


async def _present(_request: Request, error: Exception) -> Response:
    request = current_request.get()
    if request is None or not is_answered(error):
        raise error
    return Sent(await present(request, problem_of(error)))
