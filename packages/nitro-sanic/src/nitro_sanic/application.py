"""Adds Nitro to an existing application."""

import types
from typing import Any, TypeVar, cast

from sanic import Sanic

from nitro_events.joints import connect
from nitro_sanic.answering import Answering
from nitro_sanic.errors import answer_problems
from nitro_sanic.lifecycle import begin, check, stop
from nitro_sanic.openapi import describe_all
from nitro_sanic.responding import RespondingRequest
from nitro_sanic.routing import GeneratedRouter
from nitro_sanic.signals import inject_signals

__all__ = ["install"]

AnySanic = TypeVar("AnySanic", bound="Sanic[Any, Any]")


def install(app: AnySanic) -> AnySanic:
    """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

    Call it once, before the application starts; the order among routes, blueprints and middleware
    does not matter: hand-written routes always win over generated ones. A second call does
    nothing. Returns *app*. Raises TypeError for anything but a Sanic application and RuntimeError
    when it has started already.
    """
    if not isinstance(cast("object", app), Sanic):
        msg = f"install() takes a Sanic application, got {type(app).__name__}"
        raise TypeError(msg)
    if isinstance(app, Answering):
        return app
    if app.state.is_started:
        msg = "The application has started already: call nitro.install(app) where it is made"
        raise RuntimeError(msg)
    connect()
    # an application and its router are made before we see them: their classes are extended
    app.__class__ = _extended(type(app), Answering)
    app.router.__class__ = _extended(type(app.router), GeneratedRouter)
    app.request_class = _extended(app.request_class, RespondingRequest)
    answer_problems(app.error_handler)
    app.main_process_start(check)
    app.before_server_start(begin)
    app.before_server_start(inject_signals)
    app.before_server_start(describe_all)
    app.before_server_stop(stop)
    return app


def _extended(kind: type[Any], ours: type[Any]) -> type[Any]:
    """Return *kind* with the methods of *ours* before its own, and its name."""
    made = types.new_class(kind.__name__, (ours, kind), exec_body=_without_dict)
    made.__module__ = kind.__module__
    made.__qualname__ = kind.__qualname__
    return made


def _without_dict(namespace: dict[str, Any]) -> None:
    namespace["__slots__"] = ()  # or objects of the old class could not become such of the new
