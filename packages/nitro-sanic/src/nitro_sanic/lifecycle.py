"""What is checked and begun when the application starts, and ended when it stops."""

from typing import Any

from sanic import Sanic

from nitro_events.http.asgi import check_settings
from nitro_events.state import state
from nitro_events.units import Units, begin_durable

__all__ = ["begin", "check", "stop"]


def check(app: Sanic[Any, Any]) -> None:
    """Refuse to start with settings that cannot be right, before there are any workers."""
    check_settings()
    workers = app.state.workers
    alone = ", ".join(sorted(kind.__name__ for kind in state.part(Units).alone()))
    if workers > 1 and alone:
        msg = (
            f"There are {workers} workers, and each would have entities of its own: {alone} in "
            "the memory of the process. Set NITRO_DATABASE_URL, or start one worker"
        )
        raise RuntimeError(msg)


def begin(_app: Sanic[Any, Any]) -> None:
    """Check again in the process that answers, and go on with what is durable."""
    check_settings()
    begin_durable()


def stop(app: Sanic[Any, Any]) -> None:
    """End all streams; Sanic waits for those who are connected.

    ASGI servers wait before they say that they stop, so there a signal ends streams; and test
    clients start and stop the same application for each request.
    """
    if not app.asgi and not Sanic.test_mode:
        state.hub.stop()
