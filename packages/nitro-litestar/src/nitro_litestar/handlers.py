"""What a handler returns: pages and patches become responses, and the unit is committed first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from inspect import isasyncgen
from typing import Any, cast

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.utils import helpers

from nitro_events.http.kept import current_visit, know_caller
from nitro_events.http.request import Request as NeutralRequest
from nitro_events.http.request import current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.response import empty
from nitro_events.http.results import concerns, jsonable, to_response
from nitro_events.http.streaming import begin
from nitro_events.threads import in_thread
from nitro_events.units import acting, current_unit
from nitro_litestar.answer import Answer
from nitro_litestar.door import DOOR
from nitro_litestar.noted import SESSION
from nitro_litestar.signals import read_signals, takes_signals

__all__ = ["watch"]

_WATCHED = "answers_with_nitro"

_asked: ContextVar[Request[Any, Any, Any] | None] = ContextVar("nitro_litestar", default=None)


def watch(handler: HTTPRouteHandler) -> None:
    """Let *handler* return what Nitro knows; twice is not different from once."""
    if handler.name == DOOR or hasattr(handler.fn, _WATCHED):
        return
    function: Callable[..., Any] = handler.fn
    is_sync = handler.has_sync_callable
    signals = takes_signals(handler)

    unwrapped: Any = cast("Any", helpers).unwrap_partial(function)

    @wraps(unwrapped)
    async def answering(**given: Any) -> Any:
        for name in signals:
            given[name] = await read_signals(_request())
        value = function(**given) if is_sync else await function(**given)
        request = current_request.get()
        return value if request is None else await _answered(value, request, handler)

    setattr(answering, _WATCHED, True)
    # that of the base class: the one of HTTP handlers warns of what was said of the function
    BaseRouteHandler.__call__(handler, answering)
    handler.has_sync_callable = False
    handler.before_request = _before(handler)


def _before(handler: HTTPRouteHandler) -> Callable[[Request[Any, Any, Any]], Awaitable[Any]]:
    """Return what is called before *handler*: what it has already, and what it needs of us."""
    layers: list[Any] = list(handler.ownership_layers)
    hooks = [layer.before_request for layer in layers if layer.before_request]
    theirs: Callable[[Any], Awaitable[Any]] | None = hooks[-1] if hooks else None

    async def before_request(asked: Request[Any, Any, Any]) -> Any:
        _asked.set(asked)
        scope: Any = asked.scope
        session = scope.get("session")
        if session and isinstance(session, Mapping):
            scope[SESSION] = dict(session)  # pyright: ignore[reportUnknownArgumentType]
        if current_visit.get() is not None:
            await know_caller()
        if theirs is None:
            return None
        value = await theirs(asked)
        request = current_request.get()
        return value if not value or request is None else await _answered(value, request, handler)

    return before_request


async def _answered(value: object, request: NeutralRequest, handler: HTTPRouteHandler) -> object:
    """Return what Litestar is to go on with in place of *value*."""
    if deliver(value):
        return Answer(empty())
    response = _response(value)
    content: object = value if response is None else response.content
    if hasattr(type(content), "__aiter__"):
        content = await _iterated(content, request)
        if response is not None:
            response.content = content
        else:
            value = content
    ours = concerns(content)
    if callable(value) and not ours:
        return value  # an ASGI application: its status is known when it answers
    status = (response and response.status_code) or handler.status_code
    unit = current_unit()
    if unit is not None and status < 400:
        if unit.untouched:  # then nobody has to be asked who did what
            unit.close()
        else:
            with acting(await request.identify()):
                await unit.acommit()
    if not ours:  # a route that is not ours pays for no thread and asks for no user
        return value
    if request.is_datastar and 200 < status < 300:
        status = 200  # Datastar reads no other
    await request.identify()
    answer = await in_thread(to_response, content, request, status=status)
    return value if answer is None else Answer(answer, response)


async def _iterated(content: object, request: NeutralRequest) -> object:
    """Return the stream that an async generator makes, or the list that a query finds."""
    if isasyncgen(content):
        return await begin(request, content)
    # a query of entities can be run in both ways
    return await in_thread(jsonable, content) if hasattr(type(content), "__iter__") else content


def _response(value: object) -> Response[Any] | None:
    return value if isinstance(value, Response) else None  # pyright: ignore[reportUnknownVariableType]


def _request() -> Request[Any, Any, Any]:
    request = _asked.get()
    if request is None:
        msg = "Signals are read where a request is answered"
        raise RuntimeError(msg)
    return request
