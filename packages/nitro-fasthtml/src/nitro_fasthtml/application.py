"""Adds Nitro to an existing application."""

from functools import partial
from typing import TypeVar

from starlette.applications import Starlette

from nitro_events.http.request import at_once
from nitro_events.http.sessions import KEYS
from nitro_fasthtml.fast import core
from nitro_fasthtml.responses import watch_responses
from nitro_starlette.application import equip
from nitro_starlette.login import logged_in

__all__ = ["install"]

App = TypeVar("App", bound=Starlette)

# FastHTML's own examples keep who is logged in under "auth"
_login = at_once(partial(logged_in, keys=(*KEYS, "auth")))


def install(app: App) -> App:
    """Let *app* serve Nitro: pages and entities as responses, generated routes, live streams.

    Call it once, before the application starts; the order among routes and other middleware does
    not matter: hand-written routes always win over generated ones. A second call does nothing.
    Returns *app*. Raises TypeError for anything but a FastHTML application and
    RuntimeError when it has started already.
    """
    if not isinstance(app, core.FastHTML):
        msg = f"install() takes a FastHTML application, got {type(app).__name__}"
        raise TypeError(msg)
    if equip(app, _login):
        watch_responses()
    return app
