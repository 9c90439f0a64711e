"""What an endpoint returns: pages and patches become responses, and the unit is committed first.

FastAPI looks up two functions of its routing module at each request; they are wrapped once for
the process and do nothing for applications without Nitro, which have no current request.
"""

from contextvars import ContextVar
from functools import wraps
from typing import Any, cast

from fastapi import routing
from starlette.requests import Request as FrameworkRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nitro_events import Response as NitroResponse
from nitro_events.http.asgi import send_response
from nitro_events.http.kept import know_caller
from nitro_events.http.request import Request, current_request
from nitro_events.http.rerun import deliver
from nitro_events.http.results import concerns, to_response
from nitro_events.threads import in_thread
from nitro_events.units import acting, current_unit

__all__ = ["watch_endpoints"]

_injected: ContextVar[Response | None] = ContextVar("nitro_injected_response", default=None)


class Sent(Response):
    """A neutral response, with the headers and cookies that the endpoint asked for besides."""

    def __init__(self, response: NitroResponse, injected: Response | None) -> None:
        super().__init__(status_code=response.status)
        self._response = response
        self._extra = [] if injected is None else injected.raw_headers
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, then run the background tasks of the endpoint."""
        extra = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in self._extra]
        self._response.headers.extend(extra)
        await send_response(self._response, receive, send)
        if self.background is not None:
            await self.background()


def watch_endpoints() -> None:
    """Wrap FastAPI's call of an endpoint, once for the process."""
    run = routing.run_endpoint_function
    if hasattr(run, "__wrapped__"):
        return
    solve = vars(routing)["solve_dependencies"]

    async def solve_dependencies(**given: Any) -> Any:
        await know_caller()
        solved = await solve(**given)
        if current_request.get() is not None:
            _injected.set(solved.response)
        return solved

    async def run_endpoint_function(**given: Any) -> Any:
        value = await run(**given)
        request = current_request.get()
        return value if request is None else await _answer(value, request)

    wraps(run)(run_endpoint_function)
    vars(routing).update(
        run_endpoint_function=run_endpoint_function, solve_dependencies=solve_dependencies
    )


async def _answer(value: object, request: Request) -> object:
    """Return what FastAPI is to go on with in place of *value*."""
    if deliver(value):
        return Response(status_code=204)
    if isinstance(value, Response):
        return value
    injected = _injected.get()
    status = _status(request, injected)
    unit = current_unit()
    if unit is not None and status < 400:
        with acting(await request.identify()):
            await unit.acommit()
    if not concerns(value):  # a route that is not ours pays for no thread and asks for no user
        return value
    await request.identify()
    response = await in_thread(to_response, value, request, status=status)
    return value if response is None else Sent(response, injected)


def _status(request: Request, injected: Response | None) -> int:
    """Return what the endpoint asked for, else what its route declares, else 200."""
    if injected is not None and injected.status_code:
        return injected.status_code
    framework = cast("FrameworkRequest", request.framework)
    return getattr(framework.scope.get("route"), "status_code", None) or 200
