"""Adds Nitro to an existing application."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, Request

from nitro_events.http.wsgi import Middleware
from nitro_events.joints import connect
from nitro_flask.errors import answer_problems
from nitro_flask.identity import login, watch_sessions
from nitro_flask.routes import answer_last, list_routes
from nitro_flask.views import watch_views

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

__all__ = ["Nitro", "install"]

EXTENSION = "nitro"


class Nitro:
    """The extension: ``Nitro(app)``, or ``nitro = Nitro()`` and later ``nitro.init_app(app)``."""

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

        The order among routes does not matter: hand-written ones always win over generated ones.
        What wraps ``app.wsgi_app`` later is outside of Nitro, what did before is inside. A second
        call does nothing. Raises TypeError for anything but a Flask application and RuntimeError
        when it has answered requests already.
        """
        if not isinstance(app, Flask):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"Nitro takes a Flask application, got {type(app).__name__}"
            raise TypeError(msg)
        if EXTENSION in app.extensions:
            return
        if getattr(app, "_got_first_request", False):
            msg = "The application has answered requests already: call Nitro(app) where it is made"
            raise RuntimeError(msg)
        app.extensions[EXTENSION] = self
        connect()
        watch_sessions(app)
        list_routes(app)
        answer_last(app)
        answer_problems(app)
        watch_views(app)
        app.wsgi_app = Middleware(app.wsgi_app, partial(_request_of, app), login(app))  # type: ignore[method-assign]


def _request_of(app: Flask, environ: WSGIEnvironment) -> Request:
    """Return Flask's request of *environ*: the one that is being answered, once there is one."""
    current: Request | None = environ.get("werkzeug.request")
    return app.request_class(environ) if current is None else current


def install(app: Flask) -> Flask:
    """Add Nitro to *app* and return it, as ``Nitro(app)`` does."""
    Nitro(app)
    return app
