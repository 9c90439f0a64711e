"""What stands in a form besides its fields: seal, messages, question, buttons."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nitro_templates.context import FormState
from nitro_templates.datastar import js
from nitro_templates.fields.files import Uploads
from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n.labels import own as own_text
from nitro_templates.state import state as own
from nitro_templates.undo import question as undo_question

from .definition import Definition
from .rows import Row, summary
from .seal import FIELD, PURPOSE, payload_of
from .steps import DraftForm, step_buttons

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext

_input, _button = Tag("input", void=True), Tag("button")
_div, _p, _a, _span = Tag("div"), Tag("p"), Tag("a"), Tag("span")

ONCE = "_once"
FOCUS = js("nitro.focusError(el)")


def action_of(definition: Definition, context: RenderContext) -> str | None:
    """Answer where the form is sent to."""
    slug, id, links = definition.source.slug, definition.id, context.links
    if slug is None:
        return None
    if definition.action is not None:
        return links.action(slug, id, definition.action.name)
    if id is None:
        return links.create(slug)
    return links.delete(slug, id) if definition.operation == "delete" else links.update(slug, id)


def seal(
    definition: Definition,
    values: Mapping[str, object],
    context: RenderContext,
    state: FormState | None,
) -> Element | None:
    """Write what the form may do, signed."""
    if context.sealer is None or definition.source.slug is None:
        return None
    payload = payload_of(definition, values, context, state)
    return _input(type="hidden", name=FIELD, value=context.sealer.sign(PURPOSE, payload))


def once(definition: Definition, context: RenderContext) -> Element | None:
    """Tell one sending of an action's form from the next: sent again it is done once."""
    action = definition.action
    if context.sealer is None or action is None or action.kind == "query":
        return None
    # a form that is rendered anew while it is open stays the same one
    keeps = {"data_preserve_attr": "value"}
    return _input(type="hidden", name=ONCE, value=secrets.token_urlsafe(9), **keeps)


def has_files(definition: Definition) -> bool:
    """Tell whether a file may be chosen. ImportError says what reads such forms, if it is not."""
    found = any(field.is_file or field.stored for field in definition.fields)
    check = own.part(Uploads).check if found else None
    if check is not None:
        check()
    return found


def in_conflict(rows: Sequence[Row]) -> bool:
    """Tell whether somebody else changed what the caller typed in."""
    return any(row.conflict is not None for row in rows)


def has_unsaved(state: FormState | None) -> bool:
    """Tell whether there is something in the form that is kept nowhere yet."""
    return state is not None and not isinstance(state, DraftForm) and bool(state.values)


def pressed_by_enter(rows: Sequence[Row], *, always: bool = False) -> Element | None:
    """Answer what Enter in a field presses, the first button of a form: not "Take theirs"."""
    if not (always or in_conflict(rows) or any(row.field.grouped for row in rows)):
        return None
    return _button(type="submit", hidden=True, tabindex=-1)


def alert(definition: Definition, rows: list[Row], state: FormState | None) -> Element | None:
    """Say on top what is wrong, and take the focus to the first of it."""
    said = summary(definition.key, rows, state) if state is not None else None
    if said is None:
        return None
    # A fresh id each time, so that a patch puts a new element there and the focus
    # moves again when the same field is refused twice.
    id = f"{definition.key}-{secrets.token_hex(4)}"
    return _div(said, _span(init=FOCUS, hidden=True), id=id)


def question(definition: Definition, context: RenderContext) -> Element | None:
    """Ask whether a deletion, or what an action does, is really meant."""
    source = definition.source
    if definition.operation == "delete":
        title = source.title_of(definition.thing)
        most = context.undoable(source.model) if definition.undo else 0
        return _p(_("Delete “{title}”?", title=title), " ", undo_question(most))
    if definition.action is not None and definition.action.confirm:
        return _p(own_text(definition.action.confirm))
    return None


def buttons(definition: Definition, rows: list[Row], context: RenderContext) -> Element:
    """Write the button that sends the form, and the way out of what asks for a decision."""
    if definition.shown is not None and not in_conflict(rows):
        return _div(step_buttons(definition.shown, definition.submit_label), cls="nitro-buttons")
    label = _("Save mine") if in_conflict(rows) else definition.submit_label
    look = "danger" if definition.operation == "delete" else "primary"
    return _div(
        _button(label, type="submit", cls=f"nitro-button {look}"),
        _way_out(definition, context),
        cls="nitro-buttons",
    )


def _way_out(definition: Definition, context: RenderContext) -> Element | None:
    if definition.operation in ("create", "update"):
        return None  # may be one of several on a page, with nothing to go back to
    back = definition.redirect or context.referrer or f"{context.root}/"
    # in the dialog it closes that, else it is followed
    return _a(_("Cancel"), href=back, cls="nitro-button", data_nitro_close=True)
