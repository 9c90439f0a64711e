"""A unit of work that has only one thing to write, which the store commits by itself."""

from nitro_entities import loop
from nitro_entities.backends import repository_of
from nitro_entities.traits import traits
from nitro_entities.units.level import Level
from nitro_entities.units.shared import Shared


def is_alone(level: Level, shared: Shared) -> bool:
    """Say whether a transaction around what is enrolled would have nothing else in it.

    Nothing was written yet, so nothing was read in it either; there are no messages to keep, and
    no hooks or relations that could lead to further writes. On an event loop, and inside of a
    unit that holds a store, it has to be known first whether there is anything to wait for.
    """
    if len(level.pending) != 1 or level.messages or shared.transactions.are_held_here_or_around:
        return False
    ((entity, _),) = level.pending.values()
    return traits(type(entity)).saves_alone and loop.running_loop() is None


def commit_alone(level: Level, shared: Shared) -> None:
    """Write and commit in one step, which is done or not; it delivers its change, too."""
    ((entity, deleted),) = level.pending.values()
    repo = repository_of(type(entity))
    if deleted:
        repo.delete(entity)
    elif entity.__dict__.get("id") is not None:
        repo.save(entity)
    else:
        repo.save(entity)
        shared.remember((entity,))  # the store has chosen its id
    shared.transactions.end()
