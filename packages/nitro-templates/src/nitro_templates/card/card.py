"""`Card`: one thing with the values of its fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from nitro_templates.component import Component
from nitro_templates.escape import Safe
from nitro_templates.fields.cells import cell
from nitro_templates.html import Element, Tag
from nitro_templates.sources import Source, source_of
from nitro_templates.table.columns import BoundColumn, Column, bind

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

_article, _h3, _dl, _div = Tag("article"), Tag("h3"), Tag("dl"), Tag("div")
_dt, _dd = Tag("dt"), Tag("dd")


@dataclass(frozen=True, slots=True)
class Definition:
    """What one card shows."""

    source: Source
    thing: Any
    columns: tuple[BoundColumn, ...]


class Card(Component):
    """The fields of one entity as a list of names and values."""

    _definition: Definition

    @classmethod
    def from_entity(cls, entity: object) -> Self:
        """Show *entity*; TypeError for a class, which has no values to show."""
        if isinstance(entity, type):
            msg = f"Card.from_entity() got the class {entity.__name__}. Give one of its objects"
            raise TypeError(msg)
        source = source_of(entity)
        shown = tuple(field for field in source.fields if "card" not in field.hidden_in)
        card = cls()
        card._definition = Definition(source, entity, bind([f.name for f in shown], shown))
        return card

    def columns(self, *columns: str | Column) -> Self:
        """Show these: names of declared fields, or `Column`s of your own."""
        bound = bind(columns, self._definition.source.fields)
        card = self.__class__.__new__(self.__class__)
        card.__dict__.update(self.__dict__)
        card._definition = replace(self._definition, columns=bound)
        return card

    def build(self, context: RenderContext) -> Element:
        """Write the card."""
        source, thing = self._definition.source, self._definition.thing
        id = source.id_of(thing)
        return _article(
            _h3(source.title_of(thing)),
            _dl(
                [
                    _div(_dt(column.label), _dd(Safe(cell(column.get(thing)))))
                    for column in self._definition.columns
                ]
            ),
            id=f"{source.slug}-card-{id}" if source.slug and id else None,
            cls="nitro-card",
        )
