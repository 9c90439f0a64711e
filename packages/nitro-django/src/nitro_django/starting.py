"""What happens once, when the first request of a process comes."""

import logging

from nitro_django.checks import warnings
from nitro_django.wiring import wire
from nitro_events.http.asgi import check_settings
from nitro_events.units import begin_durable

__all__ = ["begin"]

log = logging.getLogger("nitro_django")


def begin() -> None:
    """Check what should keep a project from starting, and say what looks wrong.

    ``manage.py check`` says the same, but no server asks it.
    """
    wire()
    check_settings()
    begin_durable()
    for message in warnings():
        log.warning("%s %s", message.msg, message.hint or "")
