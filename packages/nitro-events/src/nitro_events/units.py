"""One request, one unit: what a request changes is committed together or not at all.

What a unit is belongs to whoever keeps the data; here is only what a request asks of it.
"""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from nitro_events.state import state
from nitro_events.threads import inline

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from nitro_events.durable.queue import Queue
    from nitro_events.policy import Caller

__all__ = [
    "Around",
    "NothingDurable",
    "OneUnit",
    "Replies",
    "Reply",
    "RequestUnit",
    "Unit",
    "Units",
    "acting",
    "after_commit",
    "begin_durable",
    "current_unit",
    "is_open",
    "open_unit",
    "outbox",
    "outbox_of_stores",
]


class Unit(Protocol):
    """A unit of work of whoever keeps the data; opening it made it the ambient one.

    It may have ``untouched`` besides, which says that nobody has looked for it yet.
    """

    @property
    def dirty(self) -> Any:
        """What was changed and not saved; empty if nothing."""
        ...

    def commit(self) -> object:
        """Write everything, or raise and write nothing."""
        ...

    def rollback(self) -> object:
        """Forget everything."""
        ...

    def close(self) -> object:
        """Leave; what is not committed is forgotten."""
        ...

    async def acommit(self) -> object:
        """Commit without holding up the event loop."""
        ...

    async def arollback(self) -> object:
        """Roll back without holding up the event loop."""
        ...


class Around(Protocol):
    """A unit that is open already, for one that is about to be opened inside it."""

    def flush(self) -> object:
        """Write what is pending, so that it does not mix with what may be undone inside."""
        ...

    async def aflush(self) -> object:
        """Flush without holding up the event loop."""
        ...


class Reply(NamedTuple):
    """What was answered to an idempotency key: JSON text, and what stands for the input."""

    fingerprint: str
    text: str


class Replies(Protocol):
    """Where replies are kept: in the store and in the transaction of what they are about."""

    def find(self, id: str, near: type | None, /) -> Reply | None:
        """Return the reply kept under *id* that has not expired, read in the open unit.

        *near* is a class whose store is looked in first, as far as it is known.
        """
        ...

    def keep(self, id: str, reply: Reply, lifetime: timedelta, near: type | None, /) -> None:
        """Let the open unit commit *reply* with the rest."""
        ...

    def is_taken(self, error: BaseException, /) -> bool:
        """Tell whether a commit failed because somebody else kept a reply under the same id."""
        ...


class Units:
    """What the joint with the data provides: how to open a unit, how to say who acts."""

    def __init__(self) -> None:
        self.opener: Callable[[], Unit] | None = None
        self.acting: Callable[[str | None], AbstractContextManager[object]] | None = None
        self.reader: Callable[[], Unit] | None = None
        """Opens a unit in which nothing can be written."""
        self.around: Callable[[], Around | None] | None = None
        """The unit that is open in this context."""
        self.is_stale: Callable[[BaseException], bool] = _never
        """Whether a failure says that somebody else was faster, and trying again may help."""
        self.replies: Replies | None = None
        self.after_commit: Callable[[Callable[[], object]], bool] | None = None
        """Calls a function when the open unit is committed; answers False if none is open."""
        self.outbox: Callable[[str, object], None] | None = None
        """Keeps a message with the commit of the open unit; without one, at once."""
        self.queues: Callable[[], Iterable[Queue]] = tuple
        """The messages of every store that keeps any."""
        self.files: Callable[[], Iterable[str]] = tuple
        """The files of databases, for who else may write to them in the same request."""
        self.alone: Callable[[], Iterable[type]] = tuple
        """The classes of which each process has things of its own, unseen by the others."""


def _never(_: BaseException) -> bool:
    return False


