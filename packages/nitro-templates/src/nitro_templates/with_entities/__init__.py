"""The joint with nitro_entities: entities as sources of forms, tables and cards."""

from __future__ import annotations

from nitro_entities.views import register

from .source import EntitySource, source_of
from .views import views

__all__ = ["EntitySource", "connect", "source_of", "views"]


def connect() -> None:
    """Let entities show themselves; sources are found when a view is made of an entity."""
    register(views)
