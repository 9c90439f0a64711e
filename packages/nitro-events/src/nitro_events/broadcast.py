"""Patches for every open page that listens to a topic."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING

from nitro_events import units
from nitro_events.handlers import current_sender
from nitro_events.live.tenants import scoped
from nitro_events.patches import Markup, Mode, Patch, patch_elements, patch_signals
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["emit_elements", "emit_signals", "topic_of"]

_log = logging.getLogger("nitro_events")


def emit_signals(signals: Mapping[str, object], *, topic: str | None = None) -> Patch:
    """Send *signals* to every page that listens to *topic*, and return the patch.

    Inside a unit of work it is sent when that is committed, never when it is rolled back. The
    topic is that of the sender of the event being handled, unless given. Outside a handler and
    without a topic nothing is sent: the patch is only returned, fit to be a reply.
    """
    return _publish(patch_signals(signals), topic)


def emit_elements(
    html: Markup, *, selector: str | None = None, mode: Mode = "outer", topic: str | None = None
) -> Patch:
    """Send markup to every page that listens to *topic*; the rest as in `emit_signals`."""
    return _publish(patch_elements(html, selector=selector, mode=mode), topic)


def topic_of(subject: object) -> str | None:
    """Return the topic that stands for *subject*.

    A string is a topic itself, a class its name, something with an id ``Class:id``; None and
    things without an id have none.
    """
    if subject is None or isinstance(subject, str):
        return subject
    if isinstance(subject, type):
        return subject.__name__
    id = getattr(subject, "id", None)
    return None if id is None else f"{type(subject).__name__}:{id}"


def _publish(patch: Patch, topic: str | None) -> Patch:
    topic = topic or topic_of(current_sender.get())
    if topic:
        # what is rolled back must not be seen; the hub is asked now, for it may be another then
        units.after_commit(functools.partial(state.hub.publish, scoped(topic), patch))
    else:
        _log.debug("A patch without topic or sender was not sent to any page")
    return patch
