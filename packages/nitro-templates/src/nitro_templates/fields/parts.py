"""What fieldsets of inputs are made of: legend, marks, rows, and the buttons of a list."""

from __future__ import annotations

from dataclasses import replace

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import spoken

from .dispatch import input_of
from .shown import Shown, nested_id
from .view import FieldView

_input, _legend, _label, _span = Tag("input", void=True), Tag("legend"), Tag("label"), Tag("span")
_div, _p, _button = Tag("div"), Tag("p"), Tag("button")

ADD, REMOVE, UP, DOWN = "_add", "_remove", "_up", "_down"


def legend(shown: Shown) -> Element:
    """Write what a group of inputs is called."""
    return _legend(shown.field.label, number_of(shown), _mark(shown.field))


def number_of(shown: Shown) -> list[object]:
    """Write which item of a list it is, where scripts can count again."""
    if shown.number is None:
        return []
    return [" ", _span(shown.number, data_nitro_number=True)]


def _mark(field: FieldView) -> Element | None:
    return _span(" *", cls="nitro-required", aria_hidden="true") if field.required else None


def action(verb: str, path: str, *text: object, sign: str | None = None, **how: object) -> Element:
    """Write a button that changes a list; without scripts it sends the form.

    *sign* is what stands there instead of *text*, which is for screen readers then.
    """
    if sign is None:
        label: object = text
    else:
        label = [_span(sign, aria_hidden="true"), _span(*text, cls="nitro-hidden")]
    return _button(label, type="submit", name=verb, value=path, cls="nitro-button", **how)


def said() -> Element:
    """Write the line in which scripts say what became of the list."""
    return _p(role="status", cls="nitro-hidden", data_nitro_said=True)


def group_attributes(shown: Shown) -> dict[str, object]:
    """Answer the attributes of a fieldset; the focus goes there where the group is wrong."""
    inside = any(name.startswith(f"{shown.name}.") for name in shown.errors)
    wrong = shown.invalid and not inside
    return {
        "id": shown.id,
        "name": shown.name,
        "tabindex": -1,
        "aria-describedby": shown.described_by,
        "aria-invalid": True if wrong else None,
        "autofocus": shown.focus and wrong,
    }


def presence(name: str) -> Element:
    """Write a mark that the group *name* is there, although nothing in it may be sent."""
    return _input(type="hidden", name=f"{name}.", value="1")


def inner(
    outer: Shown, field: FieldView, path: str, text: str, number: str | None = None
) -> Shown:
    """Answer what the input *path* inside *outer* shows; *path* is its whole dotted name."""
    below = f"{path}."
    troubles = [name for name in outer.errors if name == path or name.startswith(below)]
    first = next((name for name in outer.errors if name.startswith(f"{outer.name}.")), None)
    return Shown(
        field,
        nested_id(outer.id, path.removeprefix(outer.name)),
        text,
        invalid=bool(troubles),
        focus=outer.focus and first in troubles,
        path=path,
        errors=outer.errors,
        number=number,
    )


def row(shown: Shown) -> Element:
    """Write one input inside a group, with its label, help and error."""
    field, id, error = shown.field, shown.id, shown.errors.get(shown.name)
    help_ = _p(field.help, id=f"{id}-help", cls="nitro-help") if field.help else None
    told = _p(spoken(error), id=f"{id}-error", cls="nitro-error") if error else None
    notes = [f"{id}-{name}" for name, note in (("help", help_), ("error", told)) if note]
    box = input_of(replace(shown, described_by=" ".join(notes) or None))
    if field.grouped:
        return _div(box, help_, told, cls="nitro-field")
    # one label for all items is the legend around them
    unseen = "nitro-hidden" if shown.number is not None else None
    label = _label(field.label, number_of(shown), _mark(field), for_=id, cls=unseen)
    first, second = (box, label) if field.widget == "checkbox" else (label, box)
    return _div(first, second, help_, told, cls="nitro-field")
