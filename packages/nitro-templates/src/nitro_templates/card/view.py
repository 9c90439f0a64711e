"""The part of a page that follows one thing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from nitro_templates.relations.cells import topics_of

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.form.live import Followed
    from nitro_templates.table.actions import Offered

    from .card import Card
    from .definition import Definition


@dataclass(frozen=True, slots=True)
class CardView:
    """One card, as everybody sees it who may do the same to its thing."""

    card: Card
    definition: Definition
    offered: Sequence[Offered]
    context: RenderContext

    @property
    def key(self) -> Hashable:
        """Everything that the HTML depends on, besides the thing itself."""
        return (
            "nitro-card",
            self.card.key,
            tuple(self.offered),
            self.context.links,
        )

    @property
    def topics(self) -> frozenset[str]:
        """What makes it stale: this one thing and no other of its class, and what it refers to."""
        asked = self.definition
        referred = topics_of(column.reference for column in asked.columns)
        return self._source.topics_of(asked.thing) | referred

    def render(self) -> str:
        """Write the thing as it is now; if it is gone, say so."""
        thing = self._source.again(self.definition.thing)
        if thing is None:
            by = self._source.last_writer(self.definition.thing, None)
            return str(self.card.write_gone(self.definition, by))
        definition = replace(self.definition, thing=thing)
        return str(self.card.write(definition, self.offered, self.context))

    @property
    def _source(self) -> Followed:
        return cast("Followed", self.definition.source)
