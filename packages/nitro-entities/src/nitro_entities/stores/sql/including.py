"""Loading relations: one statement for each and level, never one for each entity."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.base import LoaderCallableStatus, PassiveFlag

from nitro_entities import loop
from nitro_entities.backends import repository_of
from nitro_entities.conditions import In
from nitro_entities.errors import NotSupported, RelationNotLoaded
from nitro_entities.fields import specs
from nitro_entities.loaded import loaded
from nitro_entities.query import QuerySet
from nitro_entities.repository import Select
from nitro_entities.slices import full_order
from nitro_entities.stores.sorting import Sorting
from nitro_entities.stores.sql import raw
from nitro_entities.stores.sql.related import Links, is_changed, links_of
from nitro_entities.stores.sql.relations import (
    STATE,
    Link,
    Relation,
    Tree,
    check_paths,
    relations_of,
)

_MOST_KEYS = 500


def include(cls: type[Any], entities: Iterable[Any], paths: Iterable[Any]) -> None:
    """Load the relations at *paths* of all *entities*.

    What was assigned and not saved yet is left as it is. Raises InvalidQuery, NotSupported.
    """
    _include(cls, list(entities), check_paths(cls, paths))


def loaders(cls: type[Any]) -> dict[str, Any]:
    """Answer what SQLAlchemy calls when a relation is used that is not loaded, by name."""
    known = cls.__dict__.get("__nitro_loaders__")
    if known is None:
        known = {name: _loader(name) for name in cls.__sqlmodel_relationships__}
        relations_of(cls)  # configures the mappers
        type.__setattr__(cls, "__nitro_loaders__", known)
    return cast("dict[str, Any]", known)


def _include(cls: type[Any], entities: Sequence[Any], tree: Tree) -> None:
    if not entities:
        return
    for name, below in tree.items():
        relation = relations_of(cls)[name]
        if relation.refers:
            found = _load_referred(relation, entities)
        elif relation.link is None:
            found = _load_referring(relation, entities)
        else:
            found = _load_linked(relation, relation.link, entities)
        _include(relation.target, found, below)


def _load_referred(relation: Relation, entities: Sequence[Any]) -> list[Any]:
    keys = {getattr(entity, relation.own) for entity in entities} - {None}
    found = _select(relation.target, relation.their, keys)
    by_key = {getattr(other, relation.their): other for other in found}
    for entity in entities:
        _put(entity, relation, by_key.get(getattr(entity, relation.own)))
    return found


def _load_referring(relation: Relation, entities: Sequence[Any]) -> list[Any]:
    keys = {getattr(entity, relation.own) for entity in entities} - {None}
    found = _select(relation.target, relation.their, keys, relation)
    lists: dict[Any, list[Any]] = {key: [] for key in keys}
    for other in found:
        lists.get(getattr(other, relation.their), []).append(other)
    back = relations_of(relation.target).get(relation.back or "")
    for entity in entities:
        others = lists.get(getattr(entity, relation.own), [])
        _put(entity, relation, others if relation.many else (others or [None])[0])
        if back is not None and back.refers:
            for other in others:
                _put(other, back, entity)
    return found


def _load_linked(relation: Relation, link: Link, entities: Sequence[Any]) -> list[Any]:
    keys = {getattr(entity, relation.own) for entity in entities} - {None}
    rows: list[Any] = []
    if link.entity is None:
        pairs = list(_pairs(relation, link, keys))
    else:
        own, their = link.field(link.own), link.field(link.their)
        rows = _select(link.entity, own, keys)
        pairs = [(getattr(row, own), getattr(row, their)) for row in rows]
    found = _select(relation.target, relation.their, {their for _, their in pairs}, relation)
    if len(found) > _MOST_KEYS:  # several portions, each in order
        sorting = Sorting[Any](specs(relation.target), attrgetter("__dict__"))
        found = [other for _, other in sorting.keyed(full_order(relation.order), found)]
    at = {getattr(other, relation.their): place for place, other in enumerate(found)}
    places: dict[Any, set[int]] = {}
    for own_key, their_key in pairs:
        if their_key in at:
            places.setdefault(own_key, set()).add(at[their_key])
    links: dict[Any, Links] = {}
    for (own_key, their_key), row in zip(pairs, rows, strict=False):
        links.setdefault(own_key, {})[their_key] = row
    for entity in entities:
        key = getattr(entity, relation.own)
        others = [found[place] for place in sorted(places.get(key, ()))]
        if _put(entity, relation, others):
            links_of(entity)[relation.name] = links.get(key, {})
    return found


def _select(
    cls: type[Any], field: str, keys: Iterable[Any], relation: Relation | None = None
) -> list[Any]:
    """Answer the entities with one of *keys* in a field, each portion in the relation's order."""
    order = () if relation is None else relation.order
    found: list[Any] = []
    chunks = list(_chunks(keys))
    for chunk in chunks:
        found += QuerySet(cls, Select(In(field, chunk), order)).list()
    if len(chunks) > 1 and len(found) > 1:
        cls.__nitro_together__(found)
    return found


