"""The units of calls: those inside another unit can fail without leaving anything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_entities import UnitOfWork
from nitro_entities.units.ambient import current_unit
from nitro_entities.units.later import LaterUnit

if TYPE_CHECKING:
    from nitro_entities import Unit

__all__ = ["Part", "open_reading", "open_unit"]


def open_unit() -> Any:
    """Open a unit that saves what is changed in it; inside another one it is a part of that."""
    if current_unit() is None:
        return LaterUnit(autosave=True)
    return Part(UnitOfWork(autosave=True).open())


def open_reading() -> Any:
    """Open a unit in which nothing can be saved."""
    if current_unit() is None:
        return LaterUnit(read_only=True)
    return Part(UnitOfWork(read_only=True).open())


class Part:
    """A unit inside another one, which knows what was changed in it without being saved."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._before = {id(entity) for entity in unit.dirty}

    @property
    def dirty(self) -> list[Any]:
        """List what was changed in this unit and not saved."""
        return [entity for entity in self._unit.dirty if id(entity) not in self._before]

    def commit(self) -> None:
        """Save what was changed and hand everything to the unit around."""
        for entity in self.dirty:
            self._unit.save(entity)
        self._unit.commit()

    def rollback(self) -> None:
        """Forget everything; what was changed and not saved is again as it was loaded."""
        for entity in self.dirty:
            original = entity.repository().original(entity)
            if original is not None:
                entity.__nitro_take__(original)
        self._unit.rollback()

    def close(self) -> None:
        """Leave."""
        self._unit.close()

    async def acommit(self) -> None:
        """Await `commit`."""
        for entity in self.dirty:
            self._unit.save(entity)
        await self._unit.acommit()

    async def arollback(self) -> None:
        """Await `rollback`."""
        self.rollback()
