"""What stands in a form besides its fields: seal, messages, question, buttons."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nitro_templates.context import FormState
from nitro_templates.datastar import js
from nitro_templates.fields.files import Uploads
from nitro_templates.html import Element, Tag
from nitro_templates.state import state as own

from .definition import Definition
from .rows import Row, summary
from .seal import FIELD, PURPOSE, payload_of

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
    found = any(field.is_file for field in definition.fields)
    check = own.part(Uploads).check if found else None
    if check is not None:
        check()
    return found


def in_conflict(rows: Sequence[Row]) -> bool:
    """Tell whether somebody else changed what the caller typed in."""
    return any(row.conflict is not None for row in rows)


def pressed_by_enter(rows: Sequence[Row]) -> Element | None:
    """Answer what Enter in a field presses, the first button of a form: not "Take theirs"."""
    if not (in_conflict(rows) or any(row.field.grouped for row in rows)):
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


def question(definition: Definition) -> Element | None:
    """Ask whether a deletion, or what an action does, is really meant."""
    if definition.operation == "delete":
        return _p(
            f"Delete “{definition.source.title_of(definition.thing)}”? This cannot be undone."
        )
    if definition.action is not None and definition.action.confirm:
        return _p(definition.action.confirm)
    return None


def buttons(definition: Definition, rows: list[Row], context: RenderContext) -> Element:
    """Write the button that sends the form, and the way out of what asks for a decision."""
    label = "Save mine" if in_conflict(rows) else definition.submit_label
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
    return _a("Cancel", href=back, cls="nitro-button", data_nitro_close=True)
