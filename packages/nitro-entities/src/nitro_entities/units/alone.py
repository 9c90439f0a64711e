"""A unit of work that has only one thing to write, which the store commits by itself."""

from typing import TYPE_CHECKING

from nitro_entities import loop
from nitro_entities.backends import repository_of
from nitro_entities.traits import traits
from nitro_entities.units.level import Level
from nitro_entities.units.shared import Shared

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs


def is_alone(level: Level, shared: Shared) -> bool:
    """Say whether a transaction around what is enrolled would have nothing else in it."""
    if len(level.pending) != 1:
        return False
    ((entity, _),) = level.pending.values()
    return stands_alone(entity, level, shared, waiting=True)


def stands_alone(entity: "Verbs", level: Level, shared: Shared, *, waiting: bool) -> bool:
    """Say whether a transaction around a write of *entity* would have nothing else in it.

    Nothing was written yet, so nothing was read in it either; there are no messages to keep, and
    no hooks or relations that could lead to further writes. On an event loop, and inside of a
    unit that holds a store, it has to be known first whether there is anything to wait for;
    without *waiting* anywhere.
    """
    if level.messages or shared.transactions.are_held_here_or_around:
        return False
    cls = type(entity)
    if not traits(cls).saves_alone:
        return False
    return not loop.may_wait(repository_of(cls)) or (waiting and loop.running_loop() is None)


def commit_alone(entity: "Verbs", shared: Shared, *, deleted: bool = False) -> None:
    """Write and commit in one step, which is done or not; it delivers its change, too."""
    repo = repository_of(type(entity))
    if deleted:
        repo.delete(entity)
    elif entity.__dict__.get("id") is not None:
        repo.save(entity)
    else:
        repo.save(entity)
        shared.remember((entity,))  # the store has chosen its id
    shared.transactions.end()
