"""A unit of work that is opened when something is asked of it, if ever."""

import os
import threading
from typing import TYPE_CHECKING

from nitro_entities.loop import running_loop
from nitro_entities.units import ambient
from nitro_entities.units.unit import Unit

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs


_opening = threading.Lock()
"""Held while a unit is opened or ended: too short to give each of them a lock of its own."""


def _after_fork() -> None:
    global _opening
    _opening = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


class LaterUnit:
    """Keep the place of a unit in this context; whoever first looks for one has it opened.

    So a request that has nothing to do with entities pays for none. It is opened once, whatever
    threads and tasks come, and never after the end.
    """

    closed = True
    """Whoever looks for the unit of a context passes over this one, and comes to `outer`."""

    def __init__(self, *, autosave: bool = False, read_only: bool = False) -> None:
        self._autosave = autosave
        self._read_only = read_only
        self._unit: Unit | None = None
        self._loop = running_loop()
        self._ended = False
        self._token: ambient.Token | None = ambient.enter(self)

    def __repr__(self) -> str:
        return f"<LaterUnit {self._unit or 'not opened'}>"

    @property
    def outer(self) -> Unit | None:
        """Answer the unit, opened by now; None if it ended before anybody looked for it."""
        if self._unit is None:
            with _opening:
                self._open_once()
        return self._unit

    def _open_once(self) -> None:
        if self._unit is None and not self._ended:
            # of the loop that ends it, though a thread may be opening it
            self._unit = Unit(autosave=self._autosave, read_only=self._read_only, loop=self._loop)

    @property
    def untouched(self) -> bool:
        """Say whether nobody has looked for the unit yet."""
        return self._unit is None

    @property
    def dirty(self) -> "list[Verbs]":
        """List the entities that were changed and not saved."""
        return [] if self._unit is None else self._unit.dirty

    def commit(self) -> None:
        """Write everything and make it visible."""
        if self._unit is not None:
            self._unit.commit()

    def rollback(self) -> None:
        """Forget what is pending and undo what was flushed."""
        if self._unit is not None:
            self._unit.rollback()

    def close(self) -> None:
        """End the unit; what was not committed is rolled back."""
        if self._unit is None:
            with _opening:
                self._ended = True
        if self._unit is not None:
            self._unit.close()
        token, self._token = self._token, None
        if token is not None:
            ambient.leave(token)

    async def acommit(self) -> None:
        """Await `commit`."""
        if self._unit is not None and not self._unit.commit_at_once():
            await self._unit.acommit()

    async def arollback(self) -> None:
        """Await `rollback`."""
        if self._unit is not None:
            await self._unit.arollback()

    def abandon(self) -> None:
        """End the unit in a forked child, where its transactions are not ours to end."""
        self._ended = True
        if self._unit is not None:
            self._unit.abandon()
