"""Runs the handler of one message, in a unit of its own that also marks the message as handled.

So a handler that writes to the store of the message has its effect once, whatever is killed or
delivered twice. What it does elsewhere (a mail, another store) may happen again when the process
ends between that and the commit: at least once.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import secrets
import socket
import threading
import traceback
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from nitro_events.durable.life import Beats
from nitro_events.durable.loop import Loop
from nitro_events.durable.queue import DEAD, DONE, RUNNING, WAITING
from nitro_events.durable.texts import storable
from nitro_events.running import current_sender, finish, finished
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.units import open_unit
from nitro_events.wire import NotKnownHere, Vanished, from_wire

if TYPE_CHECKING:
    from nitro_events.durable.queue import Delivery, Queue
    from nitro_events.durable.registry import Registered

__all__ = ["Runner", "Taken", "runner"]

log = logging.getLogger("nitro_events")

AT_ONCE = 10
"""How often a handler is run anew at once because somebody else changed the same entity."""
NOT_KNOWN = 30.0
"""Seconds until a message of another release is looked at again."""
LONGEST_ERROR = 4000
_HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep


class Taken(Exception):
    """Somebody else has the message."""


class Runner:
    """What runs durable handlers in this process."""

    def __init__(self) -> None:
        self.id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.beats = Beats(self.id)
        self.loop = Loop()
        state.on_reset(self.close)

    def run(self, queue: Queue, delivery: Delivery, registered: Registered) -> Exception | None:
        """Claim the message and run its handler; answer why that failed, if it did.

        A failure is written down, with when to try again. Raises Taken if somebody else has the
        message, and what the store raises.
        """
        claimed = {"state": RUNNING, "worker": self.id, "attempts": delivery.attempts + 1}
        if not queue.set(delivery, **claimed, due=None):
            raise Taken
        with self.beats.during(queue):
            error = self._handled(queue, delivery, registered)
            if error is not None and not queue.was_taken(error, delivery):
                _note(queue, delivery, registered, error)
                return error
        return None

    def close(self) -> None:
        """End the loop of the async handlers."""
        self.loop.close()

    def _handled(self, queue: Queue, delivery: Delivery, one: Registered) -> Exception | None:
        error: Exception | None = None
        for _ in range(AT_ONCE):
            try:
                # in a context of its own: no unit and no sender of whoever looks for work
                Context().run(self._handle, queue, delivery, one)
            except Exception as exc:
                error = exc
                if not isinstance(exc, queue.retry_on) or queue.was_taken(exc, delivery):
                    return error
            except BaseException as exc:
                if _is_ctrl_c(exc):
                    raise
                # this thread goes on: other messages wait for it
                return RuntimeError(f"The handler would have ended its thread ({exc!r})")
            else:
                return None
        return error

    def _handle(self, queue: Queue, delivery: Delivery, one: Registered) -> None:
        if one.handler.kind.startswith("async"):
            marked = self.loop.run(_ahandle(queue, delivery, one))
        else:
            marked = self._handle_here(queue, delivery, one)
        if not marked:  # it has written to another store
            queue.set(delivery, **_done())

    def _handle_here(self, queue: Queue, delivery: Delivery, one: Registered) -> bool:
        unit = open_unit()
        try:
            sender, values = from_wire(from_json(delivery.payload))
            current_sender.set(sender)
            handler = one.handler
            result = handler.call(sender, values, handler.made(values))
            if handler.kind == "generator":
                finish(handler, result)
            elif inspect.isawaitable(result):
                self.loop.run(_awaited(result))
            marked = queue.mark(delivery, **_done())
            unit.commit()
        except BaseException:
            unit.rollback()
            raise
        return marked


def runner() -> Runner:
    """Return what runs durable handlers in this process, anew in a forked one."""
    found = state.part(_Runners)
    return found.here()


class _Runners:
    def __init__(self) -> None:
        self._of: dict[int, Runner] = {}

    def here(self) -> Runner:
        pid = os.getpid()
        if pid not in self._of:
            # what was started in the parent process has no threads here
            self._of = {pid: Runner()}
        return self._of[pid]


async def _ahandle(queue: Queue, delivery: Delivery, one: Registered) -> bool:
    unit = open_unit()
    try:
        sender, values = await in_thread(from_wire, from_json(delivery.payload))
        current_sender.set(sender)
        handler = one.handler
        await finished(handler, handler.call(sender, values, handler.made(values)))
        marked = queue.mark(delivery, **_done())
        await unit.acommit()
    except BaseException:
        await unit.arollback()
        raise
    return marked


def _is_ctrl_c(exc: BaseException) -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and isinstance(exc, KeyboardInterrupt)


async def _awaited(result: Any) -> Any:
    return await asyncio.ensure_future(result)


def _done() -> dict[str, object]:
    return {"state": DONE, "payload": "", "due": None, "error": None}


def _note(queue: Queue, delivery: Delivery, one: Registered, error: Exception) -> None:
    """Write down that a handler failed, and when it is run again."""
    what = f"{delivery.handler} of {delivery.event} {delivery.id}"
    now = datetime.now(UTC)
    text = _text(error)
    if isinstance(error, NotKnownHere):
        due, attempts = now + timedelta(seconds=NOT_KNOWN), delivery.attempts - 1
        queue.set(delivery, state=WAITING, due=due, attempts=attempts, error=storable(str(error)))
        log.warning("%s is left for another release: %s", what, error)
    elif isinstance(error, Vanished) or delivery.attempts > one.retry.retries:
        queue.set(delivery, state=DEAD, due=None, error=text)
        log.error("%s is dead after %d attempts", what, delivery.attempts, exc_info=error)
    else:
        pause = one.retry.pause(delivery.attempts)
        queue.set(delivery, state=WAITING, due=now + timedelta(seconds=pause), error=text)
        log.warning("%s failed, again in %.1f s", what, pause, exc_info=error)


def _text(error: Exception) -> str:
    """Return the traceback from the handler on."""
    told = traceback.TracebackException.from_exception(error)
    while len(told.stack) > 1 and told.stack[0].filename.startswith(_HERE):
        del told.stack[0]
    return storable("".join(told.format())[-LONGEST_ERROR:])
