"""An application on a server of our choice, for its live streams."""

from __future__ import annotations

import inspect
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nitro.cli.mistakes import Mistake
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["as_asgi", "serve"]

_log = logging.getLogger("nitro")


def serve(application: Callable[..., Any], host: str, port: int) -> None:
    """Serve *application* until SIGTERM, which ends its streams.

    Raises Mistake if the server is not installed.
    """
    try:
        uvicorn: Any = import_module("uvicorn")
    except ImportError:
        msg = "this needs a server for event loops. Run: pip install 'nitro[live]'"
        raise Mistake(msg) from None
    if state.settings.events_url is None:
        _log.warning(
            "NITRO_EVENTS_URL is not set: what other processes send with emit_… is not heard "
            "here, and changes of entities only as far as their store tells of them"
        )
    uvicorn.run(as_asgi(application), host=host, port=port, timeout_graceful_shutdown=2)


def as_asgi(application: Callable[..., Any]) -> Callable[..., Any]:
    """Return *application* as an ASGI one, which it may be already."""
    call = application if inspect.isroutine(application) else type(application).__call__
    if inspect.iscoroutinefunction(call) or len(inspect.signature(application).parameters) == 3:
        return application
    from nitro_events.live.bridge import Bridge

    return Bridge(application)
