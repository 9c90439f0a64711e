"""``with UnitOfWork():`` and ``async with UnitOfWork():``."""

from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from nitro_entities.loop import running_loop
from nitro_entities.units.ambient import current_unit
from nitro_entities.units.repositories import AsyncUnit
from nitro_entities.units.unit import Unit


class UnitOfWork:
    """Commit what is saved inside at the end, or nothing when an exception comes through.

    Use it with ``with`` or ``async with``. Inside another unit it is a part of that one that
    can be rolled back alone; *independent* makes it stand on its own. With *autosave* entities
    that were loaded and changed are saved at the commit without being told to. In a *read_only*
    unit, and in whatever is opened inside it, saving and deleting raise ReadOnlyUnit.
    """

    def __init__(
        self, *, autosave: bool = False, independent: bool = False, read_only: bool = False
    ) -> None:
        self._autosave = autosave
        self._read_only = read_only
        self._independent = independent
        self._units: list[Unit] = []

    def open(self) -> Unit:
        """Open a unit and make it ambient in this context; the caller has to close it."""
        unit = Unit(
            outer=current_unit(),
            parent=self._parent(),
            autosave=self._autosave,
            read_only=self._read_only,
            loop=running_loop(),
        )
        unit.make_ambient()
        return unit

    def __enter__(self) -> Unit:
        around = self._parent()
        if around is not None:
            around.flush()  # what is pending there must not mix with what may be undone here
        self._units.append(self.open())
        return self._units[-1]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unit = self._left()
        try:
            if kind is None and not unit.closed:
                unit.commit()
        finally:
            unit.close()

    async def __aenter__(self) -> AsyncUnit:
        around = self._parent()
        if around is not None:
            await around.aflush()
        self._units.append(self.open())
        return AsyncUnit(self._units[-1])

    def _parent(self) -> Unit | None:
        return None if self._independent else current_unit()

    def _left(self) -> Unit:
        """Take out the unit whose block ends here: several tasks may use one object at once."""
        unit = current_unit()
        while unit is not None and unit not in self._units:
            unit = unit.outer
        if unit is None:  # it was closed inside, or the block ends in another context
            unit = next((u for u in reversed(self._units) if u.closed), self._units[-1])
        self._units.remove(unit)
        return unit

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unit = self._left()
        try:
            if kind is None and not unit.closed:
                await unit.acommit()
        finally:
            await unit.aclose()


@contextmanager
def writing(cls: type[Any]) -> Generator[Unit]:
    """Give a unit that holds the store of *cls*: the ambient one, or one for just this."""
    current = current_unit()
    with UnitOfWork() if current is None else _nothing(current) as unit:
        unit.take_store(cls)
        yield unit


@contextmanager
def _nothing(unit: Unit) -> Generator[Unit]:
    yield unit
