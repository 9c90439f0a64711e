"""Which fields of an entity class are keys of other entities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from nitro_templates.fields.relation import Reference, named_after


def references_of(cls: type[Any]) -> dict[str, tuple[str, Reference]]:
    """Answer the foreign keys of a SQLEntity by field: the name of each relation, its target."""
    if not hasattr(cls, "__sqlmodel_relationships__"):
        return {}
    from nitro_entities.stores.sql.references import foreign_keys

    return {
        key.field: (
            key.relation or named_after(key.field),
            Reference(_weakly(key.target), key.their),
        )
        for key in foreign_keys(cls)
    }


def _weakly(cls: type[Any]) -> Callable[[], type[Any]]:
    # what is known of a class must not keep it: tests define theirs anew
    found = ref(cls)

    def target() -> type[Any]:
        there = found()
        if there is None:
            msg = "The class that a foreign key refers to is gone"
            raise LookupError(msg)
        return there

    return target
