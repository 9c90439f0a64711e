"""Adds Nitro to an existing application, of Starlette or of a framework made on it."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from nitro_events.http.asgi import Middleware
from nitro_events.joints import connect
from nitro_starlette.errors import answer_problems, tell_http_exceptions
from nitro_starlette.innermost import Innermost
from nitro_starlette.login import Login, logged_in
from nitro_starlette.routes import NitroRoutes
from nitro_starlette.shadows import warn_of_shadows

__all__ = ["equip", "install"]

# frameworks made on Starlette whose handlers return to the framework, which has to be told too
_HAVE_THEIR_OWN = {"fastapi": "nitro-fastapi", "fasthtml": "nitro-fasthtml"}


def install(app: Starlette) -> Starlette:
    """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

    Call it once, before the application starts; the order among routes and other middleware does
    not matter: hand-written routes always win over generated ones. A second call does nothing.
    Returns *app*. Raises TypeError for anything but a Starlette application and
    RuntimeError when it has started already.
    """
    if not isinstance(app, Starlette):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"install() takes a Starlette application, got {type(app).__name__}"
        raise TypeError(msg)
    for cls in type(app).__mro__:
        adapter = _HAVE_THEIR_OWN.get(cls.__module__.partition(".")[0])
        if adapter is not None:
            msg = (
                f"{type(app).__name__} has an adapter of its own. Run: pip install {adapter}, and "
                f"from {adapter.replace('-', '_')} import install"
            )
            raise TypeError(msg)
    equip(app)
    return app


def equip(app: Starlette, login: Login = logged_in) -> bool:
    """Do what `install` does, for every framework made on Starlette; False if it was done before.

    *login* finds out who a request says is logged in, where the application has not configured it.
    """
    if any(isinstance(route, NitroRoutes) for route in app.router.routes):
        return False
    if app.middleware_stack is not None:
        msg = "The application has started already: call nitro.install(app) where it is made"
        raise RuntimeError(msg)
    connect()
    tell_http_exceptions()
    routes = NitroRoutes()
    app.router.routes.append(routes)
    innermost = Innermost(app.router, routes, login)
    app.router.middleware_stack = innermost
    app.build_middleware_stack = _outermost(app, routes, innermost, login)  # type: ignore[method-assign]
    return True


def _outermost(
    app: Starlette, routes: NitroRoutes, innermost: Innermost, login: Login
) -> Callable[[], ASGIApp]:
    """Build the stack as before, and put Nitro around all of it, whenever others were added."""
    build = app.build_middleware_stack

    def build_middleware_stack() -> ASGIApp:
        answer_problems(app)
        innermost.arrange()
        warn_of_shadows(app.router, routes)
        middleware = Middleware(build(), Request, login)
        routes.middleware = middleware
        return middleware

    return build_middleware_stack
