"""From what a table was told and a request to what the caller sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.relations.cells import linked_columns

from . import exporting
from .actions import Offered, allowed
from .columns import BoundColumn
from .definition import Definition
from .doing import Doing
from .reading import read_state
from .state import ViewState
from .view import TableView

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext


def make_view(kind: type[TableView], definition: Definition, context: RenderContext) -> TableView:
    """Answer what the caller sees of a table at the URL of the request."""
    state = read_state(context.query, definition)
    actions = allowed(definition.actions, definition.source, context)
    columns = _shown(definition, state)
    doing = _doing(definition, actions, context)
    # a cell that can be edited is a link itself, and holds none
    edited = () if doing is None else doing.editable
    plain = [column for column in columns if column.name not in edited]
    return kind(
        definition=definition,
        columns=columns,
        actions=actions,
        state=state,
        links=context.links,
        doing=doing,
        linked=linked_columns(plain, context),
    )


def _shown(definition: Definition, state: ViewState) -> tuple[BoundColumn, ...]:
    if state.columns:
        return tuple(column for column in definition.columns if column.name in state.columns)
    usual = tuple(column for column in definition.columns if not column.hidden)
    return usual or definition.columns


def _doing(
    definition: Definition, actions: tuple[Offered, ...], context: RenderContext
) -> Doing | None:
    source = definition.source
    runs = any(action.direct and action.per_row for action in actions)
    if source.slug is None or not (
        definition.bulk or definition.exports or definition.editable or runs
    ):
        return None
    bulk = allowed(definition.bulk, source, context) if context.live else ()
    exports = definition.exports if context.can(exporting.OPERATION, source.model) else ()
    editable = definition.editable if context.can("update", source.model) else ()
    return Doing(definition.id, source.slug, bulk, exports, editable, runs)
