"""How a unit of work writes into its transactions."""

import functools
from typing import TYPE_CHECKING, Any

from nitro_entities import hooks, lifetime, loop
from nitro_entities.backends import repository_of
from nitro_entities.hooks import Moment
from nitro_entities.loaded import loaded, set_loaded
from nitro_entities.repository import Repository, Transaction
from nitro_entities.traits import Traits, traits
from nitro_entities.units.flush import Group, in_order
from nitro_entities.units.level import Level
from nitro_entities.units.shared import Shared

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.verbs import Verbs


def write_pending(level: Level, shared: Shared) -> None:
    """Write what is enrolled; what could not be written stays so."""
    pending, level.pending = level.pending, {}
    groups = in_order(pending.values())
    for number, group in enumerate(groups):
        try:
            write(group, level, shared)
        except BaseException:
            for left in groups[number:]:
                for entity in left.entities:
                    level.pending.setdefault(id(entity), (entity, left.deleted))
            raise


def write(group: Group, level: Level, shared: Shared) -> None:
    """Write entities of one class."""
    cls, entities, deleted = group
    repo = repository_of(cls)
    transactions = shared.transactions
    if not deleted and transactions.of(repo.store) is None:
        # nothing to write is no reason to hold the store
        entities = [one for one in entities if loaded(one) is None or repo.changed(one)]
    if not entities:
        return
    if repo.blocking and loop.running_loop() is not None:
        loop.refuse_to_block(cls, repo.store, transactions, writes=True)
    tx = transactions.needed(cls, level)
    before = [(entity, loaded(entity)) for entity in entities]
    level.undo += before
    nameless = [entity for entity in entities if entity.__dict__.get("id") is None]
    if len(entities) > 1:
        for entity, stored in before:
            if stored is None:  # or each time somebody asks it costs an exception
                set_loaded(entity, None)
    known = traits(cls)
    if known.plain:
        if known.expires is not None and not deleted:
            level.changes += lifetime.make_room(repo, entities, tx)
        level.changes += _written(repo, tx, entities, deleted=deleted)
    else:
        for entity in entities:
            _write_with_hooks(repo, tx, known, entity, level, deleted=deleted)
    shared.remember(nameless)  # the store has chosen their ids


def _written(
    repo: "Repository[Any]", tx: Transaction, entities: "list[Verbs]", *, deleted: bool
) -> "list[Change]":
    if len(entities) > 1:
        write_many = repo.delete_many if deleted else repo.save_many
        return write_many(entities, tx)
    change = repo.delete(entities[0], tx) if deleted else repo.save(entities[0], tx)
    return [] if change is None else [change]


def _write_with_hooks(
    repo: "Repository[Any]",
    tx: Transaction,
    known: Traits,
    entity: "Verbs",
    level: Level,
    *,
    deleted: bool,
) -> None:
    if deleted:
        hooks.run(entity, known.hooks.get(Moment.BEFORE_DELETE, ()))
        change = _delete(repo, tx, known, entity, level)
    else:
        change = _save(repo, tx, known, entity, level)
    if change is None:
        return
    level.changes.append(change)
    after = Moment.AFTER_DELETE if deleted else Moment.AFTER_SAVE
    hooks.run(entity, known.hooks.get(after, ()), change)
    later = known.hooks.get(Moment.AFTER_COMMIT)
    if later:
        level.callbacks.append(functools.partial(hooks.run, entity, later, change))


def _save(
    repo: "Repository[Any]", tx: Transaction, known: Traits, entity: "Verbs", level: Level
) -> "Change | None":
    if known.relations:
        entity.__nitro_keys__()
    if loaded(entity) is not None and not repo.changed(entity):
        return None
    lifetime.stamp(entity, known)
    hooks.run(entity, known.hooks.get(Moment.BEFORE_SAVE, ()))
    if known.expires is not None:
        level.changes += lifetime.make_room(repo, [entity], tx)
    settled = _files().settle(repo, entity, known.files) if known.files else None
    change = repo.save(entity, tx)
    if settled is not None:
        level.callbacks.append(settled)
    if known.relations:
        entity.__nitro_keys__()
    return change


def _delete(
    repo: "Repository[Any]", tx: Transaction, known: Traits, entity: "Verbs", level: Level
) -> "Change | None":
    if known.deleted is not None:
        return lifetime.hide(repo, entity, known.deleted, tx)
    left = _files().leave(repo, entity, known.files) if known.files else None
    change = repo.delete(entity, tx)
    if left is not None:
        level.callbacks.append(left)
    return change


def _files() -> Any:
    from nitro_entities.files import holding  # only classes that hold files need it

    return holding
