"""Moments that the verbs keep: made, changed, deleted, expired."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nitro_entities.conditions import All, Any_, Compare, Condition, In, IsNull, all_of
from nitro_entities.config import utc_now
from nitro_entities.errors import DefinitionError, StaleEntity
from nitro_entities.fields import UNFIT, unique_groups
from nitro_entities.loaded import loaded
from nitro_entities.repository import Repository, Select
from nitro_entities.traits import Traits, traits

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.verbs import Verbs

_PORTION = 500


def stamp(entity: "Verbs", known: Traits) -> None:
    """Fill in the moments of an entity that is about to be written."""
    now = utc_now()
    moments: dict[str, Any] = {}
    is_new = loaded(entity) is None
    if known.created is not None and is_new and getattr(entity, known.created) is None:
        moments[known.created] = now
    if known.updated is not None:
        moments[known.updated] = now
    if known.ttl is not None and known.expires is not None:
        moments[known.expires] = now + known.ttl
    if moments:
        entity.update(**moments)


def hide(repo: "Repository[Any]", entity: "Verbs", field: str, tx: Any) -> "Change | None":
    """Delete an entity that has a field for it: nobody finds it any more, but it stays stored."""
    if loaded(entity) is None or has_expired(entity):
        return repo.delete(entity, tx)
    entity.update(**{field: utc_now()})
    change = repo.save(entity, tx)
    return None if change is None else change._replace(operation="delete")


def is_there(entity: "Verbs") -> bool:
    """Say whether an entity that is stored may be answered."""
    known = traits(type(entity))
    if known.deleted is not None and getattr(entity, known.deleted) is not None:
        return False
    return not has_expired(entity)


def has_expired(entity: "Verbs") -> bool:
    """Say whether the moment has come after which *entity* is not answered any more."""
    field = traits(type(entity)).expires
    until = None if field is None else getattr(entity, field)
    return until is not None and until <= utc_now()


def make_room(repo: "Repository[Any]", entities: "Sequence[Verbs]", tx: Any) -> "list[Change]":
    """Remove what has expired and has an id or a unique value that *entities* need now."""
    if getattr(repo, "removes_expired", False):
        return []
    try:
        rivals = list(_rivals(repo, entities, tx))
    except UNFIT:  # what cannot be stored is told by the save
        return []
    removed: list[Change] = []
    for rival in rivals:
        with suppress(StaleEntity):  # somebody was quicker; the save will say who has it now
            change = repo.delete(rival, tx)
            if change is not None:
                removed.append(change)
    return removed


def _rivals(repo: "Repository[Any]", entities: "Sequence[Verbs]", tx: Any) -> "Iterator[Verbs]":
    new = [entity for entity in entities if loaded(entity) is None]
    ids = [entity.id for entity in new if entity.id is not None]
    if ids:
        yield from filter(has_expired, repo.get_many(ids, tx))
    own = {entity.id for entity in entities} - set(ids)
    for group in unique_groups(repo.entity):
        taking = [e for e in entities if not repo.changed(e).isdisjoint(group)]
        values = [tuple(getattr(entity, name) for name in group) for entity in taking]
        known = [some for some in values if None not in some]
        for start in range(0, len(known), _PORTION):
            some = _holders(repo, group, known[start : start + _PORTION], tx)
            yield from (rival for rival in some if rival.id not in own and has_expired(rival))


def _holders(
    repo: "Repository[Any]", group: tuple[str, ...], values: list[tuple[Any, ...]], tx: Any
) -> "list[Verbs]":
    """Answer the expired entities that have one of these unique values."""
    quick = getattr(repo, "holders", None)
    if quick is not None:  # to look at all of them would take long
        found: list[Verbs] = quick(group, values, tx)
        return found
    if len(group) == 1:
        one_of: Condition = In(group[0], tuple(value for (value,) in values))
    else:
        pairs = [zip(group, some, strict=True) for some in values]
        one_of = Any_(tuple(All(tuple(Compare(n, "eq", v) for n, v in pair)) for pair in pairs))
    old = expired(repo.entity).where
    assert old is not None
    return repo.select(Select(All((old, one_of))), tx)


def expired(cls: type[Any]) -> Select:
    """Answer what asks for the entities that have expired. Raises DefinitionError."""
    field = traits(cls).expires
    if field is None:
        msg = f"No {cls.__name__} ever expires. To let them, add: expires_at: ExpiresAt = None"
        raise DefinitionError(msg)
    return Select(Compare(field, "le", utc_now()), limit=_PORTION)


def those_there(cls: type[Any], query: Select, *, deleted: bool) -> Select:
    """Narrow *query* to what may be answered; with *deleted*, what was deleted too."""
    known = traits(cls)
    parts: list[Condition] = [] if query.where is None else [query.where]
    if known.deleted is not None and not deleted:
        parts.append(IsNull(known.deleted))
    if known.expires is not None:
        parts.append(Any_((IsNull(known.expires), Compare(known.expires, "gt", utc_now()))))
    if not parts:
        return query
    return replace(query, where=parts[0] if len(parts) == 1 else all_of(parts))
