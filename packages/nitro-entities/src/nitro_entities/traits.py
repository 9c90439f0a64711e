"""What the verbs have to do for a class besides keeping it, found out once."""

from datetime import timedelta
from typing import Any, NamedTuple

from nitro_entities import hooks
from nitro_entities.errors import DefinitionError
from nitro_entities.fields import Kind, Role, specs
from nitro_entities.fields.files import holds_files


class Traits(NamedTuple):
    """Hooks, and the fields that the verbs fill in."""

    hooks: hooks.Hooks
    created: str | None
    updated: str | None
    deleted: str | None
    expires: str | None
    ttl: timedelta | None
    relations: bool
    plain: bool
    """Whether a save is nothing but a write."""
    saves_alone: bool
    """Whether a save needs no transaction: nothing that has expired can stand in its way."""
    hides: bool
    """Whether some of what is stored is not to be found."""
    text_id: bool
    files: tuple[str, ...]
    """The fields that hold stored files."""


def traits(cls: type[Any]) -> Traits:
    """Answer the traits of *cls*. Raises DefinitionError."""
    known: Traits | None = cls.__dict__.get("__nitro_traits__")
    if known is None:
        known = _find(cls)
        type.__setattr__(cls, "__nitro_traits__", known)
    return known


def _find(cls: type[Any]) -> Traits:
    found = hooks.collect(cls)
    role = {spec.role: name for name, spec in specs(cls).items() if spec.role is not None}
    ttl: timedelta | None = getattr(cls, "__ttl__", None)
    if ttl is not None and Role.EXPIRES not in role:
        msg = f"{cls.__name__} has __ttl__, and no field for it. Add: expires_at: ExpiresAt = None"
        raise DefinitionError(msg)
    relations = bool(getattr(cls, "__sqlmodel_relationships__", None))
    filled = bool({Role.CREATED, Role.UPDATED} & role.keys()) or ttl is not None
    files = tuple(name for name, spec in specs(cls).items() if holds_files(spec.annotation))
    plain = not (found or filled or relations or files or Role.DELETED in role)
    return Traits(
        hooks=found,
        created=role.get(Role.CREATED),
        updated=role.get(Role.UPDATED),
        deleted=role.get(Role.DELETED),
        expires=role.get(Role.EXPIRES),
        ttl=ttl,
        relations=relations,
        plain=plain,
        saves_alone=plain and Role.EXPIRES not in role,
        hides=bool({Role.DELETED, Role.EXPIRES} & role.keys()),
        text_id=specs(cls)["id"].kind is Kind.TEXT,
        files=files,
    )
