"""Adds Nitro to an existing application."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi import Request as FastAPIRequest
from starlette.types import ASGIApp, Scope

from nitro_events.http.asgi import Middleware
from nitro_events.joints import connect
from nitro_fastapi.endpoints import watch_endpoints
from nitro_fastapi.errors import answer_problems
from nitro_fastapi.openapi import describe_all
from nitro_fastapi.routes import NitroRoutes, keep_last, warn_of_shadows

__all__ = ["install"]


def install(app: FastAPI) -> FastAPI:
    """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

    Call it once, before the application starts; the order among routes and other middleware does
    not matter: hand-written routes always win over generated ones. A second call does nothing.
    Returns *app*. Raises TypeError for anything but a FastAPI application and
    RuntimeError when it has started already.
    """
    if not isinstance(app, FastAPI):
        msg = f"install() takes a FastAPI application, got {type(app).__name__}"
        raise TypeError(msg)
    if any(isinstance(route, NitroRoutes) for route in app.router.routes):
        return app
    if app.middleware_stack is not None:
        msg = "The application has started already: call nitro.install(app) where it is made"
        raise RuntimeError(msg)
    connect()
    routes = NitroRoutes()
    app.router.routes.append(routes)
    answer_problems(app)
    watch_endpoints()
    describe_all(app)
    app.build_middleware_stack = _outermost(app, routes)  # type: ignore[method-assign]
    return app


def _outermost(app: FastAPI, routes: NitroRoutes) -> Callable[[], ASGIApp]:
    """Build the stack as before, and put Nitro around all of it, whenever others were added."""
    build = app.build_middleware_stack

    def build_middleware_stack() -> ASGIApp:
        keep_last(app.router, routes)
        warn_of_shadows(app.router, routes)
        middleware = Middleware(build(), _framework_request)
        routes.middleware = middleware
        return middleware

    return build_middleware_stack


def _framework_request(scope: Scope) -> FastAPIRequest:
    return FastAPIRequest(scope)
