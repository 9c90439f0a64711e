"""The fields of an entity class; what modules outside need to know of them."""

from typing import Any, cast

from nitro_entities.fields.honest import check_types
from nitro_entities.fields.kinds import PRIMITIVE_OF, UNCHANGING, Kind, Primitive
from nitro_entities.fields.marks import (
    CreatedAt,
    DeletedAt,
    ExpiresAt,
    Indexed,
    IndexedMark,
    Role,
    RoleMark,
    Secret,
    SecretMark,
    Unique,
    UniqueMark,
    UpdatedAt,
)
from nitro_entities.fields.primitives import BY_PYDANTIC, UNFIT, checked_text, sortable
from nitro_entities.fields.secret import conceal
from nitro_entities.fields.spec import FieldSpec, spec_of

__all__ = [
    "BY_PYDANTIC",
    "PRIMITIVE_OF",
    "UNCHANGING",
    "UNFIT",
    "CreatedAt",
    "DeletedAt",
    "ExpiresAt",
    "FieldSpec",
    "Indexed",
    "IndexedMark",
    "Kind",
    "Primitive",
    "Role",
    "RoleMark",
    "Secret",
    "SecretMark",
    "Unique",
    "UniqueMark",
    "UpdatedAt",
    "checked_text",
    "conceal",
    "field_of_role",
    "search_fields",
    "sortable",
    "spec_of",
    "specs",
    "unique_groups",
]


def specs(cls: type[Any]) -> dict[str, FieldSpec]:
    """Answer the declared fields of *cls* by name, in order.

    The first call checks their types. Raises DefinitionError.
    """
    known = cls.__dict__.get("__nitro_fields__")
    if known is None:
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
            conceal(cls)
        fields = cls.__pydantic_fields__
        known = {name: spec_of(name, info, cls) for name, info in fields.items()}
        check_types(cls, known)
        type.__setattr__(cls, "__nitro_fields__", known)
    return cast("dict[str, FieldSpec]", known)


def unique_groups(cls: type[Any]) -> tuple[tuple[str, ...], ...]:
    """Answer the fields of *cls* that are unique, alone or together; the id is not listed."""
    alone = [(name,) for name, spec in specs(cls).items() if spec.unique and name != "id"]
    together = [tuple(group) for group in getattr(cls, "__unique__", ())]
    return tuple(dict.fromkeys([*alone, *together]))


def search_fields(cls: type[Any]) -> tuple[str, ...]:
    """Answer the fields that ``__search__`` names, of which a SQL store keeps a text index."""
    return tuple(dict.fromkeys(getattr(cls, "__search__", ()))) if specs(cls) else ()


def field_of_role(cls: type[Any], role: Role) -> str | None:
    """Answer the field that the verbs use for *role*."""
    return next((name for name, spec in specs(cls).items() if spec.role is role), None)
