"""Adds Nitro to an application: while it is made, or afterwards."""

from typing import Any, cast

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin, PluginRegistry, ReceiveRoutePlugin
from litestar.routes import BaseRoute
from litestar.types import Empty

from nitro_events.joints import connect
from nitro_litestar.door import door
from nitro_litestar.errors import answer_problems
from nitro_litestar.openapi import described
from nitro_litestar.router import NitroRouter
from nitro_litestar.schemas import NitroSchemas

__all__ = ["NitroPlugin", "install"]


class NitroPlugin(InitPlugin, ReceiveRoutePlugin, NitroSchemas):
    """``Litestar(plugins=[NitroPlugin()])`` serves Nitro beside its own routes.

    Handlers may return pages, elements, patches and entities; the generated routes come after
    all others; each request that may change something is one unit of work.
    """

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add what an application has before there are any routes."""
        connect()
        answer_problems(cast("Any", app_config).exception_handlers)
        app_config.route_handlers = [*app_config.route_handlers, door(app_config.csrf_config)]
        if app_config.openapi_config is not None:
            app_config.openapi_config = described(app_config.openapi_config)
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Put Nitro around the router when its first route is there."""
        handlers: list[Any] = getattr(route, "route_handlers", None) or [
            getattr(route, "route_handler", None)
        ]
        _surround(handlers[0].ownership_layers[0])


def install(app: Litestar) -> Litestar:
    """Let *app*, which was made without `NitroPlugin`, serve Nitro.

    Call it once, before the application starts; a second call does nothing, and neither does one
    on an application with the plugin. Returns *app*. Raises TypeError for anything but a Litestar
    application and RuntimeError when it has answered requests already.
    """
    if not isinstance(app, Litestar):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"install() takes a Litestar application, got {type(app).__name__}"
        raise TypeError(msg)
    if isinstance(app.asgi_router, NitroRouter):
        return app
    if _has_answered(app):
        msg = "The application has started already: call nitro.install(app) where it is made"
        raise RuntimeError(msg)
    connect()
    answer_problems(cast("Any", app).exception_handlers)
    app.plugins = PluginRegistry([NitroPlugin(), *app.plugins])
    _surround(app)
    app.register(door(app.csrf_config))
    if app.openapi_config is not None:
        app.openapi_config = described(app.openapi_config)
        # kept there since the application was made, and shared by applications that name none
        plugin = cast("Any", app.plugins).get("OpenAPIPlugin")
        plugin._openapi_config = app.openapi_config
    # made of the router that was there before
    app.asgi_handler = app._create_asgi_handler()  # pyright: ignore[reportPrivateUsage]
    return app


def _has_answered(app: Litestar) -> bool:
    """Tell whether a handler of *app* was called: then it goes on as it was, whatever is set."""
    handlers = [one for route in app.routes for one in getattr(route, "route_handlers", ())]
    noted = [getattr(handler, "_resolved_before_request", Empty) for handler in handlers]
    return any(value is not Empty for value in noted)


def _surround(app: Litestar) -> None:
    router: Any = app.asgi_router
    if not isinstance(router, NitroRouter):
        app.asgi_router = NitroRouter(app, router)  # type: ignore[assignment]
