"""How an entity shows itself: `to_card`, `to_form` and `to_row`."""

from __future__ import annotations

from typing import Any

from nitro_templates.card import Card
from nitro_templates.escape import Safe
from nitro_templates.form import Form
from nitro_templates.html import Element, Fragment
from nitro_templates.relations.cells import prepare
from nitro_templates.table.columns import bind
from nitro_templates.table.rows import skeleton, with_titles, write_row

from .source import EntitySource


class EntityViews:
    """What entities use for `to_card`, `to_form` and `to_row`."""

    def card(self, entity: Any) -> Card:
        """Answer the card of *entity*."""
        return Card.from_entity(entity)

    def form(self, entity: Any) -> Form:
        """Answer the form that edits *entity*."""
        return Form.from_entity(entity)

    def row(self, entity: Any) -> Element:
        """Answer the table row of *entity*, without actions."""
        source = EntitySource(entity.__class__)
        columns = bind(None, source.fields)
        cells = with_titles(skeleton(columns), columns, prepare(columns, [entity]))
        row_id = f"{source.slug}-{source.id_of(entity)}"
        return Fragment(Safe(write_row(entity, cells, row_id=row_id)))


views = EntityViews()