def _pairs(relation: Relation, link: Link, keys: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Answer the rows of a link table that is no entity."""
    own, their = specs(relation.owner)[relation.own], specs(relation.target)[relation.their]
    for chunk in _chunks(keys):
        statement = select(link.own, link.their).where(link.own.in_(chunk))
        for own_key, their_key in raw.rows(relation.owner, statement, link.table):
            yield own.coerce(own_key), their.coerce(their_key)


def _chunks(keys: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    every = tuple(keys)
    for start in range(0, len(every), _MOST_KEYS):
        yield every[start : start + _MOST_KEYS]


def _put(entity: Any, relation: Relation, value: Any) -> bool:
    """Set what is stored, unless something else was assigned and is not saved yet."""
    if is_changed(entity, relation):
        return False
    if relation.many or STATE in entity.__dict__:
        set_committed_value(entity, relation.name, value)
    else:  # as SQLAlchemy would, which need not know of the entity for that
        entity.__dict__[relation.name] = value
    return True


def _loader(name: str) -> Callable[[Any, PassiveFlag], Any]:
    def load(state: Any, passive: PassiveFlag) -> Any:
        if state.key is not None or state.session_id is not None:  # a Session takes care of it
            native = state.manager[name].impl.callable_
            return native(state, passive) if native else LoaderCallableStatus.ATTR_EMPTY
        entity = state.obj()
        if not _may_have(entity, name):
            return LoaderCallableStatus.ATTR_EMPTY
        if not (passive & PassiveFlag.SQL_OK and passive & PassiveFlag.NON_PERSISTENT_OK):
            return LoaderCallableStatus.PASSIVE_NO_RESULT
        _refuse_unseen(entity, name)
        include(entity.__class__, [entity], [name])
        return LoaderCallableStatus.ATTR_WAS_SET

    return load


def _may_have(entity: Any, name: str) -> bool:
    """Say whether the store can know more about a relation than the entity does."""
    relation = relations_of(entity.__class__).get(name)
    if relation is not None and relation.refers:
        return getattr(entity, relation.own) is not None
    return loaded(entity) is not None


def _refuse_unseen(entity: Any, name: str) -> None:
    """Refuse to load what would cost a statement for each of many, or stop the event loop."""
    cls = entity.__class__
    refused = relations_of(cls).refused
    if name in refused:
        raise NotSupported(refused[name])
    what = f"{cls.__name__}.{name} of {entity.id!r} is not loaded"
    ask = f'{cls.__name__}.where(…).include("{name}")'
    if getattr(entity, "_nitro_together", False):
        msg = (
            f"{what}. The {cls.__name__} came with others, and each of them would cost a "
            f'statement of its own. Ask for all at once: {ask}, or for this one: load("{name}")'
        )
        raise RelationNotLoaded(msg)
    if loop.running_loop() is not None and repository_of(cls).blocking:
        msg = (
            f"{what}, and to load it here would stop the event loop. Write await "
            f'{cls.__name__.lower()}.aload("{name}"), or ask for it at once: {ask}'
        )
        raise RelationNotLoaded(msg)
