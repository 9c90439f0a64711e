"""What an endpoint returns: pages and patches become responses, and the unit is committed first.

FastAPI looks up two functions of its routing module at each request; they are wrapped once for
the process and do nothing for applications without Nitro, which have no current request. Every
route of an application with Nitro passes here, so what is not ours is passed on at once.
"""

from contextvars import ContextVar
from functools import wraps
from typing import Any, cast

from fastapi import routing
from starlette.requests import Request as FrameworkRequest
from starlette.responses import Response

from nitro_events.http.kept import current_visit, know_caller
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.results import concerns, to_response
from nitro_events.threads import in_thread
from nitro_events.units import current_unit
from nitro_starlette.responses import Sent, commit

__all__ = ["watch_endpoints"]

_injected: ContextVar[Response | None] = ContextVar("nitro_injected_response", default=None)


def watch_endpoints() -> None:
    """Wrap FastAPI's call of an endpoint, once for the process."""
    fastapi: Any = routing
    run = fastapi.run_endpoint_function
    if hasattr(run, "__wrapped__"):
        return
    solve = fastapi.solve_dependencies

    def solve_dependencies(**given: Any) -> Any:
        if current_request.get() is not None:
            _injected.set(given.setdefault("response", _unsaid()))
            if current_visit.get() is not None:
                return _known(solve, given)
        return solve(**given)

    async def run_endpoint_function(**given: Any) -> Any:
        value = await run(**given)
        request = current_request.get()
        if request is None or isinstance(value, Response):
            return value
        if deliver(value):
            return Response(status_code=204)
        unit = current_unit()
        if unit is not None:
            if unit.untouched:
                unit.close()
            else:
                await commit(request, _status(request))
        return await _written(value, request) if concerns(value) else value

    wraps(run)(run_endpoint_function)
    fastapi.run_endpoint_function = run_endpoint_function
    fastapi.solve_dependencies = solve_dependencies


def _unsaid() -> Response:
    """Return a response as FastAPI makes it for endpoints that say something of theirs."""
    response = Response.__new__(Response)  # without the headers that it would take away again
    response.status_code = None  # type: ignore[assignment]
    response.background = None
    response.body = b""
    response.raw_headers = []
    return response


async def _known(solve: Any, given: dict[str, Any]) -> Any:
    await know_caller()
    return await solve(**given)


async def _written(value: object, request: Request) -> object:
    """Return what FastAPI is to send in place of *value*."""
    await request.identify()
    response = await in_thread(to_response, value, request, status=_status(request))
    if response is None:
        return value
    injected = _injected.get()
    return Sent(response, () if injected is None else injected.raw_headers)


def _status(request: Request) -> int:
    """Return what the endpoint asked for, else what its route declares, else 200."""
    injected = _injected.get()
    if injected is not None and injected.status_code:
        return injected.status_code
    framework = cast("FrameworkRequest", request.framework)
    return getattr(framework.scope.get("route"), "status_code", None) or 200
