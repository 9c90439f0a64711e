"""From what a table was told and a request to what the caller sees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nitro_templates.i18n import current_reader
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import field_view, own
from nitro_templates.relations.cells import linked_columns

from . import exporting
from .actions import Offered, allowed
from .columns import BoundColumn
from .definition import Definition
from .doing import Doing
from .reading import read_state
from .saved import with_default
from .state import ViewState
from .view import TableView

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext


def make_view(kind: type[TableView], definition: Definition, context: RenderContext) -> TableView:
    """Answer what the caller sees of a table at the URL of the request."""
    definition = for_reader(definition)
    state = read_state(context.query, definition)
    if definition.saving and context.saved is not None:
        kept = context.saved(definition.id, definition.source.model)
        state = with_default(state, definition, kept)
    actions = allowed(definition.actions, definition.source, context)
    if not definition.undo:
        actions = tuple(replace(action, undo=False) for action in actions)
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


def for_reader(definition: Definition) -> Definition:
    """Answer *definition* with the names that the application gave in the reader's language."""
    if current_reader().texts is None:
        return definition
    return replace(
        definition,
        columns=tuple(map(column_for_reader, definition.columns)),
        filters=tuple(replace(one, field=field_view(one.field)) for one in definition.filters),
        caption=definition.caption and own(definition.caption),
        empty=definition.empty and own(definition.empty),
    )


def column_for_reader(column: BoundColumn) -> BoundColumn:
    """Answer *column* with its heading in the reader's language."""
    if current_reader().texts is None:
        return column
    reader = None if column.reader is None else field_view(column.reader)
    label = _(column.label) if column.name == "id" else own(column.label)
    return replace(column, label=label, reader=reader)


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
    return Doing(definition.id, source.slug, bulk, exports, editable, runs, definition.undo)
