"""Endpoints that return pages, patches and entities in place of responses.

Starlette calls what an endpoint returns. The endpoints of an application with Nitro are wrapped
in their routes, so that what they return can be called; one that returns a response of its own
notices nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.responses import Response
from starlette.routing import Route, request_response

from nitro_events.http.kept import current_visit, know_caller
from nitro_events.http.request import current_request
from nitro_starlette.responses import NitroResponse
from nitro_starlette.values import is_ours

__all__ = ["answer_for_endpoint"]

_VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "query")
_DONE = "answers_with_nitro"


def answer_for_endpoint(route: Route) -> None:
    """Let the endpoint of *route* return what Nitro knows; twice is not different from once."""
    if hasattr(route, _DONE):
        return
    setattr(route, _DONE, True)
    endpoint: Any = route.endpoint
    holder = _holder_of_endpoint(route)
    if holder is None:
        return
    if isinstance(endpoint, type):
        holder.app = _answering_class(cast("type[HTTPEndpoint]", endpoint))
    else:
        holder.app = request_response(_answering(endpoint))


def _holder_of_endpoint(route: Route) -> Any:
    """Return what has the endpoint as its ``app``: *route*, or the innermost of its middleware.

    None if the endpoint is an ASGI application, or is called by a framework in its own way.
    """
    endpoint: Any = route.endpoint
    holder: Any = route
    while True:
        app = holder.app
        if isinstance(endpoint, type):
            if app is endpoint:
                return holder if issubclass(endpoint, HTTPEndpoint) else None
        elif inspect.isfunction(app):
            return holder if app.__code__ in _CODE_OF_STARLETTE else None
        if not hasattr(app, "app"):
            return None
        holder = app


def _nobody(_: Any) -> Response:
    raise NotImplementedError


# frameworks made on Starlette have a `request_response` of their own, with other code
_CODE_OF_STARLETTE = {cast("Any", request_response(_nobody)).__code__}


def _answering(endpoint: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    called = endpoint
    while isinstance(called, partial):
        called = called.func
    is_async = inspect.iscoroutinefunction(called)
    run: Callable[..., Awaitable[Any]] = (
        endpoint if is_async else partial(run_in_threadpool, endpoint)
    )

    @wraps(called)
    async def answering(*given: Any) -> Any:
        if current_visit.get() is not None:
            await know_caller()
        value = await run(*given)
        if isinstance(value, Response) or current_request.get() is None or not is_ours(value):
            return value
        return NitroResponse(value)

    return answering


def _answering_class(endpoint: type[HTTPEndpoint]) -> type[HTTPEndpoint]:
    methods = {
        verb: _answering(getattr(endpoint, verb)) for verb in _VERBS if hasattr(endpoint, verb)
    }
    named = {"__module__": endpoint.__module__, "__qualname__": endpoint.__qualname__}
    return type(endpoint.__name__, (endpoint,), {**named, **methods})
