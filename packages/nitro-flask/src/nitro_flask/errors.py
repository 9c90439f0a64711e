"""Errors of entities and commands as answers, in hand-written views too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request as flask_request
from werkzeug.exceptions import HTTPException

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
from nitro_events.inline import run
from nitro_events.units import current_unit
from nitro_flask.answers import Answer, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

__all__ = ["answer_problems"]


def answer_problems(app: Flask) -> None:
    """Let *app* answer the errors that Nitro knows, unless it has an answer of its own.

    And the other way round: what an action aborts with keeps its status.
    """
    known = registered_types()  # without Flask's own, which it answers itself
    translate(HTTPException, _told)

    def present_it(error: Exception) -> Answer:
        request = current_request.get()
        if request is not None and is_answered(error):
            return sent(run(present(request, problem_of(error))))
        other = _other_handler(app, error, present_it)
        if other is None:
            raise error
        return app.ensure_sync(other)(error)

    handlers = app.error_handler_spec[None][None]
    for kind in known:
        handlers.setdefault(kind, present_it)
    _roll_back_first(app)


def _roll_back_first(app: Flask) -> None:
    """Forget what a view changed before it raised: its handler may answer with status 200."""
    handle = app.handle_user_exception

    def handle_user_exception(*given: Any) -> Answer:
        error: BaseException = given[-1]
        unit = current_unit()
        if unit is not None and not _is_answer(error):
            unit.rollback()
        return handle(*given)

    app.handle_user_exception = handle_user_exception  # type: ignore[assignment, method-assign]


def _is_answer(error: BaseException) -> bool:
    """Tell whether *error* is raised only to answer, as a redirect may be."""
    return isinstance(error, HTTPException) and (error.code or 500) < 400


def _told(error: HTTPException) -> Problem:
    headers = [(name, text) for name, text in error.get_headers() if name != "Content-Type"]
    return told(error.code or 500, error.description or "", headers)


def _other_handler(
    app: Flask, error: Exception, ours: Callable[..., Answer]
) -> Callable[..., Answer] | None:
    """Return what would have answered *error* if Nitro were not there."""
    for scope in (*flask_request.blueprints, None):
        handlers = app.error_handler_spec[scope][None]
        for kind in type(error).__mro__:
            handler = handlers.get(kind)
            if handler is not None and handler is not ours:
                return handler
    return None
