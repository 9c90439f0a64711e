"""What the relations of a SQLEntity are, and what happens when they are assigned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import RLock
from typing import Any, cast

from sqlalchemy import Column, event
from sqlalchemy.orm import RelationshipDirection, configure_mappers
from sqlalchemy.orm.attributes import set_attribute
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

from nitro_entities.conditions import Order, comparable
from nitro_entities.errors import InvalidQuery, NotSupported
from nitro_entities.fields import specs
from nitro_entities.loaded import loaded
from nitro_entities.stores.sql.expressions import order_of
from nitro_entities.verbs import Verbs

STATE = "_sa_instance_state"
"""Where SQLAlchemy finds what it knows of an object."""

_lock = RLock()

Tree = dict[str, "Tree"]  # names of relations, with those to load of what they lead to


@dataclass(frozen=True)
class Link:
    """The table between two classes, and its columns for either of them."""

    table: Any
    entity: type[Any] | None  # the class of the rows, if it is an entity
    own: Any
    their: Any

    def field(self, column: Any) -> str:
        """Answer the field of the entity for *column*."""
        return _field(cast("Any", self.entity).__mapper__, column)


@dataclass(frozen=True)
class Relation:
    """One relation: ``getattr(owner, own) == getattr(target, their)``, or through a link."""

    owner: type[Any]
    name: str
    target: type[Any]
    many: bool
    refers: bool  # the owner has the foreign key
    own: str
    their: str
    back: str | None
    order: tuple[Order, ...]
    link: Link | None = None

    def __str__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"


class Relations(dict[str, Relation]):
    """The relations of one class by name; *refused* says why others are left to SQLAlchemy."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, str] = {}


def relations_of(cls: type[Any]) -> Relations:
    """Answer the relations of *cls*."""
    known = cls.__dict__.get("__nitro_relations__")
    if known is None:
        with _lock:
            known = cls.__dict__.get("__nitro_relations__") or _find(cls)
            type.__setattr__(cls, "__nitro_relations__", known)
    return cast("Relations", known)


def _find(cls: type[Any]) -> Relations:
    known = Relations()
    if not cls.__sqlmodel_relationships__:
        return known
    configure_mappers()
    mapper: Any = cls.__mapper__
    for prop in mapper.relationships:
        try:
            known[prop.key] = _describe(prop)
        except NotSupported as exc:
            known.refused[prop.key] = str(exc)
    return known


def follow(cls: type[Any]) -> None:
    """Let the keys follow when relations of a new class are changed, on whichever side.

    Asked for before SQLAlchemy does so itself, so that it is told first of wrong values, and of
    new keys.
    """
    for name in cls.__sqlmodel_relationships__:
        attribute = getattr(cls, name)
        event.listen(attribute, "append", partial(_added, name), propagate=True)
        event.listen(attribute, "set", partial(_added, name), propagate=True)
        event.listen(attribute, "remove", partial(_removed, name), propagate=True)


def _added(name: str, entity: Any, value: Any, *_: Any) -> None:
    relation = _followed(entity, name)
    if relation is None:
        return
    if value is None:
        if relation.refers and specs(relation.owner)[relation.own].nullable:
            set_key(entity, relation.own, None)
        return
    _check(relation, value)
    if relation.refers and getattr(value, relation.their) is not None:
        set_key(entity, relation.own, getattr(value, relation.their))
    elif not (relation.refers or relation.link):
        key = getattr(entity, relation.own)  # None if the database will choose it
        if key is not None or specs(relation.target)[relation.their].nullable:
            set_key(value, relation.their, key)


def _followed(entity: Any, name: str) -> Relation | None:
    if entity is None:  # somebody kept a list longer than the entity that it belonged to
        return None
    return relations_of(entity.__class__).get(name)


def _removed(name: str, entity: Any, value: Any, *_: Any) -> None:
    relation = _followed(entity, name)
    if relation is None or relation.refers or relation.link is not None or value is None:
        return
    nullable = specs(relation.target)[relation.their].nullable
    if nullable and getattr(value, relation.their) == getattr(entity, relation.own):
        set_key(value, relation.their, None)


def check_paths(cls: type[Any], paths: Iterable[Any]) -> Tree:
    """Answer what to load for *paths*: names, names joined by dots, attributes of the class.

    Raises InvalidQuery.
    """
    tree: Tree = {}
    for path in paths:
        level, at = tree, cls
        for name in _names(cls, path):
            known = relations_of(at)
            if name in known.refused:
                raise NotSupported(known.refused[name])
            if name not in known:
                raise _no_such_relation(at, name, known)
            at = known[name].target
            level = level.setdefault(name, {})
    return tree


