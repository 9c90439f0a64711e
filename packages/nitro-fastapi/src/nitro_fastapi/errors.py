"""Errors of entities and commands as answers, in hand-written routes too."""

from http import HTTPStatus

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nitro_events.http.dispatch import present
from nitro_events.http.problems import Problem, problem_of, registered_types, translate
from nitro_events.http.request import current_request
from nitro_events.state import state
from nitro_fastapi.endpoints import Sent

__all__ = ["answer_problems"]


def answer_problems(app: Starlette) -> None:
    """Let *app* answer the errors that Nitro knows, unless it has an answer of its own.

    And the other way round: an HTTPException that an action raises keeps its status.
    """
    translate(HTTPException, _told)
    for kind in registered_types():
        app.exception_handlers.setdefault(kind, _present)


def _told(error: HTTPException) -> Problem:
    status = error.status_code
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Not done"
    headers = tuple((error.headers or {}).items())
    return Problem(status, title, str(error.detail), headers=headers)


async def _present(_request: Request, error: Exception) -> Response:
    request = current_request.get()
    if request is None or not _is_ours(error):
        raise error
    return Sent(await present(request, problem_of(error)), None)


def _is_ours(error: Exception) -> bool:
    """Tell entities that refuse values from models of the application that have nothing to do."""
    if not isinstance(error, ValidationError):
        return True
    return any(target.kind.__name__ == error.title for target in state.targets)
