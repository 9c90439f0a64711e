"""Errors of entities and commands as answers, in hand-written routes too."""

from typing import Any, cast

from sanic import Request as SanicRequest
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler

from nitro_events.http.dispatch import present_problem
from nitro_events.http.problems import Problem, is_answered, told, translate
from nitro_events.http.request import current_request
from nitro_events.http.response import Response

__all__ = ["answer_problems"]


def answer_problems(handler: ErrorHandler) -> None:
    """Let *handler* answer the errors that Nitro knows, unless it was told an answer of its own.

    One for all exceptions does not count. And the other way round: an exception of Sanic that an
    action raises keeps its status.
    """
    translate(SanicException, _told)
    find: Any = cast("Any", handler).lookup

    def lookup(exception: Exception, route_name: str | None = None) -> Any:
        if current_request.get() is None or not _is_ours(exception):
            return find(exception, route_name)
        return _own(handler, type(exception), route_name) or _present

    # not added as handlers: a second one for the same exception is an error of Sanic
    handler.lookup = lookup  # type: ignore[method-assign]


def _own(handler: ErrorHandler, kind: type[Exception], route_name: str | None) -> Any:
    known = handler.cached_handlers
    kinds = kind.__mro__[: kind.__mro__.index(Exception)]
    found = (known.get((one, name)) for one in kinds for name in (route_name, None))
    return next(filter(None, found), None)


def _told(error: SanicException) -> Problem:
    headers = ((name, str(text)) for name, text in error.headers.items())
    return told(error.status_code, str(error), headers)


async def _present(_request: SanicRequest[Any, Any], error: Exception) -> Response:
    request = current_request.get()
    if request is None:
        raise error
    return await present_problem(request, error)


def _is_ours(error: Exception) -> bool:
    return is_answered(error) and not isinstance(error, SanicException)
