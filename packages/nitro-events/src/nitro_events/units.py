"""One request, one unit: what a request changes is committed together or not at all.

What a unit is belongs to whoever keeps the data; here is only what a request asks of it.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from nitro_events.policy import Caller

__all__ = ["RequestUnit", "Unit", "Units", "acting", "current_unit", "open_unit"]


class Unit(Protocol):
    """A unit of work of whoever keeps the data; opening it made it the ambient one."""

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


class Units:
    """What the joint with the data provides: how to open a unit, how to say who acts."""

    def __init__(self) -> None:
        self.opener: Callable[[], Unit] | None = None
        self.acting: Callable[[str | None], AbstractContextManager[object]] | None = None


class RequestUnit:
    """The unit of one request. It ends once; what is asked of it afterwards does nothing.

    Without anything that keeps data it is an empty shell, so callers need not ask.
    """

    def __init__(self) -> None:
        self._inner: Unit | None = None
        self._begin()

    def _begin(self) -> None:
        opener = state.part(Units).opener
        self._inner = opener() if opener is not None else None
        self.closed = False

    @property
    def dirty(self) -> Any:
        """What was changed and not saved; empty if nothing."""
        return self._inner.dirty if self._inner is not None else ()

    def commit(self) -> None:
        """Write everything and end; if that fails nothing is written, and it has ended too."""
        if self._inner is not None:
            try:
                self._inner.commit()
            finally:
                self.close()
        self.closed = True

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
        if self._inner is not None:
            try:
                await self._inner.acommit()
            finally:
                self.close()
        self.closed = True

    async def arollback(self) -> None:
        """As `rollback`, without holding up the event loop."""
        if self._inner is not None:
            try:
                await self._inner.arollback()
            finally:
                self.close()
        self.closed = True

    async def arenew(self) -> None:
        """Forget everything and begin again: for work that is tried once more."""
        await self.arollback()
        self._begin()
        _current.set(self)

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


@contextmanager
def discarding() -> Generator[RequestUnit]:
    """Open a unit whose changes are thrown away: what reads may not write."""
    outer = _current.get()
    unit = open_unit()
    try:
        yield unit
    finally:
        unit.rollback()
        _current.set(outer)
