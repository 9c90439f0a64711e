"""Which related entities are saved with an entity, and how they come to their keys."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy.orm.base import LoaderCallableStatus

from nitro_entities.backends import repository_of
from nitro_entities.errors import ConstraintFailed, NotSupported
from nitro_entities.fields import specs
from nitro_entities.loaded import loaded
from nitro_entities.stores.sql.relations import Link, Relation, committed, relations_of, set_key
from nitro_entities.units.ambient import current_unit

Links = dict[Any, Any]  # rows of a link table, by the key of what they lead to


def related_to_save(entity: Any) -> list[tuple[Any, bool]]:
    """Answer what is written with *entity*, itself included, and whether it is deleted.

    Those are the related entities in memory that are new or changed, however far away; each
    comes after those it refers to. Links of many to many are added and removed; other entities
    are never deleted. Raises ConstraintFailed, NotSupported.
    """
    written: list[tuple[Any, bool]] = []
    links: list[tuple[Any, bool]] = []
    _visit(entity, written, links, seen=set(), asked=True)
    return written + links


def pass_keys(entity: Any) -> None:
    """Give keys that a database chose to the fields that refer to them."""
    for relation in relations_of(entity.__class__).values():
        if relation.link is not None:
            continue
        for other in _held(entity, relation):
            if relation.refers:
                key = getattr(other, relation.their)
                if key is not None:
                    set_key(entity, relation.own, key)
            elif getattr(other, relation.their) is None:  # another one was not given by hand
                set_key(other, relation.their, getattr(entity, relation.own))


def is_changed(entity: Any, relation: Relation) -> bool:
    """Say whether something was assigned to a loaded relation that is not saved yet."""
    if relation.name not in entity.__dict__ or relation.name not in committed(entity):
        return False
    if relation.link is not None:
        known = links_of(entity).get(relation.name, {})
        stored = {key for key, row in known.items() if loaded(row) is not None}
        return stored != {getattr(other, relation.their) for other in _held(entity, relation)}
    near = [entity] if relation.refers else [*_held(entity, relation), *_gone(entity, relation)]
    near += _held(entity, relation)
    return any(_is_dirty(one) for one in near)


def links_of(entity: Any) -> dict[str, Links]:
    """Answer the rows of link tables that are known for *entity*, by relation."""
    return cast("dict[str, Links]", entity._sa_instance_state.info.setdefault("nitro links", {}))


def _visit(
    entity: Any,
    written: list[tuple[Any, bool]],
    links: list[tuple[Any, bool]],
    *,
    seen: set[int],
    asked: bool = False,
) -> None:
    """Add what has to be written for *entity*: first what it refers to, last what refers to it."""
    if id(entity) in seen:
        return
    seen.add(id(entity))
    known = relations_of(entity.__class__)
    _refuse_unsupported(entity, known.refused)
    pass_keys(entity)
    for relation in known.values():
        if relation.refers:
            for other in _held(entity, relation):
                _visit(other, written, links, seen=seen)
    if asked or _is_dirty(entity) or _waits_for_key(entity):
        written.append((entity, False))
    for relation in known.values():
        if not relation.refers:
            for other in _held(entity, relation):
                _visit(other, written, links, seen=seen)
        if relation.link is not None:
            links += _changed_links(entity, relation, relation.link)
        elif relation.many:
            for other in _gone(entity, relation):
                _refuse_orphan(entity, relation, other)
                _visit(other, written, links, seen=seen)


def _is_dirty(entity: Any) -> bool:
    if loaded(entity) is None:
        return not getattr(entity, "_nitro_gone", False)  # what was deleted stays so
    return bool(repository_of(entity.__class__).changed(entity))


def _waits_for_key(entity: Any) -> bool:
    """Say whether it refers to an entity whose id is chosen by the database when it is saved."""
    return any(
        relation.refers and getattr(other, relation.their) is None
        for relation in relations_of(entity.__class__).values()
        for other in _held(entity, relation)
    )


def _held(entity: Any, relation: Relation) -> list[Any]:
    """Answer what is in a relation, as far as it is in memory."""
    value = entity.__dict__.get(relation.name)
    if relation.many and value is not None:
        return list(value.values()) if isinstance(value, dict) else list(value)  # pyright: ignore
    return [] if value is None else [value]


def _gone(entity: Any, relation: Relation) -> Iterator[Any]:
    """Answer what was in a list when it was loaded and is not any more."""
    before = committed(entity).get(relation.name)
    if relation.many and before and not isinstance(before, LoaderCallableStatus):
        kept = {id(other) for other in _held(entity, relation)}
        yield from (other for other in before if id(other) not in kept)


def _changed_links(entity: Any, relation: Relation, link: Link) -> Iterator[tuple[Any, bool]]:
    if relation.name not in committed(entity) or relation.name not in entity.__dict__:
        return
    known = links_of(entity).setdefault(relation.name, {})
    held = {getattr(other, relation.their): other for other in _held(entity, relation)}
    if link.entity is None:
        if committed(entity)[relation.name] or held:
            raise NotSupported(_no_link_entity(relation, link))
        return
    for key, other in held.items():
        if key not in known:
            known[key] = _new_link(entity, relation, link, other)
            if relation.back:
                links_of(other).setdefault(relation.back, {})[getattr(entity, relation.own)] = (
                    known[key]
                )
        yield known[key], False
    for key, row in known.items():
        if key not in held and loaded(row) is not None:
            yield row, True


def _new_link(entity: Any, relation: Relation, link: Link, other: Any) -> Any:
    keys = {
        link.field(link.own): getattr(entity, relation.own),
        link.field(link.their): getattr(other, relation.their),
    }
    if None in keys.values():
        msg = (
            f"{relation} links entities whose ids are chosen by the database. Save them before "
            f"they are put together"
        )
        raise NotSupported(msg)
    return cast("Any", link.entity)(**keys)


def _no_link_entity(relation: Relation, link: Link) -> str:
    return (
        f"{relation} was changed, and the rows of its link table {link.table.name!r} are no "
        f"entities. Let the link_model derive from SQLEntity, or write them with SQLAlchemy"
    )


def _refuse_orphan(entity: Any, relation: Relation, other: Any) -> None:
    """Refuse to save without something that cannot be without it."""
    if loaded(other) is None or specs(relation.target)[relation.their].nullable:
        return
    if getattr(other, relation.their) != getattr(entity, relation.own):
        return
    unit = current_unit()
    if unit is not None and unit.deletes(other):
        return
    target = relation.target.__name__
    reason = (
        f"{target} {other.id!r} was taken out of {relation}, and {target}.{relation.their} cannot "
        f"be missing. Delete it first, with delete(), or give it to another one"
    )
    raise ConstraintFailed(entity.__class__, entity.id, reason)


def _refuse_unsupported(entity: Any, refused: dict[str, str]) -> None:
    for name, reason in refused.items():
        if name in entity.__dict__ and name in committed(entity):
            msg = f"{reason}. It was changed, and save() would leave that out"
            raise NotSupported(msg)
