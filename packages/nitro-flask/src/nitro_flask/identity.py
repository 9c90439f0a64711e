"""Who is logged in, as Flask-Login or the session says."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, has_request_context
from flask.globals import request_ctx

from nitro_events.http.request import at_once
from nitro_events.http.sessions import Session, user_in
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

__all__ = ["BEFORE", "current_context", "login", "session_of", "watch_sessions"]

KEYS = ("_user_id", "user_id", "user")
"""Where a session says who is logged in: Flask-Login's place, the tutorial's, and a short one."""

BEFORE = "nitro.session_before"
"""Where the environment of a request keeps what its session was at first."""


def login(app: Flask) -> Callable[[Request], str | None]:
    """Return what finds out who is logged in with a request of *app*."""

    def who_is_in() -> str | None:
        if hasattr(app, "login_manager"):
            user: Any = import_module("flask_login").current_user
            return user_in({"user": user.get_id()}) if user.is_authenticated else None
        return user_in(session_of(current_context()), keys=KEYS)

    @at_once  # there is no event loop that could be held up
    def who(request: Request) -> str | None:
        if has_request_context():
            return who_is_in()
        # Nitro's own files are answered before Flask is asked
        around: AbstractContextManager[object] = app.request_context(request.environ)
        with around:
            return who_is_in()

    return who


def current_context() -> Any:
    """Return the request context itself, of which each question through its proxy costs more."""
    proxy: Any = request_ctx
    return proxy._get_current_object()


def session_of(context: Any) -> Session:
    """Return what the session of a request context has now."""
    # not by flask.session: who touches that gets "Vary: Cookie" into the answer
    try:
        session: Session | None = context._session
    except AttributeError:  # before Flask 3.1.3
        session = context.session
    return dict(session) if session else {}


def watch_sessions(app: Flask) -> None:
    """End the live streams of a session that ends: the pages ask again, as whoever they are."""
    process = app.process_response

    def process_response(*given: Any) -> Response:
        response = process(*given)
        context = current_context()
        before: Session | None = context.request.environ.get(BEFORE)
        if before:
            for id in _gone(before, session_of(context)):
                # only then does the browser know of it
                response.call_on_close(partial(state.hub.close_streams, id))
        return response

    app.process_response = process_response  # type: ignore[assignment, method-assign]


def _gone(before: Session, after: Session) -> Iterable[str]:
    """Yield who was logged in before, and is not any more."""
    if before == after:
        return
    if state.settings.user is None:
        was = user_in(before, keys=KEYS)
        if was is not None and user_in(after, keys=KEYS) != was:
            yield was
        return
    # who that is, only the application knows: nobody who still stands there
    for key in before.keys() - after.keys():
        was = user_in(before, keys=(key,))
        if was is not None:
            yield was