def take_from(cls: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    """Take the relations out of *data*, with the keys that they give to the fields."""
    names = cls.__sqlmodel_relationships__.keys() & data.keys()
    if not names:
        return {}
    given = {name: data.pop(name) for name in names}
    for name, value in given.items():
        relation = relations_of(cls).get(name)
        if relation is not None and relation.refers and isinstance(value, relation.target):
            data[relation.own] = getattr(value, relation.their)
    return given


def assign(entity: Any, given: Mapping[str, Any]) -> None:
    """Assign relations.

    Raises TypeError, ValidationError for a key that cannot be missing, and RelationNotLoaded for
    a list that nobody has seen.
    """
    for name, value in given.items():
        relation = relations_of(entity.__class__).get(name)
        if relation is not None and not relation.refers and loaded(entity) is not None:
            getattr(entity, name)  # what is there now has to be known, to be let go
        if relation is not None and relation.refers and value is None:
            set_key(entity, relation.own, None)
        set_attribute(entity, name, value)


def forget_others(entity: Any, *fields: str) -> None:
    """Unload relations that new values of *fields* lead away from."""
    for relation in relations_of(entity.__class__).values():
        if relation.refers and relation.own in fields and relation.name in entity.__dict__:
            other = entity.__dict__[relation.name]
            new = entity.__dict__[relation.own]
            if (None if other is None else getattr(other, relation.their)) != new:
                del entity.__dict__[relation.name]
                committed(entity).pop(relation.name, None)


def committed(entity: Any) -> dict[str, Any]:
    """Answer what SQLAlchemy remembers of the relations before they were changed."""
    state = entity.__dict__.get(STATE)
    return {} if state is None else state.committed_state


def set_key(entity: Any, field: str, value: Any) -> None:
    """Give a key to a field that refers to another entity."""
    if entity.__dict__.get(field) != value:
        entity.__nitro_assign__(field, value)


def _describe(prop: Any) -> Relation:
    owner, target = prop.parent.class_, prop.mapper.class_
    described: dict[str, Any] = {}
    if prop.secondary is not None:
        (own, link_own), (their, link_their) = _pairs(prop)
        described["link"] = Link(prop.secondary, _entity_of(prop.secondary), link_own, link_their)
    else:
        ((own, their),) = _pairs(prop)
    if not issubclass(target, Verbs):
        msg = (
            f"{owner.__name__}.{prop.key} leads to {target.__name__}, which is no entity. Let it "
            f"derive from SQLEntity"
        )
        raise NotSupported(msg)
    backs = [back for back in prop._reverse_property if back.parent is prop.mapper]
    return Relation(
        owner=owner,
        name=prop.key,
        target=target,
        many=bool(prop.uselist),
        refers=prop.direction is RelationshipDirection.MANYTOONE,
        own=_field(prop.parent, own),
        their=_field(prop.mapper, their),
        back=backs[0].key if backs else None,
        order=_order(target, prop.order_by),
        **described,
    )


def _pairs(prop: Any) -> list[tuple[Any, Any]]:
    """Answer which columns are equal. Raises NotSupported where there is more to it."""
    joins = [prop.primaryjoin]
    pairs = prop.local_remote_pairs
    if prop.secondary is not None:
        joins.append(prop.secondaryjoin)
        pairs = [*prop.synchronize_pairs, *prop.secondary_synchronize_pairs]
    plain = len(pairs) == len(joins) and prop.lazy not in ("dynamic", "write_only")
    if not plain or not all(_is_equality(join) for join in joins):
        msg = (
            f"{prop.parent.class_.__name__}.{prop.key} is joined by more than one key. Ask for "
            f"the others with where(), or with SQLAlchemy's own Session"
        )
        raise NotSupported(msg)
    return cast("list[tuple[Any, Any]]", pairs)


def _is_equality(join: Any) -> bool:
    return (
        isinstance(join, BinaryExpression)
        and join.operator is operators.eq
        and isinstance(join.left, Column)
        and isinstance(join.right, Column)
    )


def _entity_of(table: Any) -> type[Any] | None:
    from sqlmodel import SQLModel

    for mapper in SQLModel._sa_registry.mappers:  # pyright: ignore
        if mapper.local_table is table and issubclass(mapper.class_, Verbs):
            return mapper.class_
    return None


def _field(mapper: Any, column: Any) -> str:
    return str(mapper.get_property_by_column(column).key)


def _order(target: type[Any], order_by: Any) -> tuple[Order, ...]:
    """Answer the order of a relation; none, which is by id, where it is not a simple one."""
    try:
        orders = tuple(order_of(key) for key in order_by or ())
        for order in orders:
            comparable(specs(target), order.field)
    except InvalidQuery:
        return ()
    return orders


def _check(relation: Relation, value: Any) -> None:
    if not isinstance(value, relation.target):
        msg = f"{relation} holds {relation.target.__name__} entities, and {value!r} is none"
        raise TypeError(msg)


def _names(cls: type[Any], path: Any) -> list[str]:
    if isinstance(path, str):
        return path.split(".")
    key = getattr(path, "key", None)
    if key is None or not issubclass(cls, getattr(path, "class_", type(None))):
        msg = f"{path!r} is no relation. Write its name, or {cls.__name__} and the name"
        raise InvalidQuery(msg)
    return [str(key)]


def _no_such_relation(cls: type[Any], name: str, known: Mapping[str, Any]) -> InvalidQuery:
    if not known:
        text = f"{cls.__name__} has no relations. Declare them with Relationship()"
    else:
        text = f"{cls.__name__} has no relation {name!r}. Its relations: {', '.join(known)}"
    return InvalidQuery(text)
