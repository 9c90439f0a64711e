"""What a view returns: pages and patches become responses, and the unit is committed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_events.greenlets import are_threads
from nitro_events.http.asgi import end
from nitro_events.http.dispatch import present
from nitro_events.http.kept import current_visit, know_caller
from nitro_events.http.problems import problem_of
from nitro_events.http.request import current_request
from nitro_events.http.rerun import deliver
from nitro_events.inline import run
from nitro_events.loop_thread import own_loop
from nitro_events.units import current_unit
from nitro_flask.answers import Answer, Sent, converted, sent, taken_apart, write_entities

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from flask import Flask, Response

    from nitro_events.http.request import Request

__all__ = ["watch_views"]


def watch_views(app: Flask) -> None:
    """Wrap how *app* calls a view and how it makes responses; other applications stay as they are.

    The first is where a commit that fails is still an error of the view, the second is what error
    handlers and ``flask.make_response`` go through.
    """
    dispatch = app.dispatch_request
    make = app.make_response

    def dispatch_request(*given: Any) -> Answer:
        request = current_request.get()
        if request is None:
            return dispatch(*given)
        if current_visit.get() is not None:
            run(know_caller())
        return _answered(app, dispatch(*given), request)

    def make_response(given: Answer) -> Response:
        request = current_request.get()
        return make(given if request is None else _made(given, request))

    app.dispatch_request = dispatch_request  # type: ignore[method-assign]
    app.make_response = make_response  # type: ignore[assignment, method-assign]
    _run_async_views_elsewhere(app)
    write_entities(app)


def _run_async_views_elsewhere(app: Flask) -> None:
    """Run async views on a loop in a thread of its own where threads are greenlets.

    Flask would begin a loop in the one thread that all requests share, which then seems to run
    for all of them.
    """
    usual = app.async_to_sync

    def async_to_sync(view: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        def run_it(*args: Any, **kwargs: Any) -> Any:
            return own_loop().run(view(*args, **kwargs))

        return run_it if are_threads() else usual(view)

    app.async_to_sync = async_to_sync  # type: ignore[assignment, method-assign]


def _answered(app: Flask, given: Answer, request: Request) -> Answer:
    if deliver(given.value if isinstance(given, Sent) else given):
        return app.response_class(status=204)
    unit = current_unit()
    if unit is not None and not unit.untouched:
        status = taken_apart(given)[1]
        failure = None if status is None else run(end(unit, request, status))
        if failure is not None:
            raise failure
    return converted(given, request)


def _made(given: Answer, request: Request) -> Answer:
    try:
        return converted(given, request)
    except Exception as failure:
        return sent(run(present(request, problem_of(failure))))
