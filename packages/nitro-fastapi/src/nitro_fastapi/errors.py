"""Errors of entities and commands as answers, in hand-written routes too."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from nitro_events.http.dispatch import present
from nitro_events.http.problems import problem_of, registered_types
from nitro_events.http.request import current_request
from nitro_fastapi.endpoints import Sent

__all__ = ["answer_problems"]


def answer_problems(app: Starlette) -> None:
    """Let *app* answer the errors that Nitro knows, unless it has an answer of its own."""
    for kind in registered_types():
        app.exception_handlers.setdefault(kind, _present)


async def _present(_request: Request, error: Exception) -> Response:
    request = current_request.get()
    if request is None:  # the error comes from outside of any request of ours
        raise error
    return Sent(await present(request, problem_of(error)), None)
