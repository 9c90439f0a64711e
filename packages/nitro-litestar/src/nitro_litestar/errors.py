"""Errors of entities and commands as answers, in hand-written routes too."""

from __future__ import annotations

from typing import Any, cast

from litestar import Request, Response
from litestar.exceptions import HTTPException, responses

from nitro_events.http.problems import (
    Problem,
    is_answered,
    problem_of,
    registered_types,
    told,
    translate,
)
from nitro_events.http.request import Request as NeutralRequest
from nitro_litestar.answer import ProblemAnswer
from nitro_litestar.noted import REQUEST

__all__ = ["answer_problems"]


def answer_problems(handlers: Any) -> None:
    """Add answers for the errors that Nitro knows to *handlers*, unless they have their own.

    And the other way round: an HTTPException that an action raises keeps its status.
    """
    translate(HTTPException, _told)
    for kind in registered_types():
        if not issubclass(kind, HTTPException):
            handlers.setdefault(kind, _present)


def _told(error: HTTPException) -> Problem:
    status = error.status_code
    detail = "" if status >= 500 else error.detail
    return told(status, detail, (error.headers or {}).items())


def _present(asked: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    request: NeutralRequest | None = cast("dict[str, Any]", asked.scope).get(REQUEST)
    if request is None or not is_answered(error):
        return _without_us(asked, error)
    return ProblemAnswer(problem_of(error), request)


def _without_us(asked: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer of an application that does not know Nitro."""
    layers: Any = asked.route_handler
    handlers = layers.resolve_exception_handlers()
    for kind in (*type(error).__mro__, 500):
        handler = handlers.get(kind)
        if handler is not None and handler is not _present:
            return cast("Response[Any]", handler(asked, error))
    standard: Any = responses
    make = (
        standard.create_debug_response if asked.app.debug else standard.create_exception_response
    )
    return cast("Response[Any]", make(asked, error))
