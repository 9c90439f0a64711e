"""What a field can be marked with beside its type."""

import enum
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

T = TypeVar("T")


class SecretMark:
    """Mark a field whose value is stored but never shown."""

    def __repr__(self) -> str:
        return "Secret"


Secret = Annotated[T, SecretMark()]
"""Annotate ``token: Secret[str]``: stored, but in no signals, dump, JSON or repr."""


class UniqueMark:
    """Mark a field that no two entities have the same value in."""

    def __repr__(self) -> str:
        return "Unique"


class IndexedMark:
    """Mark a field that is often asked for or sorted by."""

    def __repr__(self) -> str:
        return "Indexed"


Unique = Annotated[T, UniqueMark()]
"""Annotate ``email: Unique[str]``: a second entity with the value is refused with NotUnique.

Missing values are never the same. Fields that are unique together stand in the class:
``__unique__ = [("street", "number")]``.
"""

Indexed = Annotated[T, IndexedMark()]
"""Annotate ``price: Indexed[float]``: the store keeps an index of it, if it has any."""


class Role(enum.Enum):
    """What the verbs do with a field by themselves."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    EXPIRES = "expires"


class RoleMark:
    """Mark a field that the verbs fill in."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __repr__(self) -> str:
        return f"RoleMark({self.role.value})"


CreatedAt = Annotated[AwareDatetime | None, RoleMark(Role.CREATED)]
"""Annotate ``created_at: CreatedAt = None``: the moment of the first save."""

UpdatedAt = Annotated[AwareDatetime | None, RoleMark(Role.UPDATED)]
"""Annotate ``updated_at: UpdatedAt = None``: the moment of the last save that changed anything."""

DeletedAt = Annotated[AwareDatetime | None, RoleMark(Role.DELETED)]
"""Annotate ``deleted_at: DeletedAt = None``: set by `delete`, and from then on nobody finds it."""

ExpiresAt = Annotated[AwareDatetime | None, RoleMark(Role.EXPIRES)]
"""Annotate ``expires_at: ExpiresAt = None``: never answered after that moment.

A class with ``__ttl__ = timedelta(hours=1)`` sets it at each save.
"""

_MARKS = (SecretMark, UniqueMark, IndexedMark, RoleMark)


def marks(info: FieldInfo) -> list[Any]:
    """List what a field is annotated with, inside unions and lists too."""
    return [*info.metadata, *parts(info.annotation)]


def has_mark(info: FieldInfo, kind: type) -> bool:
    """Say whether a field has a mark of *kind*."""
    return any(isinstance(mark, kind) for mark in marks(info))


def says(info: FieldInfo, option: str) -> bool:
    """Say whether SQLModel's Field was given *option*; not imported, it may be missing."""
    return any(getattr(mark, option, None) is True for mark in info.metadata)


def parts(annotation: Any) -> set[Any]:
    """List what an annotation is made of, with what its parts are annotated with."""
    found = {annotation} if isinstance(annotation, (type, *_MARKS)) else set[Any]()
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        found |= parts(part)
    return found
