"""Adds Nitro to an existing application."""

from fastapi import FastAPI

from nitro_fastapi.endpoints import watch_endpoints
from nitro_fastapi.openapi import describe_all
from nitro_starlette.application import equip

__all__ = ["install"]


def install(app: FastAPI) -> FastAPI:
    """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

    Call it once, before the application starts; the order among routes and other middleware does
    not matter: hand-written routes always win over generated ones. A second call does nothing.
    Returns *app*. Raises TypeError for anything but a FastAPI application and
    RuntimeError when it has started already.
    """
    if not isinstance(app, FastAPI):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"install() takes a FastAPI application, got {type(app).__name__}"
        raise TypeError(msg)
    if equip(app):
        watch_endpoints()
        describe_all(app)
    return app
