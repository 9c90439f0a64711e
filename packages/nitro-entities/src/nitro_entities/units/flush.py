"""In which order and in which portions a unit of work writes."""

from collections.abc import Collection
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from nitro_entities.backends import repository_of

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs


class Group(NamedTuple):
    """Entities of one class that are saved, or deleted, together."""

    entity: type[Any]
    entities: "list[Any]"
    deleted: bool


def in_order(pending: "Collection[tuple[Verbs, bool]]") -> list[Group]:
    """Answer what is pending as it should be written.

    Saves and deletions keep their turns, so that a value that one gives free can be taken by
    the next. Among saves in a row those come first that others refer to, among deletions last.
    """
    if len(pending) == 1:  # as a rule, and then there is nothing to sort
        return [Group(type(entity), [entity], deleted) for entity, deleted in pending]
    groups: list[Group] = []
    for deleted, run in groupby(pending, key=lambda pair: pair[1]):
        entities = [entity for entity, _ in run]
        ranks = {cls: repository_of(cls).rank for cls in map(type, entities)}
        if len(ranks) > 1:
            entities.sort(key=lambda entity: ranks[type(entity)], reverse=deleted)
        groups += [Group(cls, list(some), deleted) for cls, some in groupby(entities, key=type)]
    return groups