class RequestUnit:
    """The unit of one request. It ends once; what is asked of it afterwards does nothing.

    Without anything that keeps data it is an empty shell, so callers need not ask.
    """

    def __init__(self, *, read_only: bool = False) -> None:
        units = state.part(Units)
        opener = (units.reader or units.opener) if read_only else units.opener
        self._inner: Unit | None = opener() if opener is not None else None
        self.closed = False
        self.discards = False
        """Whether it is rolled back in any case, so that there is no commit to wait for."""

    @property
    def dirty(self) -> Any:
        """What was changed and not saved; empty if nothing."""
        return self._inner.dirty if self._inner is not None else ()

    @property
    def untouched(self) -> bool:
        """Whether nobody has done anything in it: then there is nothing to end but the unit."""
        return self._inner is None or getattr(self._inner, "untouched", False)

    def commit(self) -> None:
        """Write everything and end; if that fails nothing is written, and it has ended too."""
        if self.untouched:
            self.close()
        elif self._inner is not None:
            try:
                self._inner.commit()
            finally:
                self.close()

    def rollback(self) -> None:
        """Forget everything and end."""
        if self._inner is not None:
            try:
                self._inner.rollback()
            finally:
                self.close()
        self.closed = True

    async def acommit(self) -> None:
        """As `commit`, without holding up the event loop."""
        if self.untouched:
            self.close()
        elif inline.get():
            self.commit()
        elif self._inner is not None:
            try:
                await self._inner.acommit()
            finally:
                self.close()

    async def arollback(self) -> None:
        """As `rollback`, without holding up the event loop."""
        if inline.get():
            self.rollback()
        elif self._inner is not None:
            try:
                await self._inner.arollback()
            finally:
                self.close()
        self.closed = True

    def close(self) -> None:
        """End; what was not committed is forgotten."""
        inner, self._inner = self._inner, None
        self.closed = True
        if inner is not None:
            inner.close()


_current: ContextVar[RequestUnit | None] = ContextVar("nitro_request_unit", default=None)


def open_unit() -> RequestUnit:
    """Open the unit of a request and make it the current one of this context."""
    unit = RequestUnit()
    _current.set(unit)
    return unit


def current_unit() -> RequestUnit | None:
    """Return the unit of the request that is being answered; a closed one counts as none."""
    unit = _current.get()
    return None if unit is None or unit.closed else unit


def acting(caller: Caller) -> AbstractContextManager[object]:
    """Put *caller*'s name on the changes made inside the ``with`` block."""
    name_changes = state.part(Units).acting
    return nullcontext() if name_changes is None else name_changes(caller.label)


class NothingDurable(RuntimeError):
    """There is no store that could keep a message."""


def outbox(topic: str, payload: object) -> None:
    """Keep a message that is there when the open unit is committed; without one, at once.

    Raises NothingDurable where nothing keeps data, ValueError for what JSON cannot carry.
    """
    keep = state.part(Units).outbox
    if keep is None:
        msg = (
            "A durable handler needs a store that keeps its messages, and none is connected. Run: "
            "pip install 'nitro-events[entities]', and call nitro_events.joints.connect()"
        )
        raise NothingDurable(msg)
    keep(topic, payload)


def begin_durable() -> None:
    """Go on with what was left of durable handlers, if there are such: the application starts."""
    durable = sys.modules.get("nitro_events.durable")  # loaded by the first of them
    if durable is not None:
        durable.resume()


def outbox_of_stores() -> Iterable[Queue]:
    """Return the messages of every store that keeps any."""
    return state.part(Units).queues()


class OneUnit:
    """Opens a unit for the ``with`` block, inside the one that is open if one is."""

    __slots__ = ("_outer", "_read_only", "_unit")

    def __init__(self, *, read_only: bool = False) -> None:
        self._read_only = read_only

    def __enter__(self) -> RequestUnit:
        self._outer = _current.get()
        self._unit = RequestUnit(read_only=self._read_only)
        _current.set(self._unit)
        return self._unit

    def __exit__(self, *_: object) -> None:
        self._unit.close()
        _current.set(self._outer)


@contextmanager
def discarding() -> Generator[RequestUnit]:
    """Open a unit whose changes are thrown away: what reads may not write."""
    outer = _current.get()
    unit = open_unit()
    unit.discards = True
    try:
        yield unit
    finally:
        unit.rollback()
        _current.set(outer)


def is_open() -> bool:
    """Tell whether a unit is open in this context, of whoever opened it."""
    around = state.part(Units).around
    return around is not None and around() is not None


def after_commit(callback: Callable[[], object]) -> None:
    """Call *callback* when the open unit is committed, never when it is rolled back.

    Without an open unit it is called at once.
    """
    if not deferred(callback):
        callback()


def deferred(callback: Callable[[], object]) -> bool:
    """Let *callback* wait for the commit of the open unit; False if nothing will be committed."""
    unit = _current.get()
    if unit is not None and unit.discards and not unit.closed:
        return False
    wait = state.part(Units).after_commit
    return wait is not None and wait(callback)


@contextmanager
def own_unit() -> Generator[RequestUnit]:
    """Open a unit for just the ``with`` block: committed at its end, undone by an exception."""
    with OneUnit() as unit:
        yield unit
        unit.commit()


@asynccontextmanager
async def aown_unit() -> AsyncGenerator[RequestUnit]:
    """As `own_unit`, without holding up the event loop."""
    with OneUnit() as unit:
        try:
            yield unit
        except BaseException:
            await unit.arollback()
            raise
        await unit.acommit()
