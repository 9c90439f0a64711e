"""Find what describes a thing, a class or a query."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

from pydantic import BaseModel

from .models import ModelSource
from .rows import RowSource
from .source import Source


def source_of(subject: object) -> Source:
    """Find what describes *subject*: a class, one of its objects, or a query for them.

    TypeError names what was given when nothing does.
    """
    if "nitro_entities" in sys.modules:  # else nobody can have an entity in hand
        joint = import_module("nitro_templates.with_entities")
        found = cast("Source | None", joint.source_of(subject))
        if found is not None:
            return found
    model = subject if isinstance(subject, type) else type(subject)
    if issubclass(model, BaseModel):
        return ModelSource(model)
    msg = (
        f"from_entity() got {subject!r}, which is no entity, entity class, query for entities "
        "or pydantic model"
    )
    raise TypeError(msg)


def row_source_of(subject: object) -> RowSource:
    """Find what lists *subject*; TypeError when it cannot be listed."""
    source = source_of(subject)
    if not callable(getattr(source, "slice", None)):
        msg = (
            f"Table.from_entity() got {subject!r}, which is stored nowhere and has no rows. "
            "Give an entity class or a query"
        )
        raise TypeError(msg)
    return cast("RowSource", source)
