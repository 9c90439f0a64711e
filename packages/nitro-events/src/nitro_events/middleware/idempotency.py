"""One key, one effect: a call that is sent again gets the reply of the first.

The key is kept with a fingerprint of the input and with the reply, in the store and in the
transaction of the effect: after a crash both are there, or neither.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic_core import to_json

from nitro_events.fields import text_of
from nitro_events.http.problems import BadRequest, HttpError
from nitro_events.middleware.replies import packed, unpacked
from nitro_events.middleware.unit import flush_around
from nitro_events.middleware.work import Blocking, Pause, Steps, Work
from nitro_events.state import state
from nitro_events.units import Replies, Reply, Units
from nitro_events.wire import NotPortable

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input

__all__ = [
    "HEADER",
    "KeyBusy",
    "KeyNeeded",
    "KeyReused",
    "checked_key",
    "form_key",
    "idempotency",
]

HEADER = "idempotency-key"
LIFETIME = timedelta(days=1)
LONGEST_KEY = 255
PATIENCE, STEP = 10.0, 0.02
"""Seconds that a second call waits for the first at most, and between two looks."""


class KeyReused(HttpError, ValueError):
    """An idempotency key came again with another input."""

    status = 422
    title = "Key used before"


class KeyBusy(HttpError):
    """What the key stands for is being done at this moment."""

    status = 409
    title = "Being done"


class KeyNeeded(BadRequest, ValueError):
    """There is no idempotency key where one is needed, or one that cannot be."""


class Underway(dict[str, int]):
    """The keys whose calls run in this process, with the id of the process."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def begin(self, id: str) -> bool:
        """Take *id*, or return False if somebody has it."""
        with self.lock:
            # a child made by fork inherits what its parent was doing
            if self.get(id) == os.getpid():
                return False
            self[id] = os.getpid()
            return True

    @contextmanager
    def ending(self, id: str) -> Generator[None]:
        """Give *id* free at the end of the ``with`` block."""
        try:
            yield
        finally:
            with self.lock:
                self.pop(id, None)


def idempotency(work: Work) -> Steps:
    """Answer what was answered before, or keep the reply with the effect."""
    if work.key is None:
        return (yield)
    replies, id = _replies(), _id_of(work)
    mark = fingerprint(work)
    found = yield Blocking(lambda: replies.find(id, work.job.near))
    if found is not None:
        if found.fingerprint != mark:
            msg = "This idempotency key was used for something else. Take a new one"
            raise KeyReused(msg)
        work.outcome = "repeated"
        return (yield Blocking(lambda: unpacked(found.text, work.job)))
    result = yield
    yield from flush_around()  # a store may choose the ids of what is new
    try:
        text = yield Blocking(lambda: packed(result, work))
    except NotPortable:
        if work.lenient:
            return result
        raise
    kept = Reply(mark, text)
    yield Blocking(lambda: replies.keep(id, kept, _lifetime(work), work.job.near))
    return result


def turn(work: Work) -> Steps:
    """Let calls with the same key wait for each other in this process; see `idempotency`.

    Those of different processes meet in the store, where the second commit fails and is tried
    again, or waits.
    """
    _check_needed(work)
    if work.key is None:
        return (yield)
    underway, id = state.part(Underway), _id_of(work)
    until = time.monotonic() + PATIENCE
    while not underway.begin(id):
        if time.monotonic() > until:
            msg = "What this idempotency key stands for is still being done. Ask again later"
            raise KeyBusy(msg, headers=[("retry-after", "1")])
        yield Pause(STEP)
    with underway.ending(id):
        return (yield)


def checked_key(key: str | None) -> str | None:
    """Return *key* without the quotes of a header. Raises KeyNeeded for what can be none."""
    if key is None:
        return None
    plain = key.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    if not 0 < len(plain) <= LONGEST_KEY or not plain.isascii() or not plain.isprintable():
        msg = (
            f"An idempotency key is 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID"
        )
        raise KeyNeeded(msg)
    return plain


def form_key(given: Input) -> str | None:
    """Return the key of a form that is to be done once, however often it is sent; else None.

    It counts as another one when something else is typed in.
    """
    if given.once is None or state.part(Units).replies is None:
        return None
    files = {n: text_of(value) for n, value in given.values.items() if n not in given.lists}
    typed = to_json([given.once, given.lists, files])
    return f"form-{hashlib.sha256(typed).hexdigest()}"


def fingerprint(work: Work) -> str:
    """Return what stands for the call and its input."""
    job = work.job
    what = [job.kind, job.name, job.input(work)]
    text = to_json(what, fallback=repr, inf_nan_mode="strings", bytes_mode="base64")
    return hashlib.sha256(text).hexdigest()


def _check_needed(work: Work) -> None:
    if work.job.idempotent is False:
        work.key = None
    elif work.job.idempotent is True and work.key is None:
        msg = (
            f"{work.name} needs an idempotency key: send the header Idempotency-Key, or give "
            f"dispatch(…, idempotency_key=…)"
        )
        raise KeyNeeded(msg)


def _replies() -> Replies:
    replies = state.part(Units).replies
    if replies is None:
        msg = "Idempotency keys are kept with entities: install nitro-entities and connect it"
        raise KeyNeeded(msg)
    return replies


def _lifetime(work: Work) -> timedelta:
    said = work.job.idempotent
    return said if isinstance(said, timedelta) else LIFETIME


def _id_of(work: Work) -> str:
    # of each caller, so that nobody reads the replies of others
    text = f"{work.caller.id or ''}\0{work.key}"
    return hashlib.sha256(text.encode()).hexdigest()
