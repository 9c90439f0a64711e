"""Changes that are made again when somebody else came between: incr, upsert, save with retry."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_entities import lifetime
from nitro_entities.backends import repository_of
from nitro_entities.config import settings
from nitro_entities.errors import (
    EntityExists,
    EntityNotFound,
    InvalidQuery,
    NotUnique,
    StaleEntity,
    StoreBusy,
)
from nitro_entities.fields import Role, field_of_role, specs, unique_groups
from nitro_entities.fields.aliases import field_called, made_of
from nitro_entities.loaded import loaded, set_loaded
from nitro_entities.query import QuerySet
from nitro_entities.units.ambient import current_unit
from nitro_entities.units.unit import Unit
from nitro_entities.units.unit_of_work import UnitOfWork, writing

if TYPE_CHECKING:
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05  # seconds


def attempts(what: str) -> Iterator[int]:
    """Count attempts, with growing pauses of random length between them. Raises StoreBusy."""
    deadline = time.monotonic() + settings().busy_timeout
    pause = _FIRST_PAUSE
    number = 0
    while True:
        yield number
        number += 1
        if time.monotonic() > deadline:
            msg = (
                f"{what} was changed by others so often that it could not be written within "
                f"{settings().busy_timeout} s and {number} attempts"
            )
            raise StoreBusy(msg)
        time.sleep(random.uniform(0, pause))
        pause = min(pause * 2, _LONGEST_PAUSE)


def save(entity: E, *, merge: bool = False, retry: Callable[[E], object] | None = None) -> None:
    """Save *entity*, and again after taking over what others wrote. Raises StaleEntity."""
    for _ in attempts(_name(entity)):
        try:
            with UnitOfWork() as own:
                own.save(entity)
                own.flush()
        except StaleEntity as stale:
            if stale.gone:
                raise
            if retry is not None:
                entity.refresh()
                retry(entity)
            elif not merge_into(entity):
                raise
        else:
            return


def merge_into(entity: "Verbs") -> bool:
    """Take over what others changed in the stored entity; False if both changed the same."""
    repo = repository_of(type(entity))
    base = repo.original(entity)
    theirs = _stored(entity)
    if base is None or theirs is None:
        return False
    mine = entity.changed
    foreign = {n for n in specs(type(entity)) if getattr(theirs, n) != getattr(base, n)}
    if any(getattr(entity, name) != getattr(theirs, name) for name in mine & foreign):
        return False
    values = {name: getattr(entity, name) for name in mine}
    # validated together before anything is taken over: both may be right, and not fit
    theirs.update(**values)
    entity.__nitro_take__(theirs)
    set_loaded(entity, loaded(theirs))
    return True


def _stored(entity: E) -> E | None:
    repo, current = repository_of(type(entity)), current_unit()
    if current is None:
        return repo.get(entity.id)
    with current.reading(type(entity)) as tx:
        return repo.get(entity.id, tx)


def incr(entity: "Verbs", deltas: Mapping[str, Any]) -> None:
    """Add *deltas* to the stored entity. Raises EntityNotFound, ValidationError."""
    cls = type(entity)
    for name in deltas:
        if name not in specs(cls):
            msg = f"{cls.__name__} has no field {name!r}. Its fields: {', '.join(specs(cls))}"
            raise AttributeError(msg)
    alone = current_unit() is None
    for _ in attempts(_name(entity)):
        try:
            with writing(cls) as current, current.turn:
                stored, before = _add(current, entity, deltas)
                if not alone:  # in turn, or an earlier sum would be shown in the end
                    _take_sums(entity, deltas, stored, before)
        except StaleEntity:
            if not alone:
                raise  # whoever commits the unit has to begin anew
        else:
            break
    if alone:
        _take_sums(entity, deltas, stored, before)


def _take_sums(entity: E, deltas: Mapping[str, Any], stored: E, before: Any) -> None:
    mine = loaded(entity)
    for name in deltas:
        entity.__dict__[name] = getattr(stored, name)
    if mine is None or mine.version == before.version:
        set_loaded(entity, loaded(stored))


def _add(current: Unit, entity: E, deltas: Mapping[str, Any]) -> tuple[E, Any]:
    stored = current.read(entity, lock=True)
    if stored is None:
        raise EntityNotFound(type(entity), entity.id)
    before = loaded(stored)
    stored.update(**{name: _sum(stored, name, delta) for name, delta in deltas.items()})
    current.save_now(stored, instead_of=entity)
    return stored, before


def _sum(stored: "Verbs", name: str, delta: Any) -> Any:
    try:
        return getattr(stored, name) + delta
    except TypeError:
        what = f"{type(stored).__name__} {stored.id!r}: {name}"
        msg = f"{what} cannot be added to by a {type(delta).__name__}. Give incr() a number"
        raise InvalidQuery(msg) from None


def upsert(cls: type[E], on: tuple[str, ...], values: Mapping[str, Any]) -> E:
    """Update the entity with the same values in *on*, or create it."""
    on = tuple(field_called(cls, name) for name in on)
    values = {field_called(cls, name): value for name, value in values.items()}
    if on != ("id",) and set(on) not in [set(group) for group in unique_groups(cls)]:
        names = " and ".join(on)
        msg = (
            f"{cls.__name__}.upsert(on=…) needs fields that are unique, and {names} is not "
            f"declared so. Annotate {on[0]}: Unique[…], or set __unique__ = [{on!r}]"
        )
        raise InvalidQuery(msg)
    key = {name: values[name] for name in on if values.get(name) is not None}
    if len(key) < len(on):
        msg = f"{cls.__name__}.upsert needs a value for {' and '.join(on)}"
        raise InvalidQuery(msg)
    field = field_of_role(cls, Role.DELETED)
    restored = {} if field is None or field in values else {field: None}
    # the values are not shown: they may be secret
    for _ in attempts(f"{cls.__name__} of one {' and '.join(on)}"):
        try:
            with UnitOfWork() as own:
                own.take_store(cls)
                found = _holder(cls, own, key)
                if found is None:
                    found = made_of(cls, values)
                else:
                    found.update(**restored, **values)
                own.save_now(found)
        except (StaleEntity, EntityExists, NotUnique) as exc:
            if isinstance(exc, NotUnique) and set(exc.fields) != set(on):
                raise
        else:
            return found
    raise AssertionError


def _holder(cls: type[E], unit: Unit, key: Mapping[str, Any]) -> E | None:
    """Answer the entity with these values, deleted or not; one that has expired is removed."""
    where = QuerySet(cls).where(**key).selection
    found = unit.select(cls, where)
    if not found or not lifetime.has_expired(found[0]):
        return found[0] if found else None
    unit.delete(found[0])
    unit.flush()
    return None


def _name(entity: "Verbs") -> str:
    return f"{type(entity).__name__} {entity.id!r}"
