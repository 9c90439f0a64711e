"""Handlers that wait for the commit: each in a unit of its own, its failure only logged."""

from __future__ import annotations

import asyncio
import functools
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from nitro_events import units
from nitro_events.running import (
    Running,
    current_sender,
    finish,
    finished,
    is_awaitable,
    log,
    running_loop,
)
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nitro_events.handler import Handler
    from nitro_events.typed import Event

__all__ = ["adeliver", "deliver", "deliver_everywhere", "later"]


def later(
    handler: Handler,
    name: str | None,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None,
) -> bool:
    """Let *handler* run when the open unit is committed; False if no unit is open.

    An async one then runs on the loop that runs here now, wherever the commit is made.
    """
    given = (handler, name, sender, dict(values), event, running_loop())
    return units.deferred(functools.partial(deliver, *given))


def deliver(
    handler: Handler,
    name: str | None,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None,
    loop: asyncio.AbstractEventLoop | None = None,
) -> None:
    """Run *handler* in a unit of its own; an async one where *loop* runs, if it does."""
    if handler.kind in ("async", "async generator"):
        _begin(handler, name, sender, values, event, loop)
        return
    if not _has_turn(handler):
        return
    token = current_sender.set(sender)
    try:
        with units.own_unit():
            result = handler.call(sender, values, event)
            if handler.kind != "sync" or isinstance(result, CoroutineType):
                finish(handler, result)
    except Exception:
        _report(handler, name)
    finally:
        current_sender.reset(token)


async def adeliver(
    handler: Handler,
    name: str | None,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None,
) -> None:
    """Await *handler* in a unit of its own."""
    if not _has_turn(handler):
        return
    token = current_sender.set(sender)
    try:
        async with units.aown_unit():
            result = handler.call(sender, values, event)
            if handler.kind != "sync" or is_awaitable(result):
                await finished(handler, result)
    except Exception:
        _report(handler, name)
    finally:
        current_sender.reset(token)


def deliver_everywhere(
    handlers: Iterable[Handler], name: str, sender: object, values: Mapping[str, Any]
) -> None:
    """Run those of *handlers* that listen everywhere; failures are logged."""
    chosen: dict[object, Handler] = {}
    for handler in handlers:
        if handler.options.everywhere:
            chosen.setdefault(handler.identity, handler)
    for handler in chosen.values():
        try:
            event = handler.made(values)
            if handler.accepts(sender, values, event):
                deliver(handler, name, sender, values, event)
        except Exception:
            log.exception("The handler %s of %r could not be run", handler.name, name)


def _begin(
    handler: Handler,
    name: str | None,
    sender: object,
    values: Mapping[str, Any],
    event: Event | None,
    loop: asyncio.AbstractEventLoop | None,
) -> None:
    work = functools.partial(adeliver, handler, name, sender, values, event)
    running = state.part(Running)
    if running_loop() is not None:
        running.start(work(), handler.name)
    elif loop is not None and loop.is_running():
        running.start_on(loop, work, handler.name)
    else:
        asyncio.run(work())


def _has_turn(handler: Handler) -> bool:
    from nitro_events.handlers import Handlers

    return handler.turn is None or state.part(Handlers).take_turn(handler)


def _report(handler: Handler, name: str | None) -> None:
    log.exception("The handler %s of %r failed after the commit, which stands", handler.name, name)
